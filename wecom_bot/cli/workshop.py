"""What `wecom-bot worker` does once the standard library is patched."""

import logging
import os
import signal
import sys
from functools import partial
from typing import NoReturn

import gevent

from wecom_bot import environment, processes
from wecom_bot.beginning import begin
from wecom_bot.bootstrap.search import mode
from wecom_bot.bootstrap.worker import worker as build
from wecom_bot.telemetry import logs
from wecom_bot.worker import black_box
from wecom_bot.worker.health import HealthPort

log = logs.get(__name__)

_NO_PROXY = (
    "这些变量不当配置：要经代理出去，请写 WECOM_BOT_EGRESS_PROXY"
    " / these are not looked at: to go out through a proxy set WECOM_BOT_EGRESS_PROXY"
)


def work() -> None:
    """Work until SIGTERM or SIGINT, then until what is under way is done. Raises ConfigurationError."""
    settings = begin()
    if not settings.egress.proxy and (names := environment.proxies(os.environ)):
        log.warning("egress.proxy_ignored", names=names, advice=_NO_PROXY)
    worker = build(settings)
    for number in processes.heeded(signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, worker.stop)
    patience = settings.stall / 2
    still = partial(black_box.standing_still, settings.data / "workers", patience)
    health = HealthPort(
        settings.host,
        settings.worker_port,
        worker.missing,
        still=still,
        patience=patience,
        facts=lambda: {"search": mode(settings).value, **worker.condition()},
    )
    health.start()
    try:
        worker.run()
    finally:
        health.stop()
    _leave()


def _leave() -> NoReturn:
    """End at once: all is done or given back, and the model's threads may still compute.

    An interpreter that ends takes a thread that comes back from C++ out of it by force, which aborts the process.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
