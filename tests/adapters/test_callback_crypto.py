"""The callback crypto: golden vectors of other projects, wechatpy as a second opinion, and what holds for any input."""

import base64
import json
import string
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from Crypto.Cipher import AES
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.work.crypto import WeChatCrypto

from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto
from wecom_bot.errors import CallbackRefused, ConfigurationError

SAMPLES = Path(__file__).parents[2] / "callback_samples"
TOKEN = "testtoken123"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
CORP = "ww0123456789abcdef"
NOW, NONCE = "1700000000", "nonce123"
CRYPTO = CallbackCrypto(TOKEN, KEY)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
words = st.text(string.ascii_letters + string.digits, min_size=1, max_size=20)


def golden(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / name / "request.json").read_text(encoding="utf-8"))
    return found


def sealed_raw(plain: bytes) -> str:
    """The plaintext encrypted as it is: what no honest sender makes."""
    key = base64.b64decode(KEY + "=")
    return base64.b64encode(AES.new(key, AES.MODE_CBC, key[:16]).encrypt(plain)).decode()


def opened(encrypted: str, receive_id: str = CORP) -> str:
    signature = CRYPTO._sign(NOW, NONCE, encrypted)  # noqa: SLF001 - to get past the first check, as a key holder could
    return CRYPTO.open(signature, NOW, NONCE, encrypted, {receive_id})


def refusal(encrypted: str) -> str:
    with pytest.raises(CallbackRefused) as caught:
        opened(encrypted)
    return caught.value.kind


def test_the_documented_example_opens() -> None:
    sample = golden("official-php-verify-url")
    crypto = CallbackCrypto(sample["token"], sample["encoding_aes_key"])
    query = sample["query"]
    where = (query["msg_signature"], query["timestamp"], query["nonce"])
    assert crypto.open(*where, query["echostr"], {"wx5823bf96d3bd56c7"}) == "1616140317555161061"


def test_an_echostr_survives_a_proxy_that_turned_plus_into_space() -> None:
    sample = golden("official-php-verify-url")
    crypto = CallbackCrypto(sample["token"], sample["encoding_aes_key"])
    query = sample["query"]
    assert "+" in query["echostr"]
    where = (query["msg_signature"], query["timestamp"], query["nonce"])
    broken = query["echostr"].replace("+", " ")
    assert crypto.open_echo(*where, broken, {"wx5823bf96d3bd56c7"}) == "1616140317555161061"
    with pytest.raises(CallbackRefused):
        crypto.open(*where, broken, {"wx5823bf96d3bd56c7"})


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", id="published, odd trailing bits"),
        pytest.param("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", id="published, odd trailing bits too"),
    ],
)
def test_a_key_with_odd_trailing_bits_is_a_key(key: str) -> None:
    crypto = CallbackCrypto(TOKEN, key)
    sealed = crypto.seal("您好", CORP, NOW, NONCE)
    assert crypto.open(sealed.signature, NOW, NONCE, sealed.encrypted, [CORP]) == "您好"


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "A", KEY[:-1] + "=", KEY[:-1] + "+", KEY[:-1] + "键"])
def test_a_wrong_key_is_the_operators_to_change_and_is_not_shown(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        CallbackCrypto(TOKEN, key)
    assert KEY[:20] not in str(caught.value)


def test_an_empty_token_would_let_anybody_sign() -> None:
    with pytest.raises(ConfigurationError):
        CallbackCrypto("", KEY)


def test_the_signature_is_checked_before_anything_is_decoded() -> None:
    with pytest.raises(CallbackRefused) as caught:
        CRYPTO.open("0" * 40, NOW, NONCE, "@@@", {CORP})
    assert caught.value.kind == "signature"


@pytest.mark.parametrize(
    ("encrypted", "kind"),
    [
        ("@@@not-base64@@@", "base64"),
        ("密文", "base64"),
        ("AAA", "base64"),
        ("", "length"),
        (base64.b64encode(b"x" * 33).decode(), "length"),
        (sealed_raw(b"x" * 31 + b"\x00"), "padding"),
        (sealed_raw(b"x" * 31 + b"\x21"), "padding"),
        (sealed_raw(b"x" * 30 + b"\x03\x02"), "padding"),
        (sealed_raw(b"\x20" * 16), "padding"),  # one block that claims a pad of two
        (sealed_raw(b"\x10" * 16), "length"),  # nothing left
        (sealed_raw(b"r" * 19 + b"\x0d" * 13), "length"),  # 19 bytes left: not even a length
        (sealed_raw(b"r" * 16 + b"\x00\x00\x00\x01" + b"\x0c" * 12), "length"),
        (sealed_raw(b"r" * 16 + b"\xff\xff\xff\xff" + b"\x0c" * 12), "length"),
        (sealed_raw(b"r" * 16 + b"\x00\x00\x00\x01\xff" + b"\x0b" * 11), "utf8"),
        (sealed_raw(b"r" * 16 + b"\x00\x00\x00\x00\xff" + b"\x0b" * 11), "utf8"),
        (CRYPTO.seal("您好", "wwother", NOW, NONCE).encrypted, "receive_id"),
        (CRYPTO.seal("您好", "", NOW, NONCE).encrypted, "receive_id"),
    ],
    ids=count(),  # what is sealed is another each time, and the names of the tests may not be
)
def test_each_fault_has_its_own_kind(encrypted: str, kind: str) -> None:
    assert refusal(encrypted) == kind


def test_an_empty_receiveid_opens_only_where_it_is_expected() -> None:
    assert opened(CRYPTO.seal("{}", "", NOW, NONCE).encrypted, receive_id="") == "{}"


def test_a_refusal_says_its_kind_and_nothing_of_what_it_saw() -> None:
    sealed = CRYPTO.seal("秘密", "wwother", NOW, NONCE)
    with pytest.raises(CallbackRefused) as caught:
        CRYPTO.open(sealed.signature, NOW, NONCE, sealed.encrypted, {CORP})
    assert str(caught.value) == "receive_id"


def test_a_prefix_has_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="16"):
        CRYPTO.seal("您好", CORP, NOW, NONCE, prefix=b"short")


