"""Number formats: a number is what a cell shows of it, as Excel and WPS in China show it."""

import pytest

from wecom_bot.adapters.files.number_format.builtin import FORMATS
from wecom_bot.adapters.files.number_format.errors import NotShown
from wecom_bot.adapters.files.number_format.shown import NumberFormat

DAY = 46359  # 2026-12-03, a Thursday
MORNING, AFTERNOON = DAY + 0.3958333333333333, DAY + 0.5625  # 9:30, 13:30

NUMBERS = [
    ("General", 12, "12"),
    ("General", 0.1 + 0.2, "0.3"),
    ("General", 1234567.891, "1234567.891"),
    ("General", 123456789.123, "123456789.1"),
    ("General", 1 / 3, "0.333333333"),
    ("General", 0.00001, "0.00001"),
    ("General", 1.5e-11, "1.5E-11"),
    ("General", -12.5, "-12.5"),
    ("General", 202611200101, "202611200101"),  # Excel shows 2.02611E+11, which nobody means
    ("G/通用格式", 12, "12"),
    ('General"元"', 12, "12元"),
    ("@", 12, "12"),
    ("0", 2.5, "3"),
    ("0", -0.4, "0"),
    ("0.00", 0.3, "0.30"),
    ("0.00", 0.285, "0.29"),
    ("0.00", 1.005, "1.01"),
    ("0.##", 5, "5."),
    ("#.##", 0.5, ".5"),
    (".00", 12.5, "12.50"),
    ("#", 0, ""),
    ("000000", 10020, "010020"),
    ("000000000000", 202611, "000000202611"),
    ("#,##0", 1234567, "1,234,567"),
    ("#,##0", 999, "999"),
    ("#,##0.00", 1234.5, "1,234.50"),
    ("#,##0.00", -1234.5, "-1,234.50"),
    ("0,000", 12, "0,012"),
    ("0%", 0.85, "85%"),
    ("0.0%", 0.125, "12.5%"),
    ("00.00%", 0.285, "28.50%"),
    ("+0.00%;-0.00%;0.00%", 0.1, "+10.00%"),
    ("+0.00%;-0.00%;0.00%", -0.1, "-10.00%"),
    ("0.00E+00", 12345, "1.23E+04"),
    ("0.00E+00", 0.00099999, "1.00E-03"),
    ("##0.0E+0", 12345, "12.3E+3"),
    ("0.000E-00", 12345, "1.235E04"),
    ("# ?/?", 5.25, "5 1/4"),
    ("# ?/?", 0.5, "1/2"),
    ("# ?/?", 3, "3"),
    ("# ?/?", -0.5, "-1/2"),
    ("# ??/??", 1 / 3, "1/3"),
    ("# ?/2", 1.5, "1 1/2"),
    ("# ??/16", 0.5, "8/16"),
    ("# ?/10", 1.98, "2"),
    ("?/?", 1.5, "3/2"),
    ('"¥"0.00"元"', 12, "¥12.00元"),
    ('"¥"#,##0', 1234, "¥1,234"),
    ('"¥"#,##0.00;"¥"\\-#,##0.00', -12, "¥-12.00"),
    ('"￥"#,##0.00;[Red]"￥"-#,##0.00', -12, "￥-12.00"),
    ("¥#,##0.00", -12, "-¥12.00"),
    ("\\¥#,##0.00_);\\(\\¥#,##0.00\\)", -12, "(¥12.00)"),
    ("[$¥-804]#,##0.00", 12, "¥12.00"),
    ("[$€-2]\\ #,##0.00", 12, "€ 12.00"),
    ("[$USD]\\ #,##0", 1200, "USD 1,200"),
    ("$#,##0.00_);($#,##0.00)", 12, "$12.00"),
    ("0_ ", 12, "12"),
    ("0_);(0)", 12, "12"),
    ("0_);(0)", -12, "(12)"),
    ("0.00_);[Red]\\(0.00\\)", -12, "(12.00)"),
    ('_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', 1234.5, "1,234.50"),
    ('_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', 0, "-"),
    ('_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ', 1234.5, "¥1,234.50"),
    ('0.0"折"', 8.5, "8.5折"),
    ('"约"0"天"', 3, "约3天"),
    ("0.00元", 12, "12.00元"),
    ("[红色]0.0", 1.25, "1.3"),
    ("[Color10]0", 5, "5"),
    ('0.0,"千"', 12345, "12.3千"),
    ('0.00,,"百万"', 1234567, "1.23百万"),
    ('0!.0,"万"', 12345, "1.2万"),
    ('0\\.0,"万"', 202611, "20.3万"),
    ("000\\-0000\\-0000", 13812345678, "138-1234-5678"),
    ("[<=9999999]####\\-####;\\(0###\\)\\ ####\\-####", 5711234567, "(057) 1123-4567"),
    ('[>=10000]0!.0,"万";0', 12345, "1.2万"),
    ('[>=10000]0!.0,"万";0', 9999, "9999"),
    ('[>=10000]0!.0,"万";0', -5, "-5"),
    ('[=1]"是";[=0]"否";General', 1, "是"),
    ('[=1]"是";[=0]"否";General', 0, "否"),
    ('[=1]"是";[=0]"否";General', 7, "7"),
    ('[<60]"不及格";[<85]"合格";"优秀"', 70, "合格"),
    ('[<60]"不及格";[<85]"合格";"优秀"', 90, "优秀"),
    ('0;-0;"零"', 0, "零"),
    ("0;;", -5, ""),
    (";;;", 5, ""),
    ("[DBNum1][$-804]General", 10105, "一万〇一百〇五"),
    ("[DBNum2][$-804]General", 123.45, "壹佰贰拾叁.肆伍"),
    ('[DBNum2]G/通用格式"元整"', 12000, "壹万贰仟元整"),
    ("[DBNum1]0", 2026, "二〇二六"),
]

