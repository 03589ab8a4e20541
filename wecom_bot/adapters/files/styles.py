"""The number formats of a workbook, by the styles that its cells name; of these nothing else is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from wecom_bot.adapters.files.number_format import builtin
from wecom_bot.adapters.files.number_format.shown import NumberFormat
from wecom_bot.adapters.files.parts import Attributes, Parts, new_parser

_FINAL = True


@dataclass(frozen=True, slots=True)
class Styles:
    """The code of each style's format; most files use few of those that they have, and only these are read."""

    codes: Sequence[str] = ()
    _read: dict[str, NumberFormat] = field(default_factory=dict)

    def format(self, style: int) -> NumberFormat:
        """The number format of a style; of one that is not there, the usual one."""
        code = self.codes[style] if style < len(self.codes) else "General"
        found = self._read.get(code)
        if found is None:
            found = self._read[code] = NumberFormat.parse(code)
        return found


def read(parts: Parts, name: str) -> Styles:
    """All of them. Raises InvalidInput for what is too large, and what expat raises for what is broken."""
    styles = _Styles()
    begins = {
        "numFmts": styles.begin_formats,
        "numFmt": styles.format,
        "cellXfs": styles.begin_styles,
        "xf": styles.style,
    }
    ends = {"numFmts": styles.end, "cellXfs": styles.end}
    new_parser(begins, ends, lambda _text: None).Parse(parts.read(name), _FINAL)
    return Styles([styles.codes.get(number) or builtin.FORMATS.get(number, "General") for number in styles.numbers])


class _Styles:
    def __init__(self) -> None:
        self.codes: dict[int, str] = {}
        self.numbers: list[int] = []
        self._within = ""  # the same elements say other things elsewhere

    def begin_formats(self, _attributes: Attributes) -> None:
        self._within = "formats"

    def begin_styles(self, _attributes: Attributes) -> None:
        self._within = "styles"

    def end(self) -> None:
        self._within = ""

    def format(self, attributes: Attributes) -> None:
        if self._within == "formats":
            self.codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")

    def style(self, attributes: Attributes) -> None:
        if self._within == "styles":
            self.numbers.append(int(attributes.get("numFmtId") or 0))
