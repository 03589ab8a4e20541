"""Files: what is uploaded for a chat, and what is said in a sound."""

from dataclasses import dataclass

from wecom_bot.simulators.coze import ids
from wecom_bot.simulators.coze.refusals import CozeRefusal
from wecom_bot.simulators.coze.schema import Upload
from wecom_bot.simulators.coze.world import CozeWorld

MOST_SOUND = 10 * 1024 * 1024
_AMR = b"#!AMR\n"
_SOUNDS = ("amr", "mp3", "wav", "ogg", "opus", "m4a", "mp4", "pcm", "raw", "spx", "aac")


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as it comes: the form's field `file`."""

    name: str
    content: bytes

    @property
    def said(self) -> str:
        """What was asked with it, for who looks at the calls."""
        return f"{self.name} {len(self.content)}"


def upload(world: CozeWorld, caller: str, sent: UploadedFile | None) -> Upload:
    """Keep a file. Raises CozeRefusal."""
    if sent is None or not sent.content:
        raise CozeRefusal(4000, "file: missing")
    kept = Upload(file_id=ids.new(), name=sent.name, size=len(sent.content), caller=caller)
    world.uploads[kept.file_id] = kept
    return kept


def heard(sent: UploadedFile | None) -> str:
    """What is said in a sound file: the simulator's customers speak UTF-8 below AMR's mark. Raises CozeRefusal."""
    if sent is None or not sent.content:
        raise CozeRefusal(4000, "file: missing")
    if sent.name.rpartition(".")[2].lower() not in _SOUNDS:
        raise CozeRefusal(4301, "The file is not a sound")
    if len(sent.content) > MOST_SOUND:
        raise CozeRefusal(4302, "The file is too large")
    try:
        return sent.content.removeprefix(_AMR).decode()
    except UnicodeDecodeError:
        return ""


def prove(world: CozeWorld, caller: str, file_ids: tuple[str, ...]) -> None:
    """Files are for whoever uploaded them. Raises CozeRefusal."""
    for file_id in file_ids:
        kept = world.uploads.get(file_id)
        if kept is None or kept.caller != caller:
            raise CozeRefusal(4300, f"Requested resource file_id={file_id} does not exist")
