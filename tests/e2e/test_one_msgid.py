"""Members of a corp whose messages come with one MsgId, or with none: each is answered, and none twice."""

import pytest

from tests.deadlines import wait_until
from tests.e2e.house import ACME, APP, ARTICLES, House

CLOSING, RETURNS = ARTICLES[ACME]
CLOSING_ANSWER, RETURNS_ANSWER = ARTICLES[ACME].values()


def say(house: House, customer: str, text: str, msg_id: int) -> str:
    return house.wecom.say(ACME, APP, customer, text, "app", fields={"MsgId": msg_id}, copies=3)


@pytest.mark.parametrize("msg_id", [0, 7300000000000000001])
def test_two_members_with_one_msgid_are_both_answered_once(house: House, msg_id: int) -> None:
    members = [f"{name}-{msg_id}" for name in ("zhangsan", "lisi")]
    brought = [say(house, member, CLOSING, msg_id) for member in members]
    wait_until(lambda: house.wecom.acknowledged(brought) == set(brought))
    for member in members:
        house.answers(ACME, APP, member)
    # what was said last is answered last: whatever a copy could have brought was shown by then
    after = [say(house, member, RETURNS, msg_id + 1 if msg_id else 0) for member in members]
    wait_until(lambda: house.wecom.acknowledged(after) == set(after))
    for member in members:
        assert house.answers(ACME, APP, member, 2) == [CLOSING_ANSWER, RETURNS_ANSWER]


def test_two_messages_of_one_member_without_msgid_do_not_swallow_each_other(house: House) -> None:
    brought = [say(house, "wangwu", text, 0) for text in (CLOSING, RETURNS)]
    wait_until(lambda: house.wecom.acknowledged(brought) == set(brought))
    assert sorted(house.answers(ACME, APP, "wangwu", 2)) == sorted([CLOSING_ANSWER, RETURNS_ANSWER])
