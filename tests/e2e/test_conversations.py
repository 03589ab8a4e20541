"""What customers of two companies see, through the whole way: callback, inbox, worker, pipeline, WeCom's API."""

import json
from functools import partial
from itertools import count
from typing import Any

from tests.deadlines import wait_until
from tests.e2e.house import ACME, APP, ARTICLES, GLOBEX, KF, House
from wecom_bot.domain.tenant import Phrases
from wecom_bot.simulators.wecom.schema import Door

PHRASES = Phrases()


def texts(house: House, corp_id: str, account: str, customer: str, count: int) -> list[str]:
    return house.answers(corp_id, account, customer, count)


def test_a_kf_customer_is_answered(house: House) -> None:
    house.wecom.say(ACME, KF, "wm_first", "几点关门？")
    assert texts(house, ACME, KF, "wm_first", 1) == ["我们晚上九点关门。"]
    assert house.wecom.state(ACME, KF, "wm_first").service_state == 1


def test_a_member_is_answered_in_the_corps_own_app(house: House) -> None:
    house.wecom.say(ACME, APP, "zhangsan", "怎么退货", "app")
    assert texts(house, ACME, APP, "zhangsan", 1) == ["七天内可在订单页申请退货。"]


def test_two_companies_with_the_same_customer_share_nothing(house: House) -> None:
    for _ in range(2):
        for corp_id in (ACME, GLOBEX):
            for question in ARTICLES[corp_id]:
                house.wecom.say(corp_id, KF, "wm_same", question)
    for corp_id in (ACME, GLOBEX):
        assert texts(house, corp_id, KF, "wm_same", 4) == [*ARTICLES[corp_id].values()] * 2
    house.wecom.say(ACME, KF, "wm_same", "转人工")
    assert texts(house, ACME, KF, "wm_same", 6)[-2:] == [PHRASES.handoff, PHRASES.queued]
    house.wecom.say(GLOBEX, KF, "wm_same", "几点关门")
    assert texts(house, GLOBEX, KF, "wm_same", 5)[-1] == ARTICLES[GLOBEX]["几点关门"]


def test_the_same_callback_four_times_at_once_is_answered_once(house: House) -> None:
    for account, channel, customer in ((KF, Door.KF, "wm_four"), (APP, Door.APP, "lisi")):
        house.wecom.say(ACME, account, customer, "几点关门", channel, copies=4)
        house.wecom.say(ACME, account, customer, "怎么退货", channel)
        assert texts(house, ACME, account, customer, 2) == ["我们晚上九点关门。", "七天内可在订单页申请退货。"]


def test_messages_in_a_row_are_answered_in_their_order(house: House) -> None:
    asked = ["几点关门", "怎么退货"] * 5
    for question in asked:
        house.wecom.say(ACME, APP, "wangwu", question, "app")
    assert texts(house, ACME, APP, "wangwu", 10) == [ARTICLES[ACME][question] for question in asked]


def test_who_asks_for_a_human_gets_one_and_the_bot_is_silent_until_they_are_done(house: House) -> None:
    house.wecom.say(ACME, KF, "wm_human", "转人工")
    told = [PHRASES.handoff, PHRASES.queued]
    assert texts(house, ACME, KF, "wm_human", 2) == told
    wait_for_state(house, "wm_human", 2)
    house.wecom.take(ACME, KF, "wm_human", "alice")
    told += [PHRASES.taken]
    assert texts(house, ACME, KF, "wm_human", 3) == told
    house.wecom.say(ACME, KF, "wm_human", "几点关门")
    # somebody else's answer is proof that ours was looked at, and left to the servicer
    house.wecom.say(ACME, KF, "wm_after", "几点关门")
    assert texts(house, ACME, KF, "wm_after", 1)
    assert texts(house, ACME, KF, "wm_human", 3) == told
    house.wecom.end(ACME, KF, "wm_human")
    assert texts(house, ACME, KF, "wm_human", 4)[-1] == PHRASES.ended
    house.wecom.say(ACME, KF, "wm_human", "怎么退货")
    assert texts(house, ACME, KF, "wm_human", 5)[-1] == "七天内可在订单页申请退货。"


def wait_for_state(house: House, customer: str, state: int) -> None:
    wait_until(lambda: house.wecom.state(ACME, KF, customer).service_state == state)


