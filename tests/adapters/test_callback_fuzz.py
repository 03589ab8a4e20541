"""A hundred thousand bodies, random or mutated: the gate lets in, or refuses by CallbackRefused, and nothing else."""

import base64
import json
import random
from collections.abc import Callable

import pytest
from Crypto.Cipher import AES
from structlog.testing import capture_logs

from tests.fakes import SettableClock
from tests.fixtures.front_door import KEY, TOKEN, KnownTenants, credentials
from wecom_bot.adapters.wecom.inbound.callback import WecomGate
from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto
from wecom_bot.adapters.wecom.inbound.envelope import _any_leaves, _flat_leaves
from wecom_bot.domain.message import Callback, CorpId
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import CallbackRefused

CORP = CorpId("ww0123456789abcdef")
TENANT = Tenant.model_validate({"corp_id": CORP, "apps": [{"name": "service", "agent_id": 1000002}]})
GATE = WecomGate(KnownTenants([TENANT], credentials()), SettableClock())
CRYPTO = CallbackCrypto(TOKEN, KEY)
AES_KEY = base64.b64decode(KEY + "=")
NOW, NONCE = "1700000000", "nonce123"
TEXT = (
    f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[zhangsan]]></FromUserName><CreateTime>"
    "1700000002</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好，A&B <1001>😀]]></Content>"
    "<MsgId>7300000000000000001</MsgId><AgentID>1000002</AgentID></xml>"
)
PLAIN = [
    TEXT,
    "<xml><CreateTime>1</CreateTime><MsgType>event</MsgType><Event>kf_msg_or_event</Event><Token>T</Token></xml>",
    '{"FromUserName":"z","CreateTime":1700000000,"MsgType":"text","Content":"\\ud83d\\ude00","AgentID":1000002}',
    '{"msgid":"C","aibotid":"A","from":{"userid":"z"},"msgtype":"text","text":{"content":"x"}}',
]
SCRAPS = [
    "<",
    ">",
    "]]>",
    "<![CDATA[",
    "&",
    "&a;",
    "<!DOCTYPE x [",
    "<?xml encoding='gbk'?>",
    "{",
    "}",
    '"',
    "\\ud800",
    "é",
]
SCRAPS += ["\x00", "\ufeff", "9" * 5000, "[" * 2000, '{"a":' * 2000, "Encrypt", "AgentID", "1e999", "-", "null", "\r\n"]


def mutated(rng: random.Random, text: str) -> str:
    """The text with one to three cuts, doublings or scraps put in."""
    for _ in range(rng.randint(1, 3)):
        at, end = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
        change = rng.randrange(4)
        if change == 0:
            text = text[:at] + text[end:]
        elif change == 1:
            text = text[:end] + text[at:]
        else:
            text = text[:at] + rng.choice(SCRAPS) + text[at + change - 2 :]
    return text


def envelope(encrypted: str) -> str:
    return f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"


def signed(body: str, encrypted: str) -> Callback:
    signature = CRYPTO._sign(NOW, NONCE, encrypted)  # noqa: SLF001 - a key holder's, so that what lies behind is reached
    return Callback(signature, NOW, NONCE, body.encode("utf-8", "replace"))


def random_bytes(rng: random.Random) -> Callback:
    sealed = CRYPTO.seal(TEXT, CORP, NOW, NONCE)
    return Callback(sealed.signature, NOW, NONCE, rng.randbytes(rng.randint(0, 300)))


def mutated_envelope(rng: random.Random) -> Callback:
    encrypted = CRYPTO.seal(TEXT, CORP, NOW, NONCE).encrypted
    body = envelope(encrypted) if rng.random() < 0.5 else json.dumps({"encrypt": encrypted, "agentid": 1000002})
    return signed(mutated(rng, body), encrypted)


def mutated_ciphertext(rng: random.Random) -> Callback:
    encrypted = mutated(rng, CRYPTO.seal(TEXT, CORP, NOW, NONCE).encrypted)
    return signed(json.dumps({"encrypt": encrypted}), encrypted.strip())


def mutated_padding_and_length(rng: random.Random) -> Callback:
    plain = bytearray(b"r" * 16 + len(TEXT.encode()).to_bytes(4, "big") + TEXT.encode() + CORP.encode())
    plain += bytes([32 - len(plain) % 32]) * (32 - len(plain) % 32)
    for _ in range(rng.randint(1, 3)):
        plain[rng.choice([16, 17, 18, 19, -1, -2, rng.randrange(len(plain))])] = rng.randrange(256)
    encrypted = base64.b64encode(AES.new(AES_KEY, AES.MODE_CBC, AES_KEY[:16]).encrypt(bytes(plain))).decode()
    return signed(envelope(encrypted), encrypted)


def mutated_plaintext(rng: random.Random) -> Callback:
    sealed = CRYPTO.seal(mutated(rng, rng.choice(PLAIN)), CORP, NOW, NONCE)
    return signed(envelope(sealed.encrypted), sealed.encrypted)


@pytest.mark.parametrize(
    ("make", "rounds", "reached"),
    [
        (random_bytes, 15_000, {"xml"}),
        (mutated_envelope, 25_000, {"signature", "xml", "json", "fields"}),
        (mutated_ciphertext, 15_000, {"base64", "length", "padding"}),
        (mutated_padding_and_length, 15_000, {"length", "padding", "utf8", "receive_id"}),
        (mutated_plaintext, 30_000, {"xml", "json", "fields"}),
    ],
)
def test_no_body_crashes_the_gate(make: Callable[[random.Random], Callback], rounds: int, reached: set[str]) -> None:
    rng = random.Random(make.__name__)  # noqa: S311 - the same bodies every time, so that a failure can be looked at
    kinds: set[str] = set()
    with capture_logs() as lines:
        for _ in range(rounds):
            try:
                GATE.open(TENANT, "service", make(rng), "trace")
            except CallbackRefused as e:
                kinds.add(e.kind)
            lines.clear()
    assert reached <= kinds


def test_what_is_read_without_a_parser_is_what_a_parser_reads() -> None:
    rng = random.Random("flat")  # noqa: S311 - as above
    seals = [CRYPTO.seal(TEXT, CORP, NOW, NONCE).encrypted for _ in range(3)]
    texts = [*PLAIN[:2], *map(envelope, seals), "<xml></xml>", "<xml>\n <A></A>\t<A><![CDATA[]]></A> </xml>\n"]
    quick = 0
    for _ in range(30_000):
        text = rng.choice(texts)
        text = mutated(rng, text) if rng.random() < 0.9 else text
        if flat := _flat_leaves(text):
            quick += 1
            assert flat == _any_leaves(text), text
    assert quick > 3_000
