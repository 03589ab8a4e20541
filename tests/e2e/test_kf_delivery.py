"""微信客服 as customers live through it: what WeCom repeats, hides, delays and refuses shows nowhere."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import requests

from tests.deadlines import PATIENCE, wait_until
from tests.e2e.house import ACME, ARTICLES, GLOBEX, KF, House, company
from wecom_bot.domain.tenant import Phrases
from wecom_bot.simulators.wecom.schema import Seen

PHRASES = Phrases()
SECOND_KF = "wk_second"
QUESTIONS, ANSWERS = list(ARTICLES[ACME]), list(ARTICLES[ACME].values())
MOST_BYTES, ORDINARY_PARTS = 2048, 4

CLAUSE = "会员凭卡在本店任意门店购物都可以累积积分并且兑换礼品"


def article(size: int, clauses: int) -> str:
    """At most so many bytes of whole sentences of so many clauses each."""
    sentences = "".join(f"第{number}条规定，{'，'.join([CLAUSE] * clauses)}。" for number in range(1, 200))
    return sentences.encode()[:size].decode(errors="ignore").rpartition("。")[0] + "。"


# of the second, whose sentences are long, four parts do not hold all; no article has more than 8,000 bytes
LONG, ENDLESS = article(7_000, clauses=1), article(8_000, clauses=7)
MORE = {
    "有停车场吗": "停车场在地下二层。",
    "请念会员章程": LONG,
    "请念完整版的加盟手册": ENDLESS,
}


def teach(house: House, corp_id: str) -> None:
    path = house.folder / f"more-{corp_id}.jsonl"
    lines = [
        json.dumps({"id": f"more{number}", "question": question, "answer": answer}, ensure_ascii=False)
        for number, (question, answer) in enumerate(MORE.items())
    ]
    path.write_text("\n".join(lines))
    house.run("articles", "import", corp_id, str(path))


@pytest.fixture(scope="module", autouse=True)
def _more_to_tell(house: House) -> None:
    teach(house, ACME)


@contextmanager
def modes(house: House, **changes: Any) -> Iterator[None]:
    """WeCom is otherwise than usual for a while."""
    before = house.wecom.mode().model_dump()
    house.wecom.mode(**changes)
    try:
        yield
    finally:
        house.wecom.mode(**{name: before[name] for name in changes})


def replies(house: House, customer: str, account: str = KF, corp_id: str = ACME) -> list[Seen]:
    """What the bot said by itself; what it says by the code of an event is another matter."""
    return [seen for seen in house.wecom.seen(corp_id, account, customer) if not seen.by_event]


def texts(house: House, customer: str, account: str = KF, corp_id: str = ACME) -> list[str]:
    return [seen.text for seen in replies(house, customer, account, corp_id)]


def wait_for_answers(
    house: House, customer: str, answers: Iterable[str], account: str = KF, corp_id: str = ACME
) -> None:
    """Each answer once, in this order; those to messages that waited together may stand in one text."""
    expected = list(answers)

    def said() -> str:
        return "\n".join(texts(house, customer, account, corp_id))

    wait_until(lambda: all(answer in said() for answer in expected))
    assert [line for line in said().splitlines() if line] == expected


def prove_idle(house: House, corp_id: str = ACME, *, after: str) -> None:
    """Somebody else's answer shows that what was said before was looked at."""
    house.wecom.say(corp_id, KF, f"{after}_later", QUESTIONS[0])
    house.wecom.wait_seen(corp_id, KF, f"{after}_later")


def state(house: House, customer: str, account: str = KF, corp_id: str = ACME) -> int:
    return house.wecom.state(corp_id, account, customer).service_state


def valkey(house: House) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(house.folder / "data" / "valkey" / "valkey.sock"))


def to_queue(house: House, customer: str) -> None:
    """Another system of the same corp moves the conversation to the queue: the bot is not told."""
    url = f"{house.wecom.base_url}/cgi-bin"
    about = {"corpid": ACME, "corpsecret": f"secret-{ACME}"}
    token = requests.get(f"{url}/gettoken", params=about, timeout=PATIENCE).json()["access_token"]
    order = {"open_kfid": KF, "external_userid": customer, "service_state": 2}
    done = requests.post(
        f"{url}/kf/service_state/trans", params={"access_token": token}, json=order, timeout=PATIENCE
    ).json()
    assert done["errcode"] == 0, done


def test_a_callback_delivered_four_times_gets_one_reply(house: House) -> None:
    house.wecom.say(ACME, KF, "wm_four", QUESTIONS[0], copies=4)
    house.wecom.say(ACME, KF, "wm_four", QUESTIONS[1], copies=4)
    wait_for_answers(house, "wm_four", ANSWERS)
    prove_idle(house, after="wm_four")
    wait_for_answers(house, "wm_four", ANSWERS)


