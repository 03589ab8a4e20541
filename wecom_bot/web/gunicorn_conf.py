"""How gunicorn serves the front door: for `wecom-bot serve`, and for deploy/gunicorn.conf.py.

What an operator sets (address, number of processes) comes from the settings; these are the numbers that go with the
program.
"""

import importlib
from pathlib import Path
from typing import Any

from wecom_bot import private, processes, startup
from wecom_bot.telemetry import exposition

wsgi_app = "wecom_bot.wsgi:create()"

# A callback is a few milliseconds of waiting for Redis: greenlets wait together, threads would wait in line.
worker_class = "wecom_bot.web.gunicorn_worker.GunicornWorker"
# Requests under way in one process; who only waits is not among them (gunicorn_worker).
# At 5 ms each 512 are far more than a core can do; with Redis stuck they are what
# piles up in the 5 s after which WeCom gives up, at 100 a second.
worker_connections = 512
# Connections that wait to be accepted, while all processes are busy or gunicorn restarts: 2 s at 1000 a second.
backlog = 2048

# A process whose hub did not turn for 30 s hangs for good: the longest honest work is a page of the record at < 1 s.
timeout = 30
# WeCom waits 5 s: who is not answered by then has gone.
graceful_timeout = 6
# Longer than the 60 s for which nginx keeps an idle connection, so that it is never us who close under a request.
keepalive = 75

# The longest line is the verification of a URL: path, signature, time, nonce and echo are < 1 KB.
limit_request_line = 2046
# A proxy chain adds some to WeCom's ten.
limit_request_fields = 64
limit_request_field_size = 8190

# No header of a request moves its path or its scheme: a proxy on this machine passes /callback/ alone, and from there
# gunicorn would take `SCRIPT_NAME: /callback`, which makes /callback/metrics ours.
forwarder_headers = ""
forwarded_allow_ips = ""

# Heartbeats are touches of a file: in memory, because a slow disk must not look like a hanging process.
_MEMORY = "/dev/shm"  # noqa: S108 - gunicorn makes a private file there
worker_tmp_dir = _MEMORY if Path(_MEMORY).is_dir() else None
# Processes leave nothing on disk, and are steered by signals only.
umask = private.UMASK
control_socket_disable = True
pidfile = None

# No max_requests: nothing leaks, and a restart drops no request but costs a second of a core.
logger_class = "wecom_bot.web.gunicorn_log.GunicornLogger"


def on_starting(server: Any) -> None:  # noqa: ANN401 - gunicorn's
    """Start counting from zero, and import our app once for all processes: what they do not change they share."""
    exposition.begin()
    if server.app.app_uri == wsgi_app:
        startup.patch_before_fork()
        importlib.import_module(wsgi_app.partition(":")[0]).load()
    startup.imported()


def post_fork(server: Any, worker: Any) -> None:  # noqa: ANN401, ARG001 - gunicorn's
    """Do not outlive the master, which would leave the port taken."""
    processes.tie(server.pid)


def child_exit(server: Any, worker: Any) -> None:  # noqa: ANN401, ARG001 - gunicorn's
    """Take back what the process had measured."""
    exposition.forget(worker.pid)
