"""`wecom-bot simulate`: WeCom or Coze on this machine, for tenants' developers without an account at hand."""

import importlib

import click

from wecom_bot import startup


@click.command()
@click.argument("what", type=click.Choice(["wecom", "coze"]))
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / address to listen on")
@click.option("--port", default=0, help="端口，0 为任选 / port, 0 for any")
def simulate(what: str, host: str, port: int) -> None:
    """模拟企业微信或扣子，第一行打印地址 / Simulate WeCom or Coze; the first line is the address.

    让机器人指向它 / point the bot at it: WECOM_BOT_WECOM_BASE_URL, WECOM_BOT_COZE_BASE_URL.
    """
    with startup.importing():
        server = importlib.import_module(f"wecom_bot.simulators.{what}.server")
    server.main(host, port)
