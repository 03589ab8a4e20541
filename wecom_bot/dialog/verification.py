"""The second factor: whether what a customer said matches what the tenant's database has of the right person."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Self

from wecom_bot.domain.business import QuerySpec, Row, SecondFactor
from wecom_bot.errors import Misconfigured
from wecom_bot.text.folding import letters

_DIGITS = 4
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_EXACT = Context(prec=1_000)  # digits: more than a slot has


def matching(query: QuerySpec, rows: Sequence[Row], said: str) -> list[Row]:
    """The rows whose column matches, without that column. Raises Misconfigured where there is no such column.

    Every row is compared, each in a time that does not depend on where it differs.
    """
    if query.verify is None:
        return list(rows)
    return [_without(row, query.verify) for row in rows if _matches(query.verify, _column(query, row), said)]


@dataclass(frozen=True, slots=True)
class Guess:
    """One try: what it is counted under (who tries, and the record, whoever tries), and what tells it from others."""

    names: tuple[str, str]
    guess: str

    @classmethod
    def of(
        cls, query: QuerySpec, factor: SecondFactor, customer: str, values: Mapping[str, str | int], said: str
    ) -> Self:
        """The try to see the record of these values with what was said."""
        bound = (f"{name}={_spelled(value)}" for name, value in sorted(values.items()) if name in query.slots)
        record = "\0".join(bound)
        # who tries has no more tries where the tenant has more queries
        names = f"customer:{_digest(customer)}", f"record:{query.name}:{_digest(record)}"
        return cls(names, _digest(f"{query.name}\0{record}\0{_form(factor, said)}"))


def _column(query: QuerySpec, row: Row) -> object:
    if query.verify is None or query.verify.column not in row:
        raise Misconfigured(f"query {query.name}: its rows have no column to verify by")
    return row[query.verify.column]


def _without(row: Row, verify: SecondFactor) -> Row:
    return {name: value for name, value in row.items() if name != verify.column}


def _matches(verify: SecondFactor, kept: object, said: str) -> bool:
    ours, theirs = (_form(verify, text) for text in (_read(kept), said))
    alike = hmac.compare_digest(ours.encode("utf-8", "replace"), theirs.encode("utf-8", "replace"))
    return alike and bool(ours)


def _read(kept: object) -> str:
    """What the database has, as it was meant: a number in a column of fractions, a text that was kept encrypted."""
    match kept:
        case None:
            return ""
        case bytes():
            return kept.decode("utf-8", "replace")
        case float() if kept.is_integer():
            return str(int(kept))
        case _:
            return str(kept)


def _form(verify: SecondFactor, text: str) -> str:
    """What is compared; nothing where there is too little of it."""
    folded = unicodedata.normalize("NFKC", text)
    if verify.match == "exact":
        return folded.strip().casefold()
    digits = "".join(each for each in folded if each.isdecimal())
    return digits[-_DIGITS:] if len(digits) >= _DIGITS else ""


def _spelled(value: str | int) -> str:
    """The value in one spelling: MySQL takes capitals, accents, zeros before and blanks behind for the same.

    Where a column holds numbers it takes 1.0 and 10e-1 for 1, too.
    """
    text = "".join(each for each in unicodedata.normalize("NFKD", str(value)) if not unicodedata.combining(each))
    if _NUMBER.fullmatch(text.strip()):
        text = str(Decimal(text.strip()).normalize(_EXACT))
    return letters(text).lstrip("0")


def _digest(text: str) -> str:
    """Of what may be personal: it becomes a key."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
