"""The window on a port of its own."""

from wecom_bot.simulators.serving import Service
from wecom_bot.simulators.window.desk import Desk
from wecom_bot.simulators.window.pages import create_app


class WindowServer:
    """Shows a desk to the people at this machine; `stop` cuts whoever is waiting for news."""

    def __init__(self, desk: Desk) -> None:
        self._service = Service(create_app(desk), "customer-window")

    def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve in the background; the page's URL. Port 0 is any free one. Raises ConfigurationError."""
        return self._service.start(host, port)

    def stop(self) -> None:
        """Answer nobody."""
        self._service.stop()
