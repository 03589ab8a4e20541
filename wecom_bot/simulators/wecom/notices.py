"""The callbacks in WeCom's XML, and the envelope that carries them sealed (WeCom page 90238)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto
from wecom_bot.errors import ConfigurationError, InvalidInput
from wecom_bot.simulators.wecom.schema import AppSpec


def prove(app: AppSpec) -> None:
    """Raises InvalidInput when the app's callbacks could not be sealed."""
    try:
        CallbackCrypto(app.token, app.encoding_aes_key)
    except ConfigurationError as e:
        raise InvalidInput(f"app {app.name}: {e}") from e


def cdata(text: str) -> str:
    """The text as CDATA, whatever it holds."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def new_message_id() -> str:
    """A MsgId: a 64-bit integer."""
    return str(10**18 + secrets.randbelow(8 * 10**18))


def xml(fields: Mapping[str, object]) -> str:
    """The message with these fields: texts as CDATA, numbers bare, mappings nested, and lists as repeated nodes."""
    return _node("xml", fields)


def _node(name: str, value: object) -> str:
    if isinstance(value, list | tuple):
        return "".join(_node(name, one) for one in value)
    if isinstance(value, Mapping):
        inner = "".join(_node(key, one) for key, one in value.items())
    else:
        inner = cdata(value) if isinstance(value, str) else str(value)
    return f"<{name}>{inner}</{name}>"


@dataclass(frozen=True, slots=True)
class Post:
    """One HTTP request of WeCom's, ready to send."""

    url: str
    query: dict[str, str]
    body: bytes


def sealed(app: AppSpec, corp_id: str, message: str, created: int, *, named_agent: bool) -> Post:
    """The message, sealed afresh for the app: each try has its own nonce."""
    nonce = secrets.token_hex(8)
    seal = CallbackCrypto(app.token, app.encoding_aes_key).seal(message, app.receive_id or corp_id, str(created), nonce)
    agent = {"AgentID": str(app.agent_id)} if named_agent else {}
    body = xml({"ToUserName": corp_id} | agent | {"Encrypt": seal.encrypted})
    query = {"msg_signature": seal.signature, "timestamp": str(created), "nonce": nonce}
    return Post(app.callback_url, query, body.encode())


def sealed_echo(app: AppSpec, corp_id: str, echo: str, created: int) -> Post:
    """The request that proves a callback URL."""
    nonce = secrets.token_hex(8)
    seal = CallbackCrypto(app.token, app.encoding_aes_key).seal(echo, app.receive_id or corp_id, str(created), nonce)
    query = {"msg_signature": seal.signature, "timestamp": str(created), "nonce": nonce, "echostr": seal.encrypted}
    return Post(app.callback_url, query, b"")
