"""`python -m wecom_bot` is `wecom-bot`."""

from wecom_bot.cli import main

main(prog_name="wecom-bot")
