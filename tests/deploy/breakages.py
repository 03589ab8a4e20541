"""What can break under the bot once it runs, what doctor must say of it, and how it is mended."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from tests.deploy.reader import CORP, Reader, tenants
from tests.deploy.whole_machine import HOST
from tests.fixtures.certificates import Authority

_REDIS = "/etc/redis/redis.conf"
_TLS = "/etc/nginx/tls"


@dataclass(frozen=True)
class Breakage:
    """Something that breaks; `seen` and `mend` are words of the finding that names it."""

    name: str
    check: str
    seen: str
    mend: str
    break_: Callable[[Reader], object]
    repair: Callable[[Reader], object]
    before: str = ""

    @contextmanager
    def broken(self, reader: Reader) -> Iterator[None]:
        """It is, until the block is left."""
        self.break_(reader)
        try:
            yield
        finally:
            self.repair(reader)


def _does(script: str) -> Callable[[Reader], object]:
    return lambda reader: reader.machine.done(script)


def _evicting(policy: str) -> Callable[[Reader], object]:
    change = f"sed -i 's/^maxmemory-policy .*/maxmemory-policy {policy}/' {_REDIS}"
    return _does(f"{change} && systemctl restart redis-server")


def _another_master_key(reader: Reader) -> None:
    reader.machine.done(
        "cp -p /etc/wecom-bot/env /root/env.kept && "
        'sed -i "s|^WECOM_BOT_MASTER_KEY=.*|WECOM_BOT_MASTER_KEY=$(openssl rand -base64 32)|" /etc/wecom-bot/env'
    )


def _with_secret(*given: str) -> Callable[[Reader], object]:
    def import_(reader: Reader) -> None:
        reader.write("tenants.toml", tenants(*given))
        reader.machine.done("wecom-bot tenants import tenants.toml")

    return import_


def _not_trusted(reader: Reader) -> None:
    reader.wecom(lambda wecom: wecom.fault("*", "errcode", 60020, corp_id=CORP, lasting=timedelta(hours=1)))


def _with_certificate(name: str, lasting: timedelta) -> Callable[[Reader], object]:
    """nginx shows another one, of an authority that the machine trusts: it is at fault in this alone."""

    def replace(reader: Reader) -> None:
        machine = reader.machine
        made = machine.room.inside("/root/authority")
        made.mkdir(exist_ok=True)
        authority = Authority(made)
        certificate, key = authority.sign(name, lasting)
        machine.room.inside("/etc/trusted.pem").write_bytes(authority.file.read_bytes())
        machine.room.inside("/etc/trusted.pem").chmod(0o644)
        machine.done(f"cp -a {_TLS} /root/tls.kept")
        for source, target in ((certificate, "fullchain.pem"), (key, "privkey.pem")):
            machine.done(f"cp /root/authority/{source.rpartition('/')[2]} {_TLS}/{target}")
        machine.done("systemctl restart nginx")

    return replace


_OLD_CERTIFICATE = _does(f"rm -r {_TLS} && mv /root/tls.kept {_TLS} && systemctl restart nginx")
_TRUSTED = "SSL_CERT_FILE=/etc/trusted.pem "

BREAKAGES = (
    Breakage(
        "redis stopped", "redis", "127.0.0.1:6379", "Redis",
        _does("systemctl stop redis-server"), _does("systemctl start redis-server"),
    ),
    Breakage(
        "redis evicts", "redis.eviction", "allkeys-lru", "noeviction", _evicting("allkeys-lru"), _evicting("noeviction")
    ),
    Breakage(
        "mariadb stopped", "sql", "localhost", "WECOM_BOT_DATABASE_URL",
        _does("systemctl stop mariadb"), _does("systemctl start mariadb"),
    ),
    Breakage(
        "another master key", "tenants.secrets", CORP, "WECOM_BOT_MASTER_KEY",
        _another_master_key, _does("mv /root/env.kept /etc/wecom-bot/env"),
    ),
    Breakage(
        "a wrong secret", "wecom.secret", "40001", "Secret", _with_secret("not-the-secret-of-the-app"), _with_secret()
    ),
    Breakage(
        "60020", "wecom.trusted_ip", "60020", "可信", _not_trusted,
        lambda reader: reader.wecom(lambda wecom: wecom.clear_faults()),
    ),
    Breakage(
        "nginx stopped", "callback.door", HOST, "nginx", _does("systemctl stop nginx"), _does("systemctl start nginx")
    ),
    Breakage(
        "certificate expired", "callback.certificate", "expired", "fullchain.pem",
        _with_certificate(HOST, timedelta(days=-1)), _OLD_CERTIFICATE, _TRUSTED,
    ),
    Breakage(
        "certificate of another name", "callback.certificate", "ostname mismatch", "fullchain.pem",
        _with_certificate("other.example.com", timedelta(days=90)), _OLD_CERTIFICATE, _TRUSTED,
    ),
    Breakage(
        "gateways stopped", "callback", "502", "upstream",
        _does("systemctl stop wecom-bot-gateway@8080 wecom-bot-gateway@8081"),
        _does("systemctl start wecom-bot-gateway@8080 wecom-bot-gateway@8081"),
    ),
)  # fmt: skip
