"""The page that leads into production, as a reader takes it: blocks of shell, one after the other."""

import re
from dataclasses import dataclass

from tests.deploy.clean_room import ROOT

PAGE = ROOT / "docs" / "howto" / "production.md"
_FENCE = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """A heading, the part of the page that it stands in, and the blocks of shell beneath it, unchanged."""

    part: str
    heading: str
    blocks: tuple[str, ...]


def steps(text: str | None = None) -> list[Step]:
    """All that the page says to a shell, in its order."""
    text = PAGE.read_text("utf-8") if text is None else text
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    found = [
        Step(part.partition("\n")[0], section.partition("\n")[0], tuple(_FENCE.findall(section)))
        for part in parts
        for section in re.split(r"^### ", part, flags=re.MULTILINE)
    ]
    return [each for each in found if each.blocks]
