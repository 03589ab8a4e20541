"""What the how-to on handing off shows, tried."""

import re
import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from wecom_bot.domain.message import Channel, MessageKind
from wecom_bot.domain.phrases import Phrases
from wecom_bot.domain.tenant import Tenant

HOWTO = Path(__file__).parents[2].joinpath("docs", "howto", "handoff.md").read_text("utf-8")
WISHES, RULES, HOURS = (part.partition("```")[0] for part in HOWTO.split("```toml\n")[1:4])


def shop() -> Tenant:
    """The tenant's file, put together as the page says."""
    return Tenant.model_validate(
        tomllib.loads(f'[[tenants]]\ncorp_id = "ww1"\n{HOURS}\n{WISHES}\n{RULES}')["tenants"][0]
    )


def test_the_rules_are_what_they_seem() -> None:
    assert shop().handoff.words == ("投诉", "律师")
    assert [intent.name for intent in shop().intents if intent.handoff] == ["damage"]


def test_the_phrases_of_a_wish_are_what_they_seem() -> None:
    assert shop().wishes.human.phrases == ("帮我接健身教练",)
    assert "教练费多少" in shop().wishes.human.against


def test_the_hours_are_what_they_seem() -> None:
    desk = shop().hours_of(Channel.KF, "wk…")
    assert desk.words() == "周一至周五 09:00-12:00、13:00-18:00；周六 22:00-02:00；节假日除外"
    assert desk.open_at(datetime(2026, 10, 10, 17, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert shop().hours_of(Channel.APP, "1000002").words() == "周一至周五 09:00-18:00"


def test_kinds_and_phrases_exist_under_the_names_on_the_page() -> None:
    kinds = HOWTO.partition("`handoff.kinds`：")[2].partition("|")[0]
    assert set(re.findall("`([a-z_]+)`", kinds)) < {kind.value for kind in MessageKind}
    named = {"handoff", "closed", "nobody", "message_awaited", "message_taken", "message_more", "blocked"}
    assert set(re.findall(r"`phrases\.([a-z_]+)`", HOWTO)) == named
    assert set(re.findall(r"`phrases\.([a-z_]+)`", HOWTO)) < set(Phrases.model_fields)
