"""What Coze promised."""

import re
from dataclasses import dataclass

from wecom_bot.dialog.handing_off import hand_off
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.domain.text import letters
from wecom_bot.ports import Duty

_PROMISES = re.compile(
    r"(?<!可以)(?<!能够)(?<!需要)(?:正在|马上|立即|立刻|这就|即将|已经?|现在就?|我会?|我来)(?:就|先|会)?(?:为|帮|给|替)?(?:您|你)?"
    r"(?:转接|转到|转至|转给|转入|接入|接通|呼叫|联系|安排)(?:到|至|给|了)?(?:一位|我们的?|专业的?|在线)?(?:人工|真人|客服|专员|坐席)"
    r"|(?:transferring|connecting|handing)youto(?:a|an|our)?(?:live|human|customer|service|support)*(?:agent|human|representative|person|team)"
)


@dataclass(frozen=True, slots=True)
class KeepPromise:
    """Hand off where Coze's words promise a human: it cannot call one, and the customer would wait for nobody.

    A finishing stage: what is promised is then said in the tenant's words, or that nobody is there.
    """

    duty: Duty

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if turn.answerer is not Answerer.COZE or turn.reply is None or not _PROMISES.search(letters(turn.reply.text)):
            return turn
        return hand_off(tenant, turn, "promised", self.duty)