def test_what_the_bot_does_not_know_it_says_so(house: House) -> None:
    house.wecom.say(ACME, KF, "wm_odd", "明天会下雨吗")
    assert texts(house, ACME, KF, "wm_odd", 1) == [PHRASES.unknown]


def test_a_picture_is_declined_politely(house: House) -> None:
    house.wecom.say(ACME, KF, "wm_picture", msgtype="image", fields={"media_id": "MEDIA"})
    assert texts(house, ACME, KF, "wm_picture", 1) == [PHRASES.unreadable]


def test_tokens_that_expire_or_are_withdrawn_cost_nobody_an_answer(house: House) -> None:
    for number, spoil in enumerate((house.wecom.expire_tokens, house.wecom.forget_tokens)):
        spoil(ACME)
        house.wecom.say(ACME, KF, f"wm_token{number}", "几点关门")
        assert texts(house, ACME, KF, f"wm_token{number}", 1) == ["我们晚上九点关门。"]


def test_trouble_at_wecom_delays_and_loses_nothing(house: House) -> None:
    house.wecom.fault("kf/send_msg", "errcode", -1, corp_id=GLOBEX, times=2)
    house.wecom.fault("kf/send_msg", "status", 502, corp_id=GLOBEX, times=1)
    house.wecom.say(GLOBEX, KF, "wm_limited", "几点关门")
    house.wecom.say(GLOBEX, KF, "wm_limited", "怎么退货")
    assert house.answers(GLOBEX, KF, "wm_limited", 2) == [*ARTICLES[GLOBEX].values()]
    assert not any(each.repeated for each in house.wecom.seen(GLOBEX, KF, "wm_limited"))


def test_an_answer_that_got_lost_is_not_shown_twice(house: House) -> None:
    for account, channel, api in ((KF, Door.KF, "kf/send_msg"), (APP, Door.APP, "message/send")):
        house.wecom.fault(api, "reset", corp_id=GLOBEX, performed=True)
        house.wecom.say(GLOBEX, account, "wm_lost", "几点关门", channel)
        house.wecom.say(GLOBEX, account, "wm_lost", "怎么退货", channel)
        assert texts(house, GLOBEX, account, "wm_lost", 2) == [*ARTICLES[GLOBEX].values()]


def test_one_trace_id_leads_from_the_callback_to_the_answer_and_no_word_is_in_the_log(house: House) -> None:
    house.wecom.say(ACME, APP, "zhaoliu", "几点关门", "app")
    texts(house, ACME, APP, "zhaoliu", 1)
    closed = logged(house, event="turn.closed", conversation=f"app/{APP}/zhaoliu")
    trace = {line["event"] for line in lines(house) if line["trace_id"] == closed["trace_id"]}
    assert {"callback.accepted", "turn.closed"} <= trace
    assert "http.request" not in trace  # a callback is one line of the gateway
    for secret in ("几点关门", "九点关门", "secret-ww_acme", "token123", "msg_signature", "access_token"):
        assert secret not in house.log.read_text()


def test_who_asks_the_same_hears_the_same_until_the_article_says_something_else(house: House) -> None:
    customers = (f"parks{number}" for number in count())

    def hears(told: str = "") -> str:
        """What the next one is answered; nothing if it is something else than told."""
        customer = next(customers)
        house.wecom.say(ACME, APP, customer, "哪里能停车", "app")
        answered = texts(house, ACME, APP, customer, 1)[0]
        return answered if told in answered else ""

    for answer in ("停在地下一层。", "停在对面。"):
        house.load_articles(ACME, {"哪里能停车": answer})
        wait_until(partial(hears, answer))
        assert [hears() for _ in range(3)] == [answer] * 3
    wait_until(lambda: [line for line in lines(house) if line.get("hot") and "/parks" in line["conversation"]])


def lines(house: House) -> list[dict[str, Any]]:
    return [json.loads(line) for line in house.log.read_text().splitlines() if line.startswith("{")]


def logged(house: House, **fields: str) -> dict[str, Any]:
    """The line with these fields, which may come a moment after what the customer sees."""

    def found() -> list[dict[str, Any]]:
        return [line for line in lines(house) if fields.items() <= line.items()]

    wait_until(found)
    return found()[0]
