"""The way back to a member in a corp's own app (page 90236)."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Any

from wecom_bot.adapters.sharing import Allowance
from wecom_bot.adapters.wecom.api import codes, limits
from wecom_bot.adapters.wecom.api.client import Clients
from wecom_bot.adapters.wecom.speaking import content, parts
from wecom_bot.adapters.wecom.speaking.content import Body
from wecom_bot.adapters.wecom.speaking.media import Pictures
from wecom_bot.adapters.wecom.speaking.notice import notices
from wecom_bot.adapters.wecom.speaking.showing import show
from wecom_bot.domain.dialog import Attendant, DialogState
from wecom_bot.domain.message import Channel, ConversationId, Reply
from wecom_bot.domain.tenant import App
from wecom_bot.errors import RateLimited, Rejected, TemporaryFailure
from wecom_bot.ports import Clock, Cut, HandedOff, Line, Repeat, Tenants
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_SEND = "message/send"
_NO_RECIPIENT = 81013
# The first try was timed by Redis's clock, and ours runs apart by less than this, or the repeat is shown
# (docs/decisions/0006). With more, the same words said on purpose before would be taken for the first try.
_MARGIN = timedelta(seconds=2)
_ADVICE = "请在租户配置里给该应用设置可见范围内的 servicers / set the app's servicers, who must be able to see it"
_SAME_NOTICE = timedelta(minutes=10)
_ON_ITS_WAY = timedelta(seconds=5)  # how much later than we WeCom may have timed what was said before


class AppSpeaker:
    """Implements ports.Speaker for a corp's own apps.

    WeCom knows no attendants here: after a handoff we are silent for `handoff_silence`, so that a servicer may talk;
    where nobody could be told, the bot goes on, because silence would be all that the member gets.
    """

    def __init__(
        self,
        clients: Clients,
        tenants: Tenants,
        clock: Clock,
        handoff_silence: timedelta,
        allowance: Allowance,
        pictures: Pictures,
    ) -> None:
        self._clients = clients
        self._tenants = tenants
        self._clock = clock
        self._silence = handoff_silence
        self._allowance = allowance
        self._pictures = pictures

    def split(self, conversation: ConversationId, reply: Reply) -> Cut:
        phrases = self._tenants.get(conversation.corp_id).phrases
        return parts.cut(conversation, reply, phrases, limits.PARTS, content.above(reply.choices))

    def budget(self, _conversation: ConversationId) -> int:
        return 0

    def attend(self, _conversation: ConversationId, known: DialogState | None) -> Attendant:
        if known is None or known.attendant is not Attendant.SERVICER or known.attendant_since is None:
            return Attendant.BOT
        silent = self._clock.now() - known.attendant_since < self._silence
        return Attendant.SERVICER if silent else Attendant.BOT

    def send(self, conversation: ConversationId, part: Reply, delivery_id: str, repeat: Repeat | None) -> None:
        del delivery_id  # message/send takes none: WeCom knows a repeat by its words, if we ask it to look
        if repeat and self._tenants.get(conversation.corp_id).on_lost_answer == "suppress":
            log.info("reply.suppressed", corp_id=conversation.corp_id, account=conversation.account)
            return

        def leave() -> timedelta | None:
            self._wait_for_leave(conversation)
            return self._look_back(conversation, repeat)  # as late as can be: it reaches over that wait, too

        def send(body: Body) -> None:
            _all_told(self._post(conversation, [conversation.customer], body, leave()))

        if not part.attachments:  # not by `send`: that would be a frame more on the way of every answer
            _all_told(self._post(conversation, [conversation.customer], content.numbered(part), leave()))
        client = self._clients.of(conversation.corp_id, self._app(conversation).name)
        for attachment in part.attachments:
            show(attachment, content.APP, client, self._pictures, send)

    def say_by_code(self, conversation: ConversationId, _code: str, part: Reply, delivery_id: str) -> None:
        self.send(conversation, part, delivery_id, None)

    def hand_off(self, conversation: ConversationId, reason: str, lines: Sequence[Line]) -> HandedOff:
        app = self._app(conversation)
        where = {"corp_id": conversation.corp_id, "app": app.name, "reason": reason}
        allowed = self._allowed(conversation, app.servicers)
        if held := sorted(set(app.servicers) - set(allowed)):
            log.warning("handoff.held_back", servicers=held, **where)
        first, *older = notices(conversation.customer, app.name, reason, self._silence, lines)
        lost = self._not_told(conversation, allowed, first)
        told = [userid for userid in allowed if userid not in lost]
        for words in older:
            self._tell_more(conversation, told, words)
        if lost or not app.servicers:
            event = "handoff.not_told" if told else "handoff.nobody"
            log.warning(event, advice=_ADVICE, servicers=sorted(lost), **where)
        log.info("handoff.told", servicers=len(told), **where)
        return HandedOff(Attendant.SERVICER if told else Attendant.BOT)

    def _tell_more(self, conversation: ConversationId, servicers: Sequence[str], words: str) -> None:
        """What was said earlier, to those who know the rest: they can do without it, so it fails no handoff."""
        try:
            self._not_told(conversation, self._allowed(conversation, servicers), words)
        except (Rejected, TemporaryFailure) as e:
            log.warning("handoff.shortened", corp_id=conversation.corp_id, error=type(e).__name__)

    def _not_told(self, conversation: ConversationId, servicers: Sequence[str], words: str) -> set[str]:
        """Tell them; whom WeCom did not tell."""
        if not servicers:
            return set()
        try:
            return self._post(conversation, servicers, content.plain(words), min(self._silence, _SAME_NOTICE))
        except Rejected as e:
            if e.code != _NO_RECIPIENT:
                raise
            return set(servicers)

    def _look_back(self, conversation: ConversationId, repeat: Repeat | None) -> timedelta | None:
        """How far WeCom should look for the first try; None to have it shown in any case.

        That is where the same words were said on purpose so shortly before that WeCom would take those for the first
        try, and the customer would see nothing: rather twice than never.
        """
        if repeat is None:
            return None
        now = self._clock.now()
        span = min(max(now - repeat.tried_at + _MARGIN, timedelta(seconds=1)), limits.DUPLICATE_CHECK)
        if repeat.same_before is not None and now - repeat.same_before <= span + _ON_ITS_WAY:
            log.info("reply.unchecked", corp_id=conversation.corp_id, account=conversation.account)
            return None
        return span

    def _wait_for_leave(self, conversation: ConversationId) -> None:
        if wait := self._wait(conversation, conversation.customer):
            raise RateLimited("a member gets no more messages from one app for now", wait)

    def _allowed(self, conversation: ConversationId, servicers: Sequence[str]) -> list[str]:
        """Those who may get another message now, which is counted."""
        return [userid for userid in servicers if not self._wait(conversation, userid)]

    def _wait(self, conversation: ConversationId, userid: str) -> timedelta:
        """How long until another message to this member; zero, and it is counted, for now."""
        what = f"member/{self._app(conversation).agent_id}/{userid}"
        return self._allowance.take(conversation.corp_id, what, limits.MEMBER)

    def _post(
        self, conversation: ConversationId, users: Sequence[str], body: Body, look_back: timedelta | None
    ) -> set[str]:
        """Send it; who did not get it. With `look_back` WeCom drops it if it had the same one in that time."""
        app = self._app(conversation)
        message: dict[str, Any] = {**body, "enable_duplicate_check": 0}
        if look_back is not None:
            seconds = ceil(look_back.total_seconds())  # to round down would take from the margin
            message |= {"enable_duplicate_check": 1, "duplicate_check_interval": seconds}
        client = self._clients.of(conversation.corp_id, app.name)
        whom = {"touser": "|".join(users), "toparty": "", "totag": "", "agentid": app.agent_id}
        answer = client.call(_SEND, whom | message)
        # WeCom sends to the others, says "ok", and names these in lower case
        named = "|".join(str(answer.get(name) or "") for name in ("invaliduser", "unlicenseduser")).lower().split("|")
        return {user for user in users if user.lower() in named}

    def _app(self, conversation: ConversationId) -> App:
        return self._tenants.get(conversation.corp_id).app_of(Channel.APP, conversation.account)


def _all_told(missed: set[str]) -> None:
    """Raises Rejected where somebody was not."""
    if missed:
        raise codes.failure(_NO_RECIPIENT, "invaliduser", _SEND)
