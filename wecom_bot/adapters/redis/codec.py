"""What is stored in Redis, as JSON; proved when it is read, because another version of us may have written it."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.hot_answer import HotAnswer
from wecom_bot.domain.job import Job
from wecom_bot.ports import Entry, Sent

JOB: TypeAdapter[Job] = TypeAdapter(Annotated[Job, Field(discriminator="kind")])
TURN: TypeAdapter[Turn] = TypeAdapter(Turn)
DIALOG: TypeAdapter[DialogState] = TypeAdapter(DialogState)
ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])
SENT: TypeAdapter[Sent] = TypeAdapter(Sent)
HOT_ANSWER: TypeAdapter[HotAnswer] = TypeAdapter(HotAnswer)


def moment(milliseconds: int | str | bytes) -> datetime:
    """A script's time as ours."""
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


@lru_cache(maxsize=256)
def milliseconds(span: timedelta, least: int = 1) -> int:
    """A span as a script's, never shorter: Redis refuses a life of 0 ms. `least` is 0 where that means at once."""
    return max(least, ceil(span / timedelta(milliseconds=1)))


def job(payload: str | bytes) -> Job | None:
    """A job; None for what this version cannot read."""
    try:
        return JOB.validate_json(payload)
    except ValidationError:
        return None
