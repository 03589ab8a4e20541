"""What the doctor says of the search: its model and its index."""

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tests.deadlines import PATIENCE
from wecom_bot.adapters.search import model
from wecom_bot.adapters.search.checkup import look_at_index, look_at_model
from wecom_bot.adapters.search.index_file import IndexFile
from wecom_bot.domain.finding import State

PATIENT = timedelta(seconds=PATIENCE)


def test_a_model_that_works_is_well(model_folder: Path) -> None:
    (seen,) = look_at_model(model_folder, named=False)
    assert (seen.state, "hybrid" in seen.seen) == (State.OK, True)


@pytest.mark.parametrize(("named", "state"), [(False, State.WARNING), (True, State.FAILED)])
def test_no_model_is_a_fault_where_one_is_named(tmp_path: Path, *, named: bool, state: State) -> None:
    (seen,) = look_at_model(tmp_path, named=named)
    assert (seen.state, "wecom-bot model install" in seen.mend) == (state, True)


def test_a_damaged_model_is_said_with_what_is_damaged(tmp_path: Path) -> None:
    for each in model.FILES:
        with (tmp_path / each.name).open("wb") as file:
            file.truncate(each.size)
    (seen,) = look_at_model(tmp_path, named=False)
    assert (seen.state, model.MODEL.name in seen.seen) == (State.WARNING, True)


def test_half_a_model_is_not_none(model_folder: Path, tmp_path: Path) -> None:
    shutil.copy(model_folder / model.TOKENIZER.name, tmp_path)
    (seen,) = look_at_model(tmp_path, named=False)
    assert (seen.state, model.MODEL.name in seen.seen, model.TOKENIZER.name in seen.seen) == (
        State.WARNING,
        True,
        False,
    )


def test_an_index_is_looked_at_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    (absent,) = look_at_index(path)
    assert (absent.state, path.exists()) == (State.SKIPPED, False)
    with IndexFile(path).writing(PATIENT) as connection:
        connection.execute("INSERT INTO tenant VALUES (1, 'ww1', 1, 'x', 0)")
    (seen,) = look_at_index(path)
    assert (seen.state, "1 个租户" in seen.seen) == (State.OK, True)


def test_an_index_of_another_version_or_none_at_all_is_said(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    with IndexFile(path).writing(PATIENT):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 1")
    (older,) = look_at_index(path)
    path.write_bytes(b"no database " * 100)
    (broken,) = look_at_index(path)
    assert {older.state, broken.state} == {State.WARNING}
    assert "restart the workers" in older.mend
    assert str(path) in broken.mend
