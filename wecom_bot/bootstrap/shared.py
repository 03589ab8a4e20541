"""The server that gateway and workers share."""

import os
from datetime import timedelta

from wecom_bot.adapters.redis import sockets
from wecom_bot.adapters.redis.connection import Client, check, connect
from wecom_bot.adapters.redis.dead_letters import RedisDeadLetters
from wecom_bot.adapters.redis.ledger import RedisLedger
from wecom_bot.bootstrap import valkey
from wecom_bot.bootstrap.patience import patiently
from wecom_bot.errors import ConfigurationError
from wecom_bot.settings import Settings

_TIMEOUT = timedelta(seconds=5)


def redis_client(settings: Settings, most: int) -> Client:
    """`redis_client_now`, but a server that is just being brought back is waited for."""
    return patiently(lambda: redis_client_now(settings, most))


def redis_client_now(settings: Settings, most: int, timeout: timedelta = _TIMEOUT) -> Client:
    """The server of inbox and ledger, fit for it; none of its answers is waited for longer than `timeout`.

    Raises ConfigurationError, TemporaryFailure.
    """
    if not settings.redis_url:
        raise ConfigurationError(
            "WECOM_BOT_REDIS_URL 未设置：单机请用 `wecom-bot serve`（自带 Valkey）"
            " / WECOM_BOT_REDIS_URL is not set: on one machine use `wecom-bot serve`, which brings its own server"
        )
    client = connect(settings.redis_url, timeout=timeout, most=most)
    check(client)
    return client


def dead_letters(settings: Settings) -> RedisDeadLetters:
    """The dead letters, for an operator: also those of a `serve` which brought its own server."""
    return RedisDeadLetters(operators_client(settings))


def ledger(settings: Settings) -> RedisLedger:
    """The ledger, for who looks into it: also that of a `serve` which brought its own server."""
    return RedisLedger(operators_client(settings))


def operators_client(settings: Settings) -> Client:
    """The server, for an operator's command: also that of a `serve` which brought its own."""
    return redis_client(found(settings), most=4)


def found(settings: Settings) -> Settings:
    """The settings, with the server of a `serve` that brought its own where none is set."""
    folder = valkey.folder(settings)
    if settings.redis_url or not os.path.exists(sockets.path(folder)):  # noqa: PTH110 - a folder that is not ours has none
        return settings
    return settings.model_copy(update={"redis_url": sockets.url(folder)})
