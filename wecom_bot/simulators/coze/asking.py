"""What a chat is asked (POST /v3/chat), checked as the cloud checks it."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from wecom_bot.simulators.coze.refusals import CozeRefusal
from wecom_bot.simulators.coze.schema import RememberedLine

_MOST_MESSAGES = 100
_MOST_META, _LONGEST_META_KEY, _LONGEST_META = 16, 64, 512
_ITEMS = {"text", "image", "file", "audio"}
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
        return "".join(str(item.get("text", "")) for item in self.items if item.get("type") == "text")

    @property
    def items(self) -> list[dict[str, Any]]:
        """The parts of an object_string; none of a text. Raises CozeRefusal."""
        if self.content_type == "text":
            return []
        try:
            found = json.loads(self.content)
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise CozeRefusal(4000, "additional_messages: an object_string must be a JSON list of objects")
        if any(item.get("type") not in _ITEMS for item in found):
            raise CozeRefusal(4000, "additional_messages: an item must be a text, image, file or audio")
        return found

    @property
    def files(self) -> tuple[dict[str, Any], ...]:
        """The items that are no text. Raises CozeRefusal."""
        return tuple(item for item in self.items if item.get("type") != "text")

    def prove(self) -> None:
        """One text at most, and no text without a file. Raises CozeRefusal."""
        if self.content_type == "text":
            return
        texts = len(self.items) - len(self.files)
        if texts > 1 or not self.files:
            raise CozeRefusal(4000, "additional_messages: an object_string has files, and one text at most")
        if not all(file.get("file_id") or file.get("file_url") for file in self.files):
            raise CozeRefusal(4000, "additional_messages: a file needs a file_id or a file_url")


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
    def lines(self) -> tuple[RememberedLine, ...]:
        """What is said with it. Raises CozeRefusal."""
        return tuple(RememberedLine(role=message.role, content=message.text) for message in self.additional_messages)

    @property
    def file_ids(self) -> tuple[str, ...]:
        """The uploads that are shown. Raises CozeRefusal."""
        shown = (file for message in self.additional_messages for file in message.files)
        return tuple(str(file["file_id"]) for file in shown if file.get("file_id"))

    @property
    def variables(self) -> dict[str, str]:
        """What rules may look at: the custom variables, and how many images are shown. Raises CozeRefusal."""
        shown = [file for message in self.additional_messages for file in message.files if file["type"] == "image"]
        return {"images": str(len(shown)), **self.custom_variables}

    def prove(self) -> None:
        """Limits that have codes of their own. Raises CozeRefusal."""
        if len(self.additional_messages) > _MOST_MESSAGES:
            raise CozeRefusal(4004)
        self._prove_meta()
        for message in self.additional_messages:
            message.prove()
        self._prove_beside()
        if not self.stream and not self.auto_save_history:
            raise CozeRefusal(4007)
        if odd := [name for name in self.custom_variables if not _VARIABLE.fullmatch(name)]:
            raise CozeRefusal(4000, f"custom_variables: {odd[0]}")

    def _prove_meta(self) -> None:
        sizes = [(len(key), len(value)) for key, value in self.meta_data.items()]
        if len(sizes) > _MOST_META or any(key > _LONGEST_META_KEY or value > _LONGEST_META for key, value in sizes):
            raise CozeRefusal(4003)

    def _prove_beside(self) -> None:
        """A message of files alone must stand next to one with words. Raises CozeRefusal."""
        if not any(message.files and not message.text for message in self.additional_messages):
            return
        texts = [bool(message.text) for message in self.additional_messages]
        for place in range(len(texts)):
            if not any(texts[max(0, place - 1) : place + 2]):
                raise CozeRefusal(4000, "additional_messages: a message with files only must be next to a text message")
