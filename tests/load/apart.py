"""A simulator in a process of its own: its CPU is not ours, and it does not wait for our threads."""

import os
import subprocess
import sys


class Apart:
    """Starts the simulator that this module is."""

    def __init__(self, module: str) -> None:
        self._module = module

    def start(self) -> str:
        """Its base URL, which it prints first."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WECOM_BOT_")}
        command = [sys.executable, "-m", self._module, "--port", "0"]
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode().strip()

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.communicate()
