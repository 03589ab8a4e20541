"""Intent, slots, orders and Coze through the furnished house, also when Coze dies and when everything restarts."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deadlines import wait_until
from tests.e2e.house import ACME, APP, ARTICLES, GLOBEX, KF, House, company
from wecom_bot.domain.phrases import Phrases
from wecom_bot.simulators.coze.client import CozeSimulatorClient
from wecom_bot.simulators.coze.server import CozeSimulator
from wecom_bot.simulators.wecom.schema import Door, Seen

BOT, WORKFLOW, TOKEN = "7379462189365198898", "7398402931415662602", "pat_" + "a" * 40
ORDER = {
    "name": "order.query",
    "lookup": "order",
    "slots": [{"name": "order_id", "pattern": r"(?<!\d)\d{12}(?!\d)", "ask": "请问订单号是多少？"}],
}
OWN = "（扣子）关于“{question}”，请看这里。"
COZE = {"bot_id": BOT, "workflow_id": WORKFLOW, "token": TOKEN}
RAW = (
    "<think>客户想知道会员日</think>## 会员日\n\n**每月八号**是会员日[^1]【3:会员手册】，见[活动页](https://example.com/day)。\n\n"
    "- 全场`九折`\n\n> 以门店为准"
)
PATIENT = {  # with a Coze that is only slow
    "WECOM_BOT_NLU_TIMEOUT": "20",
    "WECOM_BOT_WORKFLOW_TIMEOUT": "20",
    "WECOM_BOT_CHAT_TIMEOUT": "20",
    "WECOM_BOT_THINK_DEADLINE": "61",
}


@contextmanager
def opened(folder: Path, coze: CozeSimulator) -> Iterator[House]:
    """A house of two companies that ask this Coze."""
    url = coze.start()
    client = CozeSimulatorClient(url)
    client.add_token(TOKEN)
    answers = [{"match": "会员日", "answer": RAW, "reasoning": "先想一想会员日"}, {"match": "", "answer": OWN}]
    client.add_bot(BOT, answers)
    client.add_workflow(WORKFLOW, predictions=[{"match": "订单", "intents": [{"name": "order.query", "score": 0.95}]}])
    tenants = [company(ACME, coze=COZE, intents=[ORDER]), company(GLOBEX, coze=COZE, intents=[ORDER])]
    made = House(folder, tenants, env={"WECOM_BOT_COZE_BASE_URL": url} | PATIENT)
    try:
        yield made.open()
    finally:
        made.close()
        coze.stop()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Shared by the tests, so each takes customers of its own."""
    with opened(tmp_path_factory.mktemp("mind"), CozeSimulator()) as made:
        yield made


def load_order(house: House, corp_id: str, customer: str, status: str) -> None:
    path = house.folder / f"{corp_id}-orders.jsonl"
    order = {"order_id": "202611200001", "customer": customer, "status": status, "updated_at": "2026-11-20 10:00"}
    path.write_text(json.dumps(order | {"logistics": ""}, ensure_ascii=False))
    house.run("orders", "import", corp_id, str(path))


def last(house: House, corp_id: str, customer: str, count: int) -> str:
    return house.wecom.wait_seen(corp_id, KF, customer, count=count)[-1].text


def test_a_restart_between_the_question_for_a_slot_and_its_answer_changes_nothing(house: House) -> None:
    load_order(house, ACME, "wm_restart", "已发货")
    house.wecom.say(ACME, KF, "wm_restart", "查一下我的订单")
    assert last(house, ACME, "wm_restart", 1) == "请问订单号是多少？"
    house.stop()
    house.start()
    house.wecom.say(ACME, KF, "wm_restart", "202611200001")
    assert last(house, ACME, "wm_restart", 2).startswith("订单 202611200001：已发货。")


