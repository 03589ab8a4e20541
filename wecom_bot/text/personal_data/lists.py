"""Numbers in a row that are no number of a person: sizes, prices, days."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

_YEAR, _DAY, _YEAR_AND_DAY = 4, 4, 8  # digits
_STEP = 10  # from size to size: 37 38 39, 155 160 165
_FEW = 3
_ROUND = ("00", "20", "40", "50", "60", "80", "88", "90", "95", "98", "99")


def is_list(groups: Sequence[str]) -> bool:
    """Whether these digits, as they stand together, look like things counted rather than pieces of one number."""
    rest = groups[1:]
    return _has_date(groups) or _in_steps(rest) or _are_round(rest) or _are_of_people(groups)


def ends_as_prices_do(groups: Sequence[str], ends: str = "09") -> bool:
    """Whether all of these numbers do: 139 1399 1299."""
    return all(group[-1] in ends and group[0] != "0" for group in groups)


def _are_of_people(groups: Sequence[str]) -> bool:
    """Heights in centimetres, and perhaps a weight: 183 182 172 76."""
    tall = [group for group in groups if len(group) == _FEW]
    return len(tall) > _FEW - 1 and len(tall) >= len(groups) - 1 and all(group[0] == "1" for group in tall)


def _in_steps(groups: Sequence[str]) -> bool:
    if len(groups) < _FEW or any(len(group) == 1 for group in groups):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(groups)}
    return len(steps) == 1 and abs(min(steps)) <= _STEP


def _are_round(groups: Sequence[str]) -> bool:
    """Prices, or the sizes of screens and boxes."""
    return len(groups) > 1 and all(len(group) >= _FEW and group.endswith(_ROUND) for group in groups)


def _has_date(groups: Sequence[str]) -> bool:
    return any(_is_date(*parts) for at in range(len(groups)) for parts in _may_be_dates(groups, at))


def _may_be_dates(groups: Sequence[str], at: int) -> Iterator[tuple[str, str, str]]:
    """Year, month and day of what may be a date, its year in this group: 20261203, 2026 1203, 2026 12 3, 3 12 2026."""
    group, before, after = groups[at], groups[max(0, at - 2) : at], groups[at + 1 : at + 3]
    if len(group) == _YEAR_AND_DAY:
        yield group[:4], group[4:6], group[6:]
    if len(group) != _YEAR:
        return
    if after and len(after[0]) == _DAY:
        yield group, after[0][:2], after[0][2:]
    if len(after) == 2:  # noqa: PLR2004 - month and day
        yield group, after[0], after[1]
    if len(before) == 2:  # noqa: PLR2004
        yield group, before[0], before[1]
        yield group, before[1], before[0]


def _is_date(year: str, month: str, day: str) -> bool:
    if year[:2] not in {"19", "20"} or len(month) > 2 or len(day) > 2:  # noqa: PLR2004 - digits of a month
        return False
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True
