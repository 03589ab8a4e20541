"""What a chat is asked (POST /v3/chat), checked as the cloud checks it."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from wecom_bot.simulators.coze.refusals import ApiError
from wecom_bot.simulators.coze.schema import Line

_MOST_MESSAGES = 100
_MOST_META, _LONGEST_META_KEY, _LONGEST_META = 16, 64, 512
_VARIABLE = re.compile(r"[A-Za-z_]+")

Id = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]


class Message(BaseModel):
    """A message that comes with a chat; there is no role `system`."""

    role: Literal["user", "assistant"]
    content: str
    content_type: Literal["text", "object_string"]
    type: str = ""

    @property
    def text(self) -> str:
        """Its words, without files."""
        if self.content_type == "text":
            return self.content
        items = json.loads(self.content)
        return "".join(str(item.get("text", "")) for item in items if item.get("type") == "text")


class ChatRequest(BaseModel):
    """The body; what the cloud also takes and does nothing with here is let pass."""

    bot_id: Id
    user_id: str = Field(min_length=1)
    additional_messages: list[Message] = []
    stream: bool = False
    auto_save_history: bool = True
    custom_variables: dict[str, str] = {}
    meta_data: dict[str, str] = {}
    parameters: dict[str, Any] = {}

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is said with it. Raises ApiError."""
        try:
            return tuple(Line(role=message.role, content=message.text) for message in self.additional_messages)
        except (ValueError, AttributeError, TypeError) as e:
            raise ApiError(4000, "additional_messages: an object_string must be a JSON list of objects") from e

    def prove(self) -> None:
        """Limits that have codes of their own. Raises ApiError."""
        if len(self.additional_messages) > _MOST_MESSAGES:
            raise ApiError(4004)
        if len(self.meta_data) > _MOST_META or any(
            len(key) > _LONGEST_META_KEY or len(value) > _LONGEST_META for key, value in self.meta_data.items()
        ):
            raise ApiError(4003)
        if not self.stream and not self.auto_save_history:
            raise ApiError(4007)
        if odd := [name for name in self.custom_variables if not _VARIABLE.fullmatch(name)]:
            raise ApiError(4000, f"custom_variables: {odd[0]}")
