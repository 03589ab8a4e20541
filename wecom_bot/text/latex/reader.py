"""The pieces of a formula, read once from left to right, whatever they are nested in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wecom_bot.text.latex.said import SaidPieces
from wecom_bot.text.latex.symbols import WITH_ARGUMENT

Command = Callable[["LatexReader", str, SaidPieces], None]
"""What becomes of a command of this name: it takes its arguments from the reader and says something."""

_PIECE = re.compile(r"\\(?:[A-Za-z]+|.|\Z)|[^\S\n]+|.", re.DOTALL)
_DEEPEST = 12  # groups within groups; what is deeper, and all behind it, stays as it is written
_NEAR = 8
_LONGEST_OPTION = 20  # pieces of a [2pt]

# Between delimiters every ^ and _ is a script; among words only what can hardly be another thing
_BASE = re.compile(r"[0-9A-Za-z)）∫₀-₉\u0370-\u03ff\u3400-\u9fff]\Z")
_CELL = re.compile(r"[A-Z]\d+\Z")  # =A1^2 is for a spreadsheet
_EXPONENT = re.compile(r"\{|\\(?:circ|prime|degree|top|text|mathrm)\b|[-+]?\d{1,6}(?!\d|\^|\.\d)|[A-Za-z](?![\w^{])")
_FACES = frozenset("TOoQqUuvVxX0")  # T^T
_LETTER = re.compile(r"(?<![0-9A-Za-z_])[A-Za-z\u0370-\u03ff∫]\Z")
_INDEX = re.compile(r"\{|[0-9A-Za-z](?![0-9A-Za-z_])")
_WORD = re.compile(r"[A-Za-z)]\Z")
_NUMBERED = re.compile(r"\{[\d+-]{1,4}\}")


@dataclass(slots=True)
class LatexReader:
    """Where in the pieces we are, and what marks mean there."""

    pieces: list[str]
    commands: Mapping[str, Command]
    within_words: bool
    place: int = 0
    depth: int = 0
    literal: bool = False
    rows_at: int = 0
    row: str = "\n"
    cell: str = ""

    @classmethod
    def of(cls, source: str, commands: Mapping[str, Command], *, within_words: bool = False) -> "LatexReader":
        """A reader at the beginning of it."""
        return cls(_PIECE.findall(source), commands, within_words)

    @property
    def loose(self) -> bool:
        """Whether what stands here may be words, without any delimiter around it."""
        return self.within_words and not self.depth

    def sequence(self, end: str = "") -> str:
        """All up to the piece that ends it, or to the end."""
        said = SaidPieces()
        while (piece := self.take()) and piece != end:
            self._say(piece, said)
        return said.text()

    def take(self) -> str:
        """The next piece; empty at the end."""
        piece = self.ahead()
        self.place += 1
        return piece

    def ahead(self, more: int = 0) -> str:
        """The next piece, or one behind it, without taking it."""
        return self.pieces[self.place + more] if self.place + more < len(self.pieces) else ""

    def pass_blanks(self) -> None:
        """Go on to what is no blank."""
        while self.ahead().isspace():
            self.place += 1

    def argument(self, *, literal: bool = False) -> str:
        """What a command is about: a group, a command with its own arguments, or one character."""
        self.pass_blanks()
        if self.depth >= _DEEPEST:
            return self._rest()
        if self.ahead() in ("", "}", "&", "\\end"):
            return ""
        was, self.literal, self.depth = self.literal, literal or self.literal, self.depth + 1
        said = SaidPieces()
        self._say(self.take(), said)
        text = said.text()
        self.literal, self.depth = was, self.depth - 1
        return text

    def nested(self, end: str) -> str:
        """All up to the piece that ends it, one level deeper."""
        if self.depth >= _DEEPEST:
            return self._rest()
        self.depth += 1
        text = self.sequence(end)
        self.depth -= 1
        return text

    def option(self) -> str:
        """What stands in square brackets before the arguments, as [3] in a root; empty if nothing does."""
        if self.ahead() != "[":
            return ""
        near = self.pieces[self.place + 1 : self.place + _LONGEST_OPTION]
        if "]" not in near:
            return ""
        self.place += near.index("]") + 2
        return "".join(near[: near.index("]")])

    def source(self) -> str:
        """The argument as it is written."""
        self.pass_blanks()
        if self.ahead() != "{":
            return self.take()
        begin, within = self.place + 1, 0
        while piece := self.take():
            within += (piece == "{") - (piece == "}")
            if not within:
                break
        return "".join(self.pieces[begin : self.place - 1])

    def _say(self, piece: str, said: SaidPieces) -> None:
        if piece[0] == "\\":
            self._command(piece[1:], said)
        elif piece.isspace() and not (self.loose or self.literal):
            self._blank(piece, said)
        elif piece in "^_" and not self.literal:
            self._script(piece, said)
        elif piece not in "{}&~" or self.loose:
            said.add(piece)
        else:
            self._mark(piece, said)

    def _blank(self, piece: str, said: SaidPieces) -> None:
        said.blank("\n" if piece == "\n" and self.depth == self.rows_at else " ")

    def _mark(self, piece: str, said: SaidPieces) -> None:
        match piece:
            case "{":
                said.add(self.nested("}"))
            case "&":
                self._cell(said)
            case "~":
                said.blank()

    def _rest(self) -> str:
        rest, self.place = "".join(self.pieces[self.place :]), len(self.pieces)
        return rest

    def _cell(self, said: SaidPieces) -> None:
        if self.literal:
            said.add("&")
        elif self.cell:
            self.pass_blanks()
            said.trim()
            said.add(" " if said.last in ",，;；" else self.cell)

    def _command(self, name: str, said: SaidPieces) -> None:
        command = self.commands.get(name)
        if command and not (self.loose and name in WITH_ARGUMENT and not self._has_argument()):
            command(self, name, said)
        elif self.loose:
            said.add("\\" + name)
        elif not name.isalpha() or self.ahead() != "{":
            said.add(name)

    def _has_argument(self) -> bool:
        ahead = self.ahead(int(self.ahead().isspace()))
        return ahead in ("{", "[") or (ahead.isascii() and ahead.isalnum())

    def _script(self, mark: str, said: SaidPieces) -> None:
        if self.loose and not self._is_script(mark, said):
            said.add(mark)
        else:
            said.script(mark, self.script())

    def script(self) -> str:
        """What stands above or below: a number, whole, or an argument."""
        text = ""
        if self.ahead() in ("-", "+") and self.ahead(1).isdigit():
            text = self.take()
        while self.ahead().isdigit():
            text += self.take()
        return text or self.argument()

    def _is_script(self, mark: str, said: SaidPieces) -> bool:
        before = "".join(said.pieces[-_NEAR:])[-_NEAR:]
        after = "".join(self.pieces[self.place : self.place + _NEAR])
        if mark == "^":
            if said.last == self.ahead() and said.last in _FACES:
                return False
            return bool(_BASE.search(before) and _EXPONENT.match(after) and not _CELL.search(before))
        if _NUMBERED.match(after):
            return _WORD.search(before) is not None
        return bool((said.apart or _LETTER.search(before)) and _INDEX.match(after))
