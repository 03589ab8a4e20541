"""`wecom-bot model`."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fixtures.embedding_model import ROOT
from wecom_bot.adapters.search import model
from wecom_bot.bootstrap import search
from wecom_bot.cli import main
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.errors import ConfigurationError
from wecom_bot.settings import load


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["model", *words])


def test_it_is_installed_into_the_data_folder_and_shown(model_folder: Path) -> None:
    assert "words alone" in run("show").stdout
    assert search.mode(load()) is SearchMode.LEXICAL
    done = run("install", str(model_folder.absolute()))
    assert done.exit_code == 0, done.output
    assert search.mode(load()) is SearchMode.HYBRID
    assert "works" in run("show").stdout


def test_a_model_that_an_operator_names_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WECOM_BOT_EMBEDDING_MODEL", str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"WECOM_BOT_EMBEDDING_MODEL.*onnx"):
        search.embedder(load())


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "some.jar").write_bytes(b"nothing")
    done = run("install", str(tmp_path / "some.jar"))
    assert done.exit_code == 2
    assert "mvn dependency" in done.stderr


def test_one_that_merely_lies_there_and_does_not_work_stops_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "model"
    folder.mkdir(parents=True)
    for each in model.FILES:
        with (folder / each.name).open("wb") as file:
            file.truncate(each.size)
    assert search.embedder(load()) is None


def test_make_fetches_what_install_accepts() -> None:
    assert f"MODEL := {model.ARTEFACT}\n" in (ROOT / "Makefile").read_text()
