"""`python -m wecom_bot.simulators.coze [--host HOST] [--port PORT]`: the simulator in a process of its own."""

from argparse import ArgumentParser

from wecom_bot.simulators.coze.server import main

parser = ArgumentParser(description="Coze, simulated; the first line of stdout is its base URL")
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=0)
given = parser.parse_args()
main(given.host, given.port)
