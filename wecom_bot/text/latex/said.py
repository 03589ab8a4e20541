"""What was read of a formula so far, and the blanks its next piece wants."""

import re
from dataclasses import dataclass, field

from wecom_bot.text.latex.arithmetic import lowered, raised

_RUNS_ON = re.compile(r"[0-9A-Za-z\u0370-\u03ffℓℏ√∛∜∑∏∫∞∂∇]")
_FACTOR = re.compile(r"[0-9A-Za-z\u0370-\u03ffℓℏ)\]}]")


@dataclass(slots=True)
class SaidPieces:
    """Pieces in a row; after a name or a fraction the next letter or number stands apart."""

    pieces: list[str] = field(default_factory=list)
    apart: str = ""
    fraction: bool = False

    @property
    def last(self) -> str:
        """The last character; empty at the beginning."""
        return self.pieces[-1][-1] if self.pieces else ""

    @property
    def ends_with_number_and_blank(self) -> bool:
        """Whether what comes next is taken times a number: 2 π."""
        return len(self.pieces) > 1 and self.last == " " and self.pieces[-2][-1].isdigit()

    def add(self, piece: str) -> None:
        """Say it."""
        if not piece:
            return
        if (self.apart and _RUNS_ON.match(piece)) or (self.fraction and piece[0] in "([{"):
            self.pieces.append(" ")
        self.pieces.append(piece)
        self.apart, self.fraction = "", False

    def blank(self, blank: str = " ") -> None:
        """A blank or a line break; several are one."""
        if self.last == " " or (self.last == "\n" and blank == "\n"):
            self.pieces.pop()
        if self.pieces and self.last != "\n":
            self.pieces.append(blank)
        self.apart, self.fraction = "", False

    def trim(self) -> None:
        """Take back a blank."""
        if self.last == " ":
            self.pieces.pop()

    def name(self, name: str) -> None:
        """A function, whose argument stands apart: sin x, and so does what it is taken times with."""
        self.add(name)
        self.apart = "name"

    def divided(self, fraction: str) -> None:
        """A fraction: 2 1/2, sin(a/b), (1/2) mv."""
        if self.apart == "name":
            self.apart = ""
            fraction = f"({fraction})"
        elif self.last.isdigit():
            self.blank()
        elif _FACTOR.match(self.last):
            self.add("·")
        self.add(fraction)
        self.apart, self.fraction = "fraction", fraction[0] != "(" or fraction[-1] != ")"

    def script(self, mark: str, text: str) -> None:
        """An exponent or an index of what was said last."""
        self.trim()
        if self.fraction:
            self.pieces[-1] = f"({self.pieces[-1]})"
        apart = self.apart
        self.apart, self.fraction = "", False
        self.add((raised if mark == "^" else lowered)(text))
        self.apart = apart

    def text(self) -> str:
        """All of it."""
        return "".join(self.pieces)
