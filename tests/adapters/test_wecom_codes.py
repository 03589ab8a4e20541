"""What becomes of WeCom's error codes."""

from datetime import timedelta

import pytest

from wecom_bot.adapters.wecom.api.codes import (
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

# Page 90313, line by line, and what a bot does: written out apart from the table under test.
PAGE: list[tuple[Action, type[WecomBotError], str]] = [
    (Action.REFRESH, TemporaryFailure, "40001 40014 42001"),
    (Action.BACK_OFF, TemporaryFailure, "-1 6000"),
    (Action.SUITE, TemporaryFailure, "40082 40085 42007 42009"),
    (Action.SLOW_DOWN, RateLimited, "45009"),
    (Action.FEWER, RateLimited, "45033"),
    (Action.STOP, Misconfigured, "40013 40056 40078 40080 40083 40084 40091 40201 43009 43012 45024"),
    (Action.STOP, Misconfigured, "48001 48002 48003 48004 48005 48006 48007 50003 60020 93000 93004 93008"),
    (Action.STOP, Misconfigured, "95000 95003 95004 95005 95011 95012 95015 95017 95023 95026 95027 95032"),
    (Action.STOP, Misconfigured, "301002 301007"),
    (Action.STATE, NotAttending, "95013 95016 95018"),
    (Action.CUSTOMER, MustWait, "95001 95002 95031"),
    (Action.SERVICER, Rejected, "95014 95019"),
    (Action.CLEAN, Rejected, "82004"),
    (Action.DROP, Rejected, "40003 40007 40009 40011 40096 41050 45001 45002 45007 45008 46004 50002 60011 60111"),
    (Action.DROP, Rejected, "81013 84061 95007 95021 95030 830002 846605 846608"),
    (Action.FIX, Rejected, "40004 40005 40006 40008 40058 40063 41001 41021 41022 41023 41024 41025 44001 44004"),
    (Action.FIX, Rejected, " ".join(map(str, range(42014, 42052)))),  # the fields of a template card
    (Action.FIX, Rejected, "45022 45029 82001 82002 82003 95006 95008 95009 95022 830001 830003 846000"),
]
EXPECTED = {int(code): (what, error) for what, error, codes in PAGE for code in codes.split()}


def test_the_table_holds_the_codes_of_the_page_and_no_others() -> None:
    assert sum(len(codes.split()) for _, _, codes in PAGE) == len(EXPECTED)
    assert CODES.keys() == EXPECTED.keys()


@pytest.mark.parametrize("code", EXPECTED)
def test_every_code_is_in_its_class_and_becomes_the_error_of_it(code: int) -> None:
    what, kind = EXPECTED[code]
    assert action(code, "kf/send_msg") is what
    error = failure(code, "some errmsg", "kf/send_msg")
    assert type(error) is kind
    for said in (str(code), CODES[code][1], "some errmsg", "kf/send_msg"):
        assert said in str(error)
    if isinstance(error, Rejected):
        assert error.code == code


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


@pytest.mark.parametrize("code", [40014, 42001])
def test_a_token_that_is_refused_where_tokens_are_fetched_is_our_configuration_too(code: int) -> None:
    assert isinstance(failure(code, "invalid", "gettoken"), Misconfigured)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("not allow to access from your ip, hint: [17_1], from ip: 1.2.3.4, more info at https://x", "1.2.3.4"),
        ("not allow to access from your ip, from ip: 1.2.3.4", "1.2.3.4"),
        ("from ip:1.2.3.4.", "1.2.3.4"),
        ("From IP: 2001:db8::1, more info", "2001:db8::1"),
        ("x" * 1000 + " from ip: 1.2.3.4, more info", "1.2.3.4"),
    ],
)
def test_an_address_that_is_not_trusted_is_named_for_the_operator_to_add(said: str, address: str) -> None:
    error = str(failure(60020, said, "message/send"))
    assert f"请把出口 IP {address} 加入" in error
    assert f"add {address} to the app's trusted IPs" in error


def test_where_the_address_is_not_named_it_is_said_what_to_look_at() -> None:
    assert "企业可信IP" in str(failure(60020, "nothing of use", "message/send"))


@pytest.mark.parametrize(("code", "pause"), [(45009, 60), (45033, 1)])
def test_a_limit_asks_for_a_pause(code: int, pause: int) -> None:
    error = failure(code, "out of limit", "kf/sync_msg")
    assert isinstance(error, RateLimited)
    assert error.retry_after == timedelta(seconds=pause)


def test_a_long_errmsg_is_cut() -> None:
    assert len(str(failure(40058, "x" * 5000, "kf/send_msg"))) < 500


def test_only_the_known_answers_to_a_repeat_mean_that_it_was_sent() -> None:
    known = {95033: "", 40058: "duplicate msgid"}
    assert already_sent(95033, "whatever", known)
    assert already_sent(40058, "40058 Duplicate msgid (…)", known)
    assert not already_sent(40058, "invalid parameter: touser", known)
    assert not already_sent(95018, "duplicate msgid", known)
    assert not already_sent(None, "duplicate msgid", known)
