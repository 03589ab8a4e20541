"""Whether the search has its index and its model, and which way it goes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from wecom_bot.adapters.search import model
from wecom_bot.adapters.search.embedding import SIZE, Embedder
from wecom_bot.adapters.search.index_file import RECIPE
from wecom_bot.domain.finding import Finding, doubtful, failed, skipped, well
from wecom_bot.errors import ConfigurationError

_INSTALL = "make model，或 / or: wecom-bot model install FILE；然后重启 worker / then restart the workers"


def look_at_model(folder: Path, *, named: bool) -> Iterator[Finding]:
    """The finding of the model in the folder; `named`: an operator set it, so that no worker starts without it."""
    check = "search.model"
    damaged = model.damaged(folder)
    if len(damaged) == len(model.FILES) and not named and not any((folder / each).exists() for each in damaged):
        yield doubtful(check, f"没有模型，只按字词搜索 / no model: searching by words alone ({folder})", _INSTALL)
        return
    if damaged:
        tell = failed if named else doubtful
        yield tell(check, f"模型缺失或损坏 / missing or damaged in {folder}: {', '.join(damaged)}", _INSTALL)
        return
    try:
        vector = Embedder.load(folder).question("什么时候发货")
    except ConfigurationError as e:
        tell = failed if named else doubtful
        yield tell(check, str(e), "pip install 'wecom-bot[semantic]'，或 / or: wecom-bot model install FILE")
        return
    if len(vector) != SIZE:
        yield failed(check, f"{folder}: 模型算出来的不对 / gives {len(vector)} numbers", _INSTALL)
        return
    yield well(check, f"字词加语义（hybrid）/ by words and meaning: {folder}")


def look_at_index(path: Path) -> Iterator[Finding]:
    """The finding of the index file, which workers make of what is in SQL: a lost one does no lasting harm."""
    check = "search.index"
    if not path.exists():
        yield skipped(check, f"还没有，worker 启动后会建 / not there yet: a worker makes it ({path})")
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (recipe,) = connection.execute("PRAGMA user_version").fetchone()
            (tenants,) = connection.execute("SELECT count(*) FROM tenant").fetchone()
    except sqlite3.Error as e:
        yield doubtful(
            check,
            f"读不了 / cannot be read: {path}: {type(e).__name__}",
            f"worker 会自己重建；不行就停 worker，删掉 {path} / workers make it anew; else stop them and remove it",
        )
        return
    if recipe != RECIPE:
        yield doubtful(
            check,
            f"是别的版本的 / another version's: {path}",
            "重启 worker，它会重建 / restart the workers: they make it anew",
        )
        return
    yield well(check, f"{path}: {tenants} 个租户 / tenants")