def test_three_messages_of_one_page_are_all_answered_in_their_order(house: House) -> None:
    asked = [*ARTICLES[ACME].items(), ("有停车场吗", MORE["有停车场吗"])]
    for question, _ in asked:
        house.wecom.say(ACME, KF, "wm_page", question, swallow=question is not asked[-1][0])
    wait_for_answers(house, "wm_page", [answer for _, answer in asked])


def test_empty_pages_before_the_data_lose_nothing_and_are_no_loop(house: House) -> None:
    customers, before = [f"wm_empty{number}" for number in range(4)], house.wecom.calls("kf/sync_msg", ACME)
    with modes(house, empty_pages=True, page_size=3):
        for customer in customers:
            for question in QUESTIONS:
                last = customer == customers[-1] and question == QUESTIONS[-1]
                house.wecom.say(ACME, KF, customer, question, swallow=not last)
        for customer in customers:
            wait_for_answers(house, customer, ANSWERS)
    # eight messages in three pages, each after an empty one; a pull more may have been on its way
    assert house.wecom.calls("kf/sync_msg", ACME) - before <= 6 + 2


def test_a_restart_or_a_loss_of_redis_answers_no_old_message_again(furnish: Callable[..., House]) -> None:
    house, customers = furnish(), [f"wm{number}" for number in range(50)]
    house.wecom.mode(swallow=True)
    for customer in customers:
        for number in range(10):
            house.wecom.say(ACME, KF, customer, QUESTIONS[number % 2])
    house.wecom.mode(swallow=False)
    house.wecom.say(ACME, KF, "wm_bell", QUESTIONS[0])
    wait_until(lambda: house.settled([ACME]))
    wait_until(lambda: closed(house))
    house.stop()
    house.start()
    ask_again(house, customers)
    with valkey(house) as client:
        client.flushall()
    ask_again(house, customers)


def closed(house: House) -> bool:
    """Whether nothing is under way, and all is in the record."""
    with valkey(house) as client:
        return not client.exists(f"wb:{{{ACME}}}:outbox") and not list(client.scan_iter(f"wb:{{{ACME}}}:box:*"))


def ask_again(house: House, customers: list[str]) -> None:
    """What each gets now is the answer to this one question."""
    before = house.wecom.seen(ACME)
    for customer in customers:
        house.wecom.say(ACME, KF, customer, QUESTIONS[0])
    fresh = house.wecom.wait_seen(ACME, after=before[-1].seq, count=len(customers))
    wait_until(lambda: house.settled([ACME]))
    wait_until(lambda: closed(house))
    fresh = house.wecom.seen(ACME, after=before[-1].seq)
    assert sorted(seen.customer for seen in fresh) == sorted(customers)
    assert {seen.text for seen in fresh} == {ANSWERS[0]}


def test_at_first_contact_the_message_is_answered_and_the_history_is_not(furnish: Callable[..., House]) -> None:
    house = furnish()
    for customer in ("wm_old", "wm_first"):
        for _ in range(3):
            house.wecom.say(ACME, KF, customer, QUESTIONS[0], swallow=True)
    house.wecom.age(timedelta(hours=1))
    house.wecom.say(ACME, KF, "wm_first", QUESTIONS[1])
    wait_for_answers(house, "wm_first", [ANSWERS[1]])
    prove_idle(house, after="wm_old")
    assert texts(house, "wm_old") == []
    assert texts(house, "wm_first") == [ANSWERS[1]]


def test_what_a_servicer_says_gets_no_reply_of_the_bot(house: House) -> None:
    house.wecom.say(ACME, KF, "wm_served", QUESTIONS[0])
    wait_for_answers(house, "wm_served", [ANSWERS[0]])
    house.wecom.servicer_says(ACME, KF, "wm_served", "alice", QUESTIONS[1])
    prove_idle(house, after="wm_served")
    assert texts(house, "wm_served") == [ANSWERS[0]]
    assert state(house, "wm_served") == 3


def test_a_long_answer_comes_in_few_parts_in_order_cut_at_sentences(house: House) -> None:
    house.wecom.say(ACME, KF, "wm_long", "请念会员章程")
    wait_until(lambda: "".join(texts(house, "wm_long")) == LONG)
    parts = replies(house, "wm_long")
    assert 1 < len(parts) <= ORDINARY_PARTS
    assert_carried(parts)
    house.wecom.say(ACME, KF, "wm_long", QUESTIONS[0])
    wait_until(lambda: texts(house, "wm_long")[len(parts) :] == [ANSWERS[0]])


