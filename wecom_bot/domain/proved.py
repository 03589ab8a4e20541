"""What comes from outside and has to be proved."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Words = tuple[Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)], ...]


class Proved(BaseModel):
    """Frozen, and with no field that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
