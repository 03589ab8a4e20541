"""The simulator as a server, in this process or in one of its own."""

from flask import Flask

from wecom_bot.simulators import serving
from wecom_bot.simulators.wecom import api, control
from wecom_bot.simulators.wecom.faults import WecomFaults
from wecom_bot.simulators.wecom.news import News
from wecom_bot.simulators.wecom.sender import Sender
from wecom_bot.simulators.wecom.world import WecomWorld


class WecomSimulator:
    """WeCom on a port. What it knows outlives `stop`, so that stopping and starting it is an outage."""

    def __init__(self) -> None:
        self._world = WecomWorld()
        self._faults = WecomFaults()
        self._sender = Sender(lambda: self._world.modes)
        news = News(self._world, self._sender)
        app = Flask(__name__, static_folder=None)
        app.register_blueprint(api.blueprint(self._world, self._faults, news))
        app.register_blueprint(control.blueprint(self._world, self._faults, self._sender, news))
        self._service = serving.Service(app, "wecom-simulator")

    def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve in the background; the base URL. Port 0 is any free one. Raises ConfigurationError."""
        base_url = self._service.start(host, port)
        self._sender.open()
        return base_url

    def stop(self) -> None:
        """Answer nobody and send nothing more: open connections are cut, as when a machine dies."""
        self._sender.close()
        self._service.stop()
        self._faults.release()


def main(host: str = "127.0.0.1", port: int = 0) -> None:
    """Serve in a process of its own until SIGINT or SIGTERM; the first line of stdout is the base URL."""
    serving.main(WecomSimulator(), host, port)
