"""When humans attend: weeks, holidays, nights, zones."""

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from wecom_bot.domain.hours import Hours
from wecom_bot.domain.message import Channel
from wecom_bot.domain.tenant import Tenant

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
OFFICE = {"mon-fri": ["09:00-12:00", "13:00-18:00"], "sat": ["10:00-16:00"]}


def hours(**fields: Any) -> Hours:
    return Hours.model_validate(fields)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 08:59:59", False),  # a Monday
        ("2026-11-23 09:00", True),
        ("2026-11-23 11:59:59", True),
        ("2026-11-23 12:00", False),
        ("2026-11-23 13:00", True),
        ("2026-11-27 17:59", True),
        ("2026-11-28 10:00", True),
        ("2026-11-28 09:00", False),
        ("2026-11-29 11:00", False),
    ],
)
def test_a_week_is_open_in_its_spans_and_not_outside(moment: str, *, is_open: bool) -> None:
    assert hours(weekly=OFFICE).open_at(at(moment)) is is_open
    assert hours(weekly=OFFICE).open_at(at(moment).astimezone(UTC)) is is_open


def test_with_nothing_set_it_is_always_open() -> None:
    assert Hours().open_at(at("2026-11-29 03:00"))
    assert Hours().words() == "全天"
    assert Hours().next_opening(at("2026-11-29 03:00")) == at("2026-11-29 03:00")


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = hours(weekly={"fri": ["22:00-02:00"]}, holidays=["2026-11-21"])
    assert night.open_at(at("2026-11-27 23:00"))
    assert night.open_at(at("2026-11-28 01:59"))
    assert not night.open_at(at("2026-11-28 02:00"))
    assert not night.open_at(at("2026-11-27 01:00"))
    assert night.open_at(at("2026-11-21 01:00"))  # a holiday: what began the day before goes on


def test_holidays_are_closed_and_exceptions_have_their_own_hours() -> None:
    shop = hours(weekly=OFFICE, holidays=["2026-10-01", date(2026, 10, 2)], exceptions={"2026-10-10": ["09:30-11:00"]})
    assert not shop.open_at(at("2026-10-01 10:00"))
    assert not shop.open_at(at("2026-10-02 10:00"))
    assert shop.open_at(at("2026-10-10 09:30"))
    assert not shop.open_at(at("2026-10-10 11:00"))
    assert not hours(holidays=["2026-10-01"]).open_at(at("2026-10-01 10:00"))
    assert not hours(exceptions={"2026-10-01": []}).open_at(at("2026-10-01 10:00"))


@pytest.mark.parametrize(
    ("moment", "opening", "words"),
    [
        ("2026-11-23 08:00", "2026-11-23 09:00", "今天 09:00"),
        ("2026-11-23 12:30", "2026-11-23 13:00", "今天 13:00"),
        ("2026-11-23 18:00", "2026-11-24 09:00", "明天 09:00"),
        ("2026-11-28 16:00", "2026-11-30 09:00", "11月30日 09:00"),
        ("2026-09-30 18:00", "2026-10-08 09:00", "10月8日 09:00"),
    ],
)
def test_the_next_opening_is_known(moment: str, opening: str, words: str) -> None:
    shop = hours(weekly=OFFICE, holidays=[f"2026-10-{day:02}" for day in range(1, 8)])
    assert shop.next_opening(at(moment)) == at(opening)
    assert shop.opens(at(moment)) == words


