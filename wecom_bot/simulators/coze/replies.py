"""What bots, workflows and projects answer: the first of their rules that holds, else what shows the question."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from wecom_bot.simulators.coze.schema import AnswerRule, BotAnswer, Prediction, RememberedLine

_R = TypeVar("_R", bound=AnswerRule)
_PLACE = re.compile(r"\{(\w+)\}")
_ANSWER_KEYS = ("answer", "content", "text")
_BLOCK = "\n【参考资料"
_LABELLED = re.compile(r"答[:：]\s*(.*?)(?=\n\s*\d+[.、]\s*问[:：]|\n【|\Z)", re.DOTALL)

PASSAGES = "passages"


def chosen(rules: Iterable[_R], said: str, variables: Mapping[str, str]) -> _R | None:
    """The first rule that holds."""
    for rule in rules:
        given = all(re.search(pattern, variables.get(name, "")) for name, pattern in rule.given.items())
        if given and re.search(rule.match, said):
            return rule
    return None


def words(said: str) -> str:
    """The customer's own words, without the reference block that a caller may put below them."""
    return said.partition(_BLOCK)[0].strip()


def texts(
    answer: BotAnswer | None, said: str, earlier: Sequence[RememberedLine], variables: Mapping[str, str]
) -> tuple[str, ...]:
    """What the bot says, one text for each message."""
    if answer is None:
        return (default(said, variables),)
    users = [words(line.content) for line in earlier if line.role == "user"]
    places = dict(variables) | {
        "question": words(said),
        "turn": str(1 + len(users)),
        "before": users[-1] if users else "",
    }
    given = (answer.answer,) if isinstance(answer.answer, str) else answer.answer
    return tuple(_PLACE.sub(lambda place: places.get(place[1], place[0]), text) for text in given)


def default(said: str, variables: Mapping[str, str]) -> str:
    """Words that show what was used: the first passage's answer, else the question."""
    own, _, block = said.partition(_BLOCK)
    if passage := first_passage(variables.get(PASSAGES, "")) or _labelled(block):
        return f"（扣子）{passage}"
    return f"您好，关于“{own.strip()}”我再帮您看看。"


def first_passage(passages: str) -> str:
    """The answer of the first passage: of a JSON list, else what stands after 答：, else the first paragraph."""
    try:
        return _in_json(json.loads(passages))
    except ValueError:
        return _labelled(passages) or passages.strip().split("\n\n")[0]


def _labelled(passages: str) -> str:
    found = _LABELLED.search(passages)
    return found[1].strip() if found else ""


def _in_json(passages: object) -> str:
    if isinstance(passages, list):
        return _in_json(passages[0]) if passages else ""
    if isinstance(passages, dict):
        return next((str(passages[key]) for key in _ANSWER_KEYS if passages.get(key)), "")
    return str(passages or "").strip()


def understood(prediction: Prediction | None, topk: object) -> dict[str, Any]:
    """Intents, best first and at most `topk`, and slots and a reply where there are any."""
    if prediction is None:
        return {"intents": [], "slots": {}}
    intents = sorted(prediction.intents, key=lambda intent: -intent.score)
    most = int(topk) if isinstance(topk, int | str) and str(topk).isdecimal() else len(intents)
    shown = {"intents": [intent.model_dump() for intent in intents[:most]], "slots": prediction.slots}
    return shown | ({"reply": prediction.reply} if prediction.reply else {})
