"""What WECOM_BOT_DATABASE_URL says, proved before anything connects; no message holds a piece of the password."""

import sqlalchemy as sa
from sqlalchemy import exc

from wecom_bot.errors import ConfigurationError

SETTING = "WECOM_BOT_DATABASE_URL"
EXAMPLES = "sqlite:////var/lib/wecom-bot/wecom-bot.sqlite3 or mysql+pymysql://user:password@host:3306/wecom_bot"
HOW_TO_WRITE = (
    "密码里的 @ / : # ? % 要写成 %40 %2F %3A %23 %3F %25"
    " / these characters must be percent-encoded in a password: %40 for @"
)


def parse(url: str) -> sa.URL:
    """The parts of the URL. Raises ConfigurationError."""
    _refuse_bare_at(url)
    try:
        return sa.make_url(url)
    except (exc.ArgumentError, ValueError):  # it quotes what should be a port, and may be a piece of the password
        like = f"应形如 / is not a database URL like {EXAMPLES}"
        raise ConfigurationError(f"{SETTING}: 不是数据库地址，{like}") from None


def _refuse_bare_at(url: str) -> None:
    """A password with an @ ends there for SQLAlchemy, and the rest of it would be told as the host, to every log."""
    scheme, _, rest = url.partition("://")
    username, _, password = rest.rpartition("@")[0].partition(":")
    if not scheme.startswith("sqlite") and ("@" in password or "/" in username):
        raise ConfigurationError(
            f"{SETTING}: @ 的位置不对。{HOW_TO_WRITE}; so must an @ that stands elsewhere in the URL"
        )
