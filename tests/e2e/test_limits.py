"""Where WeCom refuses for a while, and where customers repeat themselves."""

import json
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.e2e.house import ACME, APP, ARTICLES, GLOBEX, KF, House
from wecom_bot.simulators.wecom.schema import Door

QUESTION, ANSWER = next(iter(ARTICLES[ACME].items()))
HERS = ARTICLES[GLOBEX][QUESTION]
AT_ONCE = 10  # calls that may be under way when the first of them is refused


def test_tokens_that_expire_under_many_processes_are_fetched_once(furnish: Callable[..., House]) -> None:
    # one that is given up is fetched again: on a slow machine none is
    house = furnish(WECOM_BOT_WORKER_PROCESSES="4", WECOM_BOT_WECOM_TIMEOUT="120")
    for number in range(8):
        house.wecom.say(ACME, KF, f"before{number}", QUESTION)
    house.wecom.wait_seen(ACME, count=8)
    fetched = house.wecom.calls("gettoken", ACME, "0")
    customers = [f"after{number}" for number in range(40)]
    for number, customer in enumerate(customers):
        if number == len(customers) // 2:
            house.wecom.expire_tokens(ACME)
        house.wecom.say(ACME, KF, customer, QUESTION)
    for customer in customers:
        (seen,) = house.wecom.wait_seen(ACME, KF, customer)
        assert (seen.text, seen.repeated) == (ANSWER, False)
    assert house.wecom.calls("gettoken", ACME, "0") == fetched + 1


def test_tokens_that_are_always_refused_cause_no_storm_and_lose_nobody(
    house: House, record_property: Callable[[str, object], None]
) -> None:
    house.wecom.say(GLOBEX, KF, "wm_known", QUESTION)
    house.wecom.wait_seen(GLOBEX, KF, "wm_known")
    fetched = house.wecom.calls("gettoken", GLOBEX)
    began = time.monotonic()
    house.wecom.refuse_tokens(GLOBEX)
    customers = [f"wm_refused{number}" for number in range(5)]
    for customer in customers:
        house.wecom.say(GLOBEX, KF, customer, QUESTION)
        house.wecom.say(GLOBEX, APP, customer, QUESTION, Door.APP)
    wait_until(lambda: refused_calls(house) and house.wecom.calls("gettoken", GLOBEX) > fetched)
    assert house.wecom.seen(GLOBEX, KF, customers[0], count=1, timeout=5) == []
    refused, renewed = refused_calls(house), house.wecom.calls("gettoken", GLOBEX) - fetched
    record_property("refused calls and gettoken within 5 s", (refused, renewed))
    # what was under way at once may each be refused; but one new token is fetched for all, and then nobody asks for
    # ten seconds, after which it is so again: only a machine that stood still comes so far here
    pauses = int((time.monotonic() - began) / 10)
    assert 0 < refused <= 2 * AT_ONCE * (1 + pauses)
    assert 1 <= renewed <= 1 + 2 * pauses
    house.wecom.clear_faults()
    for customer in customers:
        for account in (KF, APP):
            (seen,) = house.wecom.wait_seen(GLOBEX, account, customer)
            assert seen.text == HERS


def refused_calls(house: House) -> int:
    return sum(one.count for one in house.wecom.call_counts() if (one.corp_id, one.outcome) == (GLOBEX, "40014"))


@pytest.mark.parametrize("code", [-1, 45033])
def test_a_wecom_that_is_too_busy_for_some_seconds_only_delays(house: House, code: int) -> None:
    for api in ("kf/send_msg", "message/send"):
        house.wecom.fault(api, "errcode", code, corp_id=ACME, lasting=timedelta(seconds=3))
    customers = ask_both_ways(house, f"busy{code}", 5)
    for customer in customers:
        for account in (KF, APP):
            seen = house.wecom.wait_seen(ACME, account, customer)
            assert [(each.text, each.repeated) for each in seen] == [(ANSWER, False)]


