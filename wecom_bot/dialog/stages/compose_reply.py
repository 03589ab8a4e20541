"""What to say: the answer, as it is written or in Coze's words, a menu, or that we do not know."""

import re
from dataclasses import dataclass, replace

from wecom_bot.dialog.courteous import acknowledged, courteous
from wecom_bot.dialog.lexicon import lexicon
from wecom_bot.dialog.pursuit import is_exact, is_near, is_sure, recognised
from wecom_bot.domain.dialog import Answerer, Left, Turn
from wecom_bot.domain.message import NONE_OF_THESE, Choice, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import ReplyWriter
from wecom_bot.telemetry import logs
from wecom_bot.text.reading import own_words

log = logs.get(__name__)

_MOST_CHOICES = 3
_MOST_TAIL = 40  # characters in which a reply says at its end that it asks
_ASKS = re.compile(r"[?？吗呢][\s”\"』」)）~～。]*$")


@dataclass(frozen=True, slots=True)
class ComposeReply:
    """Let Coze word the reply where the tenant wants that; without it answer when sure, ask "did you mean" when not.

    One that puts off asks no writer: it leaves the turn for Coze to word, together with others.
    The customer never waits for a second try and never hears of a first: a writer that fails, or that uses a word the
    tenant has blocked, is as good as none. Misses are counted in a row, whoever answers. What the customer showed only
    Coze can look at, so there it has the word, if need be the only one.
    """

    writer: ReplyWriter | None = None
    puts_off: bool = False

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if self.puts_off and self.is_to_be_worded(tenant, turn):
            return turn.put_off(Left.WHOLE, _misses(tenant, turn))
        if not self.is_to_be_worded(tenant, turn):
            return self.as_written(tenant, turn)
        return self.worded(tenant, turn) or replace(self.as_written(tenant, turn), makeshift=True)

    def is_to_be_worded(self, tenant: Tenant, turn: Turn) -> bool:
        """Whether Coze is to say it, if it can."""
        if self.writer is None or tenant.reply == "article" or not tenant.coze.bot_id:
            return False
        if turn.reading.denies and not tenant.courtesies.coze:
            return False
        return tenant.reply == "coze" or bool(turn.uploads) or not is_exact(turn)

    def worded(self, tenant: Tenant, turn: Turn) -> Turn | None:
        """The turn in Coze's words; None where they fail, or hold what the tenant has blocked."""
        misses = turn.state.misses if turn.left else _misses(tenant, turn)
        return _worded(self.writer, tenant, replace(turn, left=None), misses) if self.writer else None

    def as_written(self, tenant: Tenant, turn: Turn) -> Turn:
        """The turn in the tenant's own words; as it is, where it is settled."""
        return turn if turn.settled else _as_written(tenant, turn)


def _worded(writer: ReplyWriter, tenant: Tenant, turn: Turn, misses: int) -> Turn | None:
    blocked = lexicon(tenant.blocked_words)
    try:
        written = writer.write(tenant, turn if blocked.find(turn.said) is None else _without_quotes(turn))
    except Exception as e:  # noqa: BLE001 - there is a next best to say, whatever ails the writer; the log says where
        log.warning("reply.writer_failed", corp_id=tenant.corp_id, error=type(e).__name__, at=logs.place(e))
        return None
    if blocked.find(written.text) is not None:
        log.warning("reply.writer_failed", corp_id=tenant.corp_id, error="blocked word")
        return None
    asks = asked_back(written.text)
    state = replace(turn.state, offered=(), misses=misses, writer_memory=written.memory, writer_asks=asks, unheard=())
    return turn.say(Answerer.COZE, Reply(written.text), state=state)


def asked_back(text: str) -> bool:
    """Whether a reply ends with a question, so that 好的 may be the answer."""
    return _ASKS.search(text[-_MOST_TAIL:]) is not None


def _misses(tenant: Tenant, turn: Turn) -> int:
    """The misses in a row after Coze worded the reply: nobody can tell of an image, and a courtesy asks for nothing."""
    if recognised(tenant, turn) is not None or is_near(tenant, turn):
        return 0
    asks_nothing = _only_shows(turn) or turn.reading.courtesy or turn.reading.denies
    return turn.state.misses + (0 if asks_nothing else 1)


def _without_quotes(turn: Turn) -> Turn:
    """The turn without what the customer quotes: a blocked word leaves the house in no form."""
    return replace(turn, messages=tuple(replace(each, text=own_words(each.text)) for each in turn.messages))


def _as_written(tenant: Tenant, turn: Turn) -> Turn:
    if not is_exact(turn):
        if turn.reading.denies:
            return acknowledged(tenant, turn)
        if kind := turn.reading.courtesy:  # which Coze was to word
            return courteous(tenant, turn, kind)
    if is_sure(tenant, turn):
        best, state = turn.passages[0], replace(turn.state, offered=(), misses=0)
        return turn.say(Answerer.ARTICLE, Reply(best.answer, attachments=best.attachments), state=state)
    if is_near(tenant, turn):
        near = (Choice(passage.article_id, passage.question) for passage in turn.passages[:_MOST_CHOICES])
        choices = (*near, Choice(NONE_OF_THESE, tenant.phrases.none_of_these))
        state = replace(turn.state, offered=choices)
        return turn.say(Answerer.MENU, Reply(tenant.phrases.did_you_mean, choices), state=state)
    state = replace(turn.state, offered=(), misses=turn.state.misses + 1)
    phrase = tenant.phrases.unreadable if _only_shows(turn) else tenant.phrases.unknown
    return turn.say(Answerer.PHRASE, Reply(phrase), state=state)


def _only_shows(turn: Turn) -> bool:
    return bool(turn.uploads) and not turn.text.strip()
