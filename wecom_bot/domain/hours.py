"""When humans attend an account: the week, its holidays, and the days that are otherwise."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator, model_validator

from wecom_bot.domain.proved import Proved

_DAY = 24 * 60  # minutes
_HORIZON = 400  # days that are searched for an opening: a year, and the longest closure around its end
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~至]\s*(\d{1,2}):(\d{2})")
_RANGE = re.compile(r"[-–—~至到]")
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHINESE = "一二三四五六日"

Minutes = tuple[int, int]
"""A span's begin and end, in minutes after the midnight of its day; an end after the next midnight is above 1440."""


@lru_cache(maxsize=4096)
def _minutes(span: str) -> Minutes:
    found = _SPAN.fullmatch(unicodedata.normalize("NFKC", span).strip())
    if not found:
        raise ValueError('a span should look like "09:00-12:00"')
    begin, end = (int(hour) * 60 + int(minute) for hour, minute in (found.group(1, 2), found.group(3, 4)))
    if begin >= _DAY or end > _DAY or int(found[2]) > 59 or int(found[4]) > 59:  # noqa: PLR2004 - the clock's
        raise ValueError("there is no such time: hours go from 00:00 to 24:00")
    if begin == end:
        raise ValueError('a span must not end where it begins: write "00:00-24:00" for a whole day')
    return begin, end if end > begin else end + _DAY


def _proved_span(span: str) -> str:
    begin, end = _minutes(span)
    return f"{_clock(begin)}-{_clock(end if end <= _DAY else end - _DAY)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


Spans = tuple[Annotated[str, AfterValidator(_proved_span)], ...]
"""The hours of one day: "09:00-12:00"; "22:00-02:00" goes on into the next day."""


