"""The least that a turn can be in this house's own tools: what `make bench` holds ours against.

A Flask route under our own gunicorn settings checks and decrypts the callback with our own crypto and answers 200;
a greenlet makes one streamed Coze chat and one message/send over warm connections. For 微信客服 it also fetches the
messages, asks who has the conversation, and says it by kf/send_msg. Nothing is stored, logged, retried or known twice:
it is no bot, and loses messages when it dies.
"""

import json
import os
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import gevent
import urllib3
from flask import Flask, request

from wecom_bot.adapters.wecom.inbound import envelope
from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto

SETTING = "FLOOR"
"""The environment variable with the fields of `Place`, as JSON."""
_CALLS = 64
_CHUNK = 64 * 1024
_TEXT = "text"
_CUSTOMER = 3  # the origin of what a customer said


@dataclass(frozen=True)
class Place:
    """Where the neighbours are, and what they know us by."""

    corp_id: str
    agent_id: int
    secret: str
    token: str
    encoding_aes_key: str
    wecom_url: str
    coze_url: str
    coze_token: str
    bot_id: str
    known: dict[str, str] = field(default_factory=dict)  # what is answered without Coze, by the words that ask for it


def _pool(url: str) -> urllib3.HTTPConnectionPool:
    parts = urlsplit(url)
    return urllib3.HTTPConnectionPool(str(parts.hostname), parts.port, maxsize=_CALLS, block=True, retries=False)


@dataclass
class Floor:
    """One turn after the other, of whoever wrote."""

    place: Place
    _cursors: dict[str, str] = field(default_factory=dict)
    _pulling: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._wecom, self._coze = _pool(self.place.wecom_url), _pool(self.place.coze_url)
        query = f"corpid={self.place.corp_id}&corpsecret={self.place.secret}"
        self._access = json.loads(self._wecom.request("GET", f"/cgi-bin/gettoken?{query}").data)["access_token"]

    def take(self, fields: dict[str, str]) -> None:
        """What a callback says, in the background."""
        if fields.get("Event") == "kf_msg_or_event":
            gevent.spawn(self._pull, fields["OpenKfId"], fields["Token"])
        elif fields.get("MsgType") == _TEXT:
            gevent.spawn(self._member, fields["FromUserName"], fields["Content"])

    def _member(self, userid: str, said: str) -> None:
        words = {"msgtype": _TEXT, _TEXT: {"content": self._chat(userid, said)}, "enable_duplicate_check": 0}
        self._call("message/send", {"touser": userid, "agentid": self.place.agent_id, **words})

    def _pull(self, open_kfid: str, token: str) -> None:
        with self._pulling:  # else two would fetch the same
            asked = {"open_kfid": open_kfid, "token": token, "limit": 1000, "cursor": self._cursors.get(open_kfid, "")}
            page = self._call("kf/sync_msg", asked)
            self._cursors[open_kfid] = page["next_cursor"]
        for item in page["msg_list"]:
            if item["origin"] == _CUSTOMER and item["msgtype"] == _TEXT:
                gevent.spawn(self._customer, open_kfid, item["external_userid"], item[_TEXT]["content"])

    def _customer(self, open_kfid: str, customer: str, said: str) -> None:
        self._call("kf/service_state/get", {"open_kfid": open_kfid, "external_userid": customer})
        words = {"msgtype": _TEXT, _TEXT: {"content": self._chat(customer, said)}}
        where = {"touser": customer, "open_kfid": open_kfid, "msgid": uuid.uuid4().hex}
        self._call("kf/send_msg", where | words)

    def _call(self, api: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._wecom.request("POST", f"/cgi-bin/{api}?access_token={self._access}", json=body)
        found: dict[str, Any] = json.loads(answer.data)
        if found.get("errcode"):
            raise RuntimeError(f"{api}: {found}")
        return found

    def _chat(self, user_id: str, said: str) -> str:
        if said in self.place.known:
            return self.place.known[said]
        message = {"role": "user", "type": "question", "content": said, "content_type": "text"}
        body = {
            "bot_id": self.place.bot_id,
            "user_id": user_id,
            "stream": True,
            "auto_save_history": True,
            "additional_messages": [message],
            "custom_variables": {},
            "meta_data": {},
        }
        headers = {"Authorization": f"Bearer {self.place.coze_token}", "Accept": "text/event-stream"}
        answer = self._coze.request("POST", "/v3/chat", json=body, headers=headers, preload_content=False)
        heard = bytearray()
        while piece := answer.read1(_CHUNK):
            heard += piece
        answer.release_conn()
        return spoken(bytes(heard))


def spoken(stream: bytes) -> str:
    """The bot's answer in a stream of events that came to its end."""
    for event in stream.decode().split("\n\n"):
        name, _, data = event.strip().partition("\n")
        if name.endswith("conversation.message.completed"):
            message = json.loads(data.partition("data:")[2])
            if message["type"] == "answer":
                return str(message["content"])
    raise ValueError("the chat came to no answer")


def create() -> Flask:
    """The app, from the environment."""
    place = Place(**json.loads(os.environ[SETTING]))
    crypto, floor = CallbackCrypto(place.token, place.encoding_aes_key), Floor(place)
    app = Flask(__name__)

    @app.get("/readyz")
    def ready() -> str:
        return ""

    @app.post("/callback/<_corp_id>/<_app>")
    def callback(_corp_id: str, _app: str) -> str:
        given = request.args
        sealed = envelope.encrypted(request.get_data())
        plain = crypto.open(given["msg_signature"], given["timestamp"], given["nonce"], sealed, {place.corp_id})
        floor.take(envelope.top(envelope.leaves(plain)))
        return ""

    return app
