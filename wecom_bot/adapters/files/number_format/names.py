"""What days, months and halves of a day are called, in Chinese and in English."""

from wecom_bot.adapters.files.number_format.errors import NotShown

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_CHINESE_DAYS = "日一二三四五六"
_CHINESE_MONTHS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_SHORT, _LONG, _INITIAL = 3, 4, 5  # letters of a code


def chinese_day(weekday: int, letters: int, language: str) -> str:
    """`aaa` and `aaaa`, which are Chinese in any language; 0 is Sunday."""
    if letters >= _LONG:
        return f"星期{_CHINESE_DAYS[weekday]}"
    return f"周{_CHINESE_DAYS[weekday]}" if language == "zh" else _CHINESE_DAYS[weekday]


def day(weekday: int, letters: int, language: str) -> str:
    """`ddd` and `dddd`; 0 is Sunday."""
    if _is_chinese(language):
        return chinese_day(weekday, letters, language)
    return _DAYS[weekday][:3] if letters == _SHORT else _DAYS[weekday]


def month(number: int, letters: int, language: str) -> str:
    """`mmm`, `mmmm` and `mmmmm`; 1 is January."""
    if _is_chinese(language):
        return f"{number}月" if letters == _SHORT else f"{_CHINESE_MONTHS[number - 1]}月"
    name = _MONTHS[number - 1]
    return {_SHORT: name[:3], _INITIAL: name[0]}.get(letters, name)


def half(code: str, hour: int, language: str) -> str:
    """The half of the day in which an hour is, as `AM/PM`, `A/P` or `上午/下午` asks for it."""
    afternoon = hour >= 12  # noqa: PLR2004 - noon
    if code.startswith("上") or (len(code) > len("A/P") and _is_chinese(language)):
        return "下午" if afternoon else "上午"
    return code.split("/")[afternoon]


def _is_chinese(language: str) -> bool:
    if language not in {"", "en", "zh"}:
        raise NotShown(f"[$-{language}]")
    return language == "zh"
