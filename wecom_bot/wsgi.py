"""The front door for a WSGI server: `gunicorn -c deploy/gunicorn.conf.py`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def load() -> None:
    """Import all that `create` needs, and start nothing: what is imported before a fork is shared after it.

    Not at this module's own import: gevent has to patch the standard library first.
    """
    from wecom_bot import startup  # noqa: PLC0415 - see above

    with startup.importing():
        import wecom_bot.beginning  # noqa: PLC0415
        import wecom_bot.bootstrap.gateway  # noqa: F401, PLC0415


def create() -> "Flask":
    """The app, from the settings. Raises ConfigurationError, also when there is no WECOM_BOT_REDIS_URL."""
    load()
    from wecom_bot.beginning import begin  # noqa: PLC0415
    from wecom_bot.bootstrap import gateway  # noqa: PLC0415

    return gateway.web_app(begin())
