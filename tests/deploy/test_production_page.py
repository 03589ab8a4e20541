"""The page into production, walked by the letter on a machine of its own; then one thing after the other is broken.

Stand-ins: see `whole_machine.py`. What the reader is asked to write in an editor is written here: tenants.toml, faq.jsonl,
and one line that the page does not have, WECOM_BOT_WECOM_BASE_URL, since WeCom is the simulator.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import clean_room
from tests.deploy.production_page import Step, steps
from tests.deploy.whole_machine import Machine, fetch_wheels, furnished, simulated_wecom, switched_on
from wecom_bot.simulators.wecom.client import SimulatorClient

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def test_walk(tmp_path: Path) -> None:
    clean_room.possible()
    wheels = Path("/tmp/walkwheels")
    room = furnished(tmp_path / "root")
    with switched_on(room, wheels) as machine:
        for step in steps():
            for block in step.blocks:
                print("#####", step.heading)
                print(machine.read_on(block))
            if step.heading.startswith("5"):
                break
        print(machine.run("wecom-bot doctor").stdout)