MOMENTS = [
    ("yyyy/m/d", DAY, "2026/12/3"),
    ("yyyy-mm-dd", DAY, "2026-12-03"),
    ("yyyy\\-mm\\-dd\\ hh:mm:ss", MORNING, "2026-12-03 09:30:00"),
    ("yyyy.m.d", DAY, "2026.12.3"),
    ("yyyymmdd", DAY, "20261203"),
    ("yy/m/d;@", DAY, "26/12/3"),
    ("m/d", DAY, "12/3"),
    ("e/m/d", DAY, "2026/12/3"),
    ('yyyy"年"m"月"d"日"', DAY, "2026年12月3日"),
    ('yyyy"年"m"月"d"日";@', MORNING, "2026年12月3日"),
    ("yyyy年m月d日", DAY, "2026年12月3日"),
    ('m"月"d"日"', DAY, "12月3日"),
    ('yyyy"年"m"月"', DAY, "2026年12月"),
    ('[$-804]yyyy"年"m"月"d"日"\\ dddd', DAY, "2026年12月3日 星期四"),
    ("[$-804]aaaa;@", DAY, "星期四"),
    ("[$-804]aaa;@", DAY, "周四"),
    ('"周"aaa', DAY, "周四"),
    ("[$-zh-CN]mmmm", DAY, "十二月"),
    ("dddd", DAY, "Thursday"),
    ("[$-409]d-mmm-yy;@", DAY, "3-Dec-26"),
    ("mmmm d, yyyy", DAY, "December 3, 2026"),
    ("mmmmm", DAY, "D"),
    ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", DAY, "2026年12月3日"),
    ("[$-x-sysdate]dddd, mmmm dd, yyyy", DAY, "2026年12月3日"),
    ("[$-F400]h:mm:ss\\ AM/PM", AFTERNOON, "13:30:00"),
    ('[DBNum1][$-804]yyyy"年"m"月"d"日"', DAY, "二〇二六年十二月三日"),
    ('[DBNum1][$-804]m"月"d"日"', DAY + 20, "十二月二十三日"),
    ('[DBNum1][$-804]上午/下午h"时"mm"分"', AFTERNOON, "下午一时三十分"),
    ("h:mm", MORNING, "9:30"),
    ("h:mm", 0.3958333333333333, "9:30"),
    ("hh:mm", MORNING, "09:30"),
    ("h:mm:ss", AFTERNOON, "13:30:00"),
    ("h:mm AM/PM", AFTERNOON, "1:30 PM"),
    ("h:mm AM/PM", DAY, "12:00 AM"),
    ("[$-409]h:mm\\ AM/PM;@", MORNING, "9:30 AM"),
    ("h:mm A/P", MORNING, "9:30 A"),
    ('上午/下午h"时"mm"分"', MORNING, "上午9时30分"),
    ("[$-804]AM/PM h:mm", AFTERNOON, "下午 1:30"),
    ('h"时"mm"分"ss"秒"', AFTERNOON, "13时30分00秒"),
    ("h点mm分", MORNING, "9点30分"),
    ("yyyy/m/d h:mm", MORNING, "2026/12/3 9:30"),
    ("yyyy/m/d h:mm", 46346.41666666666, "2026/11/20 10:00"),
    ("yyyy/m/d", 46346.9999, "2026/11/20"),
    ("[h]:mm", 1.5, "36:00"),
    ("[h]:mm:ss", 0.020833333, "0:30:00"),
    ("[mm]:ss", 0.0625, "90:00"),
    ("[s]", 0.0625, "5400"),
    ("mm:ss", 0.020833333, "30:00"),
    ("mm:ss.0", 0.0208343, "30:00.1"),
    ("yyyy/m/d", 0, "1900/1/0"),
    ("yyyy/m/d", 60, "1900/2/29"),
    ("yyyy/m/d", 61, "1900/3/1"),
]