@pytest.mark.slow
def test_an_api_that_is_closed_for_thirty_seconds_is_left_alone_and_then_all_is_said(house: House) -> None:
    house.wecom.fault("kf/send_msg", "errcode", 45009, corp_id=ACME, lasting=timedelta(seconds=30))
    customers = ask_both_ways(house, "closed", 5)
    for customer in customers:  # another API is not closed
        house.wecom.wait_seen(ACME, APP, customer)
    for customer in customers:
        seen = house.wecom.wait_seen(ACME, KF, customer, timeout=PATIENCE)
        assert [(each.text, each.repeated) for each in seen] == [(ANSWER, False)]
    # who was under way found out; nobody asked again while it was closed
    assert 0 < house.wecom.calls("kf/send_msg", ACME, "45009") <= AT_ONCE


def test_a_look_that_wecom_does_not_allow_holds_up_no_message(furnish: Callable[..., House]) -> None:
    house = furnish(WECOM_BOT_KF_SWEEP="2")
    house.wecom.say(ACME, KF, "first", QUESTION)
    house.wecom.wait_seen(ACME, KF, "first", timeout=PATIENCE)
    house.wecom.mode(sync_without_token_per_minute=1, block_seconds=3600)
    for customer in ("c1", "c2", "c3"):
        wait_until(lambda: house.wecom.calls("kf/sync_msg", ACME, "45009") > 0, 30)
        house.wecom.say(ACME, KF, customer, QUESTION)
        house.wecom.wait_seen(ACME, KF, customer, timeout=PATIENCE)


def ask_both_ways(house: House, name: str, count: int) -> list[str]:
    customers = [f"{name}_{number}" for number in range(count)]
    for customer in customers:
        house.wecom.say(ACME, KF, customer, QUESTION)
        house.wecom.say(ACME, APP, customer, QUESTION, Door.APP)
    return customers


def test_the_same_words_twice_are_two_messages(house: House) -> None:
    said = {house.wecom.say(ACME, KF, "wm_good", "好的") for _ in range(2)}
    house.wecom.wait_seen(ACME, KF, "wm_good")
    wait_until(lambda: said <= house.recorded())
    assert not any(each.customer == "wm_good" for each in house.wecom.unanswered(ACME))


def test_the_same_question_again_in_an_app_is_answered_again(house: House) -> None:
    for count in (1, 2):
        house.wecom.say(ACME, APP, "u_again", QUESTION, Door.APP)
        seen = house.wecom.wait_seen(ACME, APP, "u_again", count=count)
        assert [each.text for each in seen] == [ANSWER] * count


def test_neither_thoughts_nor_markdown_reach_a_customer(house: House) -> None:
    answer = (
        "<think>客户想知道会员日</think>## 会员日\n\n**每月八号**是会员日，见[活动页](https://example.com/day)。\n\n"
        "- 全场`九折`\n- *积分*翻倍\n\n> 以门店为准"
    )
    path = house.folder / "markdown.jsonl"
    path.write_text(json.dumps({"id": "md", "question": "会员日是哪天", "answer": answer}, ensure_ascii=False))
    house.run("articles", "import", ACME, str(path))
    for account, channel in ((KF, Door.KF), (APP, Door.APP)):
        wait_until(lambda where=(account, channel): "每月八号" in asked(house, *where))  # type: ignore[misc]
        shown = asked(house, account, channel)
        assert not [mark for mark in ("think", "客户想知道", "**", "##", "`", "](", "> ") if mark in shown]
        assert "https://example.com/day" in shown


def asked(house: House, account: str, channel: Door) -> str:
    """What somebody new hears about it: an article takes a moment to be known everywhere."""
    customer = f"md{time.monotonic_ns()}"
    house.wecom.say(ACME, account, customer, "会员日是哪天", channel)
    return house.wecom.wait_seen(ACME, account, customer)[0].text
