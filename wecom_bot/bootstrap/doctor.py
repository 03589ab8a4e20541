"""The check-up of everything that this installation is made of: what is looked at, with what, and in which order.

It reads. It migrates nothing, makes no master key and no database, and writes nothing but the access tokens that the
worker would fetch next.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import sqlalchemy as sa
from pydantic import SecretStr

from wecom_bot.adapters import machine
from wecom_bot.adapters.business import checkup as business_checkup
from wecom_bot.adapters.coze.checkup import CozeCheckup, look_at_nlu
from wecom_bot.adapters.redis import checkup as redis_checkup
from wecom_bot.adapters.redis import sockets
from wecom_bot.adapters.redis.connection import connect as connect_redis
from wecom_bot.adapters.search import checkup as search_checkup
from wecom_bot.adapters.sql import checkup as sql_checkup
from wecom_bot.adapters.sql.engine import connect, embedded
from wecom_bot.adapters.sql.secrets import Cipher, kept_master_key
from wecom_bot.adapters.sql.tenants import SqlTenants
from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.api import checkup as wecom_checkup
from wecom_bot.adapters.wecom.inbound.callback_url import PublicAddress
from wecom_bot.bootstrap import shared, valkey, wecom
from wecom_bot.bootstrap.business import own_address
from wecom_bot.bootstrap.known_tenants import KnownTenants
from wecom_bot.bootstrap.search import look_at_engine, model_folder
from wecom_bot.domain.finding import Finding, State, failed, skipped
from wecom_bot.domain.tenant import App, Tenant
from wecom_bot.errors import WecomBotError
from wecom_bot.ports import Clock, StoredTenant
from wecom_bot.service.operation.check_up import Check, CheckUp, without
from wecom_bot.settings import Settings

_MOST = timedelta(seconds=25)  # for one check: several calls, each with a limit of its own
_TIMEOUT = timedelta(seconds=5)
_CONNECTIONS = 16
_IN_URLS = (
    re.compile(r"://[^:/?#@]*:(.*)@", re.DOTALL),
    re.compile(r"(?i)(?:passw(?:or)?d|secret|token)=([^&]+)"),
)


def examine(settings: Settings, corp_id: str = "", clock: Clock | None = None) -> list[Finding]:
    """What was found, of all tenants that are on or of one; no secret of the settings or of a tenant is in it."""
    doctor = Doctor(shared.found(settings), clock or SystemClock(), corp_id)
    return without(doctor.findings(), doctor.secrets())


@dataclass(slots=True)
class Doctor:
    """Looks first at what the house stands on, then at each tenant with what stood."""

    settings: Settings
    clock: Clock
    corp_id: str = ""
    check_up: CheckUp = field(default_factory=lambda: CheckUp(_MOST))
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    _stored: Sequence[StoredTenant] = ()

    def findings(self) -> list[Finding]:
        """Everything, in an order that goes from causes to what follows from them."""
        found = self.check_up([*self._ground()])
        ill = {each.check for each in found if each.state is State.FAILED}
        if not ill & {"sql", "sql.schema"}:
            found += self.check_up([Check("tenants", self._tenants)])
        else:
            found.append(skipped("tenants", "数据库不可用，没有查租户 / the database is away: no tenant was looked at"))
        return found + self.check_up([*self._of_tenants(ill)])

    def secrets(self) -> list[str]:
        """Every secret that we know of, for who hides them."""
        known = [value for _, value in self.settings if isinstance(value, SecretStr)]
        for each in self._stored:
            known += [value for _, value in each.secrets]
            known += [value for keys in each.credentials.values() for _, value in keys]
        settings = self.settings
        urls = [settings.redis_url, settings.cache_url, settings.database_url, settings.egress_proxy.get_secret_value()]
        urls += [settings.wecom_base_url, settings.coze_base_url]
        for each in self._stored:
            urls += [each.tenant.nlu.base_url, each.secrets.business_dsn.get_secret_value()]
        return [value.get_secret_value() for value in known] + [*_passwords(urls)]

    def _ground(self) -> Iterator[Check]:
        settings, clock = self.settings, self.clock
        yield Check("machine.versions", lambda: [machine.versions()])
        yield Check("machine.data", partial(machine.data_folder, settings.data))
        yield Check("machine.files", lambda: [machine.limits()])
        yield Check("machine.proxy", lambda: [machine.environment(self.environment, settings.egress.proxy)])
        yield Check("machine.worker", lambda: [machine.worker(settings.host, settings.worker_port)])
        yield Check("redis", self._redis)
        if settings.cache_url:
            yield Check("redis.cache", partial(redis_checkup.look_at_cache, settings.cache_url))
        yield Check("sql", partial(sql_checkup.look, self._database()))
        yield Check("search.index", partial(search_checkup.look_at_index, settings.data.absolute() / "search.sqlite"))
        if settings.search_url:
            yield Check("search.engine", partial(look_at_engine, settings, self._database()))
        named = settings.embedding_model is not None
        yield Check(
            "search.model", partial(search_checkup.look_at_model, model_folder(settings).absolute(), named=named)
        )
        yield Check("wecom", partial(wecom_checkup.look, settings.wecom_base_url, clock, settings.egress))
        if settings.public_url:
            yield Check("callback.door", PublicAddress(settings.public_url, clock).look)

    def _database(self) -> str | sa.URL:
        return self.settings.database_url or embedded(self.settings.data)

    def _redis(self) -> Iterator[Finding]:
        folder, url = valkey.folder(self.settings), self.settings.redis_url
        found = [*redis_checkup.look(url, self.clock)] if url else []
        away = not url or (url == sockets.url(folder) and found[0].state is State.FAILED)  # perhaps it left its socket
        yield from [_no_serve(folder)] if away else found

    def _tenants(self) -> Iterator[Finding]:
        """The findings of master key and tenants; keeps the tenants for what comes after."""
        settings, engine = self.settings, connect(self._database(), pool_size=1)
        try:
            rows = sql_checkup.count_tenants(engine)
            given = settings.master_key.get_secret_value()
            (of_key,) = sql_checkup.look_at_key(given, settings.data.absolute(), needed=rows > 0)
            yield of_key
            if of_key.state is State.FAILED:
                return  # then it is not known what the tenants are
            if key := kept_master_key(given, settings.data):
                self._stored = SqlTenants(engine, Cipher(key)).load_all()
            yield from sql_checkup.look_at_tenants(self._stored, rows)
            if self.corp_id and self.corp_id not in {each.tenant.corp_id for each in self._stored}:
                yield _not_there(self.corp_id)
        finally:
            engine.dispose()

    def _of_tenants(self, ill: set[str]) -> Iterator[Check]:
        readable = self._readable()
        if not readable:
            return
        if "redis" not in ill:
            corp_ids = [each.tenant.corp_id for each in readable]
            yield Check("queue", partial(redis_checkup.look_at_queue, self.settings.redis_url, corp_ids))
        yield from self._of_wecom(readable, ill)
        coze = CozeCheckup(self.settings.coze_base_url, self.settings.egress)
        for each in readable:
            own = each.secrets.coze_token.get_secret_value()
            token = own or self.settings.coze_token.get_secret_value()
            yield Check("coze", partial(coze.look, each.tenant, token), each.tenant.corp_id)
            nlu_token = each.secrets.nlu_token.get_secret_value()
            yield Check("nlu", partial(look_at_nlu, each.tenant, nlu_token, self.settings.egress), each.tenant.corp_id)
            dsn, ours = each.secrets.business_dsn.get_secret_value(), own_address(self.settings)
            yield Check("business", partial(business_checkup.look, each.tenant, dsn, ours), each.tenant.corp_id)
        yield from self._of_callbacks(readable, ill)

    def _readable(self) -> list[StoredTenant]:
        """The tenants to look at: the one that was asked for, or all that are on; of those, whose secrets we have."""
        asked = self.corp_id
        chosen = [each for each in self._stored if (each.tenant.corp_id == asked if asked else each.tenant.active)]
        return [each for each in chosen if not each.trouble]

    def _of_wecom(self, readable: Sequence[StoredTenant], ill: set[str]) -> Iterator[Check]:
        look = None if ill & {"redis", "wecom"} else self._apps_of_wecom(readable)
        if look is None:
            yield Check("wecom.app", lambda: [_not_asked()])
            return
        for stored, app in _apps(readable):
            corp_id = stored.tenant.corp_id
            yield Check("wecom.app", partial(look, stored.tenant, app), f"{corp_id}/{app.name}")

    def _apps_of_wecom(self, readable: Sequence[StoredTenant]) -> Callable[[Tenant, App], Iterable[Finding]] | None:
        """What looks at an app, by the tokens that all processes share; None where those cannot be had."""
        try:
            client = connect_redis(self.settings.redis_url, timeout=_TIMEOUT, most=_CONNECTIONS)
        except WecomBotError:
            return None
        clients = wecom.clients(self.settings, KnownTenants(readable), client, self.clock, _CONNECTIONS)
        return wecom_checkup.WecomCheckup(clients).look

    def _of_callbacks(self, readable: Sequence[StoredTenant], ill: set[str]) -> Iterator[Check]:
        if not self.settings.public_url:
            yield Check("callback", lambda: [_unknown_address()])
        elif not ill & {"callback.door", "callback.certificate"}:
            address = PublicAddress(self.settings.public_url, self.clock)
            for stored, app in _apps(readable):
                look = partial(address.look_behind, stored.tenant, app, stored.credentials[app.name])
                yield Check("callback", partial(_one, look), f"{stored.tenant.corp_id}/{app.name}")


def _apps(readable: Sequence[StoredTenant]) -> Iterator[tuple[StoredTenant, App]]:
    """Every app whose secrets are known, with its tenant."""
    for stored in readable:
        for app in stored.tenant.apps:
            if app.name in stored.credentials:
                yield stored, app


def _one(look: Callable[[], Finding]) -> Iterator[Finding]:
    yield look()


def _passwords(urls: Iterable[str]) -> Iterator[str]:
    """What stands in URLs that nobody may read, as written and as meant."""
    for url in urls:
        for pattern in _IN_URLS:
            for match in pattern.finditer(url):
                yield match[1]
                yield unquote(match[1])


def _not_asked() -> Finding:
    return skipped(
        "wecom.app",
        "Redis 或企业微信连不上，没有问各个应用：取 token 要经过大家共用的 Redis"
        " / Redis or WeCom is away: the apps were not asked, for tokens are shared through Redis",
        "先修好上面那一项再查 / put that right first, then look again",
    )


def _no_serve(folder: Path) -> Finding:
    return failed(
        "redis",
        "没有设 WECOM_BOT_REDIS_URL，本机也没有 serve 在运行 / WECOM_BOT_REDIS_URL is not set, and no `serve` runs on"
        f" {folder.parent.absolute()}",
        "单机：先 `wecom-bot serve`，再查；分开部署：设 WECOM_BOT_REDIS_URL"
        " / on one machine start `wecom-bot serve` and look again; else set WECOM_BOT_REDIS_URL",
    )


def _not_there(corp_id: str) -> Finding:
    return failed("tenants", f"没有租户 {corp_id} / there is no such tenant", "wecom-bot tenants list")


def _unknown_address() -> Finding:
    return skipped(
        "callback",
        "没有设 WECOM_BOT_PUBLIC_URL，不知道企业微信从哪里进来 / not set: how WeCom reaches us is not known",
        "设成 https://您的域名，就能查 DNS、证书、代理、网关和密钥 / set it to https://your.host to look at all that",
    )
