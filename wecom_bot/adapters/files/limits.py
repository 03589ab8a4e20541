"""How large a file may be: more than any shop has, and less than stops the machine.

20,000 articles or 200,000 orders in one file take a tenth to a third of each.
"""

from wecom_bot.errors import InvalidInput

MOST_BYTES = 256 << 20  # of a text file
MOST_PACKED = 128 << 20  # of an XLSX file, which is a zip
MOST_UNPACKED = 512 << 20  # of all that is in it, as it says and as it turns out
MOST_RATIO = 200  # times smaller than unpacked; sheets of people reach 30, bombs 1,000
RATIO_COUNTS_FROM = 32 << 20  # a small part may be as repetitive as it likes
MOST_PARTS = 10_000  # sheets, pictures, drawings in an XLSX
MOST_ROWS = 500_000  # or lines, the empty ones too
MOST_COLUMNS = 256
MOST_CELLS = 3_000_000  # the empty ones too
MOST_CELL = 131_072  # characters of a cell; Excel itself keeps 32,767
MOST_LINE = 1_000_000  # characters of a line of JSONL or CSV, and of a row that spans lines
MOST_STRINGS = 2_000_000  # different texts of a workbook
MOST_TEXT = 64_000_000  # characters of all these
MOST_TAGS = 20_000_000  # in a sheet or the texts
MOST_TAG = 1 << 20  # bytes of one piece of XML
MOST_SMALL_PART = 16 << 20  # styles, and what else is read whole
MOST_ELEMENTS = 200_000  # in such a part
MOST_FORMAT = 255  # characters of a number's format, as in Excel: openpyxl takes the square of them
LONGEST_SHOWN = 64  # characters of what a file says, in what we say of it

_SPLIT = "请把文件分成几份导入 / import it in several files"


def too_large(what: str, english: str) -> InvalidInput:
    """What to say of a file that is beyond a limit, and what to do."""
    return InvalidInput(f"{what}；{_SPLIT}: {english}")


def too_many_rows(line: int) -> InvalidInput:
    """What to say where the rows do not end."""
    return too_large(
        f"文件第 {line} 行：超过 {MOST_ROWS:,} 行（空行也算，请删去末尾的空行）",
        f"line {line} is beyond {MOST_ROWS:,} rows, empty ones too",
    )
