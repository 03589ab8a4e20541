"""The messages of a conversation: to list them, and to take one away."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from wecom_bot.simulators.coze.refusals import CozeRefusal
from wecom_bot.simulators.coze.world import CozeConversation, CozeWorld, SaidMessage


class ListRequest(BaseModel):
    """The body of a list, which may be empty."""

    order: Literal["asc", "desc"] = "desc"
    chat_id: str = ""
    before_id: str = ""
    after_id: str = ""
    limit: int = Field(50, ge=1, le=50)


def listed(world: CozeWorld, query: Mapping[str, str], asked: ListRequest) -> dict[str, Any]:
    """A page of them, with questions and answers but nothing from in between. Raises CozeRefusal."""
    conversation = _conversation(world, query)
    said = [each for each in conversation.said if asked.chat_id in {"", each.chat_id}]
    places = {each.message_id: place for place, each in enumerate(said)}
    said = said[places.get(asked.after_id, -1) + 1 : places.get(asked.before_id)]
    ordered = said if asked.order == "asc" else said[::-1]
    page = [_shown(conversation, each) for each in ordered[: asked.limit]]
    first, last = (page[0]["id"], page[-1]["id"]) if page else ("", "")
    return {"data": page, "first_id": first, "last_id": last, "has_more": len(page) < len(said)}


def delete(world: CozeWorld, query: Mapping[str, str]) -> dict[str, Any]:
    """Take one away: the bot no longer knows of it. Raises CozeRefusal."""
    conversation, message_id = _conversation(world, query), query.get("message_id", "")
    found = next((each for each in conversation.said if each.message_id == message_id), None)
    if found is None:
        raise CozeRefusal(4005)
    conversation.said.remove(found)
    return _shown(conversation, found)


def _conversation(world: CozeWorld, query: Mapping[str, str]) -> CozeConversation:
    found = world.conversations.get(query.get("conversation_id", ""))
    if found is None:
        raise CozeRefusal(4002)
    return found


def _shown(conversation: CozeConversation, said: SaidMessage) -> dict[str, Any]:
    return {
        "id": said.message_id,
        "conversation_id": conversation.conversation_id,
        "bot_id": conversation.bot_id,
        "chat_id": said.chat_id,
        "role": said.line.role,
        "type": "question" if said.line.role == "user" else "answer",
        "content": said.line.content,
        "content_type": "text",
        "created_at": said.created_at,
        "updated_at": said.created_at,
    }
