"""What a line of a file may say: the fields of an article or an order, whatever the file's format is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from wecom_bot.adapters.files import limits
from wecom_bot.adapters.files.typed import uniform
from wecom_bot.domain.draft import Tally
from wecom_bot.text import ids

Draft_co = TypeVar("Draft_co", covariant=True)


class Holds(StrEnum):
    """What is in a field."""

    TEXT = "text"
    ID = "id"  # a text that JSON and spreadsheets may also give as a number
    SAID = "said"  # such an id, as customers say it or WeCom gives it
    MOMENT = "moment"  # a date with its time, which in a spreadsheet need not show all of itself
    LIST = "list"  # of texts; in a table with | ; or line feeds between them
    FLAG = "flag"  # a yes or no in words; in JSON also true or false
    OBJECTS = "objects"  # a list of JSON objects; in a table written as JSON, and a text of JSON for who proves it


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its name, which is the key in JSON; `also` is what its column may be called, our own word first."""

    name: str
    also: tuple[str, ...]
    holds: Holds = Holds.TEXT
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line says, tidied; a field that it leaves out is empty. `line` counts from 1, in a sheet if named."""

    line: int
    sheet: str
    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Form(Generic[Draft_co]):
    """The fields of a kind of file, and what is made of a line."""

    fields: tuple[Field, ...]
    make: Callable[[Entry], Draft_co]

    def field(self, name: str) -> Field | None:
        """The field of which this is a name, in English or Chinese."""
        wanted = ids.bare(name).casefold()
        return next((field for field in self.fields if wanted in (field.name, *field.also)), None)

    def recognized(self, header: Sequence[str]) -> int:
        """How many of these are names of our fields."""
        return sum(self.field(cell) is not None for cell in header)

    @property
    def names(self) -> str:
        """What columns may be called, for people."""
        return "、".join("/".join((field.name, *field.also)) for field in self.fields)

    @property
    def english(self) -> str:
        """The first line of a CSV file."""
        return ",".join(field.name for field in self.fields)

    def draft(self, line: int, said: Mapping[str, str | Sequence[str]], tally: Tally, sheet: str = "") -> Draft_co:
        """What comes of a line that says this, each field by its name; what is changed is told to the tally."""
        texts: dict[str, str] = {}
        lists: dict[str, tuple[str, ...]] = {}
        for field in self.fields:
            value = said.get(field.name, "")
            if field.holds is Holds.LIST:
                plain = [uniform(phrase) for phrase in value]
                tally.line_breaks += plain != list(value)
                lists[field.name] = tuple(filter(None, map(str.strip, plain)))
            elif isinstance(value, str):
                texts[field.name] = _text(field, value, tally)
        return self.make(Entry(line, sheet, texts, lists))


def shown(name: str) -> str:
    """What a file calls a field, fit for a terminal: not all of it, and nothing that steers one."""
    cut = name if len(name) <= limits.LONGEST_SHOWN else f"{name[: limits.LONGEST_SHOWN]}…"
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in cut)


def too_long(name: str, said: str | Sequence[str]) -> str | None:
    """What is wrong with a value that no cell may hold."""
    longest = len(said) if isinstance(said, str) else max(map(len, said), default=0)
    if longest <= limits.MOST_CELL:
        return None
    return (
        f"{name} 超过 {limits.MOST_CELL:,} 个字符，请缩短或分成几条"
        f" / {name} has more than {limits.MOST_CELL:,} characters: shorten it"
    )


def tidy(text: str) -> str:
    """The text without what editors leave around it."""
    return uniform(text).strip()


def _text(field: Field, value: str, tally: Tally) -> str:
    if field.holds is Holds.SAID:
        said = ids.said(value)
        tally.ids += said != value
        return said
    plain = uniform(value)
    tally.line_breaks += plain != value
    return plain.strip()
