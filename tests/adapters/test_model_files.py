"""How the model's files come into the data folder."""

import shutil
import zipfile
from pathlib import Path

import pytest

from wecom_bot.adapters.search import model
from wecom_bot.errors import InvalidInput


def jar(path: Path, folder: Path, **changed: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for each in model.FILES:
            packed.writestr(each.name, changed.get(each.name.partition(".")[0], (folder / each.name).read_bytes()))
    return path


def test_it_is_taken_from_a_jar_with_its_notices(tmp_path: Path, model_folder: Path) -> None:
    target = tmp_path / "data" / "model"
    model.install(jar(tmp_path / "model.jar", model_folder), target)
    assert model.damaged(target) == []
    assert sorted(path.name for path in target.iterdir()) == sorted(
        [*(each.name for each in model.FILES), "model_notices.txt"]
    )


def test_it_is_taken_from_a_folder(tmp_path: Path, model_folder: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(model_folder, source)
    model.install(source, tmp_path / "model")
    assert model.damaged(tmp_path / "model") == []


def test_it_can_be_installed_over_itself(tmp_path: Path, model_folder: Path) -> None:
    shutil.copytree(model_folder, tmp_path / "model")
    model.install(tmp_path / "model", tmp_path / "model")
    assert model.damaged(tmp_path / "model") == []


def test_other_bytes_are_refused_and_what_was_there_stays(tmp_path: Path) -> None:
    target, source = tmp_path / "model", tmp_path / "source"
    target.mkdir()
    (target / model.MODEL.name).write_bytes(b"before")
    source.mkdir()
    (source / model.MODEL.name).write_bytes(b"something else")
    with pytest.raises(InvalidInput, match=r"sha256.*mvn dependency:get"):
        model.install(source, target)
    assert (target / model.MODEL.name).read_bytes() == b"before"
    assert len(list(target.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"no zip at all"])
def test_what_is_no_jar_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.jar").write_bytes(content)
    with pytest.raises(InvalidInput, match="jar"):
        model.install(tmp_path / "model.jar", tmp_path / "model")


def test_a_jar_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.jar", "w") as packed:
        packed.writestr("readme", "hello")
    with pytest.raises(InvalidInput, match=model.MODEL.name):
        model.install(tmp_path / "other.jar", tmp_path / "model")


def test_a_file_that_never_ends_fills_no_disk(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "big.jar", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(model.MODEL.name, bytes(model.MODEL.size + 50_000_000))
    with pytest.raises(InvalidInput, match="sha256"):
        model.install(tmp_path / "big.jar", tmp_path / "model")
    assert list((tmp_path / "model").iterdir()) == []


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    assert model.missing(tmp_path) == [each.name for each in model.FILES]
