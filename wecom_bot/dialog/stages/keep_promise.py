"""What Coze promised."""

import re
from dataclasses import dataclass

from wecom_bot.dialog.handing_off import hand_off
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Duty
from wecom_bot.text.folding import letters

_SENTENCES = re.compile(r"[。！？!?\n；;]")
_HUMANS = "(?:一位|一名|我们的?|专业的?|在线)*(?:人工|真人|客服|专员|坐席)"
_TRANSFER = "(?:转接?|接入|接通|呼叫|联系|安排)(?:到|至|给|入|了)?"
_PROMISES = re.compile(
    "(?:正在|马上|立即|立刻|这就|即将|已经?|现在就?|将|我(?:会|来|将|这就|马上)?)(?:就|先|会)?(?:为|帮|给|替)(?:您|你)?"
    f"{_TRANSFER}{_HUMANS}|正在{_TRANSFER}{_HUMANS}|我(?:会|将|已经?|马上|来)?转(?:交给?|给){_HUMANS}"
    "|(?:transfer|connect|hand)(?:ring|ing)?you(?:over)?(?:now)?to(?:a|an|our)?(?:live|human|customer|service|support)*"
    "(?:agent|human|representative|person|team)"
)
_NOT_YET = re.compile(
    r"如果|如需|如有|[若吗么]|要是|的话|可以|可否|能否|能够|无法|不能|需要我|是否|if|wouldyou|can|could|unable"
)


@dataclass(frozen=True, slots=True)
class KeepPromise:
    """Hand off where Coze's words promise a human: it cannot call one, and the customer would wait for nobody.

    A finishing stage: what is promised is then said in the tenant's words, or that nobody is there.
    """

    duty: Duty

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if turn.answerer is not Answerer.COZE or turn.reply is None or not _promises(turn.reply.text):
            return turn
        return hand_off(tenant, turn, "promised", self.duty)


def _promises(text: str) -> bool:
    """Whether a sentence says that a human is being called, and not under which condition one would be."""
    sentences = map(letters, _SENTENCES.split(text))
    return any(_PROMISES.search(each) and not _NOT_YET.search(each) for each in sentences)
