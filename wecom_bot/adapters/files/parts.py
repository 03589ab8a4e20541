"""The parts of an XLSX file: XML in a zip, of which neither the size nor the content is believed before it is seen."""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, TypeVar
from xml.parsers import expat

from wecom_bot.adapters.files import limits
from wecom_bot.errors import InvalidInput

_BLOCK = 1 << 16
_FINAL = True  # the parser shall say what is missing
_ENTRY = b"PK\x01\x02"  # begins each entry of a zip's directory
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # begins XML in UTF-16, where words look otherwise
_KNOWN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without a limit

_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # of Strict Open XML
)
_STRICT = (  # of these openpyxl knows the second only
    b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
)

Attributes = dict[str, str]
Begin = Callable[[Attributes], None]
Act = TypeVar("Act")


class Parts(zipfile.ZipFile):
    """A zip that unpacks no more than it may; openpyxl reads the small parts through it, too."""

    def __init__(self, file: IO[bytes]) -> None:
        """Raises InvalidInput for what is too large, BadZipFile for what is none."""
        _prove_directory(file)
        super().__init__(file)
        self._left = limits.MOST_UNPACKED
        _prove_sizes(self.infolist())

    def read(self, name: Any, pwd: bytes | None = None) -> bytes:  # noqa: ANN401 - zipfile's own
        """A small part, whole; its XML is harmless. Raises InvalidInput."""
        with self.open(name, pwd=pwd) as part:
            content = part.read(limits.MOST_SMALL_PART + 1)
        self._unpacked(len(content))
        if len(content) > limits.MOST_SMALL_PART:
            raise _bomb(f"{_name(name)} 超过 {limits.MOST_SMALL_PART >> 20} MB")
        if content.lstrip().startswith(b"<") or _name(name).endswith((".xml", ".rels")):
            _prove_xml(content)
        return content.replace(*_STRICT)

    def parse(self, name: str, parser: expat.XMLParserType) -> Iterator[None]:
        """Feed a part to a parser, block by block; it goes on when the next is asked for. Raises InvalidInput."""
        _refuse_document_type(parser)
        with self.open(name) as part:
            fed = tags = 0
            while block := part.read(_BLOCK):
                self._unpacked(len(block))
                tags += block.count(b"<")
                if tags > limits.MOST_TAGS:
                    raise _bomb(f"{name} 里有超过 {limits.MOST_TAGS:,} 个标签")
                parser.Parse(block)
                fed += len(block)
                if fed - max(0, parser.CurrentByteIndex) > limits.MOST_TAG:
                    raise _bomb(f"{name} 里有超过 {limits.MOST_TAG >> 20} MB 的标签")
                yield
            parser.Parse(b"", _FINAL)
            yield

    def look(self, name: str, word: bytes, parser: expat.XMLParserType) -> None:
        """Feed a part that has this word to a parser; it counts for nothing, because it will be read again."""
        left = self._left
        try:
            if self._has(name, word):
                self._left = left
                for _ in self.parse(name, parser):
                    pass
        finally:
            self._left = left

    def _has(self, name: str, word: bytes) -> bool:
        tail = b""
        with self.open(name) as part:
            while block := part.read(_BLOCK):
                self._unpacked(len(block))
                if word in tail + block or block.startswith(_WIDE):
                    return True
                tail = block[-len(word) :]
        return False

    def _unpacked(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise _bomb(f"解压后超过 {limits.MOST_UNPACKED >> 20} MB")


def new_parser(
    begins: Mapping[str, Begin], ends: Mapping[str, Callable[[], None]], text: Callable[[str], None]
) -> expat.XMLParserType:
    """A parser that tells of these elements of a workbook, and of no others."""
    began, ended = _named(begins), _named(ends)

    def begin(name: str, attributes: Attributes) -> None:
        if act := began.get(name):
            act(attributes)

    def end(name: str) -> None:
        if act := ended.get(name):
            act()

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, text
    parser.buffer_text = True
    return parser


def _named(actions: Mapping[str, Act]) -> dict[str, Act]:
    return {f"{namespace} {name}": act for namespace in _NAMESPACES for name, act in actions.items()}


def _prove_directory(file: IO[bytes]) -> None:
    """Before zipfile makes an object of each entry."""
    size = entries = 0
    tail = b""
    while block := file.read(_BLOCK):
        size += len(block)
        entries += (tail + block).count(_ENTRY)
        tail = block[-len(_ENTRY) + 1 :]
        if size > limits.MOST_PACKED:
            raise limits.too_large(
                f"文件超过 {limits.MOST_PACKED >> 20} MB", f"the file is larger than {limits.MOST_PACKED >> 20} MB"
            )
        if entries > limits.MOST_PARTS:
            raise _bomb(f"里面有超过 {limits.MOST_PARTS:,} 个部件")
    file.seek(0)


def _prove_sizes(parts: list[zipfile.ZipInfo]) -> None:
    if sum(part.file_size for part in parts) > limits.MOST_UNPACKED:
        raise _bomb(f"解压后超过 {limits.MOST_UNPACKED >> 20} MB")
    for part in parts:
        if part.compress_type not in _KNOWN:
            raise zipfile.BadZipFile("a way to compress that no Excel uses")
        if part.file_size > max(limits.RATIO_COUNTS_FROM, limits.MOST_RATIO * part.compress_size):
            raise _bomb(f"{part.filename} 解压后大了 {limits.MOST_RATIO} 倍以上")


def _prove_xml(content: bytes) -> None:
    """Raises InvalidInput for what a part that is read whole may not have: document types, and what takes too long."""
    elements = 0

    def begin(_name: str, attributes: Attributes) -> None:
        nonlocal elements
        elements += 1
        if len(attributes.get("formatCode", "")) > limits.MOST_FORMAT:
            raise _bomb(f"样式里有超过 {limits.MOST_FORMAT} 个字符的数字格式")
        if elements > limits.MOST_ELEMENTS:
            raise _bomb(f"样式等部件里有超过 {limits.MOST_ELEMENTS:,} 个元素")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    _refuse_document_type(parser)
    parser.Parse(content, _FINAL)


def _refuse_document_type(parser: expat.XMLParserType) -> None:
    """Entities, which grow in memory or read other files, can be said nowhere else."""

    def refuse(*_: object) -> None:
        raise InvalidInput(
            "文件里有 DTD（实体定义），Excel 不会写它；请用 Excel 打开后另存为 .xlsx 或 .csv"
            " / there is a DTD in it, which no Excel writes: open it in Excel and save it as .xlsx or .csv"
        )

    parser.StartDoctypeDeclHandler = refuse


def _name(name: Any) -> str:  # noqa: ANN401 - zipfile's own
    return name.filename if isinstance(name, zipfile.ZipInfo) else str(name)


def _bomb(what: str) -> InvalidInput:
    return InvalidInput(
        f"{what}，不像是表格；请在 Excel 里只复制有内容的行到新表格，另存为 .xlsx 或 .csv"
        f" / unpacks to more than a table needs: copy the rows that say something into a new sheet"
    )
