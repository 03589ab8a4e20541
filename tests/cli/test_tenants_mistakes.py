"""Mistakes in a file of tenants: all are said at once, each with its place, and nothing is imported."""

from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from wecom_bot.adapters.files.tenants import MOST_BYTES
from wecom_bot.service.operation.tenant_limits import LONGEST_TEXT


def test_all_problems_are_said_at_once_with_their_places_and_nothing_is_imported(furnished: CommandLine) -> None:
    wrong = """
    [extra]
    [[tenants]]
    corp_id = "ww_new"
    unknown_key = 1
    [[tenants.apps]]
    name = "shop"
    agent_id = 2
    secret = "hush"
    token = "hush"
    encoding_aes_key = "too short"
    [[tenants]]
    corp_id = "bad corp"
    thresholds = {answer = 0.1, suggest = 0.5}
    phrases = {unknown = " ", trouble = "\\u0001", handoff = "\\uFFFF\\u200b"}
    [[tenants.apps]]
    name = "Upper"
    agent_id = -1
    [[tenants.apps]]
    name = "large"
    agent_id = 2147483648
    secret = " "
    token = "\\t"
    encoding_aes_key = "too short"
    [tenants.coze]
    token = "Bearer pat_hush"
    tokn = "hush"
    [tenants.nlu]
    token = 12345
    [[tenants]]
    corp_id = "ww_globex"
    kf_accounts = [{open_kfid = "wk1", app = "nothing"}]
    """
    done = furnished("tenants", "import", furnished.write("wrong.toml", wrong))
    assert done.status == 2
    assert "Traceback" not in done.complaint
    for place in (
        "extra",
        "tenants[0].unknown_key",
        "tenants[0].apps[0].encoding_aes_key: encoding_aes_key must be exactly 43",
        "tenants[1].corp_id",
        "tenants[1].thresholds: thresholds.suggest must not be above",
        "tenants[1].phrases.unknown: a phrase must not be empty",
        "tenants[1].phrases.trouble: a phrase must not be empty",
        "tenants[1].phrases.handoff: a phrase must not be empty",
        "tenants[1].apps[0].name",
        "tenants[1].apps[0].agent_id",
        "tenants[1].apps[1].agent_id: 最大 2147483647 / Input should be less than or equal to 2147483647",
        "tenants[1].apps[1].secret: it must not be blank",
        "tenants[1].apps[1].token: it must not be blank",
        "tenants[1].apps[0].secret: 缺少",
        "tenants[1].coze.token: a token has only visible ASCII",
        "tenants[1].coze.tokn: 不认识的键",
        "tenants[1].nlu.token: 应是文字，写在引号里 / Input should be a valid string",
        "tenants[2]: kf account wk1 names app 'nothing'",
    ):
        assert place in done.complaint
    assert "hush" not in done.complaint
    assert "too short" not in done.complaint
    assert "ww_new" not in furnished("tenants", "list").output


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("tenants = [", "TOML"),
        (b"\xff\xfe[", "UTF-8"),
        ("", "[[tenants]]"),
        ("tenants = 1", "[[tenants]]"),
        ("[[tenants]]\nname = 'x'", "tenants[0].corp_id"),
        ("[[tenants]]\ncorp_id = 'x'\napps = 'y'", "tenants[0].apps"),
        ("[[tenants]]\ncorp_id = 'x'\napps = ['y']", "tenants[0].apps[0]"),
        ("[[tenants]]\ncorp_id = 'x'\ncoze = 'y'", "tenants[0].coze"),
        ("[[tenants]]\ncorp_id = 'x'\n[[tenants]]\ncorp_id = 'x'", "tenants[1].corp_id"),
    ],
)
def test_a_file_of_the_wrong_form_is_explained(content: str | bytes, where: str, wecom_bot: CommandLine) -> None:
    done = wecom_bot("tenants", "import", wecom_bot.write("wrong.toml", content))
    assert done.status == 2
    assert where in done.complaint


def test_a_new_app_needs_its_secrets(furnished: CommandLine) -> None:
    profile = furnished("tenants", "export", "ww_globex").output
    more = profile + '\n[[tenants.apps]]\nname = "second"\nagent_id = 2\n'
    done = furnished("tenants", "import", furnished.write("more.toml", more))
    assert done.status == 2
    assert done.complaint.count("tenants[0].apps[1].") == 3


def test_a_slow_pattern_is_refused_with_the_names_of_its_intent_and_slot(furnished: CommandLine) -> None:
    slow = """
    [[tenants]]
    corp_id = "ww_new"
    [[tenants.intents]]
    name = "fine"
    slots = [{ name = "serial", pattern = '[0-9]{6}', ask = "?" }]
    [[tenants.intents]]
    name = "lookup"
    slots = [{ name = "serial", pattern = '[0-9]*[0-9]*[0-9]*[0-9]*x', ask = "?" }]
    """
    done = furnished("tenants", "import", furnished.write("slow.toml", slow))
    assert done.status == 2
    assert "tenants[0].intents[1].slots[0]" in done.complaint
    for named in ("lookup", "serial", "[0-9]*[0-9]*[0-9]*[0-9]*x", "不要嵌套重复"):
        assert named in done.complaint


def test_a_text_that_is_too_long_is_refused_with_its_place(furnished: CommandLine) -> None:
    long = "很" * (LONGEST_TEXT + 1)
    wrong = f"""
    [[tenants]]
    corp_id = "ww_globex"
    phrases = {{unknown = "{long}"}}
    """
    done = furnished("tenants", "import", furnished.write("long.toml", wrong))
    assert done.status == 2
    assert f"tenants[0].phrases.unknown: 有 {LONGEST_TEXT + 1} 字，最多 {LONGEST_TEXT}" in done.complaint


def test_a_file_without_an_end_is_not_read(furnished: CommandLine) -> None:
    large = furnished.write("large.toml", "")
    with Path(large).open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    done = furnished("tenants", "import", large)
    assert done.status == 2
    assert "split it into several files" in done.complaint
