"""The two wrappings of a callback, XML and JSON, as fields.

An envelope is untrusted until what it holds was decrypted, so it is read without DTD and entities, and the Content-Type
is not asked (WeCom promises none).
"""

import json
import re
from collections.abc import Iterator, Mapping
from xml.parsers import expat

from wecom_bot.adapters.wecom import values
from wecom_bot.errors import CallbackRefused

Leaves = Mapping[str, tuple[str, ...]]
"""Every plain value by its path (`SendLocationInfo.Label`), in order: WeCom repeats names for lists."""

_BOM = "\ufeff"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DEPTH_MOST = 6  # of a value below the root; WeCom's deepest is 4, and paths must not grow with a hostile text


def encrypted(body: bytes) -> str:
    """The ciphertext of a posted envelope; nothing else in it is worth believing. Raises CallbackRefused."""
    try:
        text = body.decode()
    except UnicodeDecodeError as e:
        raise CallbackRefused("xml") from e
    names = {name.lower(): value for name, value in top(leaves(text)).items()}
    if "encrypt" not in names:
        raise CallbackRefused("fields")
    return names["encrypt"].strip()


def top(found: Leaves) -> dict[str, str]:
    """The fields of the first level; of a repeated one the last."""
    return {path: texts[-1] for path, texts in found.items() if "." not in path}


def leaves(text: str) -> Leaves:
    """Every value of an XML or JSON text. Raises CallbackRefused("xml" or "json")."""
    text = text.removeprefix(_BOM).lstrip()
    found: dict[str, list[str]] = {}
    for path, value in _json_leaves(text) if text.startswith("{") else _xml_leaves(text):
        found.setdefault(path, []).append(value)
    return {path: tuple(texts) for path, texts in found.items()}


def _json_leaves(text: str) -> Iterator[tuple[str, str]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise CallbackRefused("json") from e
    return _below(found, ())


def _below(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if len(path) > _DEPTH_MOST:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _below(inner, (*path, values.well_formed(name)))
    elif isinstance(value, list):
        for inner in value:
            if not isinstance(inner, list):  # XML has no lists of lists, so nobody asks for their values
                yield from _below(inner, path)
    elif isinstance(value, str | int | float):
        yield ".".join(path), values.scalar(value)


def _xml_leaves(text: str) -> list[tuple[str, str]]:
    reader = _LeafReader()
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


class _LeafReader:
    """Collects the text of what has no children, in order, below the root."""

    __slots__ = ("_is_leaf", "_path", "_text", "found")

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._path: list[str] = []
        self._is_leaf = False
        self._text: list[str] = []

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._path.append(name)
        self._is_leaf = 1 < len(self._path) <= _DEPTH_MOST + 1
        self._text.clear()

    def words(self, text: str) -> None:
        if self._is_leaf:
            self._text.append(text)

    def end(self, _name: str) -> None:
        if self._is_leaf:
            self.found.append((".".join(self._path[1:]), "".join(self._text)))
        self._is_leaf = False
        self._path.pop()


def _refuse(*_doctype: object) -> None:
    raise CallbackRefused("xml")


def _utf8_only(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in {"utf-8", "utf8"}:
        raise CallbackRefused("xml")
