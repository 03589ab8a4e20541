"""The way back to a customer in WeChat: 微信客服 (pages 94669 and 94677)."""

from collections.abc import Mapping, Sequence

from wecom_bot.adapters.wecom.api import codes, kf_api, limits
from wecom_bot.adapters.wecom.api.client import Clients, WecomClient
from wecom_bot.adapters.wecom.api.duty import account_of, anyone, receivers
from wecom_bot.adapters.wecom.api.kf_api import ServiceState, Standing
from wecom_bot.adapters.wecom.speaking import content, parts
from wecom_bot.adapters.wecom.speaking.media import Pictures
from wecom_bot.adapters.wecom.speaking.showing import show
from wecom_bot.domain.dialog import Attendant, DialogState
from wecom_bot.domain.message import ConversationId, Reply
from wecom_bot.errors import MustWait, NotAttending, RateLimited, Rejected, TemporaryFailure
from wecom_bot.ports import Cut, HandedOff, Line, Repeat, Tenants
from wecom_bot.telemetry import logs

log = logs.get(__name__)


class KfSpeaker:
    """Implements ports.Speaker for 微信客服."""

    def __init__(self, clients: Clients, tenants: Tenants, already_sent: Mapping[int, str], pictures: Pictures) -> None:
        """`already_sent`: what a repeated msgid may be refused with: code, and what its errmsg then contains."""
        self._clients = clients
        self._tenants = tenants
        self._already_sent = already_sent
        self._pictures = pictures

    def split(self, conversation: ConversationId, reply: Reply) -> Cut:
        phrases = self._tenants.get(conversation.corp_id).phrases
        return parts.cut(conversation, reply, phrases, limits.KF_PARTS, limits.MENU_HEAD)

    def budget(self, _conversation: ConversationId) -> int:
        return limits.KF_REPLIES

    def attend(self, conversation: ConversationId, known: DialogState | None) -> Attendant:
        if known is not None and known.attendant is Attendant.BOT:
            return Attendant.BOT  # if a servicer took it since, the first send says so
        client = self._client(conversation)
        standing = kf_api.standing(client, conversation)
        if standing.service_state == ServiceState.NEW:
            try:
                kf_api.move(client, conversation, ServiceState.BOT)
            except (Rejected, TemporaryFailure) as e:  # somebody moved it first; if not, we may speak in NEW as well
                log.warning("attend.not_taken", **_trouble(conversation, e))
                standing = kf_api.standing(client, conversation)
        return _who_has(standing).attendant

    def send(self, conversation: ConversationId, part: Reply, delivery_id: str, repeat: Repeat | None) -> None:
        client = self._client(conversation)

        def send(body: content.Body) -> None:
            kf_api.send(client, conversation, delivery_id, body)

        try:
            if not part.attachments:
                kf_api.send(client, conversation, delivery_id, content.menu(part))
            for attachment in part.attachments:
                show(attachment, content.KF, client, self._pictures, send)
        except Rejected as e:
            self._unless_known(conversation, e, again=repeat is not None)

    def say_by_code(self, conversation: ConversationId, code: str, part: Reply, delivery_id: str) -> None:
        if not code:
            self.send(conversation, part, delivery_id, None)
            return
        try:
            kf_api.send_on_event(self._client(conversation), code, delivery_id, content.menu(part))
        except Rejected as e:
            self._unless_known(conversation, e, again=False)

    def hand_off(self, conversation: ConversationId, reason: str, _lines: Sequence[Line]) -> HandedOff:
        client = self._client(conversation)
        already = _who_has(kf_api.standing(client, conversation))
        if already.attendant is not Attendant.BOT:
            return already
        try:
            done = self._to_servicer(client, conversation) or HandedOff(
                Attendant.QUEUE, code=kf_api.move(client, conversation, ServiceState.QUEUE)
            )
        except NotAttending:
            taken = _who_has(kf_api.standing(client, conversation))
            if taken.attendant is Attendant.BOT:
                raise
            return taken
        where = {"corp_id": conversation.corp_id, "account": conversation.account}
        log.info("handoff.done", attendant=done.attendant.value, reason=reason, **where)
        return done

    def _to_servicer(self, client: WecomClient, conversation: ConversationId) -> HandedOff | None:
        """Give it to the first of the account's servicers who takes it; None for the pool, the bot where nobody is."""
        chosen = account_of(self._tenants, conversation).servicers
        if not chosen:
            return None
        try:
            listed = kf_api.servicers(client, conversation.account)
        except (Rejected, RateLimited) as e:  # the pool asks for no list, and somebody of all is better than nobody
            log.warning("handoff.not_listed", **_trouble(conversation, e))
            return None
        for servicer in receivers(chosen, listed):
            try:
                code = kf_api.move(client, conversation, ServiceState.SERVICER, servicer)
            except NotAttending:
                raise
            except Rejected as e:  # whatever is wrong with this one; where it is the call itself, the pool says so, too
                log.info("handoff.declined", corp_id=conversation.corp_id, servicer=servicer, code=e.code)
            else:
                return HandedOff(Attendant.SERVICER, servicer, code)
        return None if anyone(listed) else HandedOff(Attendant.BOT)

    def _unless_known(self, conversation: ConversationId, refusal: Rejected, *, again: bool) -> None:
        """Raise it, unless WeCom says that it knows the message, which is success.

        Also at what we take for a first try: after a loss of Redis we cannot know, and the id names all it answers.
        """
        if not codes.already_sent(refusal.code, str(refusal), self._already_sent):
            raise refusal
        where = {"corp_id": conversation.corp_id, "account": conversation.account}
        log.info("reply.known", repeat=again, code=refusal.code, **where)

    def _client(self, conversation: ConversationId) -> WecomClient:
        return self._clients.of(conversation.corp_id, account_of(self._tenants, conversation).app)


def _trouble(conversation: ConversationId, error: Rejected | TemporaryFailure) -> dict[str, str]:
    return {"corp_id": conversation.corp_id, "account": conversation.account, "error": str(error)}


def _who_has(standing: Standing) -> HandedOff:
    """Nobody, and whoever WeCom may invent, is the bot: it must never be silent by mistake.

    Raises MustWait where it has ended: WeCom allows no move, until the customer writes.
    """
    match standing.service_state:
        case ServiceState.QUEUE:
            return HandedOff(Attendant.QUEUE)
        case ServiceState.SERVICER:
            return HandedOff(Attendant.SERVICER, standing.servicer_userid)
        case ServiceState.ENDED:
            raise MustWait("the conversation has ended: only the customer can open it again")
        case _:
            return HandedOff(Attendant.BOT)
