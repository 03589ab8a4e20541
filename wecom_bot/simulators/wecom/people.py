"""What customers and members do: they say, click, enter, take back; a callback tells the bot of each action."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from wecom_bot.errors import InvalidInput
from wecom_bot.simulators.wecom import notices, orders
from wecom_bot.simulators.wecom.apps import SimulatedApp
from wecom_bot.simulators.wecom.codes import Occasion
from wecom_bot.simulators.wecom.kf import SimulatedKfAccount
from wecom_bot.simulators.wecom.news import CUSTOMER, EVENT, News
from wecom_bot.simulators.wecom.sayings import item_body
from wecom_bot.simulators.wecom.schema import ConversationState, Door, Saying
from wecom_bot.simulators.wecom.sender import Notice, Sender
from wecom_bot.simulators.wecom.world import Corp, WecomWorld


class People:
    """The customers and members of a world. Actions raise Unknown and InvalidInput."""

    def __init__(self, world: WecomWorld, sender: Sender, news: News) -> None:
        self._world = world
        self._sender = sender
        self._news = news

    def say(self, saying: Saying) -> str:
        """A customer writes; the message's id."""
        with self._world.lock:
            corp = self._world.corp(saying.corp_id)
            say = self._say_to_account if saying.channel is Door.KF else self._say_to_app
            return say(corp, saying)

    def click(self, click: orders.Click) -> str:
        """A customer clicks a menu entry that the bot showed; the id of the message that comes of it."""
        with self._world.lock:
            corp, kf = self._at(click)
            shown = kf.conversation(click.customer).menus
            if click.choice_id not in shown:
                raise InvalidInput(f"{click.customer} was shown no entry {click.choice_id!r}, only {sorted(shown)}")
            saying = Saying(
                corp_id=click.corp_id,
                account=click.account,
                customer=click.customer,
                text=shown[click.choice_id],
                fields={"menu_id": click.choice_id},
            )
            return self._say_to_account(corp, saying)

    def enter(self, entrance: orders.Enter) -> str:
        """A customer opens the conversation; the event's id. It has a welcome_code if the customer may be greeted."""
        with self._world.lock:
            now = self._world.clock.now()
            corp, kf = self._at(entrance)
            conversation = kf.conversation(entrance.customer)
            fields: dict[str, Any] = {"scene": entrance.scene, "scene_param": quote(entrance.scene_param, safe="")}
            if entrance.wechat_channels:
                fields["wechat_channels"] = entrance.wechat_channels
            corp.customer(entrance.customer).enters(now, dict(fields))
            if conversation.may_be_greeted(now) and not self._world.modes.native_welcome:
                fields["welcome_code"] = corp.codes.issue(Occasion.WELCOME, kf.open_kfid, conversation, now)
            return self._news.event(corp, kf, "enter_session", entrance.customer, **fields)

    def recall(self, recall: orders.Recall) -> str:
        """A customer takes back a message, which stays on the list; the event's id."""
        with self._world.lock:
            corp, kf = self._at(recall)
            if not kf.said(recall.msgid, CUSTOMER, recall.customer):
                raise InvalidInput(f"{recall.customer} said no {recall.msgid!r}")
            where = (corp.corp_id, Door.KF, kf.open_kfid, recall.customer)
            self._world.screens.waits_no_more(where, recall.msgid)
            return self._news.event(corp, kf, "user_recall_msg", recall.customer, recall_msgid=recall.msgid)

    def event(self, event: orders.AccountEvent) -> str:
        """Any other event of an account, under WeCom's names; its id."""
        with self._world.lock:
            corp = self._world.corp(event.corp_id)
            body = {"msgtype": "event", "event": event.event}
            return self._news.append(corp, corp.account(event.account), EVENT, body)

    def app_event(self, event: orders.AppEvent) -> str:
        """An event of an own app, under WeCom's names; an id, to ask for its delivery."""
        with self._world.lock:
            corp = self._world.corp(event.corp_id)
            app = corp.app_called(event.app)
            about: dict[str, object] = {"Event": event.event, "AgentID": app.spec.agent_id}
            return self._call_back(corp, app, event.userid, {"MsgType": "event"} | about | event.fields)

    def state(self, of: orders.OfConversation) -> ConversationState:
        """Who has a kf conversation, without an API call being counted."""
        with self._world.lock:
            _, kf = self._at(of)
            conversation = kf.conversation(of.customer)
            state = conversation.state(self._world.clock.now())
            return ConversationState(service_state=state, servicer_userid=conversation.servicer)

    def _at(self, of: orders.OfConversation) -> tuple[Corp, SimulatedKfAccount]:
        corp = self._world.corp(of.corp_id)
        return corp, corp.account(of.account)

    def _say_to_account(self, corp: Corp, saying: Saying) -> str:
        kf = corp.account(saying.account)
        corp.customer(saying.customer)
        kf.conversation(saying.customer).customer_wrote(self._world.clock.now())
        whose = {"open_kfid": kf.open_kfid, "external_userid": saying.customer}
        body = whose | item_body(self._world.media, saying.msgtype, saying.text, saying.fields)
        msgid = self._news.append(corp, kf, CUSTOMER, body, saying.copies, swallow=saying.swallow)
        self._world.screens.customer_waits((corp.corp_id, Door.KF, kf.open_kfid, saying.customer), msgid)
        return msgid

    def _say_to_app(self, corp: Corp, saying: Saying) -> str:
        app, message_id = corp.app_of_agent(saying.account), notices.new_message_id()
        fields: dict[str, object] = {"MsgType": saying.msgtype}
        fields |= ({"Content": saying.text} if saying.msgtype == "text" else {}) | saying.fields
        fields = {"MsgId": int(message_id)} | fields | {"AgentID": app.spec.agent_id}  # who says may choose the MsgId
        self._call_back(corp, app, saying.customer, fields, saying, message_id)
        self._world.screens.customer_waits((corp.corp_id, Door.APP, saying.account, saying.customer), message_id)
        return message_id

    def _call_back(
        self,
        corp: Corp,
        app: SimulatedApp,
        member: str,
        fields: Mapping[str, object],
        saying: Saying | None = None,
        message_id: str = "",
    ) -> str:
        """Tell the app what the member did; one member's actions go in their order."""
        app.writers.add(member)
        created = self._world.clock.shown(self._world.clock.now())
        about = {"ToUserName": corp.corp_id, "FromUserName": member, "CreateTime": created, **fields}
        lane = f"{corp.corp_id}/{app.spec.name}/{member}"
        message_id = message_id or notices.new_message_id()
        notice = Notice(message_id, corp.corp_id, app.spec, notices.xml(about), named_agent=True, lane=lane)
        self._sender.submit(notice, saying.copies if saying else None, swallow=saying.swallow if saying else None)
        return message_id
