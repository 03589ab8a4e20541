"""The way back to a member in a corp's own app (page 90236)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from wecom_bot.adapters.wecom import codes, limits, text
from wecom_bot.adapters.wecom.client import Clients
from wecom_bot.domain.dialog import Attendant, DialogState
from wecom_bot.domain.message import Channel, Choice, ConversationId, Reply
from wecom_bot.domain.tenant import App
from wecom_bot.errors import Rejected
from wecom_bot.ports import Clock, Tenants
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_SEND = "message/send"
_NO_RECIPIENT = 81013
# The first try was timed by Redis's clock, and ours runs apart by less than this, or the repeat is shown
# (docs/decisions/0006). With more, the same words said on purpose before would be taken for the first try.
_MARGIN = timedelta(seconds=2)
_SAME_NOTICE = timedelta(minutes=10)
_REASONS = {"asked": "对方要求人工", "given_up": "机器人没能处理对方的消息"}


class AppSpeaker:
    """Implements ports.Speaker for a corp's own apps.

    WeCom knows no attendants here: after a handoff we are silent for `handoff_silence`, so that a servicer may talk;
    where nobody could be told, the bot goes on, because silence would be all that the member gets.
    """

    def __init__(self, clients: Clients, tenants: Tenants, clock: Clock, handoff_silence: timedelta) -> None:
        self._clients = clients
        self._tenants = tenants
        self._clock = clock
        self._silence = handoff_silence

    def split(self, conversation: ConversationId, reply: Reply) -> tuple[Reply, ...]:
        reply = text.spoken(conversation, reply, self._tenants.get(conversation.corp_id).phrases.trouble)
        words = list(text.split(reply.text))
        choices = reply.choices[: limits.MENU_ITEMS]
        if choices and (not words or len(_rendered(words[-1], choices).encode()) > limits.TEXT):
            words.append("")
        last = len(words) - 1
        return tuple(Reply(part, choices if number == last else ()) for number, part in enumerate(words))

    def attend(self, _conversation: ConversationId, known: DialogState | None) -> Attendant:
        if known is None or known.attendant is not Attendant.SERVICER or known.attendant_since is None:
            return Attendant.BOT
        silent = self._clock.now() - known.attendant_since < self._silence
        return Attendant.SERVICER if silent else Attendant.BOT

    def send(self, conversation: ConversationId, part: Reply, delivery_id: str, repeat_of: datetime | None) -> None:
        del delivery_id  # message/send takes none: WeCom knows a repeat by its words, if we ask it to look
        look_back = None if repeat_of is None else self._clock.now() - repeat_of + _MARGIN
        lost = self._show(conversation, [conversation.customer], _rendered(part.text, part.choices), look_back)
        if lost:
            raise codes.failure(_NO_RECIPIENT, "invaliduser", _SEND)

    def hand_off(self, conversation: ConversationId, reason: str) -> Attendant:
        app = self._app(conversation)
        where = {"corp_id": conversation.corp_id, "app": app.name, "reason": reason}
        lost = self._not_told(conversation, reason)
        told = len(set(app.servicers) - lost)
        if not told:
            advice = (
                "请在租户配置里给该应用设置可见范围内的 servicers / set the app's servicers, who must be able to see it"
            )
            log.warning("handoff.nobody", advice=advice, servicers=sorted(lost), **where)
            return Attendant.BOT
        if lost:
            log.warning("handoff.not_told", servicers=sorted(lost), **where)
        log.info("handoff.told", servicers=told, **where)
        return Attendant.SERVICER

    def _not_told(self, conversation: ConversationId, reason: str) -> set[str]:
        """Tell the app's servicers; whom WeCom did not tell."""
        servicers = self._app(conversation).servicers
        if not servicers:
            return set()
        notice, look_back = self._notice(conversation, reason), min(self._silence, _SAME_NOTICE)
        try:
            return self._show(conversation, servicers, notice, look_back)
        except Rejected as e:
            if e.code != _NO_RECIPIENT:
                raise
            return set(servicers)

    def _show(
        self, conversation: ConversationId, users: Sequence[str], words: str, look_back: timedelta | None
    ) -> set[str]:
        """Send a text; who did not get it. With `look_back` WeCom drops it if it had the same one in that time."""
        app = self._app(conversation)
        message: dict[str, Any] = {"msgtype": "text", "text": {"content": words}, "enable_duplicate_check": 0}
        if look_back is not None:
            seconds = min(max(look_back, timedelta(seconds=1)), limits.DUPLICATE_CHECK).total_seconds()
            message |= {"enable_duplicate_check": 1, "duplicate_check_interval": int(seconds)}
        client = self._clients.of(conversation.corp_id, app.name)
        answer = client.message.send(app.agent_id, list(users), msg=message)
        # WeCom sends to the others, says "ok", and names these in lower case
        named = "|".join(str(answer.get(name) or "") for name in ("invaliduser", "unlicenseduser")).lower().split("|")
        return {user for user in users if user.lower() in named}

    def _notice(self, conversation: ConversationId, reason: str) -> str:
        minutes = max(1, round(self._silence / timedelta(minutes=1)))
        return (
            f"【转人工】成员 {conversation.customer} 在应用“{self._app(conversation).name}”里需要人工服务"
            f"（{_REASONS.get(reason, reason)}）。请直接联系对方，{minutes} 分钟内机器人不再回复。"
        )

    def _app(self, conversation: ConversationId) -> App:
        return self._tenants.get(conversation.corp_id).app_of(Channel.APP, conversation.account)


def _rendered(words: str, choices: Sequence[Choice]) -> str:
    """The words with the choices below them, numbered as the customer may answer."""
    lines = [
        f"{number}. {text.cut(choice.text, limits.MENU_ITEM_TEXT)}" for number, choice in enumerate(choices, start=1)
    ]
    return "\n".join([words, *lines] if words else lines)
