"""A Coze that is away, or a token that is refused, costs later turns no waiting."""

from datetime import timedelta

import pytest

from tests.fakes import Seconds
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
from wecom_bot.adapters.coze.circuits import BARRED, SILENT, CallCircuits
from wecom_bot.adapters.coze.client import CozeClient
from wecom_bot.adapters.coze.codes import FailureKind
from wecom_bot.adapters.coze.errors import Call, Failed
from wecom_bot.errors import Misconfigured, TemporaryFailure, WecomBotError
from wecom_bot.outbound.circuit import Circuit, CircuitState, LocalCircuitBreaker

LONG = timedelta(seconds=20)
CALL = Call("Coze", "chat", "host", BOT, TOKEN)
OTHER = Call("Coze", "chat", "host", "7000000000000000001", "pat_other")
STREAK, OPEN = SILENT.failures, SILENT.cool_down.total_seconds()
LATE, UNREACHABLE = Failed(FailureKind.LATE), Failed(FailureKind.UNREACHABLE)


def fail(circuits: CallCircuits, failure: Failed, times: int = 1, call: Call = CALL) -> None:
    for _ in range(times):
        circuits.failed(call, failure, failure.ours(call))


def admitted(circuits: CallCircuits, call: Call = CALL) -> bool:
    try:
        circuits.admit(call)
    except WecomBotError:
        return False
    return True


@pytest.mark.parametrize("failure", [LATE, UNREACHABLE, Failed(FailureKind.RETRY, status=504)])
def test_a_streak_of_failures_opens_it_and_one_probe_closes_it(failure: Failed) -> None:
    clock = Seconds()
    circuits = CallCircuits(LocalCircuitBreaker(clock))
    fail(circuits, failure, STREAK - 1)
    assert admitted(circuits)
    fail(circuits, failure)
    with pytest.raises(TemporaryFailure, match="not asked"):
        circuits.admit(CALL)
    clock.now += OPEN
    assert admitted(circuits)  # the probe
    assert not admitted(circuits)  # the others wait for it
    circuits.worked(CALL)
    assert admitted(circuits)
    assert admitted(circuits)


def test_a_probe_that_fails_or_is_never_heard_of_keeps_it_open() -> None:
    clock = Seconds()
    circuits = CallCircuits(LocalCircuitBreaker(clock))
    fail(circuits, LATE, STREAK)
    clock.now += OPEN
    assert admitted(circuits)
    fail(circuits, LATE)
    assert not admitted(circuits)
    clock.now += OPEN
    assert admitted(circuits)
    clock.now += OPEN
    assert admitted(circuits)


def test_failures_that_lie_far_apart_are_no_streak() -> None:
    clock = Seconds()
    circuits = CallCircuits(LocalCircuitBreaker(clock))
    for _ in range(3 * STREAK):
        fail(circuits, LATE)
        clock.now += SILENT.within.total_seconds() / STREAK * 2
    assert admitted(circuits)


@pytest.mark.parametrize("answer", [None, Failed(FailureKind.USER, code=4014), Failed(FailureKind.CONFIG, code=4015)])
def test_any_answer_ends_a_streak(answer: Failed | None) -> None:
    circuits = CallCircuits(LocalCircuitBreaker(Seconds()))
    for _ in range(3):
        fail(circuits, LATE, STREAK - 1)
        circuits.worked(CALL) if answer is None else fail(circuits, answer)
    assert admitted(circuits)


def test_a_dead_host_is_dead_for_all_and_a_slow_bot_for_itself() -> None:
    circuits = CallCircuits(LocalCircuitBreaker(Seconds()))
    fail(circuits, LATE, STREAK)
    assert not admitted(circuits)
    assert admitted(circuits, OTHER)
    fail(circuits, UNREACHABLE, STREAK)
    assert not admitted(circuits, OTHER)


@pytest.mark.parametrize("kind", [FailureKind.AUTH, FailureKind.QUOTA])
def test_a_refused_token_is_not_shown_again_for_a_while_and_a_new_one_is(kind: FailureKind) -> None:
    clock = Seconds()
    circuits = CallCircuits(LocalCircuitBreaker(clock))
    fail(circuits, Failed(kind, code=4100, hint="the hint"))
    with pytest.raises(Misconfigured, match="the hint") as refused:
        circuits.admit(CALL)
    assert refused.value.code == 4100
    assert TOKEN not in str(refused.value)
    assert admitted(circuits, OTHER)
    clock.now += BARRED.cool_down.total_seconds()
    assert admitted(circuits)


def test_a_refused_token_is_tried_by_one_call_before_by_all_and_one_that_works_is_good_again() -> None:
    clock = Seconds()
    circuits = CallCircuits(LocalCircuitBreaker(clock))
    fail(circuits, Failed(FailureKind.AUTH, code=4100))
    clock.now += BARRED.cool_down.total_seconds()
    assert admitted(circuits)
    assert not admitted(circuits)
    fail(circuits, Failed(FailureKind.BROKEN))  # which says nothing about the token
    assert admitted(circuits)
    circuits.worked(CALL)
    assert admitted(circuits)
    assert admitted(circuits)


def test_whoever_holds_the_breaker_reads_what_is_left_alone_and_no_token() -> None:
    breaker = LocalCircuitBreaker(Seconds())
    circuits = CallCircuits(breaker)
    fail(circuits, Failed(FailureKind.AUTH, code=4100))
    fail(circuits, LATE, STREAK)
    assert {each.part for each in breaker.states()} == {"chat", "token"}
    assert TOKEN not in str(breaker.states())
    assert breaker.state(Circuit("Coze", "host", "host")) is CircuitState.CLOSED


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
