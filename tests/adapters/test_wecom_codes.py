"""What becomes of WeCom's error codes."""

from datetime import timedelta

import pytest

from wecom_bot.adapters.wecom.codes import (
    CODES,
    WRONG_SECRET,
    Action,
    action,
    already_sent,
    failure,
)
from wecom_bot.errors import (
    Misconfigured,
    MustWait,
    NotAttending,
    RateLimited,
    Rejected,
    TemporaryFailure,
    WecomBotError,
)

ERRORS: dict[Action, type[WecomBotError]] = {
    Action.REFRESH: TemporaryFailure,
    Action.BACK_OFF: TemporaryFailure,
    Action.SUITE: TemporaryFailure,
    Action.SLOW_DOWN: RateLimited,
    Action.STOP: Misconfigured,
    Action.STATE: NotAttending,
    Action.CUSTOMER: MustWait,
    Action.DROP: Rejected,
    Action.FIX: Rejected,
    Action.SERVICER: Rejected,
    Action.CLEAN: Rejected,
}


@pytest.mark.parametrize("code", CODES)
def test_every_code_in_the_table_becomes_the_error_of_its_action(code: int) -> None:
    what, meaning = CODES[code]
    error = failure(code, "some errmsg", "kf/send_msg")
    assert type(error) is ERRORS[what]
    for said in (str(code), meaning, "some errmsg", "kf/send_msg"):
        assert said in str(error)
    if isinstance(error, Rejected):
        assert error.code == code


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (-1, Action.BACK_OFF),
        (40001, Action.REFRESH),
        (40013, Action.STOP),
        (40014, Action.REFRESH),
        (40096, Action.DROP),
        (42001, Action.REFRESH),
        (45009, Action.SLOW_DOWN),
        (45033, Action.BACK_OFF),
        (48002, Action.STOP),
        (60020, Action.STOP),
        (81013, Action.DROP),
        (82004, Action.CLEAN),
        (95001, Action.CUSTOMER),
        (95002, Action.CUSTOMER),
        (95013, Action.STATE),
        (95014, Action.SERVICER),
        (95016, Action.STATE),
        (95017, Action.STOP),
        (95018, Action.STATE),
        (95031, Action.CUSTOMER),
        (301002, Action.STOP),
    ],
)
def test_the_codes_that_decide_over_a_conversation_are_where_they_belong(code: int, what: Action) -> None:
    assert action(code, "kf/send_msg") is what


def test_every_action_has_codes_and_every_code_a_meaning() -> None:
    assert {what for what, _ in CODES.values()} == set(Action)
    assert all(meaning for _, meaning in CODES.values())


def test_a_code_that_nobody_wrote_down_drops_the_call_and_keeps_what_was_said() -> None:
    error = failure(123456, "brand new, hint: [1]", "user/get")
    assert type(error) is Rejected
    assert error.code == 123456
    assert "brand new" in str(error)


@pytest.mark.parametrize("code", sorted(WRONG_SECRET))
def test_a_secret_that_is_refused_where_tokens_are_fetched_is_our_configuration(code: int) -> None:
    assert isinstance(failure(code, "invalid", "gettoken"), Misconfigured)


def test_an_address_that_is_not_trusted_is_named_for_the_operator_to_add() -> None:
    errmsg = "not allow to access from your ip, hint: [1700000000_1], from ip: 203.0.113.9, more info at https://x"
    assert "请把出口 IP 203.0.113.9 加入" in str(failure(60020, errmsg, "message/send"))
    assert "企业可信IP" in str(failure(60020, "nothing of use", "message/send"))


def test_a_limit_asks_for_the_pause_that_wecom_makes() -> None:
    error = failure(45009, "api freq out of limit", "kf/sync_msg")
    assert isinstance(error, RateLimited)
    assert error.retry_after == timedelta(seconds=60)


def test_a_long_errmsg_is_cut() -> None:
    assert len(str(failure(40058, "x" * 5000, "kf/send_msg"))) < 500


def test_only_the_known_answers_to_a_repeat_mean_that_it_was_sent() -> None:
    known = {95033: "", 40058: "duplicate msgid"}
    assert already_sent(95033, "whatever", known)
    assert already_sent(40058, "40058 Duplicate msgid (…)", known)
    assert not already_sent(40058, "invalid parameter: touser", known)
    assert not already_sent(95018, "duplicate msgid", known)
    assert not already_sent(None, "duplicate msgid", known)
