"""Whatever a recogniser answers is read, or is an error of ours."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom_bot.adapters.coze.errors import Failed
from wecom_bot.adapters.coze.normaliser import IntentReading, Unreadable, read
from wecom_bot.adapters.coze.scores import score, slots
from wecom_bot.domain.dialog import Intent

LABELS = ("order_status", "refund", "退款")
REFUND = (Intent("refund", 0.9),)
FULL = {"intents": [{"name": "refund", "score": 0.9}], "slots": {"order_id": "A1"}, "reply": "好"}
WRAPPED = json.dumps(FULL)

READ: dict[str, tuple[object, tuple[Intent, ...], dict[str, str]]] = {
    "the contract": ({"intents": [{"name": "refund", "score": 0.9}]}, REFUND, {}),
    "with slots": (FULL, REFUND, {"order_id": "A1"}),
    "as text": (WRAPPED, REFUND, {"order_id": "A1"}),
    "text in text": (json.dumps(WRAPPED), REFUND, {"order_id": "A1"}),
    "enveloped": ({"code": 0, "msg": "", "data": WRAPPED}, REFUND, {"order_id": "A1"}),
    "enveloped with a text code": ({"code": "0", "data": FULL}, REFUND, {"order_id": "A1"}),
    "enveloped with no code": ({"msg": "ok", "data": FULL}, REFUND, {"order_id": "A1"}),
    "a code beside the intents": ({"code": 0} | FULL, REFUND, {"order_id": "A1"}),
    "a text node": ({"content_type": 1, "data": WRAPPED, "original_result": None}, REFUND, {"order_id": "A1"}),
    "output": ({"output": WRAPPED}, REFUND, {"order_id": "A1"}),
    "Output": ({"Output": FULL}, REFUND, {"order_id": "A1"}),
    "result": ({"result": FULL}, REFUND, {"order_id": "A1"}),
    "data alone": ({"data": FULL}, REFUND, {"order_id": "A1"}),
    "four wrappings": (
        {"code": 0, "data": json.dumps({"output": "```json\n" + WRAPPED + "\n```"})},
        REFUND,
        {"order_id": "A1"},
    ),
    "intent and confidence": ({"intents": [{"intent": "refund", "confidence": "0.9"}]}, REFUND, {}),
    "label and probability": ({"intents": [{"label": "refund", "probability": 90}]}, REFUND, {}),
    "names alone": ({"intents": ["refund"]}, (Intent("refund", 0.8),), {}),
    "a name with no score": ({"intents": [{"name": "refund", "score": None}]}, (Intent("refund", 0.8),), {}),
    "a map": ({"intents": {"refund": 0.9}}, REFUND, {}),
    "one object": ({"intents": {"name": "refund", "score": 0.9}}, REFUND, {}),
    "intents as text": ({"intents": '[{"name":"refund","score":0.9}]'}, REFUND, {}),
    "a bare list": ([{"name": "refund", "score": 0.9}], REFUND, {}),
    "none": ({"intents": []}, (), {}),
    "null": ({"intents": None, "slots": None}, (), {}),
    "slots alone": ({"slots": {"order_id": "A1"}}, (), {"order_id": "A1"}),
    "one intent": ({"intent": "refund", "confidence": 0.9, "slots": {"order_id": "A1"}}, REFUND, {"order_id": "A1"}),
    "one intent in an object": ({"intent": {"name": "refund", "confidence": 0.9}}, REFUND, {}),
    "no intent": ({"intent": "", "confidence": 0}, (), {}),
    "an intent node": ({"classificationId": 2, "reason": "钱"}, (Intent("refund", 0.8),), {}),
    "an intent node's text": ({"classificationId": "2"}, (Intent("refund", 0.8),), {}),
    "an intent node's other": ({"classificationId": 0}, (), {}),
    "fenced": ("好的：\n```json\n" + WRAPPED + "\n```", REFUND, {"order_id": "A1"}),
    "in prose": ("结果{见下}是 " + WRAPPED + " 以上", REFUND, {"order_id": "A1"}),
    "a bare label": (" refund\n", (Intent("refund", 0.8),), {}),
    "a bare label in other letters": ("REFUND", (Intent("refund", 0.8),), {}),
    "a Chinese label": ("退款", (Intent("退款", 0.8),), {}),
    "an unknown label": ({"intents": [{"name": "complaint", "score": 0.7}]}, (Intent("complaint", 0.7),), {}),
    "sorted, and twice is once": (
        {"intents": [{"name": "a", "score": 0.1}, {"name": "refund", "score": 0.9}, {"name": "Refund", "score": 0.2}]},
        (Intent("refund", 0.9), Intent("a", 0.1)),
        {},
    ),
    "cut to topk": (
        {"intents": {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}},
        (Intent("d", 0.4), Intent("c", 0.3), Intent("b", 0.2)),
        {},
    ),
}

UNREADABLE: dict[str, object] = {
    "nothing": None,
    "no text": "",
    "prose": "我不确定客户想要什么",
    "a number": 7,
    "another object": {"name": "张三", "phone": "1"},
    "an empty object": {},
    "broken JSON": '{"intents": [',
    "an id of nobody": {"classificationId": 9},
    "an id that is none": {"classificationId": "two"},
    "five wrappings": {"data": {"data": {"data": {"data": {"data": FULL}}}}},
    "too deep": "[" * 5000,
    "deep braces": '{"a":' * 5000,
}


@pytest.mark.parametrize(("raw", "intents", "known"), READ.values(), ids=READ)
def test_it_reads(raw: object, intents: tuple[Intent, ...], known: dict[str, str]) -> None:
    assert read(raw, LABELS) == IntentReading(intents, known)


@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE)
def test_it_cannot_read(raw: object) -> None:
    with pytest.raises(Unreadable):
        read(raw, LABELS)


def test_an_error_code_within_is_an_error() -> None:
    with pytest.raises(Failed) as failed:
        read('{"code": 4028, "msg": "quota"}', LABELS)
    assert failed.value.code == 4028


def test_an_error_does_not_quote_what_could_not_be_read() -> None:
    with pytest.raises(Unreadable) as unreadable:
        read("客户说他的名字是张三", LABELS)
    assert "张三" not in str(unreadable.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (0.5, 0.5),
        ("0.5", 0.5),
        (1, 1.0),
        (93, 0.93),
        ("93%", 0.93),
        (100, 1.0),
        (1000, 1.0),
        (-1, 0.0),
        ("high", 0.0),
        (None, 0.0),
        ([], 0.0),
        (float("nan"), 0.0),
        (float("inf"), 0.0),
        (10**400, 0.0),
    ],
)
def test_a_score_lies_between_0_and_1(given: object, expected: float) -> None:
    assert score(given) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": " x ", "b": "", "c": None, "d": [], "e": {}}, {"a": "x"}),
        ([{"name": "a", "value": "x"}, {"name": "b"}, "c"], {"a": "x"}),
        ({"a": 7, "b": 1.5, "c": ["x", "y"]}, {"a": "7", "b": "1.5", "c": "x、y"}),
        ({"a": {"value": "x"}}, {"a": "x"}),
        ({"a": {"x": 1}}, {"a": '{"x": 1}'}),
        ({"a": "x" * 201, "": "x"}, {}),
        ("none", {}),
        (None, {}),
    ],
)
def test_slots_are_text_and_never_empty(given: object, expected: dict[str, str]) -> None:
    assert slots(given) == expected


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_KEYS = st.sampled_from(
    ["code", "msg", "data", "output", "result", "intents", "intent", "name", "label", "score", "confidence", "slots",
     "value", "classificationId", "content_type", "x"]
)  # fmt: skip
_TREES = st.recursive(
    _SCALARS | st.sampled_from(LABELS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4) | inner.map(json.dumps),
    max_leaves=12,
)


@given(_TREES | st.binary(max_size=50), st.integers(1, 5))
def test_whatever_comes_is_read_or_is_our_error(raw: object, topk: int) -> None:
    try:
        reading = read(raw, LABELS, topk)
    except (Unreadable, Failed):
        return
    points = [intent.score for intent in reading.intents]
    assert points == sorted(points, reverse=True)
    assert len(points) <= topk
    assert all(0 <= each <= 1 for each in points)
    assert all(intent.name for intent in reading.intents)
    assert all(isinstance(value, str) and value for value in reading.slots.values())
