"""What comes from outside and has to be proved."""

import unicodedata
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

Words = tuple[Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)], ...]


_UNSEEN = ("Cc", "Cf", "Zl", "Zp", "Zs")  # categories: control and format characters, and every kind of blank


def pasted(value: object) -> object:
    """A text without the blanks around it, and the marks that nobody sees: what a mouse takes along; else the value."""
    if not isinstance(value, str):
        return value
    seen = [place for place, character in enumerate(value) if unicodedata.category(character) not in _UNSEEN]
    return value[seen[0] : seen[-1] + 1] if seen else ""


PASTED = BeforeValidator(pasted)
PastedText = Annotated[str, PASTED]
"""An id that somebody copied from elsewhere."""


class Proved(BaseModel):
    """Frozen, and with no field that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
