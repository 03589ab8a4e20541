"""One reply of several: each question's answer in its order, and whatever we ask back at the end."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from wecom_bot.dialog.template import render
from wecom_bot.domain.dialog import FALLBACK, Answerer, DialogState, Turn
from wecom_bot.domain.message import Attachment, Choice, MessageKind, Reply
from wecom_bot.domain.tenant import Tenant

_NAMED = 30  # characters of a question by which it is named
_SAID_BY = (Answerer.COZE, Answerer.ORDER, Answerer.QUERY, Answerer.ARTICLE, Answerer.QUESTION, Answerer.MENU)


def part_of(turn: Turn, question: str) -> Turn:
    """The turn as if only this had been said."""
    message = replace(turn.messages[0], text=question, menu_id=None, kind=MessageKind.TEXT)
    return replace(turn, messages=(message,))


def merged(tenant: Tenant, turn: Turn, parts: Sequence[Turn]) -> Turn:
    """The turn over all of them. What we do not know is named, so that nobody takes the other answer for it."""
    menu = next((part for part in reversed(parts) if part.answerer is Answerer.MENU), None)
    choices = menu.reply.choices if menu and menu.reply else ()
    meant = next((part for part in parts if part.intent != FALLBACK), turn)
    return replace(
        turn,
        reply=Reply(_said(tenant, parts, menu), choices, _shown(parts)),
        answerer=_answerer(parts),
        state=_state(tenant, parts, choices),
        intent=meant.intent,
        recognizer=meant.recognizer,
        heard={name: value for part in parts for name, value in part.heard.items()},
        passages=tuple(dict.fromkeys(passage for part in parts for passage in part.passages[:1])),
        makeshift=any(part.makeshift for part in parts),
    )


def together(left: Sequence[Turn]) -> Turn:
    """The turn over all that is left for the writer: what was found for each, the best of each first.

    Where one of them is sure nothing was missed.
    """
    *_, last = left
    best, others = ([turn.passages[part] for turn in left] for part in (slice(1), slice(1, None)))
    meant = next((turn for turn in left if turn.intent != FALLBACK), last)
    return replace(
        last,
        messages=tuple(message for turn in left for message in turn.messages),
        state=replace(last.state, misses=min(turn.state.misses for turn in left)),
        intent=meant.intent,
        recognizer=meant.recognizer,
        heard=dict(chain.from_iterable(turn.heard.items() for turn in left)),
        passages=tuple(dict.fromkeys(chain(*best, *others))),
        uploads=tuple(chain.from_iterable(turn.uploads for turn in left)),
        spent=spent_on(left),
    )


def spent_on(turns: Iterable[Turn]) -> dict[str, float]:
    """The seconds that each stage took for all of them."""
    spent: dict[str, float] = {}
    for stage, seconds in chain.from_iterable(turn.spent.items() for turn in turns):
        spent[stage] = spent.get(stage, 0.0) + seconds
    return spent


def _said(tenant: Tenant, parts: Sequence[Turn], menu: Turn | None) -> str:
    """What is said to each, once; what we ask back comes last."""
    in_order = sorted(parts, key=lambda part: part.answerer is Answerer.QUESTION)
    texts = (_text(tenant, part, is_menu=part is menu) for part in in_order)
    return "\n\n".join(dict.fromkeys(filter(None, texts)))


def _shown(parts: Sequence[Turn]) -> tuple[Attachment, ...]:
    replies = (part.reply for part in parts if part.reply)
    return tuple(dict.fromkeys(each for reply in replies for each in reply.attachments))


def _answerer(parts: Sequence[Turn]) -> Answerer:
    those = {part.answerer for part in parts}
    return next((kind for kind in _SAID_BY if kind in those), Answerer.PHRASE)


def _state(tenant: Tenant, parts: Sequence[Turn], choices: tuple[Choice, ...]) -> DialogState:
    """The last one's; where something was answered, nothing was missed."""
    last = parts[-1].state
    misses = last.misses if all(_is_unknown(tenant, part) for part in parts) else 0
    return replace(last, offered=choices, misses=misses)


def _text(tenant: Tenant, part: Turn, *, is_menu: bool) -> str:
    question = part.text.strip()
    named = {"question": question if len(question) <= _NAMED else question[:_NAMED] + "…"}
    if is_menu:
        return render(tenant.phrases.menu_of_several, named)
    if part.answerer is Answerer.MENU or _is_unknown(tenant, part):
        return render(tenant.phrases.unknown_of_several, named)
    return part.reply.text if part.reply else ""


def _is_unknown(tenant: Tenant, part: Turn) -> bool:
    return part.answerer is Answerer.PHRASE and part.reply == Reply(tenant.phrases.unknown)
