"""What the how-to promises, played."""

import re
import tomllib
from pathlib import Path

from tests.dialog.turns import CORP, NOON, WHERE, Desk, RankedArticles, ShopOrders, message
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.dialog.pipeline import standard
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.tenant import Tenant

HOWTO = Path(__file__).parents[2].joinpath("docs", "howto", "intents.md").read_text("utf-8")
EXAMPLE = HOWTO.partition("```toml\n")[2].partition("```")[0]
SHOP = Tenant.model_validate(tomllib.loads(f'[[tenants]]\ncorp_id = "{CORP}"\n{EXAMPLE}')["tenants"][0])


def hear(state: DialogState, said: str) -> tuple[DialogState, str]:
    think = standard(RankedArticles(), Chain({"rules": RulesRecognizer()}), ShopOrders(), Desk())
    turn = think(SHOP, Turn(WHERE, (message(said),), "trace", NOON, state))
    assert turn.reply is not None
    return turn.state, turn.reply.text


def test_an_intent_takes_no_more_than_ten_lines() -> None:
    assert len(EXAMPLE.splitlines()) <= 10


def test_the_customer_sees_what_the_howto_shows() -> None:
    table = HOWTO.partition("| 客户 / customer |")[2].partition("\n\n")[0]
    lines = re.findall(r"^\| (.+) \| (.+) \|$", table, re.MULTILINE)
    state = DialogState("wm1-1", NOON, NOON)
    assert len(lines) == 4
    for said, shown in lines:
        state, answer = hear(state, said)
        assert answer == shown


def test_what_is_said_already_is_not_asked_for() -> None:
    said = re.search("不问：“(.+?)”", HOWTO)
    assert said is not None
    assert hear(DialogState("wm1-1", NOON, NOON), said[1])[1].startswith("好的，订单 7878137872105389870 换 M 码")
