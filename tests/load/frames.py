"""How many of our functions stand between `Deliver` and the socket when a reply leaves: `python -m tests.load.frames`.

Counted at the moment of the send, from the stack: frames of wecom_bot below the call that Deliver makes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import wecom_bot
from tests.fakes import NoContacts
from tests.load.canned import CUSTOMER, OPEN_KFID, canned
from tests.load.outlet import CORP, MEMBER, outlet
from wecom_bot.domain.message import Channel, ConversationId, Reply
from wecom_bot.ports import Speaker
from wecom_bot.service.conversation.by_name import ByName

KEYS = ("frames_to_socket", "frames_by_channel")
_OURS = str(Path(wecom_bot.__file__).parent)
_SENDS = frozenset({"send", "sendall"})


def _say(speaker: Speaker, conversation: ConversationId) -> None:
    """As Deliver says a part."""
    speaker.send(conversation, Reply("晚上九点"), "0" * 32, None)


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    """The frames from the innermost to the outermost."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def _between(frame: FrameType | None) -> list[str] | None:
    """Our functions on this stack between Deliver and here, outermost first; None if it is not Deliver who sends."""
    found: list[str] = []
    for each in _stack(frame):
        if each.f_code is _say.__code__:
            return found[::-1]
        if each.f_code.co_filename.startswith(_OURS):
            found.append(f"{Path(each.f_code.co_filename).stem}.{each.f_code.co_qualname}")
    return None


def chain(url: str, conversation: ConversationId) -> list[str]:
    """The functions of ours through which a reply goes out; the second one, for the first makes connections."""
    speaker = ByName(outlet(url).speakers, NoContacts())
    seen: list[list[str]] = []

    def watch(frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and getattr(called, "__name__", "") in _SENDS and (found := _between(frame)) is not None:
            seen.append(found)

    _say(speaker, conversation)
    sys.setprofile(watch)
    try:
        _say(speaker, conversation)
    finally:
        sys.setprofile(None)
    return max(seen, key=len)


def measure() -> dict[str, Any]:
    """The figures of KEYS."""
    with canned() as url:
        kf = ConversationId(CORP, Channel.KF, OPEN_KFID, CUSTOMER)
        chains = {"kf": chain(url, kf), "app": chain(url, MEMBER)}
    for name, each in chains.items():
        print(f"  {len(each)} frames of ours between Deliver and the socket ({name}): {' > '.join(each)}")
    return {
        "frames_to_socket": max(map(len, chains.values())),
        "frames_by_channel": {name: len(each) for name, each in chains.items()},
    }


if __name__ == "__main__":
    print(measure()["frames_to_socket"])
