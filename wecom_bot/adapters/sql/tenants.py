"""Tenants and their secrets: the rows, and the copy of them that every process keeps in memory."""

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa
from pydantic import ValidationError

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import reading, writing
from wecom_bot.adapters.sql.revisions import Revised, bump, revision
from wecom_bot.adapters.sql.secrets import Cipher
from wecom_bot.adapters.sql.upsert import replace
from wecom_bot.domain.intent import STORED
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.secrets import Credentials, TenantSecrets
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import ConfigurationError, Misconfigured, TemporaryFailure, Unknown
from wecom_bot.ports import StoredTenant, TenantStore
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_TABLE = schema.tenants
_OF_TENANT = "@tenant"  # beside the names of apps, none of which can begin with @


@dataclass(frozen=True, slots=True)
class SqlTenants:
    """Keeps tenants in SQL: the profile as JSON, the secrets sealed."""

    engine: sa.Engine
    cipher: Cipher

    def load_all(self) -> Sequence[StoredTenant]:
        with reading(self.engine) as connection:
            rows = connection.execute(sa.select(_TABLE).order_by(_TABLE.c.corp_id)).all()
        return [stored for row in rows if (stored := self._stored(row.corp_id, row.profile, row.secrets))]

    def load(self, corp_id: CorpId) -> StoredTenant:
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(_TABLE).where(_TABLE.c.corp_id == corp_id)).one_or_none()
        # compared here: for MySQL, ids that differ only by spaces at the end are the same
        found = self._stored(row.corp_id, row.profile, row.secrets) if row and row.corp_id == corp_id else None
        if found is None:
            raise _unknown(corp_id)
        return found

    def save_all(self, tenants: Iterable[StoredTenant]) -> None:
        rows = [
            {
                "corp_id": stored.tenant.corp_id,
                "profile": stored.tenant.model_dump_json(),
                "secrets": self.cipher.seal(stored.tenant.corp_id, _plain(stored)),
            }
            for stored in tenants
        ]
        if not rows:
            return
        with writing(self.engine) as connection:
            bump(connection, Revised.TENANTS)
            connection.execute(replace(connection.dialect.name, _TABLE), rows)

    def remove(self, corp_id: CorpId) -> None:
        with writing(self.engine) as connection:
            bump(connection, Revised.TENANTS)
            if not connection.execute(sa.delete(_TABLE).where(_TABLE.c.corp_id == corp_id)).rowcount:
                raise _unknown(corp_id)

    def set_active(self, corp_id: CorpId, *, active: bool) -> None:
        row = _TABLE.c.corp_id == corp_id
        with writing(self.engine) as connection:
            bump(connection, Revised.TENANTS)
            profile = connection.scalar(sa.select(_TABLE.c.profile).where(row))
            if profile is None:
                raise _unknown(corp_id)
            changed = {**json.loads(profile), "active": active}  # not through Tenant: it works on one we cannot read
            connection.execute(sa.update(_TABLE).where(row).values(profile=json.dumps(changed, ensure_ascii=False)))

    def revision(self) -> int:
        with reading(self.engine) as connection:
            return revision(connection, Revised.TENANTS)

    def _stored(self, corp_id: str, profile: str, secrets: bytes) -> StoredTenant | None:
        try:
            tenant = Tenant.model_validate_json(profile, context=STORED)
        except ValidationError as e:
            where = sorted({".".join(map(str, error["loc"])) for error in e.errors()})
            log.error("tenant.unreadable", corp_id=corp_id, where=where, hint="written by a newer program? upgrade")
            return None
        try:
            credentials, of_tenant = _opened(self.cipher.open(corp_id, secrets))
            return StoredTenant(tenant, credentials, secrets=of_tenant)
        except ConfigurationError as e:
            return StoredTenant(tenant, {}, trouble=str(e))
        except ValidationError:
            return StoredTenant(
                tenant, {}, f"the secrets of tenant {corp_id} are not of the form that this program knows: upgrade it"
            )


def _plain(stored: StoredTenant) -> bytes:
    """The secrets of the apps by name, and those of the tenant if it has any: an older program can read it if not."""
    blob = {app: _revealed(secrets) for app, secrets in stored.credentials.items()}
    if of_tenant := {name: value for name, value in _revealed(stored.secrets).items() if value}:
        blob[_OF_TENANT] = of_tenant
    return json.dumps(blob).encode()


def _revealed(secrets: Credentials | TenantSecrets) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in secrets}