def test_equal_customers_orders_and_intents_of_two_companies_share_nothing(house: House) -> None:
    load_order(house, ACME, "wm_same", "已发货")
    load_order(house, GLOBEX, "wm_same", "生产中")
    for corp_id in (ACME, GLOBEX):
        house.wecom.say(corp_id, KF, "wm_same", "查一下我的订单")
        assert last(house, corp_id, "wm_same", 1) == "请问订单号是多少？"
    house.wecom.say(ACME, KF, "wm_same", "202611200001")
    assert "已发货" in last(house, ACME, "wm_same", 2)
    house.wecom.say(GLOBEX, KF, "wm_same", "怎么退货")
    assert last(house, GLOBEX, "wm_same", 2) == ARTICLES[GLOBEX]["怎么退货"]
    house.wecom.say(GLOBEX, KF, "wm_same", "202611200001")
    assert "生产中" in last(house, GLOBEX, "wm_same", 3)


def test_nobody_is_told_of_somebody_elses_order(house: House) -> None:
    load_order(house, ACME, "wm_owner", "已发货")
    house.wecom.say(ACME, KF, "wm_other", "我的订单 202611200001 到哪了")
    assert last(house, ACME, "wm_other", 1) == Phrases().order_unknown.format(order_id="202611200001")


def test_neither_thoughts_nor_markdown_of_coze_reach_a_customer(house: House) -> None:
    house.wecom.say(ACME, KF, "wm_day", "会员日有什么")
    house.wecom.say(ACME, APP, "u_day", "会员日有什么", Door.APP)
    for account, customer in ((KF, "wm_day"), (APP, "u_day")):
        shown = "\n".join(each.text for each in house.wecom.wait_seen(ACME, account, customer))
        assert "每月八号是会员日" in shown
        assert "https://example.com/day" in shown
        assert not [
            mark for mark in ("think", "想知道", "想一想", "**", "##", "`", "](", "> ", "[^", "手册") if mark in shown
        ]


def test_what_is_said_in_a_row_stands_in_cozes_conversation_once(house: House) -> None:
    coze = CozeSimulatorClient(house.env["WECOM_BOT_COZE_BASE_URL"])
    house.wecom.say(ACME, KF, "wm_row", "你们有什么优惠")
    assert last(house, ACME, "wm_row", 1).startswith("（扣子）")
    chats = coze.calls("/v3/chat")
    said = [f"第{number}件小事" for number in range(5)]
    for text in said:
        house.wecom.say(ACME, KF, "wm_row", text)
    wait_until(lambda: not any(each.customer == "wm_row" for each in house.wecom.unanswered(ACME)), 60)
    asked = [line.content for each in coze.conversations() for line in each.lines if line.role == "user"]
    times = [sum(text in words for words in asked) for text in said]
    # where there was no time to delete what nobody saw, the next question says so
    assert times == [1] * len(said) or (0 not in times and any("不算数" in words for words in asked))
    assert coze.calls("/v3/chat") - chats <= len(said)


def test_coze_that_dies_in_the_middle_of_200_messages_leaves_nobody_unanswered(tmp_path: Path) -> None:
    coze = CozeSimulator()
    with opened(tmp_path, coze) as house:
        talk_until_it_dies(house, coze)


def talk_until_it_dies(house: House, coze: CozeSimulator) -> None:
    house.wecom.say(ACME, KF, "warm", "你们有什么优惠")
    assert last(house, ACME, "warm", 1).startswith("（扣子）")
    said: dict[str, float] = {}
    for number in range(200):
        if number == 100:
            wait_until(
                lambda: any(said_by_coze(each) for each in house.wecom.seen(ACME, KF) if each.customer != "warm")
            )
            coze.stop()
        customer = f"wm{number % 50}"
        said[f"{customer}/{number // 50}"] = time.time()
        house.wecom.say(ACME, KF, customer, f"你们第 {number} 号活动是什么")
    wait_until(lambda: house.settled([ACME]), 120)
    seen = {f"wm{number}": house.wecom.seen(ACME, KF, f"wm{number}") for number in range(50)}
    for message, at in said.items():
        # what waits together is answered together, so one answer may be that of several messages
        assert any(each.at.timestamp() >= at for each in seen[message.split("/")[0]])
    answers = [each for answers in seen.values() for each in answers]
    assert any(said_by_coze(each) for each in answers)
    assert any("（扣子）" not in each.text for each in answers)
    assert house.wecom.unanswered(ACME) == []


def said_by_coze(answer: Seen) -> bool:
    return answer.text.startswith("（扣子）")
