"""A Coze that is away, or a token that is refused, costs later turns no waiting."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.fixtures.scripted_coze import (
    BOT,
    TOKEN,
    WORKFLOW,
    Scripted,
    answering,
    as_json,
    nobody_there,
    scripted_coze,
)
from wecom_bot.adapters.coze.breaker import BARRED, OPEN, STREAK, WITHIN, Breaker
from wecom_bot.adapters.coze.client import CozeClient
from wecom_bot.adapters.coze.codes import Kind
from wecom_bot.adapters.coze.errors import Call, Failed
from wecom_bot.errors import Misconfigured, TemporaryFailure, WecomBotError

LONG = timedelta(seconds=20)
CALL = Call("Coze", "chat", "host", BOT, TOKEN)
OTHER = Call("Coze", "chat", "host", "7000000000000000001", "pat_other")
LATE, UNREACHABLE = Failed(Kind.LATE), Failed(Kind.UNREACHABLE)


@dataclass
class Seconds:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: Breaker, failure: Failed, times: int = 1, call: Call = CALL) -> None:
    for _ in range(times):
        breaker.failed(call, failure, failure.ours(call))


def admitted(breaker: Breaker, call: Call = CALL) -> bool:
    try:
        breaker.admit(call)
    except WecomBotError:
        return False
    return True


@pytest.mark.parametrize("failure", [LATE, UNREACHABLE, Failed(Kind.RETRY, status=504)])
def test_a_streak_of_failures_opens_it_and_one_probe_closes_it(failure: Failed) -> None:
    clock = Seconds()
    breaker = Breaker(clock)
    fail(breaker, failure, STREAK - 1)
    assert admitted(breaker)
    fail(breaker, failure)
    with pytest.raises(TemporaryFailure, match="not asked"):
        breaker.admit(CALL)
    clock.now += OPEN
    assert admitted(breaker)  # the probe
    assert not admitted(breaker)  # the others wait for it
    breaker.worked(CALL)
    assert admitted(breaker)
    assert admitted(breaker)


def test_a_probe_that_fails_or_is_never_heard_of_keeps_it_open() -> None:
    clock = Seconds()
    breaker = Breaker(clock)
    fail(breaker, LATE, STREAK)
    clock.now += OPEN
    assert admitted(breaker)
    fail(breaker, LATE)
    assert not admitted(breaker)
    clock.now += OPEN
    assert admitted(breaker)
    clock.now += OPEN
    assert admitted(breaker)


def test_failures_that_lie_far_apart_are_no_streak() -> None:
    clock = Seconds()
    breaker = Breaker(clock)
    for _ in range(3 * STREAK):
        fail(breaker, LATE)
        clock.now += WITHIN / STREAK * 2
    assert admitted(breaker)


@pytest.mark.parametrize("answer", [None, Failed(Kind.USER, code=4014), Failed(Kind.CONFIG, code=4015)])
def test_any_answer_ends_a_streak(answer: Failed | None) -> None:
    breaker = Breaker(Seconds())
    for _ in range(3):
        fail(breaker, LATE, STREAK - 1)
        breaker.worked(CALL) if answer is None else fail(breaker, answer)
    assert admitted(breaker)


def test_a_dead_host_is_dead_for_all_and_a_slow_bot_for_itself() -> None:
    breaker = Breaker(Seconds())
    fail(breaker, LATE, STREAK)
    assert not admitted(breaker)
    assert admitted(breaker, OTHER)
    fail(breaker, UNREACHABLE, STREAK)
    assert not admitted(breaker, OTHER)


@pytest.mark.parametrize("kind", [Kind.AUTH, Kind.QUOTA])
def test_a_refused_token_is_not_shown_again_for_a_while_and_a_new_one_is(kind: Kind) -> None:
    clock = Seconds()
    breaker = Breaker(clock)
    fail(breaker, Failed(kind, code=4100, hint="the hint"))
    with pytest.raises(Misconfigured, match="the hint") as refused:
        breaker.admit(CALL)
    assert refused.value.code == 4100
    assert TOKEN not in str(refused.value)
    assert admitted(breaker, OTHER)
    clock.now += BARRED
    assert admitted(breaker)


def ask(client: CozeClient, token: str = TOKEN) -> str:
    return client.chat(token, bot_id=BOT, user_id="u", messages=["你好"], deadline=LONG).text


def test_a_refused_token_is_asked_with_once_for_chat_and_workflow() -> None:
    with scripted_coze() as coze:
        client = CozeClient(coze.url, 4)
        coze.script("/v3/chat", as_json({"code": 700012006, "msg": "access token invalid"}, 401))
        for _ in range(3):
            with pytest.raises(Misconfigured, match="belongs to this base_url"):
                ask(client)
        with pytest.raises(Misconfigured, match="belongs to this base_url"):
            client.run_workflow(TOKEN, workflow_id=WORKFLOW, parameters={}, user_id="u", deadline=LONG)
        assert len(coze.calls) == 1
        coze.script("/v3/chat", answering("您好"))
        assert ask(client, "pat_new") == "您好"


def test_a_coze_that_is_not_there_is_soon_not_asked_any_more() -> None:
    client = CozeClient(nobody_there(), 4, pause=timedelta(milliseconds=5))
    messages = []
    for _ in range(4):
        with pytest.raises(TemporaryFailure) as away:
            ask(client)
        messages.append("not asked" in str(away.value))
    assert messages == [False, False, True, True]


def test_a_coze_that_hangs_is_soon_not_asked_any_more() -> None:
    with scripted_coze() as coze:
        hanging: Scripted = coze.over
        coze.script("/v1/workflow/run", hanging)
        client = CozeClient(coze.url, 4)
        told = []
        for _ in range(STREAK + 3):
            with pytest.raises(TemporaryFailure) as hung:
                client.run_workflow(
                    TOKEN, workflow_id=WORKFLOW, parameters={}, user_id="u", deadline=timedelta(milliseconds=500)
                )
            told.append("not asked" in str(hung.value))
        assert told == [False] * STREAK + [True] * 3
        assert 0 < len(coze.calls) <= STREAK  # where the machine stands still, time may be over before a call is out
        coze.script("/v3/chat", answering("您好"))
        assert ask(client) == "您好"