def test_two_seals_of_one_message_differ() -> None:
    assert CRYPTO.seal("您好", CORP, NOW, NONCE) != CRYPTO.seal("您好", CORP, NOW, NONCE)


@given(texts, texts, words, words)
def test_what_was_sealed_opens(message: str, receive_id: str, timestamp: str, nonce: str) -> None:
    sealed = CRYPTO.seal(message, receive_id, timestamp, nonce)
    assert CRYPTO.open(sealed.signature, timestamp, nonce, sealed.encrypted, {receive_id}) == message


@given(texts)
def test_wechatpy_opens_what_we_seal(message: str) -> None:
    sealed = CRYPTO.seal(message, CORP, NOW, NONCE)
    envelope = {"Encrypt": sealed.encrypted}
    assert WeChatCrypto(TOKEN, KEY, CORP).decrypt_message(envelope, sealed.signature, NOW, NONCE) == message


@given(texts)
def test_we_open_what_wechatpy_seals(message: str) -> None:
    envelope = WeChatCrypto(TOKEN, KEY, CORP).encrypt_message(message, NONCE, NOW)
    encrypted = envelope.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    signature = envelope.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    assert CRYPTO.open(signature, NOW, NONCE, encrypted, {CORP}) == message


@given(st.data(), texts)
def test_one_changed_character_anywhere_is_refused(data: st.DataObject, message: str) -> None:
    sealed = CRYPTO.seal(message, CORP, NOW, NONCE)
    given_ = [sealed.signature, NOW, NONCE, sealed.encrypted]
    which = data.draw(st.integers(0, 3))
    at = data.draw(st.integers(0, len(given_[which]) - 1))
    other = data.draw(st.characters().filter(lambda character: character != given_[which][at]))
    given_[which] = given_[which][:at] + other + given_[which][at + 1 :]
    with pytest.raises(CallbackRefused) as caught:
        CRYPTO.open(given_[0], given_[1], given_[2], given_[3], {CORP})
    assert caught.value.kind == "signature"


@given(st.binary(max_size=400))
def test_a_key_holders_nonsense_is_refused_or_opens_but_never_crashes(ciphertext: bytes) -> None:
    try:
        opened(base64.b64encode(ciphertext).decode())
    except CallbackRefused as e:
        assert e.kind in {"length", "padding", "utf8", "receive_id"}  # noqa: PT017 - either outcome is right


@given(st.text(), st.text(), st.text(), st.text(st.characters()))
def test_any_strings_at_all_are_refused(signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
    with pytest.raises(CallbackRefused):
        CRYPTO.open(signature, timestamp, nonce, encrypted, {CORP})
