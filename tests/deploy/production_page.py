"""The page that leads into production, as a reader takes it: blocks of shell, one after the other."""

import re
from dataclasses import dataclass

from tests.deploy.clean_room import ROOT

PAGE = ROOT / "docs" / "howto" / "production.md"
_FENCE = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """A heading, and the blocks of shell beneath it, unchanged."""

    heading: str
    blocks: tuple[str, ...]


def steps(text: str | None = None) -> list[Step]:
    """All that the page says to a shell, in its order."""
    parts = re.split(r"^#{2,3} ", PAGE.read_text("utf-8") if text is None else text, flags=re.MULTILINE)[1:]
    found = [Step(part.partition("\n")[0], tuple(_FENCE.findall(part))) for part in parts]
    return [each for each in found if each.blocks]
