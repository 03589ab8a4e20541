"""The front door for a WSGI server: `gunicorn -c deploy/gunicorn.conf.py`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create() -> "Flask":
    """The app, from the settings. Raises ConfigurationError, also when there is no WECOM_BOT_REDIS_URL.

    Everything is imported here: the server's gevent worker has to patch the standard library first.
    """
    from wecom_bot import startup  # noqa: PLC0415 - see above

    with startup.importing():
        from wecom_bot import settings  # noqa: PLC0415
        from wecom_bot.bootstrap import gateway  # noqa: PLC0415

    return gateway.web_app(settings.begin())
