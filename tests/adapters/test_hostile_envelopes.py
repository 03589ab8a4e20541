"""Envelopes made by strangers to cost us time: what is read before the signature is checked has a bound."""

import base64
import json
import sys
import time
from collections.abc import Callable
from types import FrameType

import pytest

from wecom_bot.adapters.wecom.inbound.envelope import encrypted
from wecom_bot.errors import CallbackRefused

KILOBYTE = 1024
SEALED = base64.b64encode(bytes(range(256)) * 40).decode()


def filled(head: str, piece: str, tail: str) -> Callable[[int], bytes]:
    """Makes a body of about that many bytes, of a piece said again and again."""

    def made(size: int) -> bytes:
        return (head + piece * max(0, (size - len((head + tail).encode())) // len(piece.encode())) + tail).encode()

    return made


def numbered(head: str, piece: str, tail: str) -> Callable[[int], bytes]:
    """The same of pieces that all differ."""

    def made(size: int) -> bytes:
        pieces, left = list[str](), size - len(head + tail)
        while left > 0:
            pieces.append(piece.format(len(pieces)))
            left -= len(pieces[-1])
        return (head + "".join(pieces) + tail).encode()

    return made


BOMBS = {
    "a JSON list": filled('{"a":[1', ",1", "]}"),
    "a JSON list of lists": filled('{"a":[[]', ",[]", "]}"),
    "a JSON list of words": filled('{"a":["x"', ',"x"', "]}"),
    "JSON keys": numbered('{"z":1', ',"{}":1', "}"),
    "one JSON key again and again": filled('{"z":1', ',"z":1', "}"),
    "Encrypt again and again": filled('{"encrypt":"A"', ',"encrypt":"A"', "}"),
    "JSON lists within each other": filled('{"a":', "[", ""),
    "JSON objects within each other": filled("", '{"a":', ""),
    "a JSON number": filled('{"encrypt":', "9", "}"),
    "JSON numbers as long as may be": filled('{"encrypt":[1', "," + "9" * 4300, "]}"),
    "a JSON fraction": filled('{"encrypt":0.', "9", "}"),
    "a JSON exponent": filled('{"encrypt":1e', "9", "}"),
    "JSON escapes": filled('{"encrypt":"', "\\/", '"}'),
    "JSON code points": filled('{"encrypt":"', "\\ud83d\\ude00", '"}'),
    "JSON halves of code points": filled('{"encrypt":"', "\\ud83d", '"}'),
    "JSON blanks": filled("{", " ", "}"),
    "a JSON name": filled('{"', "a", '":1}'),
    "JSON words that end nowhere": filled('{"encrypt":"', "a", ""),
    "JSON quotes": filled("{", '""', "}"),
    "blanks": filled("", " ", ""),
    "no-break spaces": filled("", "\u00a0", "{"),
    "byte order marks": filled("", "\ufeff", "{}"),
    "zeroes": filled("", "\x00", ""),
    "control characters in XML": filled("<xml><Encrypt>", "\x01", "</Encrypt></xml>"),
    "no characters in XML": filled("<xml><Encrypt>", "\ufffe\uffff", "</Encrypt></xml>"),
    "XML elements": filled("<xml>", "<a/>", "</xml>"),
    "XML elements that all differ": numbered("<xml>", "<a{}/>", "</xml>"),
    "XML elements within each other": filled("<xml>", "<a>", ""),
    "XML Encrypt again and again": filled("<xml>", "<Encrypt>A</Encrypt>", "</xml>"),
    "XML attributes": numbered("<xml", " a{}=''", "></xml>"),
    "an XML attribute of line breaks": filled("<xml a='", "\n", "'></xml>"),
    "an XML attribute of tabs": filled("<xml a='", "\t", "'></xml>"),
    "XML entities": filled("<xml><Encrypt>", "&amp;", "</Encrypt></xml>"),
    "XML characters by number": filled("<xml><Encrypt>", "&#65;", "</Encrypt></xml>"),
    "an XML document type": filled("<!DOCTYPE x [", '<!ENTITY a "&b;&b;">', "]><xml/>"),
    "an XML name": filled("<xml><", "a", "/></xml>"),
    "an XML name that ends nowhere": filled("<", "a", ""),
    "XML blanks": filled("<xml", " ", "/>"),
    "XML tags of blanks": filled("<xml>", "<a" + " " * 60 + "/>", "</xml>"),
    "XML line breaks": filled("<xml><Encrypt>", "\n", "</Encrypt></xml>"),
    "XML carriage returns": filled("<xml><Encrypt>", "\r", "</Encrypt></xml>"),
    "an XML comment": filled("<xml><!--", "- ", "--></xml>"),
    "XML comments": filled("<xml>", "<!---->", "</xml>"),
    "an XML instruction": filled("<xml><?a ", "? ", "?></xml>"),
    "XML CDATA in pieces": filled("<xml><Encrypt>", "<![CDATA[A]]>", "</Encrypt></xml>"),
    "XML CDATA of brackets": filled("<xml><Encrypt><![CDATA[", "]", "]]></Encrypt></xml>"),
    "XML brackets": filled("<xml><Encrypt>", "]", "</Encrypt></xml>"),
    "XML of wide characters": filled("<xml><Encrypt>", "😀", "</Encrypt></xml>"),
    "XML namespaces": numbered("<xml", " xmlns:a{}='b'", "></xml>"),
    "a genuine envelope of a huge text": filled("<xml><Encrypt><![CDATA[", "A", "]]></Encrypt></xml>"),
}
each_bomb = pytest.mark.parametrize("bomb", [pytest.param(made, id=name) for name, made in BOMBS.items()])


def read(body: bytes) -> None:
    try:
        encrypted(body)
    except CallbackRefused as e:
        assert e.kind in {"xml", "json", "fields"}  # noqa: PT017 - reading it is right too


def steps(body: bytes) -> int:
    """How many calls it takes to read it: time that no machine's load changes."""
    taken = 0

    def count(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal taken
        taken += 1

    sys.setprofile(count)
    try:
        read(body)
    finally:
        sys.setprofile(None)
    return taken


def seconds(body: bytes) -> float:
    """The least of several tries: what another program takes away meanwhile does not count."""
    found = []
    for _ in range(7):
        began = time.process_time()
        for _ in range(5):
            read(body)
        found.append(time.process_time() - began)
    return min(found)


@each_bomb
def test_an_envelope_of_any_size_takes_few_steps(bomb: Callable[[int], bytes]) -> None:
    for size in (64 * KILOBYTE, 640 * KILOBYTE):
        assert steps(bomb(size)) < 8000


@each_bomb
def test_an_envelope_ten_times_as_long_takes_about_ten_times_as_long(bomb: Callable[[int], bytes]) -> None:
    short, long = bomb(64 * KILOBYTE), bomb(640 * KILOBYTE)
    for _ in range(3):
        ratio = seconds(long) / max(seconds(short), 0.0005)
        if ratio < 25:
            return
    pytest.fail(f"ten times the size took {ratio:.0f} times as long")


@pytest.mark.parametrize(
    "body",
    [
        f"<xml><ToUserName>ww1</ToUserName><Encrypt><![CDATA[{SEALED}]]></Encrypt><AgentID>1</AgentID></xml>",
        f"<xml>\n  <AgentID/>\n  <Encrypt>\r\n{SEALED}\r\n</Encrypt>\n</xml>\n",
        f"\ufeff <?xml version='1.0' encoding='UTF-8'?><xml><!--<Encrypt>-->\n<encrypt>{SEALED}</encrypt></xml>",
        f"<xml><Other><![CDATA[<Encrypt>no</Encrypt>]]></Other><Encrypt>{SEALED}</Encrypt></xml>",
        f"<xml><a><Encrypt>no</Encrypt></a><ENCRYPT>{SEALED[:100]}<![CDATA[{SEALED[100:]}]]></ENCRYPT></xml>",
        f"<xml><Encrypt>first</Encrypt><Encrypt>{SEALED}</Encrypt></xml>",
        "<xml><Encrypt>" + "\n".join(SEALED[at : at + 76] for at in range(0, len(SEALED), 76)) + "</Encrypt></xml>",
        "<xml><Encrypt>" + SEALED.replace("=", "&#61;") + "</Encrypt></xml>",
        json.dumps({"tousername": "ww1", "encrypt": SEALED, "agentid": 1000002}),
        "\ufeff\n" + json.dumps({"ENCRYPT": f" {SEALED} ", "a": {"encrypt": "no"}, "b": [1, 2]}, indent=2),
        '{"encrypt":"' + SEALED.replace("/", "\\/") + '"}',
        json.dumps({"Encrypt": "first", "encrypt": SEALED}),
    ],
)  # fmt: skip
def test_what_any_honest_sender_writes_is_found(body: str) -> None:
    assert encrypted(body.encode()).replace("\n", "") == SEALED


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "xml"),
        (b"\xff", "xml"),
        (b"<xml><Encrypt>A</Encrypt>", "xml"),
        (b"<xml><Encrypt>A</Encrypt></xml><more/>", "xml"),
        (b"<!DOCTYPE xml><xml><Encrypt>A</Encrypt></xml>", "xml"),
        (b"<?xml version='1.0' encoding='gbk'?><xml><Encrypt>A</Encrypt></xml>", "xml"),
        (b"<xml><Encrypt>&a;</Encrypt></xml>", "xml"),
        (b"<xml><a><Encrypt>A</Encrypt></a></xml>", "fields"),
        (b"<xml><Encrypt><a>A</a></Encrypt></xml>", "fields"),
        (b"<Encrypt>A</Encrypt>", "fields"),
        (b'{"encrypt":"A"', "json"),
        (b'{"encrypt":"A"} x', "json"),
        (b'{"encrypt":"\x01"}', "json"),
        (b'{"a":{"encrypt":"A"}}', "fields"),
        (b'{"encrypt":null}', "fields"),
        (b"{}", "fields"),
        (b"[]", "xml"),
    ],
)
def test_what_no_honest_sender_writes_is_refused_by_its_kind(body: bytes, kind: str) -> None:
    with pytest.raises(CallbackRefused) as caught:
        encrypted(body)
    assert caught.value.kind == kind
