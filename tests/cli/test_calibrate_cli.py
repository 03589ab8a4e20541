"""`wecom-bot calibrate`, as an operator uses it."""

import json
from xml.etree import ElementTree as ET

import pytest

from tests.fixtures.command_line import CommandLine
from tests.quality.questions import DATA, RETAIL


@pytest.fixture
def shop(wecom_bot: CommandLine) -> CommandLine:
    tenants = wecom_bot.write(
        "tenants.toml", '[[tenants]]\ncorp_id = "ww_shop"\n[tenants.thresholds]\nanswer = 0.3\nsuggest = 0.1\n'
    )
    assert wecom_bot("tenants", "import", tenants).status == 0
    assert wecom_bot("articles", "import", "ww_shop", str(RETAIL)).status == 0
    return wecom_bot


def answer(shop: CommandLine) -> str:
    return next(line for line in shop("tenants", "export").output.splitlines() if line.startswith("answer"))


def test_the_levels_are_a_table_and_a_drawing_and_nothing_is_kept(shop: CommandLine) -> None:
    done = shop("calibrate", "search", "ww_shop", "--svg", "levels.svg")
    assert "lexical；问了 / asked 184" in done.output
    (advised,) = (line.split()[0] for line in done.output.splitlines() if "advised" in line)
    assert 0.45 < float(advised) < 0.7  # .613 by words alone
    assert [line.split()[0] for line in done.output.splitlines() if "today" in line] == ["0.300"]
    drawn = ET.fromstring((shop.folder / "levels.svg").read_text("utf-8"))  # noqa: S314 - our own
    assert len([each for each in drawn.iter() if each.tag.endswith("polyline")]) == 5
    assert answer(shop) == "answer = 0.3"


def test_what_is_advised_is_kept_when_asked_for(shop: CommandLine) -> None:
    done = shop("calibrate", "search", "ww_shop", "--write")
    (kept,) = (line for line in done.output.splitlines() if line.startswith("thresholds.answer: 0.3 → "))
    assert answer(shop) == f"answer = {kept.split()[3].partition('；')[0]}"
    assert answer(shop) > "answer = 0.45"


def test_labelled_questions_count_instead(shop: CommandLine) -> None:
    done = shop("calibrate", "search", "ww_shop", "--labelled", str(DATA / "retail_queries.jsonl"))
    assert "asked 88（标注 / labelled 88" in done.output
    strange = shop.write("q.jsonl", json.dumps({"query": "在吗", "gold": "nowhere"}))
    assert "there is no such folder" in shop("calibrate", "search", "ww_shop", "--svg", "nope/x.svg").complaint
    assert "no such articles: nowhere" in shop("calibrate", "search", "ww_shop", "--labelled", strange).complaint
