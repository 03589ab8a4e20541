"""The simulator as a server, in this process or in one of its own."""

from collections.abc import Callable

from flask import Flask

from wecom_bot.simulators import serving
from wecom_bot.simulators.coze import api, control
from wecom_bot.simulators.coze.faults import CozeFaults
from wecom_bot.simulators.coze.world import CozeWorld


class CozeSimulator:
    """Coze on a port. What it knows outlives `stop`, so that stopping and starting it on that port is an outage."""

    def __init__(self) -> None:
        self._faults = CozeFaults()
        world = CozeWorld()
        app = Flask(__name__, static_folder=None)
        app.register_blueprint(control.blueprint(world, self._faults))
        app.register_blueprint(api.blueprint(world, self._faults))
        self._service = serving.Service(app, "coze-simulator")

    def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve in the background; the base URL. Port 0 is any free one. Raises ConfigurationError."""
        return self._service.start(host, port)

    def stop(self) -> None:
        """Be down: open connections are cut, as when a machine dies, and new ones are refused."""
        self._service.stop()
        self._faults.release()


def run(host: str = "127.0.0.1", port: int = 0, ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is told the base URL. Raises ConfigurationError."""
    serving.run(CozeSimulator(), host, port, ready)


def main(host: str = "127.0.0.1", port: int = 0) -> None:
    """`run` in a process of its own; the first line of stdout is the base URL."""
    serving.main(CozeSimulator(), host, port)