def test_where_there_is_no_next_opening_there_are_no_words_for_it() -> None:
    past = hours(weekly={"mon": []}, exceptions={"2026-01-01": ["09:00-10:00"]})
    assert past.next_opening(at("2026-11-23 09:00")) is None
    assert past.opens(at("2026-11-23 09:00")) == ""


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"weekly": OFFICE}, "周一至周五 09:00-12:00、13:00-18:00；周六 10:00-16:00"),
        ({"weekly": {"mon-sun": ["9:00-18:00"]}}, "每天 09:00-18:00"),
        ({"weekly": {"周六": ["9：00－18：00"], "星期天": ["09:00~18:00"]}}, "周六、周日 09:00-18:00"),
        (
            {"weekly": {"周一至周三": ["22:00-02:00"], "Fri": ["8:30-24:00"]}},
            "周一至周三 22:00-02:00；周五 08:30-24:00",
        ),
        ({"weekly": {"sat-mon": ["10:00-12:00"]}}, "周一 10:00-12:00；周六、周日 10:00-12:00"),
        (
            {"weekly": OFFICE | {"sat": []}, "holidays": ["2026-10-01"]},
            "周一至周五 09:00-12:00、13:00-18:00；节假日除外",
        ),
        ({"holidays": ["2026-10-01"]}, "全天；节假日除外"),
    ],
)
def test_a_week_is_said_as_a_customer_reads_it(fields: dict[str, Any], words: str) -> None:
    assert hours(**fields).words() == words


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"timezone": "Asia/Beijing"}, "time zone"),
        ({"timezone": "../etc/passwd"}, "time zone"),
        ({"timezone": "Asia"}, "time zone"),
        ({"timezone": ""}, "time zone"),
        ({"weekly": {"mon": ["9-18"]}}, "09:00-12:00"),
        ({"weekly": {"mon": ["09:00-25:00"]}}, "no such time"),
        ({"weekly": {"mon": ["09:60-10:00"]}}, "no such time"),
        ({"weekly": {"mon": ["24:00-10:00"]}}, "no such time"),
        ({"weekly": {"mon": ["09:00-09:00"]}}, "00:00-24:00"),
        ({"weekly": {"mon": ["09:00-12:00", "11:00-13:00"]}}, "overlap"),
        ({"weekly": {"monday": []}}, "names no days"),
        ({"weekly": {"mon-tue-wed": []}}, "names no days"),
        ({"weekly": {"mon-fri": ["09:00-12:00"], "周三": ["09:00-12:00"]}}, "twice: wed"),
        ({"weekly": {"mon": []}}, "no day has any hours"),
        ({"holidays": ["2026-02-30"]}, "date"),
        ({"holidays": ["2026-10-01"], "exceptions": {"2026-10-01": []}}, "keep one"),
        ({"exceptions": {"2026-10-01": ["09:00-12:00", "09:00-10:00"]}}, "overlap"),
        ({"weekdays": {}}, "Extra inputs"),
    ],
)
def test_what_is_wrong_is_said(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        hours(**fields)


def test_the_hours_are_the_accounts_and_what_is_not_known_is_open() -> None:
    shop = Tenant.model_validate(
        {
            "corp_id": "ww1",
            "apps": [{"name": "a", "agent_id": 7, "hours": {"weekly": {"mon": ["09:00-10:00"]}}}],
            "kf_accounts": [{"open_kfid": "wk1", "app": "a", "hours": {"weekly": {"tue": ["09:00-10:00"]}}}],
        }
    )
    assert shop.hours_of(Channel.APP, "7").words() == "周一 09:00-10:00"
    assert shop.hours_of(Channel.KF, "wk1").words() == "周二 09:00-10:00"
    assert shop.hours_of(Channel.KF, "wk2") == shop.hours_of(Channel.APP, "8") == Hours()


def test_what_is_stored_is_read_back_the_same() -> None:
    shop = hours(timezone="America/New_York", weekly=OFFICE, holidays=["2026-10-01"], exceptions={"2026-10-10": []})
    assert Hours.model_validate_json(shop.model_dump_json()) == shop
    assert Hours.model_validate(shop.model_dump(mode="json")) == shop


def test_zones_are_known_without_the_systems_own_list() -> None:
    program = "from wecom_bot.domain.hours import Hours; Hours(timezone='America/New_York'); Hours()"
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONTZPATH": ""}, timeout=60)


moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given UTC
spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda span: span[0] != span[1])
weeks = st.dictionaries(st.integers(0, 6), spans, min_size=1)


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def weekly(week: dict[int, tuple[int, int]]) -> dict[str, list[str]]:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return {names[day]: [f"{clock(begin)}-{clock(end)}"] for day, (begin, end) in week.items()}


@given(weeks, moments)
def test_in_shanghai_the_clock_alone_decides(week: dict[int, tuple[int, int]], moment: datetime) -> None:
    here = moment + timedelta(hours=8)
    minute = here.hour * 60 + here.minute
    begin, end = week.get(here.weekday(), (0, 0))
    is_open = begin <= minute < (end if end > begin else 1440) if begin != end else False
    begin, end = week.get((here.weekday() - 1) % 7, (0, 0))
    is_open = is_open or (end < begin and minute < end)
    assert hours(weekly=weekly(week)).open_at(moment) is is_open


@given(weeks, moments, st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]))
def test_the_next_opening_is_open_and_nothing_before_it_is(
    week: dict[int, tuple[int, int]], moment: datetime, zone: str
) -> None:
    shop = hours(timezone=zone, weekly=weekly(week))
    opening = shop.next_opening(moment)
    assert opening is not None
    assert shop.open_at(opening)
    assert (opening == moment) is shop.open_at(moment)
    steps = (opening - moment) // timedelta(minutes=97)
    assert not any(shop.open_at(moment + number * timedelta(minutes=97)) for number in range(steps))


@given(moments, st.sampled_from(["America/New_York", "Europe/Berlin", "America/Havana"]))
def test_days_of_every_length_that_are_open_all_day_leave_no_gap(moment: datetime, zone: str) -> None:
    assert hours(timezone=zone).open_at(moment)


def test_a_day_without_half_past_two_opens_when_the_clock_has_passed_it() -> None:
    shop = hours(timezone="America/New_York", weekly={"sun": ["02:30-04:00"]})
    opening = shop.next_opening(at("2026-03-08 00:00", NEW_YORK))
    assert opening is not None
    assert (opening.time(), opening.utcoffset()) == (time(3, 30), timedelta(hours=-4))
    lost = hours(timezone="America/New_York", weekly={"sun": ["02:15-02:45"]})
    assert lost.next_opening(at("2026-03-08 00:00", NEW_YORK)) is not None
