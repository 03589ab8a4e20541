"""What a customer can be shown."""

import re
import unicodedata

_NONCHARACTERS = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))

CRASHES_CLIENTS = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
"""Control characters but tab and newline, halves of surrogate pairs, noncharacters: WeCom refuses them (82004)."""


def says_something(text: str) -> bool:
    """Whether anything is seen of the text: more than white space, format characters and what must be taken out."""
    return any(
        not character.isspace() and unicodedata.category(character) != "Cf"
        for character in CRASHES_CLIENTS.sub("", text)
    )
