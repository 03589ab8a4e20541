"""What is wrong with an operator's file, as the operator should read it."""

from collections.abc import Sequence

from wecom_bot.domain.draft import BadLine
from wecom_bot.text.showable import CRASHES_CLIENTS

MOST_SHOWN = 20


def unshowable(*texts: str) -> bool:
    """Whether there is a character in them that nobody can be shown."""
    return CRASHES_CLIENTS.search("".join(texts)) is not None


def complaint(bad: Sequence[BadLine], *, skippable: bool) -> str:
    """Every bad line, up to a number that somebody may read, and what to do."""
    more = [f"……还有 {len(bad) - MOST_SHOWN} 处 / and {len(bad) - MOST_SHOWN} more"] if len(bad) > MOST_SHOWN else []
    skip = ("，或用 --skip-bad 跳过坏行", ", or use --skip-bad") if skippable else ("", "")
    head = (
        f"文件有 {len(bad)} 处错误，什么都没有导入；改正后再试{skip[0]}"
        f" / {len(bad)} bad lines, nothing was imported: correct them{skip[1]}"
    )
    return "\n".join([head, *map(str, bad[:MOST_SHOWN]), *more])
