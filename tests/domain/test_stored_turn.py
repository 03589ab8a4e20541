"""A turn as it is stored: another version of us may have written it."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from wecom_bot.domain.dialog import Answerer, Attendant, DialogState, Handoff, Intent, Turn
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import (
    Channel,
    Choice,
    ConversationId,
    CorpId,
    InboundMessage,
    MessageId,
    MessageKind,
    Reply,
)

NOW = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)
WHERE = ConversationId(CorpId("ww_acme"), Channel.KF, "wk1", "wm1")
TURN: TypeAdapter[Turn] = TypeAdapter(Turn)

# As the first release wrote them: no recognizer, and a state that asks for nothing and remembers no writer
OLD_STATE = """{
    "session_id": "wm1-1", "started_at": "2026-02-03T04:05:06.789012Z", "last_at": "2026-02-03T04:05:06.789012Z",
    "attendant": "queue", "attendant_since": "2026-02-03T04:05:06.789012Z", "intent": "ask", "slots": {"item": "伞"},
    "offered": [{"choice_id": "a1", "text": "伞"}], "misses": 1
}"""
OLD_TURN = f"""{{
    "conversation": {{"corp_id": "ww_acme", "channel": "kf", "account": "wk1", "customer": "wm1"}},
    "messages": [{{
        "message_id": "m1", "app": "shop", "kind": "text", "sent_at": "2026-02-03T04:05:06.789012Z", "text": "哪里有伞",
        "conversation": {{"corp_id": "ww_acme", "channel": "kf", "account": "wk1", "customer": "wm1"}},
        "menu_id": null, "detail": {{}}
    }}],
    "trace_id": "trace-1", "began_at": "2026-02-03T04:05:06.789012Z", "state": {OLD_STATE},
    "intent": {{"name": "ask", "score": 0.875}},
    "passages": [{{"article_id": "a1", "question": "哪里有伞", "answer": "一楼", "score": 1.0}}],
    "reply": {{"text": "一楼有", "choices": []}}, "handoff": {{"reason": "asked"}}, "answerer": "article",
    "parts": [{{"text": "一楼有", "choices": []}}], "spent": {{"FindKnowledge": 0.1}}
}}"""


STATE = DialogState(
    session_id="wm1-1",
    started_at=NOW,
    last_at=NOW,
    attendant=Attendant.QUEUE,
    attendant_since=NOW,
    intent="ask",
    slots={"item": "伞"},
    offered=(Choice("a1", "伞"),),
    misses=1,
)
THE_SAME = Turn(
    conversation=WHERE,
    messages=(InboundMessage(MessageId("m1"), WHERE, "shop", MessageKind.TEXT, NOW, "哪里有伞"),),
    trace_id="trace-1",
    began_at=NOW,
    state=STATE,
    intent=Intent("ask", 0.875),
    passages=(Passage("a1", "哪里有伞", "一楼", 1.0),),
    reply=Reply("一楼有"),
    handoff=Handoff("asked"),
    answerer=Answerer.ARTICLE,
    parts=(Reply("一楼有"),),
    spent={"FindKnowledge": 0.1},
)


def test_a_turn_of_the_first_release_still_loads() -> None:
    assert TURN.validate_json(OLD_TURN) == THE_SAME
    assert TypeAdapter(DialogState).validate_json(OLD_STATE) == STATE


@pytest.mark.parametrize("answerer", list(Answerer))
def test_a_turn_comes_back_with_everything_that_is_new(answerer: Answerer) -> None:
    state = replace(STATE, asking="order_id", asked=2, writer_memory="7400000000000000001")
    turn = replace(THE_SAME, state=state).say(answerer, Reply("请问订单号是多少？"), recognizer="coze_workflow")
    assert TURN.validate_json(TURN.dump_json(turn)) == turn


def test_what_a_newer_release_wrote_besides_is_left_out() -> None:
    newer = {**json.loads(OLD_TURN), "from_the_future": 1}
    assert TURN.validate_python(newer) == THE_SAME
