"""Whether the gateway or the worker of this container lives, for Docker's HEALTHCHECK: exit status 0 or 1.

One image runs both, and one container runs one of them: whoever answers on its port is asked. It asks /livez, not
/readyz, for what is done to an unhealthy container is a restart, which mends no Redis that is away; `--ready` asks
/readyz. It imports sockets alone, so that a look every few seconds costs some 20 ms and not a second.
"""

import os
import socket
import sys

PORTS = {"WECOM_BOT_PORT": 8080, "WECOM_BOT_WORKER_PORT": 9101}  # the settings' own defaults
PATIENCE = 4  # seconds: a worker that stands still is answered for by a thread, which takes up to a second


def status(port: int, path: str) -> int | None:
    """What is answered; None when nobody listens. Raises OSError when somebody does and says nothing."""
    try:
        connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    except ConnectionRefusedError:
        return None
    with connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        words = connection.makefile("rb").readline().split()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


def _port(name: str, usual: int) -> int:
    """What the program itself takes: Kubernetes' tcp://… is passed over."""
    said = os.environ.get(name, "")
    return int(said) if said.isdecimal() else usual


def main() -> int:
    """0 when every one that listens here answered 200, and at least one did."""
    path = "/readyz" if "--ready" in sys.argv[1:] else "/livez"
    try:
        asked = {name: status(_port(name, usual), path) for name, usual in PORTS.items()}
    except OSError as e:
        sys.stderr.write(f"{path}: {e}\n")
        return 1
    answered = {name: each for name, each in asked.items() if each is not None}
    sys.stderr.write(f"{path}: {answered or 'nobody listens'}\n")
    return 0 if answered and set(answered.values()) == {200} else 1


if __name__ == "__main__":
    sys.exit(main())
