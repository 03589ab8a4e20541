"""Every route of the API and every command is in the docs."""

import re
from pathlib import Path

from flask import Flask
from pydantic import SecretStr

from tests.fixtures.tenants import made_tenant
from tests.house.commands_page import page
from wecom_bot.bootstrap.operation import late_operation
from wecom_bot.settings import Settings
from wecom_bot.web.api import Api, blueprint

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")


def test_every_route_has_its_row(tmp_path: Path) -> None:
    app = Flask(__name__)
    verbs = late_operation(Settings(_env_file=None, data=tmp_path), made_tenant)
    app.register_blueprint(blueprint(Api(SecretStr("t" * 16), verbs)))
    rules = [each for each in app.url_map.iter_rules() if each.rule.startswith("/api/")]
    ours = {
        (method, each.rule.removeprefix("/api/v1").replace("<path:", "<"))
        for each in rules
        for method in (each.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert ours == set(re.findall(r"^\| `([A-Z]+) (/\S+)` \|", PAGE, re.MULTILINE))


def test_every_command_has_its_row() -> None:
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == page(), "run `make settings`"
