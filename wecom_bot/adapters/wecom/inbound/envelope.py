"""The two wrappings of a callback, XML and JSON, as fields.

An envelope is untrusted until what it holds was decrypted, so it is read without DTD and entities, and the Content-Type
is not asked (WeCom promises none).
"""

import json
import re
from collections.abc import Iterator, Mapping
from xml.parsers import expat

from wecom_bot.adapters.wecom.inbound import values
from wecom_bot.errors import CallbackRefused

Leaves = Mapping[str, tuple[str, ...]]
"""Every plain value by its path (`SendLocationInfo.Label`), in order: WeCom repeats names for lists."""

_BOM = "\ufeff"
_CONTROLS = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r")
_NOT_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_DEPTH_MOST = 6  # of a value below the root; WeCom's deepest is 4, and paths must not grow with a hostile text

# How often a posted envelope may hold what makes its reading long: it has three or four fields of ids and base64, and
# anybody may post one. What is within these is read in less than a millisecond, whatever else it holds.
_MOST_XML = {b"<": 256, b"&": 256, b"=": 256, b"]": 256, b"\n": 2048, b"\r": 2048, b"\t": 2048}
_MOST_JSON = {b"{": 256, b"[": 256, b":": 256, b",": 256, b"\\u": 1024}

# A leaf that needs no parser: nothing in it has a second reading (entities, sections, line ends, what is no character)
_FLAT_BEGIN, _FLAT_END, _BLANK = "<xml>", "</xml>", " \t\n"
_FLAT_LEAF = re.compile(
    r"[ \t\n]*+<([A-Za-z][A-Za-z0-9]*+)>"
    r"(?:<!\[CDATA\[([^\]\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]*+)\]\]>|([^<&\]\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]*+))"
    r"</\1>"
)

_MOST_DIGITS = 4300  # of a number; as Python has it


def _as_written(number: str) -> str:
    """A number becomes text anyway: there and back would take the square of its length."""
    if len(number) > _MOST_DIGITS:
        raise ValueError("too many digits")
    return number


_JSON = json.JSONDecoder(parse_int=_as_written, parse_float=_as_written)


def encrypted(body: bytes) -> str:
    """The ciphertext of a posted envelope; nothing else in it is worth believing. Raises CallbackRefused."""
    try:
        text = body.decode()
    except UnicodeDecodeError as e:
        raise CallbackRefused("xml") from e
    is_json = _is_json(text)
    for mark, most in (_MOST_JSON if is_json else _MOST_XML).items():
        if body.count(mark) > most:
            raise CallbackRefused("json" if is_json else "xml")
    names = {name.lower(): value for name, value in top(leaves(text)).items()}
    if "encrypt" not in names:
        raise CallbackRefused("fields")
    return names["encrypt"].strip()


def top(found: Leaves) -> dict[str, str]:
    """The fields of the first level; of a repeated one the last."""
    return {path: texts[-1] for path, texts in found.items() if "." not in path}


def leaves(text: str) -> Leaves:
    """Every value of an XML or JSON text. Raises CallbackRefused("xml" or "json")."""
    text = _stripped(text)
    found: dict[str, list[str]] = {}
    for path, value in _json_leaves(text) if _is_json(text) else _xml_leaves(text):
        found.setdefault(path, []).append(value)
    return {path: tuple(texts) for path, texts in found.items()}


def _is_json(text: str) -> bool:
    return _stripped(text).startswith("{")


def _stripped(text: str) -> str:
    return text.removeprefix(_BOM).lstrip()


def _json_leaves(text: str) -> Iterator[tuple[str, str]]:
    try:
        found = _JSON.decode(text)
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
    return _flat_leaves(text) or _any_leaves(text)


def _flat_leaves(text: str) -> list[tuple[str, str]]:
    """What a parser would find in the XML that nearly all callbacks are; nothing where it is any other."""
    if not text.startswith(_FLAT_BEGIN):
        return []
    found, place, end = [], len(_FLAT_BEGIN), text.rfind(_FLAT_END)
    while leaf := _FLAT_LEAF.match(text, place, end):
        found.append((leaf[1], leaf[2] if leaf[2] is not None else leaf[3]))
        place = leaf.end()
    return found if text[place:].strip(_BLANK) == _FLAT_END else []


def _any_leaves(text: str) -> list[tuple[str, str]]:
    reader = _LeafReader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.XmlDeclHandler = _utf8_only
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.words
    try:
        parser.Parse(_without_controls(text), True)  # noqa: FBT003 - positional only
    except expat.ExpatError as e:
        raise CallbackRefused("xml") from e
    return reader.found


def _without_controls(text: str) -> bytes:
    """A customer may paste a control character, which XML forbids: better without it than not at all."""
    data = text.encode().translate(None, _CONTROLS)
    for each in _NOT_CHARACTERS:
        data = data.replace(each, b"")
    return data


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
