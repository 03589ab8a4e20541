"""A gateway listens once it can answer, where another stands beside it.

gunicorn listens before its processes are forked, and they need a second to import what they serve, several on a busy
machine: whoever connects meanwhile waits that long, and WeCom waits 5 s in all. Refused at once, a proxy asks the other
gateway. Not for `serve`: there is no other, and waiting is better than being refused.
"""

import socket
from contextlib import suppress
from typing import Any


def shut(server: Any) -> None:  # noqa: ANN401 - gunicorn's
    """Stop listening, and keep the port: for `when_ready`, which gunicorn calls before it forks."""
    for listener in server.LISTENERS:
        with suppress(OSError):  # Linux alone can; elsewhere it listens on
            listener.shutdown(socket.SHUT_RDWR)


def unlock(worker: Any) -> None:  # noqa: ANN401 - gunicorn's
    """Listen again, for all processes: for `post_worker_init`, when the first of them has loaded the app."""
    for listener in worker.sockets:
        listener.listen(worker.cfg.backlog)