BUILTIN = {
    0: (12.5, "12.5"),
    2: (12.5, "12.50"),
    4: (1234.5, "1,234.50"),
    7: (-12.5, "¥-12.50"),
    9: (0.85, "85%"),
    10: (0.855, "85.50%"),
    11: (12345, "1.23E+04"),
    12: (0.5, "1/2"),
    14: (DAY, "2026/12/3"),
    15: (DAY, "3-Dec-26"),
    16: (DAY, "3-Dec"),
    17: (DAY, "Dec-26"),
    18: (AFTERNOON, "1:30 PM"),
    19: (AFTERNOON, "1:30:00 PM"),
    20: (AFTERNOON, "13:30"),
    21: (AFTERNOON, "13:30:00"),
    22: (AFTERNOON, "2026/12/3 13:30"),
    27: (DAY, "2026年12月"),
    28: (DAY, "12月3日"),
    29: (DAY, "12月3日"),
    30: (DAY, "12-3-26"),
    31: (DAY, "2026年12月3日"),
    32: (AFTERNOON, "13时30分"),
    33: (AFTERNOON, "13时30分00秒"),
    34: (AFTERNOON, "下午1时30分"),
    35: (AFTERNOON, "下午1时30分00秒"),
    36: (DAY, "2026年12月"),
    38: (-1234, "(1,234)"),
    43: (0, "-"),
    44: (1234.5, "¥1,234.50"),
    45: (0.0625, "30:00"),
    46: (1.5, "36:00:00"),
    47: (0.0208343, "30:00.1"),
    48: (12345, "12.3E+3"),
    49: (12, "12"),
    57: (DAY, "2026年12月"),
    58: (DAY, "12月3日"),
}


def shown(code: str, number: float) -> str:
    return NumberFormat.parse(code).part(number).show(number).strip()


@pytest.mark.parametrize(("code", "number", "text"), NUMBERS)
def test_a_number_is_what_its_format_shows(code: str, number: float, text: str) -> None:
    assert shown(code, number) == text


@pytest.mark.parametrize(("code", "days", "text"), MOMENTS)
def test_a_date_or_a_time_is_what_its_format_shows(code: str, days: float, text: str) -> None:
    assert NumberFormat.parse(code).part(days).is_moment
    assert shown(code, days) == text


@pytest.mark.parametrize("number", BUILTIN)
def test_a_format_that_has_only_a_number_is_what_it_is_in_china(number: int) -> None:
    value, text = BUILTIN[number]
    assert shown(FORMATS[number], value) == text


def test_days_may_be_counted_from_1904() -> None:
    assert NumberFormat.parse("yyyy/m/d").part(DAY - 1462).show(DAY - 1462, since_1904=True) == "2026/12/3"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("General", "好"),
        ("0.00", "好"),
        ("@", "好"),
        ("0;-0;0;@", "好"),
        ("_ @_ ", " 好 "),
        ('@"元"', "好元"),
        ('0;-0;0;"某"@', "某好"),
        (";;;", ""),
    ],
)
def test_a_text_is_shown_by_the_section_for_texts(code: str, text: str) -> None:
    assert NumberFormat.parse(code).show_text("好") == text


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("0 kg", 5),  # letters that nobody put in quotes mean something else, or nothing
        ('[$-411]ggge"年"m"月"', DAY),
        ("[$-130000]yyyy", DAY),  # the moon's calendar
        ("bbbb/m/d", DAY),
        ("[$-411]dddd", DAY),
        ("[DBNum3]General", 5),
        ("[DBNum2]0.00", 5),
        ("0*-", 5),  # as many as the column is wide
        ("[unknown]0", 5),
        ("0.00 h", DAY),
        ("0|0", 5),
        ("0" * 200, 5),
        ("yyyy/m/d", -1),  # ####
        ("yyyy/m/d", 2958466),
        ('[<1]"少";[>5]"多"', 3),
    ],
)
def test_what_nobody_can_tell_is_refused(code: str, number: float) -> None:
    with pytest.raises(NotShown):
        shown(code, number)


def test_a_text_is_not_said_twice() -> None:
    with pytest.raises(NotShown):
        NumberFormat.parse("@" * 255).show_text("长" * 100_000)


def test_a_section_that_nobody_can_show_does_no_harm_to_the_others() -> None:
    assert shown("0.0;[unknown]0", 5) == "5.0"
