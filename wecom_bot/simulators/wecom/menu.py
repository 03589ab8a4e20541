"""The msgmenu of kf/send_msg: its entries, their limits, and how a customer sees them (WeCom page 94677)."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from wecom_bot.simulators.wecom.content import within
from wecom_bot.simulators.wecom.refusals import WecomRefusal
from wecom_bot.simulators.wecom.schema import Option

_MOST_ENTRIES = 10
_HEAD_BYTES = 1024
_LIMITS = {
    "click": {"id": 128, "content": 128},
    "view": {"url": 2048, "content": 1024},
    "miniprogram": {"appid": 32, "pagepath": 1024, "content": 1024},
    "text": {"content": 256},
}


class Menu(BaseModel):
    """As it is posted."""

    head_content: str = ""
    entries: Annotated[list[dict[str, Any]], Field(alias="list")] = Field(default_factory=list, alias="list")
    tail_content: str = ""

    def shown(self) -> tuple[str, tuple[Option, ...]]:
        """All its words, a line each, and the entries that can be clicked. Raises WecomRefusal."""
        if len(self.entries) > _MOST_ENTRIES:
            raise WecomRefusal(95008)
        lines, choices = [within(self.head_content, _HEAD_BYTES)], []
        for entry in self.entries:
            kind, fields = _entry(entry)
            if kind == "click":
                choices.append(Option(id=fields["id"], text=fields["content"]))
            else:
                lines.append(fields["content"])
        lines.append(within(self.tail_content, _HEAD_BYTES))
        text = "\n".join(filter(None, lines))
        if not text and not choices:
            raise WecomRefusal(44004)
        return text, tuple(choices)


def _entry(entry: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The kind of an entry and its fields, proved. Raises WecomRefusal."""
    kind = entry.get("type")
    if not isinstance(kind, str) or kind not in _LIMITS:
        raise WecomRefusal(95009)
    fields = entry.get(kind)
    if not isinstance(fields, dict):
        raise WecomRefusal(40058, f"msgmenu.list.{kind}")
    for name, most in _LIMITS[kind].items():
        value = fields.get(name)
        if not isinstance(value, str) or not 1 <= len(value.encode()) <= most:
            raise WecomRefusal(40058, f"msgmenu.list.{kind}.{name}")
    return kind, fields
