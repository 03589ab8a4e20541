"""How commands read an operator's file: how far they are, and what was changed in it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

import click

from wecom_bot import private
from wecom_bot.bootstrap import stores
from wecom_bot.domain.draft import Tally
from wecom_bot.service.operation.tenant_proof import holds_secrets

EVERY = 10_000
"""Lines, after which a long import says how far it is: a second or two apart; short ones say nothing."""

_MOST_NAMES = 10  # of sheets
Line_co = TypeVar("Line_co", covariant=True)


class Reads(Protocol[Line_co]):
    """Reads a file line by line; told what to tell of the bytes it reads, and where to tell what it changes."""

    def __call__(self, path: Path, progress: Callable[[int], None], tally: Tally, /) -> Iterator[Line_co]:
        """The lines."""


def lines_of(file: Path, read: Reads[Line_co], tally: Tally) -> Iterator[Line_co]:
    """The file's lines; on stderr stands how many there were, on one line where a person looks at it."""
    begin, end = ("\r", "") if sys.stderr.isatty() else ("", "\n")
    size, taken, count = file.stat().st_size, 0, 0

    def progress(more: int) -> None:
        nonlocal taken
        taken += more

    for count, line in enumerate(read(file, progress, tally), start=1):
        if count % EVERY == 0:
            share = f"（{taken * 100 // size}%）" if taken <= size else ""  # of a zip the end was read first
            click.echo(f"{begin}已读 / read {count:,} 行 lines{share} …{end}", err=True, nl=False)
        yield line
    if count >= EVERY:
        click.echo(f"{begin}共 / in all {count:,} 行 lines，正在写入 / writing …", err=True)


def tenants_of(file: Path) -> Mapping[str, object]:
    """The file's tenants; whoever left their secrets open to others is told. Raises InvalidInput."""
    document = stores.read_tenants(file)
    mode = private.readers(file)
    if mode is not None and holds_secrets(document):
        click.secho(
            f"警告：租户文件里有密钥，权限却是 {mode:04o}，别人也能读，请执行"
            f" / WARNING: there are secrets in it, and others can read it: `chmod 600 {file}`",
            fg="yellow",
            err=True,
        )
    return document


def changes(tally: Tally) -> Iterator[str]:
    """What the reader changed, filled in or left out, one line each; nothing where all was as it should be."""
    for count, said in (
        (tally.ids, "清理了 {} 个编号（引号、撇号、.0、全角字符、看不见的字符、空白）/ {} ids cleaned"),
        (tally.line_breaks, "统一了 {} 格里的换行 / line breaks made the same in {} cells"),
        (tally.merged, "合并单元格：填上了 {} 格 / {} cells filled from merged ones"),
        (tally.hidden_rows, "其中 {} 行是隐藏的，也导入了 / {} of the rows are hidden, and were imported too"),
    ):
        if count:
            yield said.format(*[f"{count:,}"] * 2)
    if len(tally.sheets) > 1 or tally.other_sheets or tally.hidden_sheets:
        yield f"已导入工作表 / sheets imported: {_names(tally.sheets)}"
    if tally.other_sheets:
        yield f"未导入工作表 / sheets not imported: {_names(tally.other_sheets)}"
    if tally.hidden_sheets:
        yield f"隐藏的工作表，未导入 / hidden sheets, not imported: {_names(tally.hidden_sheets)}"


def _names(sheets: list[str]) -> str:
    more = f" …（共 / in all {len(sheets)}）" if len(sheets) > _MOST_NAMES else ""
    return "、".join(sheets[:_MOST_NAMES]) + more
