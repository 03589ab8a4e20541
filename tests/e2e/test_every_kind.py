"""Every kind of message and of event, in both channels, as customers see it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.e2e.house import ACME, APP, ARTICLES, GLOBEX, KF, House, company
from wecom_bot.domain.tenant import Phrases
from wecom_bot.simulators.wecom.schema import Door

PHRASES = Phrases()
CLOSING, RETURNS = ARTICLES[ACME]
CLOSING_ANSWER, RETURNS_ANSWER = ARTICLES[ACME].values()
ANSWERS_TO_WORDS = {PHRASES.unknown, PHRASES.did_you_mean, CLOSING_ANSWER, RETURNS_ANSWER}
WELCOME = "您好"
SHOWN_TO_NOBODY, CUSTOMER_MUST_WRITE = 0, 6  # fail_type of msg_send_fail: unknown; more than five messages

WITHOUT_WORDS: dict[str, Mapping[str, Any]] = {
    "business_card": {"userid": "lisi"},
    "miniprogram": {"title": "商城", "appid": "wx123", "pagepath": "pages/index.html", "thumb_media_id": "M"},
    "channels": {"sub_type": 1, "nickname": "小店", "title": "新品"},
    "a_kind_yet_to_come": {"something": "new"},
    "a_kind_with_nothing_in_it": {},
}
WITH_WORDS: dict[str, Mapping[str, Any]] = {
    "location": {"latitude": 23.106574, "longitude": 113.324505, "name": "广州塔", "address": "阅江西路222号"},
    "link": {"title": "活动规则", "desc": "说明", "url": "https://example.com/rules", "pic_url": ""},
    "merged_msg": {
        "title": "聊天记录",
        "item": [
            {"msgtype": "text", "sender_name": "张三", "msg_content": {"text": {"content": "在吗"}}},
            {"msgtype": "image", "sender_name": "李四", "msg_content": {"image": {"media_id": "M"}}},
        ],
    },
    "channels_shop_product": {"product_id": "1", "head_image": "", "title": "保温杯", "sales_price": "9"},
    "channels_shop_order": {"order_id": "3700000000000000001", "product_titles": "保温杯", "state": "待发货"},
}
FILES = {"image": "a.jpg", "voice": "a.amr", "video": "a.mp4", "file": "a.pdf"}
IN_AN_APP: dict[str, tuple[Mapping[str, Any], bool]] = {
    "image": ({"PicUrl": "https://example.com/a.jpg", "MediaId": "M"}, False),
    "voice": ({"MediaId": "M", "Format": "amr"}, False),
    "video": ({"MediaId": "M", "ThumbMediaId": "T"}, False),
    "location": ({"Location_X": "23.106574", "Location_Y": "113.324505", "Scale": "16", "Label": "广州塔"}, True),
    "link": ({"Title": "活动规则", "Description": "说明", "Url": "https://example.com/", "PicUrl": ""}, True),
    "a_kind_yet_to_come": ({"Something": "new"}, False),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two tenants, of whom one greets who comes."""
    greeting = company(ACME, kf_accounts=[{"open_kfid": KF, "app": "shop", "welcome": WELCOME}])
    env = {"WECOM_BOT_WECOM_TIMEOUT": str(PATIENCE)}  # one call is held up
    made = House(tmp_path_factory.mktemp("kinds"), [greeting, company(GLOBEX)], env)
    try:
        yield made.open()
    finally:
        made.close()


def texts(house: House, customer: str, count: int = 1, account: str = KF) -> list[str]:
    return [seen.text for seen in house.wecom.wait_seen(ACME, account, customer, count=count)]


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_any_kind_is_declined_politely(house: House, kind: str) -> None:
    media_id = house.wecom.put_media(b"0123456789", FILES[kind], corp_id=ACME)
    house.wecom.say(ACME, KF, f"wm_{kind}", msgtype=kind, fields={"media_id": media_id})
    assert texts(house, f"wm_{kind}") == [PHRASES.unreadable]


@pytest.mark.parametrize("kind", WITHOUT_WORDS)
def test_what_has_no_words_is_declined_politely(house: House, kind: str) -> None:
    house.wecom.say(ACME, KF, f"wm_{kind}", msgtype=kind, fields=WITHOUT_WORDS[kind])
    assert texts(house, f"wm_{kind}") == [PHRASES.unreadable]


@pytest.mark.parametrize("kind", WITH_WORDS)
def test_what_has_words_is_answered_by_them(house: House, kind: str) -> None:
    house.wecom.say(ACME, KF, f"wm_{kind}", msgtype=kind, fields=WITH_WORDS[kind])
    (answer,) = texts(house, f"wm_{kind}")
    assert answer in ANSWERS_TO_WORDS


