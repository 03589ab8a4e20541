"""When something is, as operators write it: 2026-11-20 10:00, 2026年11月20日, or with a zone of its own."""

from contextlib import suppress
from datetime import UTC, date, datetime, tzinfo
from unicodedata import normalize

from wecom_bot.text.folding import seen

_FIRST_YEAR, _LAST_YEAR = 2000, 9999
_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")  # as Excel saves 2026/1/2 9:05, which is not ISO
_IN_WORDS = str.maketrans({"年": "-", "月": "-", ".": "-", "日": " ", "时": ":", "点": ":", "分": ":", "秒": None})


def moment(text: str, zone: tzinfo) -> datetime | None:
    """The instant, in UTC; of this zone where the text does not say which. None for what nobody can read."""
    plain, in_words = _plain(text)
    for form in (None, *_FORMS):
        with suppress(ValueError, OverflowError):
            found = datetime.strptime(in_words, form) if form else datetime.fromisoformat(plain)  # noqa: DTZ007 - below
            if found.year >= _FIRST_YEAR:
                return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    return None


def day(text: str) -> date | None:
    """The day, where the text names one without a time of it."""
    for each in _plain(text):
        for read in (date.fromisoformat, _as_excel_saves):
            with suppress(ValueError):
                found = read(each)
                return found if _FIRST_YEAR <= found.year < _LAST_YEAR else None
    return None


def _as_excel_saves(text: str) -> date:
    return datetime.strptime(text, _FORMS[-1]).date()  # noqa: DTZ007 - a day has no zone


def _plain(text: str) -> tuple[str, str]:
    """The text as ISO may have it, and without the words of a date."""
    plain = seen(normalize("NFKC", text)).strip().replace("/", "-")
    return plain, " ".join(plain.translate(_IN_WORDS).split()).rstrip(":")
