"""JSON Lines, CSV or XLSX, by the file's name; read line by line, so that the largest file needs little memory."""

import stat
from collections.abc import Iterator
from pathlib import Path

from wecom_bot.adapters.files import delimited, jsonl
from wecom_bot.adapters.files.form import Draft_co, Form
from wecom_bot.adapters.files.text import Progress, open_text
from wecom_bot.adapters.files.text import lines as text_lines
from wecom_bot.domain.draft import BadLine, Tally
from wecom_bot.errors import InvalidInput


def read(
    path: Path, form: Form[Draft_co], progress: Progress, tally: Tally | None = None
) -> Iterator[Draft_co | BadLine]:
    """What each line says, in the file's order; empty lines are left out. Raises InvalidInput."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InvalidInput(
                f"{path.name} 不是普通文件，请先存成文件 / is no regular file and may have no end: save it as one first"
            )
        match path.suffix.casefold():
            case ".jsonl" | ".ndjson" | ".json":
                with open_text(path, progress) as text:
                    yield from jsonl.read(text_lines(text), form, tally)
            case ".csv" | ".tsv" | ".txt":
                with open_text(path, progress) as text:
                    yield from delimited.read(text_lines(text), form, tally)
            case ".xlsx":
                from wecom_bot.adapters.files import xlsx  # noqa: PLC0415 - openpyxl takes 100 ms that others need not

                yield from xlsx.read(path, form, progress, tally or Tally())
            case _:
                raise InvalidInput(
                    f"{path.name} 的格式不支持，请用 .jsonl、.csv 或 .xlsx（旧的 .xls 请另存为 .xlsx）"
                    " / should be .jsonl, .csv or .xlsx"
                )
    except OSError as e:
        raise InvalidInput(f"{path} 打不开 / cannot be read: {e.strerror or e}") from e
