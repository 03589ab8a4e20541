"""The customer's wish for a human."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from wecom_bot.domain.dialog import Answerer, Handoff, Turn
from wecom_bot.domain.message import Channel, ConversationId, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.domain.text import fold, letters

# What may stand around a word and leave it a wish: 请帮我转_, 有没有_在吗. Anything else makes it a topic: _智能是什么.
# Single characters, so that there is one way to read a clause: 我要|我|要 would let a hostile text take for ever.
_LEADS = (
    "[你您好亲喂哎请问麻烦帮忙给我咱要想需能可以快点赶紧马上立刻即直接还那就现在有怎么如何转到入通找叫换成联系呼连线进切"
    "跟和一下个位们的咨询回复来吗]|能不能|可不可以|能否|可否|有没有|还是|要不要"
)
_TAILS = (
    "[客服务人员坐座席专帮我忙处理解决聊沟通说话答吗吧呢啊呀哦嘛么啦呗了一下谢在线好行有快点立刻马上来哪里可以接]"
    "|在不在|好不好|行不行|有没有|没有"
)
_VERBS = "转接|接通|接入|呼叫|联系|转|找|叫"
_AND_THEN = "[一下到个位你们的给我]{0,4}"
# After a wish these show that it was none: 人工智能, 人工费多少, 人工客服几点上班
_TOPICS = (
    "智能|费|成本|价|安装|审核|翻译|皮|草|制|养|湖|呼吸|合成|授|晶|关节|几点|时间|上班|下班|什么时候|是什么|的?工作"
)
_REFUSALS = r"(?<!不要)(?<!不用)(?<!不需要)(?<!不必)(?<!不想)(?<!无需)(?<!别)"
_BORDER = re.compile(r"[^\w\s]+|_+|(?<![a-z0-9])\s+|\s+(?![a-z0-9])")  # a space between Latin words ends no clause
_SHORT = 2


@dataclass(frozen=True, slots=True)
class AskForHuman:
    """Hand off when the customer asks for a human.

    This stands before the screening of words: who swears and asks for a human gets the human, and nothing said is
    looked at but whether it asks. What was clicked in a menu are our words, not the customer's.
    """

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        wishes = _wishes(tenant.handoff_words)
        if not any(wishes.expressed(message.text) for message in turn.messages if not message.menu_id):
            return turn
        state = replace(turn.state, asking=None, asked=0, offered=(), misses=0)
        if not _has_servicers(tenant, turn.conversation):
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.nobody), state=state)
        return turn.say(Answerer.PHRASE, Reply(tenant.phrases.handoff), state=state, handoff=Handoff("asked"))


def _has_servicers(tenant: Tenant, where: ConversationId) -> bool:
    """WeCom keeps the servicers of a kf account; those of an app are the tenant's to name."""
    return where.channel is Channel.KF or bool(tenant.app_of(where.channel, where.account).servicers)


@dataclass(frozen=True, slots=True)
class _Wishes:
    """A tenant's words, compiled. A clause that is a word and politeness around it is a wish.

    A longer word (转人工), or a short one after a verb (转一下人工), is one anywhere, unless refused or a topic.
    """

    alone: re.Pattern[str]
    within: re.Pattern[str]

    def expressed(self, text: str) -> bool:
        folded = fold(text)
        clauses = _BORDER.split(folded)
        return any(map(self.alone.fullmatch, (*clauses, letters(folded)))) or any(map(self.within.search, clauses))


@lru_cache(maxsize=1024)
def _wishes(words: tuple[str, ...]) -> _Wishes:
    known = {folded for word in words if (folded := letters(word))}
    any_word = _either(known)
    latin = r"(?<![a-z0-9])", r"(?![a-z0-9])"
    long = _either({word for word in known if len(word) > _SHORT and not word.isascii()})
    return _Wishes(
        alone=re.compile(f"(?:{_LEADS})*{any_word}(?:{any_word}|{_TAILS})*+"),
        within=re.compile(f"{_REFUSALS}(?:{long}|(?:{_VERBS}){_AND_THEN}{latin[0]}{any_word}{latin[1]})(?!{_TOPICS})"),
    )


def _either(words: set[str]) -> str:
    """A pattern for any of the words, the longest first; for none, one that never matches."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})" if words else "(?!)"
