"""The two wrappings of a callback, XML and JSON, as flat fields: what WeCom sends is one level deep where it matters.

An envelope is untrusted until what it holds was decrypted, so it is read without DTD and entities, and the Content-Type
is not asked (WeCom promises none).
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from wecom_bot.errors import CallbackRefused

_BOM = "\ufeff"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_FIELD_DEPTH = 2  # <xml> is 1, its children are the fields


def encrypted(body: bytes) -> str:
    """The ciphertext of a posted envelope; nothing else in it is worth believing. Raises CallbackRefused."""
    try:
        text = body.decode()
    except UnicodeDecodeError as e:
        raise CallbackRefused("xml") from e
    names = {name.lower(): value for name, value in fields(text).items()}
    if "encrypt" not in names:
        raise CallbackRefused("fields")
    return names["encrypt"].strip()


def fields(text: str) -> dict[str, str]:
    """The top-level fields of an XML or JSON text, nested ones left out. Raises CallbackRefused("xml" or "json")."""
    text = text.removeprefix(_BOM).lstrip()
    return _json_fields(text) if text.startswith("{") else _xml_fields(text)


def scalars(values: Mapping[Any, Any]) -> dict[str, str]:
    """The plain values of a JSON object as texts, under the same names; objects, lists and nulls are left out."""
    return {
        well_formed(str(name)): well_formed(value) if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
        if isinstance(value, str | int | float)
    }


def well_formed(text: str) -> str:
    """The text without lone surrogates: JSON may carry them (an emoji cut in half), and no store takes them."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _json_fields(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise CallbackRefused("json") from e
    return scalars(found)


def _xml_fields(text: str) -> dict[str, str]:
    reader = _FieldReader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.XmlDeclHandler = _utf8_only
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.words
    try:
        # a customer may paste a control character, which XML forbids: better without it than not at all
        parser.Parse(_NOT_XML.sub("", text), True)  # noqa: FBT003 - positional only
    except expat.ExpatError as e:
        raise CallbackRefused("xml") from e
    return reader.found


class _FieldReader:
    """Collects the text of the root's children; a child with children of its own is no field."""

    __slots__ = ("_depth", "_flat", "_text", "found")

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._depth = 0
        self._flat = False
        self._text: list[str] = []

    def start(self, _name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        self._flat = self._depth == _FIELD_DEPTH
        self._text.clear()

    def words(self, text: str) -> None:
        if self._flat:
            self._text.append(text)

    def end(self, name: str) -> None:
        if self._flat:
            self.found[name] = "".join(self._text)
        self._flat = False
        self._depth -= 1


def _refuse(*_doctype: object) -> None:
    raise CallbackRefused("xml")


def _utf8_only(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in {"utf-8", "utf8"}:
        raise CallbackRefused("xml")