def test_a_question_in_a_place_or_a_link_gets_its_answer(house: House) -> None:
    house.wecom.say(ACME, KF, "wm_place", msgtype="location", fields={"latitude": 1, "longitude": 1, "name": CLOSING})
    assert texts(house, "wm_place") == [CLOSING_ANSWER]


@pytest.mark.parametrize("kind", IN_AN_APP)
def test_every_kind_is_answered_in_an_app_too(house: House, kind: str) -> None:
    fields, has_words = IN_AN_APP[kind]
    house.wecom.say(ACME, APP, f"u_{kind}", channel=Door.APP, msgtype=kind, fields=fields)
    (answer,) = texts(house, f"u_{kind}", account=APP)
    assert answer in (ANSWERS_TO_WORDS if has_words else {PHRASES.unreadable})


def test_an_event_of_an_app_that_nobody_knows_disturbs_nobody(house: House) -> None:
    house.wecom.app_event(ACME, APP, "u_event", "an_event_yet_to_come", {"Something": {"New": "1"}})
    house.wecom.say(ACME, APP, "u_event", CLOSING, Door.APP)
    assert texts(house, "u_event", account=APP) == [CLOSING_ANSWER]


def test_a_message_that_is_taken_back_before_it_was_read_is_not_answered(house: House) -> None:
    house.wecom.mode(hold=True)
    try:
        message = house.wecom.say(ACME, KF, "wm_back", CLOSING)
        house.wecom.recall(ACME, KF, "wm_back", message)
        house.wecom.say(ACME, KF, "wm_back", RETURNS)
    finally:
        house.wecom.mode(hold=False)
        house.wecom.release()
    assert texts(house, "wm_back") == [RETURNS_ANSWER]


def test_a_message_that_is_taken_back_while_it_waits_for_another_is_not_answered(house: House) -> None:
    house.wecom.fault("kf/send_msg", "delay", PATIENCE, corp_id=ACME)  # until it is cleared
    opened = house.wecom.calls("kf/service_state/trans", ACME)
    house.wecom.say(ACME, KF, "wm_wait", CLOSING)
    wait_until(lambda: house.wecom.calls("kf/service_state/trans", ACME) > opened)
    message = house.wecom.say(ACME, KF, "wm_wait", RETURNS)
    wait_until(lambda: house.taken_up(ACME, "wm_wait") == 2)
    house.wecom.recall(ACME, KF, "wm_wait", message)
    house.wecom.say(ACME, KF, "wm_wait", CLOSING)
    wait_until(lambda: house.taken_up(ACME, "wm_wait") > 2)  # and with it what was before
    house.wecom.clear_faults()
    assert texts(house, "wm_wait", 2) == [CLOSING_ANSWER] * 2


def test_who_opens_the_conversation_is_welcomed_while_the_code_is_good(house: House) -> None:
    house.wecom.enter(ACME, KF, "wm_enter", scene="shop", scene_param="a=1&b=2")
    (seen,) = house.wecom.wait_seen(ACME, KF, "wm_enter")
    assert (seen.text, seen.by_event) == (WELCOME, True)
    house.wecom.say(ACME, KF, "wm_enter", CLOSING)
    assert texts(house, "wm_enter", 2) == [WELCOME, CLOSING_ANSWER]


def test_an_answer_that_wecom_did_not_show_for_no_reason_is_sent_again(house: House) -> None:
    house.wecom.fail_delivery(ACME, KF, "wm_fail", SHOWN_TO_NOBODY)
    house.wecom.say(ACME, KF, "wm_fail", CLOSING)
    assert texts(house, "wm_fail") == [CLOSING_ANSWER]


def test_an_answer_beyond_the_limit_is_sent_again_when_the_customer_writes(house: House) -> None:
    house.wecom.fail_delivery(ACME, KF, "wm_limit", CUSTOMER_MUST_WRITE)
    house.wecom.say(ACME, KF, "wm_limit", CLOSING)
    wait_until(lambda: "sent_again" in outcomes(house, "wm_limit"))
    # somebody else's answer is proof that there was time to send it
    house.wecom.say(ACME, KF, "wm_unlimited", CLOSING)
    assert texts(house, "wm_unlimited") == [CLOSING_ANSWER]
    assert house.wecom.seen(ACME, KF, "wm_limit") == []
    house.wecom.say(ACME, KF, "wm_limit", RETURNS)
    assert sorted(texts(house, "wm_limit", 2)) == sorted([CLOSING_ANSWER, RETURNS_ANSWER])


def outcomes(house: House, customer: str) -> set[str]:
    """What came of the events in the customer's conversation."""
    lines = [json.loads(line) for line in house.log.read_text().splitlines() if line.startswith("{")]
    mine = [line for line in lines if line.get("conversation") == f"kf/{KF}/{customer}"]
    return {line["outcome"] for line in mine if line["event"] == "event.observed"}