class Hours(Proved):
    """When humans attend. Without `weekly` that is always, but for `holidays` and `exceptions`.

    `weekly`: the spans of days ("mon", "mon-fri", 周一, 周一至周五); a day that is not named is closed.
    `holidays`: dates on which nothing begins. `exceptions`: dates with spans of their own, a make-up workday's say.
    A span belongs to the day on which it begins, also where it goes on after midnight.
    """

    timezone: str = "Asia/Shanghai"
    weekly: dict[str, Spans] = Field(default_factory=dict)
    holidays: tuple[date, ...] = ()
    exceptions: dict[date, Spans] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # no such key, a path, a folder
            raise ValueError("there is no such time zone: write it like Asia/Shanghai") from None
        return value

    @model_validator(mode="after")
    def _consistent(self) -> "Hours":
        if twice := _named_twice(self.weekly):
            raise ValueError(f"weekly names a day twice: {', '.join(sorted(twice))}")
        for where, spans in (*self.weekly.items(), *self.exceptions.items()):
            if _overlap(spans):
                raise ValueError(f"the spans of {where} overlap")
        if both := sorted(set(self.holidays) & set(self.exceptions)):
            raise ValueError(f"{both[0]} stands in holidays and in exceptions: keep one")
        if self.weekly and not any(self.weekly.values()) and not any(self.exceptions.values()):
            raise ValueError("no day has any hours: leave weekly out to be open always")
        return self

    def open_at(self, moment: datetime) -> bool:
        """Whether humans attend at an aware moment."""
        today = moment.astimezone(self.zone).date()
        return any(begin <= moment < end for begin, end in self._spans(today - timedelta(days=1), days=2))

    def next_opening(self, moment: datetime) -> datetime | None:
        """The first moment from this one on when humans attend, in the account's zone; None if there is none soon."""
        here = moment.astimezone(self.zone)
        for begin, end in self._spans(here.date() - timedelta(days=1), _HORIZON):
            if moment < end:
                return max(begin, moment).astimezone(self.zone)
        return None

    def words(self) -> str:
        """The week as a customer reads it: 周一至周五 09:00-12:00、13:00-18:00；周六 10:00-16:00."""
        if not self.weekly:
            week = "全天"
        else:
            by_day = self._by_weekday()
            week = "；".join(f"{_named(run)} {'、'.join(by_day[run[0]])}" for run in _runs(by_day))
        return "；".join(filter(None, (week, "节假日除外" if self.holidays else "")))

    def opens(self, moment: datetime) -> str:
        """The next opening as a customer reads it: 今天 13:00, 明天 09:00, 10月8日 09:00; empty if there is none."""
        opening = self.next_opening(moment)
        if opening is None:
            return ""
        away = (opening.date() - moment.astimezone(self.zone).date()).days
        day = ("今天", "明天")[away] if away in {0, 1} else f"{opening.month}月{opening.day}日"
        return f"{day} {opening:%H:%M}"

    @property
    def zone(self) -> ZoneInfo:
        """The account's time zone."""
        return ZoneInfo(self.timezone)

    def _spans(self, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
        """The spans that begin on these days, in order, as moments: so a day without 02:30 has no riddles."""
        by_day, holidays = self._by_weekday(), set(self.holidays)
        for day in (first + timedelta(days=number) for number in range(days)):
            if day in holidays:
                continue
            for begin, end in sorted(map(_minutes, self.exceptions.get(day, by_day.get(day.weekday(), ())))):
                span = self._moment(day, begin), self._moment(day, end)
                if span[0] < span[1]:
                    yield span

    def _moment(self, day: date, minutes: int) -> datetime:
        there = datetime.combine(day + timedelta(days=minutes // _DAY), datetime.min.time(), self.zone)
        # to UTC, because Python subtracts and compares two moments of one zone by their clocks
        return there.replace(hour=minutes % _DAY // 60, minute=minutes % 60).astimezone(ZoneInfo("UTC"))

    def _by_weekday(self) -> Mapping[int, Spans]:
        if not self.weekly:
            return dict.fromkeys(range(7), (f"{_clock(0)}-{_clock(_DAY)}",))
        return {day: spans for key, spans in self.weekly.items() for day in _days(key) if spans}


def _overlap(spans: Spans) -> bool:
    return any(before[1] > after[0] for before, after in pairwise(sorted(map(_minutes, spans))))


def _named_twice(keys: Iterable[str]) -> set[str]:
    named = [day for key in keys for day in _days(key)]
    return {_NAMES[day] for day in named if named.count(day) > 1}


@lru_cache(maxsize=256)
def _days(key: str) -> tuple[int, ...]:
    """The weekdays (Monday is 0) that a key of `weekly` names; a range may go round the end of the week."""
    ends = [_weekday(name.strip().lower()) for name in _RANGE.split(key)]
    if len(ends) > 2 or None in ends:  # noqa: PLR2004 - a range has two ends
        raise ValueError(f"{key!r} names no days: write mon, mon-fri, 周一 or 周一至周五")
    first, last = ends[0] or 0, ends[-1] or 0
    return tuple((first + number) % 7 for number in range((last - first) % 7 + 1))


def _weekday(name: str) -> int | None:
    if name in _NAMES:
        return _NAMES.index(name)
    chinese = re.fullmatch(r"(?:周|星期|礼拜)([一二三四五六日天])", name)
    return _CHINESE.index(chinese[1].replace("天", "日")) if chinese else None


def _runs(by_day: Mapping[int, Spans]) -> Iterable[list[int]]:
    """Days that follow each other and have the same hours, together."""
    runs: list[list[int]] = []
    for day in sorted(by_day):
        if runs and runs[-1][-1] == day - 1 and by_day[runs[-1][0]] == by_day[day]:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _named(run: list[int]) -> str:
    first, last = f"周{_CHINESE[run[0]]}", f"周{_CHINESE[run[-1]]}"
    match len(run):
        case 7:
            return "每天"
        case 1:
            return first
        case 2:
            return f"{first}、{last}"
        case _:
            return f"{first}至{last}"