def test_what_did_not_fit_comes_when_the_customer_asks_to_go_on(house: House) -> None:
    house.wecom.say(ACME, KF, "wm_endless", "请念完整版的加盟手册")
    house.wecom.wait_seen(ACME, KF, "wm_endless", count=ORDINARY_PARTS)
    first = replies(house, "wm_endless")
    offer = f"\n{PHRASES.more}"
    assert first[-1].text.endswith(offer)
    house.wecom.say(ACME, KF, "wm_endless", "继续")
    wait_until(lambda: "".join(texts(house, "wm_endless")).replace(offer, "") == ENDLESS)
    assert_carried(replies(house, "wm_endless"), offer)


def assert_carried(parts: list[Seen], offer: str = "") -> None:
    assert all(len(part.text.encode()) <= MOST_BYTES for part in parts)
    assert all(part.text.removesuffix(offer).endswith("。") for part in parts)
    assert len({part.msgid for part in parts}) == len(parts)
    assert not any(part.repeated for part in parts)


@pytest.mark.parametrize("held_by", ["queue", "servicer"])
def test_a_conversation_taken_while_the_bot_was_speaking_is_left_alone_until_it_ends(
    house: House, held_by: str
) -> None:
    customer = f"wm_{held_by}"
    house.wecom.say(ACME, KF, customer, QUESTIONS[0])
    wait_for_answers(house, customer, [ANSWERS[0]])
    wait_until(lambda: not house.taken_up(ACME, customer))  # or the first message would pass for the second
    calls = house.wecom.calls
    refused, asked = calls("kf/send_msg", ACME, "95018"), calls("kf/service_state/get")
    house.wecom.fault("kf/send_msg", "delay", PATIENCE, corp_id=ACME)  # until it is cleared
    house.wecom.say(ACME, KF, customer, QUESTIONS[1])
    wait_until(lambda: house.taken_up(ACME, customer))
    with modes(house, swallow=True):  # else the bot would hear of it in time
        if held_by == "queue":
            to_queue(house, customer)
        else:
            house.wecom.take(ACME, KF, customer, "alice")
        house.wecom.clear_faults()
        wait_until(lambda: calls("kf/send_msg", ACME, "95018") > refused)
    wait_until(lambda: calls("kf/service_state/get") > asked)
    to_human = house.wecom.say(ACME, KF, customer, QUESTIONS[0])
    wait_until(lambda: to_human in house.recorded())
    assert texts(house, customer) == [ANSWERS[0]]
    assert state(house, customer) == {"queue": 2, "servicer": 3}[held_by]
    house.wecom.end(ACME, KF, customer)
    house.wecom.say(ACME, KF, customer, "有停车场吗")
    wait_for_answers(house, customer, [ANSWERS[0], MORE["有停车场吗"]])
    assert state(house, customer) == 1


def test_two_corps_with_two_accounts_each_share_nothing_of_the_same_customer(tmp_path: Path) -> None:
    accounts = [{"open_kfid": each, "app": "shop"} for each in (KF, SECOND_KF)]
    house = House(tmp_path, tenants=[company(corp_id, kf_accounts=accounts) for corp_id in (ACME, GLOBEX)])
    try:
        house.open()
        for corp_id in (ACME, GLOBEX):
            teach(house, corp_id)
        share_nothing(house, [(corp_id, account) for corp_id in (ACME, GLOBEX) for account in (KF, SECOND_KF)])
    finally:
        house.close()


def share_nothing(house: House, places: list[tuple[str, str]]) -> None:
    customer, (human, *others) = "wm_same", places
    for question in QUESTIONS:
        for corp_id, account in places:
            house.wecom.say(corp_id, account, customer, question)
    for corp_id, account in places:
        wait_for_answers(house, customer, ARTICLES[corp_id].values(), account, corp_id)
    before = {place: len(replies(house, customer, place[1], place[0])) for place in places}
    for corp_id, account in places:
        house.wecom.say(corp_id, account, customer, "请念完整版的加盟手册")
    for place in places:
        wait_until(lambda at=place: len(replies(house, customer, at[1], at[0])) == before[at] + ORDINARY_PARTS)  # type: ignore[misc]
    house.wecom.say(human[0], human[1], customer, "转人工")
    wait_until(lambda: state(house, customer, human[1], human[0]) == 2)
    for corp_id, account in others:
        house.wecom.say(corp_id, account, customer, QUESTIONS[0])
    for corp_id, account in others:
        wait_until(lambda c=corp_id, a=account: texts(house, customer, a, c)[-1] == ARTICLES[c][QUESTIONS[0]])  # type: ignore[misc]
        assert state(house, customer, account, corp_id) == 1