def _opened(plain: bytes) -> tuple[dict[str, Credentials], TenantSecrets]:
    blob = json.loads(plain)
    of_tenant = TenantSecrets.model_validate(blob.pop(_OF_TENANT, {}))
    return {app: Credentials.model_validate(secrets) for app, secrets in blob.items()}, of_tenant


def _unknown(corp_id: CorpId) -> Unknown:
    return Unknown(f"没有租户 {corp_id} / there is no tenant {corp_id}")


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the store found; replaced whole, so that no reader sees half a change."""

    revision: int
    tenants: Mapping[CorpId, StoredTenant]


@dataclass(slots=True)
class CachedTenants:
    """Answers from memory what the store said at most `poll` ago; while SQL is away, what it said last.

    `start` looks in the background (a thread, or a greenlet where gevent has patched threads), which must happen after
    a fork. `check` is asked before the first load whether the store is fit: it raises ConfigurationError if not.
    """

    store: TenantStore
    poll: timedelta = timedelta(seconds=1)
    check: Callable[[], None] | None = None
    _known: _Look | None = field(default=None, init=False)
    _trouble: TemporaryFailure | ConfigurationError | None = field(default=None, init=False)
    _looked: threading.Event = field(default_factory=threading.Event, init=False)
    _stop: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    @property
    def loaded(self) -> bool:
        """Whether there was a first load; until then every question raises TemporaryFailure."""
        return self._known is not None

    def get(self, corp_id: CorpId) -> Tenant:
        return self._get(corp_id).tenant

    def credentials(self, corp_id: CorpId, app: str) -> Credentials:
        stored = self._readable(corp_id)
        if app not in stored.credentials:
            raise Unknown(
                f"租户 {corp_id} 没有应用 {app!r} 或其密钥 / tenant {corp_id} has no such app, or no secrets for it"
            )
        return stored.credentials[app]

    def secrets(self, corp_id: CorpId) -> TenantSecrets:
        return self._readable(corp_id).secrets

    def all(self) -> Sequence[Tenant]:
        return [stored.tenant for stored in self._loaded().tenants.values()]

    def start(self, patience: timedelta = timedelta(seconds=3)) -> None:
        """Keep looking until `stop`; returns after the first look, or without it if that takes longer than `patience`.

        SQL may be away: it is looked for until it is there. Raises ConfigurationError if the first look found it unfit.
        """
        self._stop.clear()
        self._looked.clear()
        self._thread = threading.Thread(target=self._keep_looking, name="tenants", daemon=True)
        self._thread.start()
        self._looked.wait(patience.total_seconds())
        if isinstance(refusal := self._trouble, ConfigurationError):
            self.stop()
            raise refusal

    def stop(self) -> None:
        """End the background look."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def refresh(self) -> bool:
        """Look now; whether there was a change. Raises TemporaryFailure, `check`'s; then it knows what it knew."""
        if self._known is None and self.check is not None:
            self.check()
        # The revision before the rows: a change between the two is then seen twice, and never missed
        now = self.store.revision()
        if self._known is not None and self._known.revision == now:
            return False
        tenants = {stored.tenant.corp_id: stored for stored in self.store.load_all()}
        self._known = _Look(now, tenants)
        log.info("tenants.loaded", revision=now, tenants=len(tenants))
        for corp_id, stored in tenants.items():
            if stored.trouble:
                log.error("tenant.secrets_unreadable", corp_id=corp_id, reason=stored.trouble)
        return True

    def _keep_looking(self) -> None:
        while True:
            self._look()
            self._looked.set()
            if self._stop.wait(self.poll.total_seconds()):
                return

    def _look(self) -> None:
        """One look of many: an outage is said once, however many looks it spoils."""
        before, self._trouble = self._trouble, None
        try:
            self.refresh()
        except (TemporaryFailure, ConfigurationError) as e:
            self._trouble = e
            if type(e) is not type(before):
                unfit = isinstance(e, ConfigurationError)
                log.log(logging.ERROR if unfit else logging.WARNING, "tenants.stale", loaded=self.loaded, reason=str(e))
        else:
            if before is not None:
                log.info("tenants.fresh_again")

    def _get(self, corp_id: CorpId) -> StoredTenant:
        stored = self._loaded().tenants.get(corp_id)
        if stored is None:
            raise _unknown(corp_id)
        return stored

    def _readable(self, corp_id: CorpId) -> StoredTenant:
        stored = self._get(corp_id)
        if stored.trouble:
            raise Misconfigured(stored.trouble)
        return stored

    def _loaded(self) -> _Look:
        known = self._known
        if known is None:
            raise TemporaryFailure("the tenants are not loaded yet")
        return known
