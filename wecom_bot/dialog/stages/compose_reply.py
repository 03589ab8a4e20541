"""What to say: the answer, as it is written or in Coze's words, a menu, or that we do not know."""

from dataclasses import dataclass, replace

from wecom_bot.dialog.lexicon import lexicon
from wecom_bot.dialog.pursuit import is_exact, is_sure, recognised
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import NONE_OF_THESE, Choice, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import ReplyWriter
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_MOST_CHOICES = 3


@dataclass(frozen=True, slots=True)
class ComposeReply:
    """Let Coze word the reply where the tenant wants that; without it answer when sure, ask "did you mean" when not.

    The customer never waits for a second try and never hears of a first: a writer that fails, or that uses a word the
    tenant has blocked, is as good as none. Misses are counted in a row, whoever answers. What the customer showed only
    Coze can look at, so there it has the word, if need be the only one.
    """

    writer: ReplyWriter | None = None

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if self.writer and _is_to_be_worded(tenant, turn):
            return _worded(self.writer, tenant, turn) or _as_written(tenant, turn)
        return _as_written(tenant, turn)


def _is_to_be_worded(tenant: Tenant, turn: Turn) -> bool:
    if tenant.reply == "article" or not tenant.coze.bot_id:
        return False
    return tenant.reply == "coze" or bool(turn.uploads) or not is_exact(turn)


def _worded(writer: ReplyWriter, tenant: Tenant, turn: Turn) -> Turn | None:
    try:
        written = writer.write(tenant, turn)
    except Exception as e:  # noqa: BLE001 - there is a next best to say, whatever ails the writer; the log says where
        log.warning("reply.writer_failed", corp_id=tenant.corp_id, error=type(e).__name__, at=logs.place(e))
        return None
    if lexicon(tenant.blocked_words).find(written.text) is not None:
        log.warning("reply.writer_failed", corp_id=tenant.corp_id, error="blocked word")
        return None
    is_known = recognised(tenant, turn) is not None or _is_near(tenant, turn)
    missed = 0 if _only_shows(turn) else 1  # of an image nobody can tell
    misses = 0 if is_known else turn.state.misses + missed
    state = replace(turn.state, offered=(), misses=misses, writer_memory=written.memory)
    return turn.say(Answerer.COZE, Reply(written.text), state=state)


def _as_written(tenant: Tenant, turn: Turn) -> Turn:
    if is_sure(tenant, turn):
        best, state = turn.passages[0], replace(turn.state, offered=(), misses=0)
        return turn.say(Answerer.ARTICLE, Reply(best.answer, attachments=best.attachments), state=state)
    if _is_near(tenant, turn):
        near = (Choice(passage.article_id, passage.question) for passage in turn.passages[:_MOST_CHOICES])
        choices = (*near, Choice(NONE_OF_THESE, tenant.phrases.none_of_these))
        state = replace(turn.state, offered=choices)
        return turn.say(Answerer.MENU, Reply(tenant.phrases.did_you_mean, choices), state=state)
    state = replace(turn.state, offered=(), misses=turn.state.misses + 1)
    phrase = tenant.phrases.unreadable if _only_shows(turn) else tenant.phrases.unknown
    return turn.say(Answerer.PHRASE, Reply(phrase), state=state)


def _only_shows(turn: Turn) -> bool:
    return bool(turn.uploads) and not turn.text.strip()


def _is_near(tenant: Tenant, turn: Turn) -> bool:
    return bool(turn.passages) and turn.passages[0].score >= tenant.thresholds.suggest
