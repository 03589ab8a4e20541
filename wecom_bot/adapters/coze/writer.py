"""Replies in the words of the tenant's bot at Coze."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from wecom_bot.adapters.coze.client import CozeClient
from wecom_bot.adapters.coze.identity import pseudonym
from wecom_bot.adapters.coze.memory import ConversationMemory
from wecom_bot.adapters.coze.outgoing import Outgoing, whole_characters
from wecom_bot.adapters.coze.plain import for_customer
from wecom_bot.adapters.coze.recognizers import coze_token
from wecom_bot.adapters.coze.seal import line, sealed, unmarked
from wecom_bot.domain.dialog import FALLBACK, Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured, TemporaryFailure
from wecom_bot.ports import Tenants, Written
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_MOST_PASSAGES = 3
_MOST_OF_SEVERAL = 6  # passages for so many messages: one each
_MOST_ANSWER = 1500  # characters of one passage
_MOST_LINE = 200  # characters of a slot's value or an intent's name: either may be a customer's words, or a model's
_SHOWN = "（客户发来图片，没有写文字）"
_VOID = "说明：此前最近 {void} 次问答客户没有看到，不算数；不要提起它们，只回答上面客户的话。"
_META = 512  # characters that Coze takes in one value of meta_data


@dataclass(frozen=True, slots=True)
class CozeWriter:
    """Implements ports.ReplyWriter by chat v3 with the tenant's bot, `coze.bot_id`.

    What the turn knows goes out twice: as custom_variables (passages, intent, slots, company), for bots whose prompt
    declares them, and, because they reach no other bot, in a block in brackets below what the customer said.
    Images that the customer showed go beside the words.
    A chat of which the customer saw nothing is deleted from the bot's conversation before the next one; where Coze does
    not let us, the block says that it counts for nothing.
    `key` is a secret that makes the customers' pseudonyms hard to guess.
    """

    client: CozeClient
    tenants: Tenants
    default_token: SecretStr
    deadline: timedelta = timedelta(seconds=5)
    key: bytes = b""

    def write(self, tenant: Tenant, turn: Turn) -> Written:
        if not tenant.coze.bot_id:
            raise Misconfigured(f"租户 {tenant.corp_id} 没有设置 coze.bot_id / tenant has no coze.bot_id")
        outgoing = Outgoing(tenant, turn, with_quotes=True)
        known = _known(tenant, turn, outgoing)
        token, memory = (
            coze_token(self.tenants, tenant, self.default_token),
            ConversationMemory.read(turn.state.writer_memory),
        )
        if memory.bot_id != tenant.coze.bot_id:
            memory = ConversationMemory()
        void = self._void(token, memory, turn)
        answer = self.client.chat(
            token,
            bot_id=tenant.coze.bot_id,
            user_id=pseudonym(turn.conversation, self.key),
            messages=[_message(outgoing.said() if turn.said.strip() else _SHOWN, known, void)],
            images=turn.uploads,
            conversation_id=memory.conversation_id,
            variables=known,
            meta={"msgid": str(turn.turn_id)[:_META], "trace_id": turn.trace_id[:_META]},
            deadline=self.deadline,
        )
        text = for_customer(answer.text)
        if not text:
            log.warning("coze.nothing_for_customer", target=tenant.coze.bot_id, logid=answer.logid)
            raise TemporaryFailure(f"Coze said nothing that is for the customer; logid {answer.logid}")
        return Written(
            text, memory=ConversationMemory(tenant.coze.bot_id, answer.conversation_id, answer.chat_id).written()
        )

    def _void(self, token: str, memory: ConversationMemory, turn: Turn) -> int:
        """How many chats the bot remembers of which the customer saw nothing: those that cannot be deleted."""
        where = {"bot_id": memory.bot_id, "conversation_id": memory.conversation_id}
        return sum(
            not self.client.erase(token, chat_id=chat_id, **where) for chat_id in memory.within(turn.state.unheard)
        )


def _known(tenant: Tenant, turn: Turn, outgoing: Outgoing) -> dict[str, str]:
    """What the turn knows, as it may stand within our marks: nothing in it can pass for one of them."""
    intent = turn.intent.name if turn.intent.name != FALLBACK.name else turn.state.intent
    return {
        "passages": unmarked(
            "\n".join(
                f"{number}. 问：{passage.question}\n   答：{_short(passage.answer)}"
                for number, passage in enumerate(
                    turn.passages[: max(_MOST_PASSAGES, min(len(turn.messages), _MOST_OF_SEVERAL))], 1
                )
            )
        ),
        "intent": line(intent or "", _MOST_LINE),
        "slots": "；".join(
            f"{line(name, _MOST_LINE)}={line(value, _MOST_LINE)}" for name, value in outgoing.slots().items()
        ),
        "company": tenant.name,
    }


def _message(said: str, known: Mapping[str, str], void: int = 0) -> str:
    """What the customer said, and what we know; `void` chats count for nothing: they are told anew above."""
    if not (known["passages"] or known["slots"] or void):
        return whole_characters(unmarked(said))
    lines = [_VOID.format(void=void)] if void else []
    lines += [known["passages"]]
    lines += [f"意图：{known['intent']}"] if known["intent"] else []
    lines += [f"已知：{known['slots']}"] if known["slots"] else []
    return whole_characters(sealed(said, "\n".join(filter(None, lines))))


def _short(answer: str) -> str:
    return answer if len(answer) <= _MOST_ANSWER else answer[:_MOST_ANSWER] + "…"
