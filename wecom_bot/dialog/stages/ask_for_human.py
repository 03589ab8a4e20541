"""The customer's wish for a human."""

from dataclasses import dataclass

from wecom_bot.dialog.clicks import Clicks
from wecom_bot.dialog.handing_off import hand_off, hand_off_or_listen
from wecom_bot.dialog.wished import Wish, Wished
from wecom_bot.dialog.wishes import wishes
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Duty, SearchIndex
from wecom_bot.text.reading import Courtesy


@dataclass(frozen=True, slots=True)
class AskForHuman:
    """Hand off when the customer asks for a human in words that are known; HearWish listens for others.

    This stands before the screening of words: who swears and asks for a human gets the human, and nothing said is
    looked at but whether it asks. What was clicked in a menu of ours are our words, not the customer's; a click in
    another menu, of WeCom's console or of an app, means what it says.
    """

    duty: Duty
    index: SearchIndex
    wished: Wished

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        said = Clicks(self.index).customers(tenant, turn)
        if turn.reading.courtesy is Courtesy.IDENTITY or turn.reading.denies:  # 你是人工吗, 我没要找人工
            return turn
        if not any(self._is_expressed(tenant, text) for text in said):
            return turn
        # 人工 alone is asked once more; 请人工客服回我电话 … after we asked for a message is one
        only = wishes(tenant.handoff_words).only
        bare = all(only(text) or self.wished.certainly(tenant, Wish.HUMAN, text) for text in said)
        return (hand_off if bare else hand_off_or_listen)(tenant, turn, "asked", self.duty)

    def _is_expressed(self, tenant: Tenant, text: str) -> bool:
        certain = self.wished.certainly(tenant, Wish.HUMAN, text)
        return wishes(tenant.handoff_words).expressed(text) if certain is None else certain
