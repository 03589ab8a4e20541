"""Chat v3: to start one, to look at it, to read what was said, and to cancel it."""

import json
import time
from collections.abc import Mapping
from typing import Any

from wecom_bot.simulators.coze import files, ids, replies
from wecom_bot.simulators.coze.asking import ChatRequest
from wecom_bot.simulators.coze.refusals import CozeRefusal, message
from wecom_bot.simulators.coze.schema import BotSpec, CozeFault
from wecom_bot.simulators.coze.world import Chat, CozeConversation, CozeWorld
from wecom_bot.simulators.trouble import FOR_EVER

SEPARATORS = "\u2028\u2029\u0085"
_THOUGHT = "用户在咨询，先想一想该怎么回答。"
_ONE_MORE = "请问还有什么可以帮您？"


def begin(world: CozeWorld, caller: str, conversation_id: str, asked: ChatRequest, fault: CozeFault | None) -> Chat:
    """Start the chat that is asked for. Raises CozeRefusal."""
    bot = world.bot(asked.bot_id)
    if not bot.published:
        raise CozeRefusal(4015)
    asked.prove()
    files.prove(world, caller, asked.file_ids)
    conversation = _conversation(world, conversation_id, asked)
    if conversation.running:
        settle(world, world.chats[conversation.running])
    if conversation.running:
        raise CozeRefusal(4016)
    chat = _answered(bot, conversation, asked)
    _shape(chat, fault)
    world.begin(chat)
    return chat


def _conversation(world: CozeWorld, conversation_id: str, asked: ChatRequest) -> CozeConversation:
    """The bot's conversation of that id, or a new one if there is no id. Raises CozeRefusal."""
    if not conversation_id:
        made = CozeConversation(ids.new(), asked.bot_id, asked.user_id)
        return world.conversations.setdefault(made.conversation_id, made)
    found = world.conversations.get(conversation_id)
    if found is None or found.bot_id != asked.bot_id:
        raise CozeRefusal(4002)
    return found


def _answered(bot: BotSpec, conversation: CozeConversation, asked: ChatRequest) -> Chat:
    lines = asked.lines
    last = max((number for number, line in enumerate(lines) if line.role == "user"), default=-1)
    said = lines[last].content if last >= 0 else ""
    earlier = [*conversation.lines, *lines[: max(last, 0)]]
    variables = asked.variables
    answer = replies.chosen(bot.answers, replies.words(said), variables)
    return Chat(
        bot_id=bot.bot_id,
        conversation_id=conversation.conversation_id,
        lines=lines,
        texts=replies.texts(answer, said, earlier, variables),
        meta_data=asked.meta_data,
        reasoning=answer.reasoning if answer else "",
        follow_ups=bot.follow_ups,
        saved=asked.auto_save_history,
        streamed=asked.stream,
        ready=time.monotonic() + bot.seconds,
    )


def _shape(chat: Chat, fault: CozeFault | None) -> None:
    """Let the chat come to what the fault wants."""
    if fault is None:
        return
    chat.plot = fault.kind
    _reword(chat, fault.kind)
    _end_badly(chat, fault)
    if fault.kind in {"stall", "pings"} and not chat.streamed:
        chat.ready += fault.value or FOR_EVER


def _reword(chat: Chat, kind: str) -> None:
    """Let it say what the fault wants."""
    match kind:
        case "empty":
            chat.texts = ()
        case "reasoning":
            chat.reasoning = chat.reasoning or _THOUGHT
        case "several":
            chat.texts = (*chat.texts, _ONE_MORE)
        case "separators":
            chat.texts = tuple(text[:1] + SEPARATORS + text[1:] for text in chat.texts)


def _end_badly(chat: Chat, fault: CozeFault) -> None:
    """Let it fail, or wait for ever, if the fault wants that."""
    match fault.kind:
        case "failed" | "error":
            code = int(fault.value) or (4028 if fault.kind == "failed" else 4016)
            chat.last_error = {"code": code, "msg": message(code)}
        case "bare_failed":
            chat.last_error = {"code": 701231, "msg": "error"}
        case "requires_action":
            call = {"id": ids.new(), "type": "function", "function": {"name": "local_tool", "arguments": "{}"}}
            chat.required_action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [call]}}


def settle(world: CozeWorld, chat: Chat) -> None:
    """End a chat that is not streamed, and that had time enough. A streamed one ends with its stream."""
    if not chat.streamed and chat.ready <= time.monotonic():
        world.end(chat, outcome(chat))


def outcome(chat: Chat) -> str:
    """The status with which the chat will end."""
    if chat.plot == "requires_action":
        return "requires_action"
    return "failed" if chat.last_error["code"] else "completed"


def retrieve(world: CozeWorld, query: Mapping[str, str]) -> dict[str, Any]:
    """How a chat stands. Raises CozeRefusal."""
    chat = _chat(world, query)
    settle(world, chat)
    return chat.shown()


def messages(world: CozeWorld, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """What was said in a chat; as in the cloud not in its order, but the verbose one first. Raises CozeRefusal."""
    chat = _chat(world, query)
    settle(world, chat)
    if chat.status != "completed":
        return []
    said = [
        spoken(chat, "answer", text, message_id=message_id, reasoning=chat.reasoning)
        for message_id, text in chat.answers
    ]
    return [finish(chat), *said, *(spoken(chat, "follow_up", text) for text in chat.follow_ups)]


def cancel(world: CozeWorld, body: Mapping[str, Any]) -> dict[str, Any]:
    """Stop a chat; what was said in it is not remembered. Raises CozeRefusal."""
    chat = _chat(world, body)
    settle(world, chat)
    if chat.status != "in_progress":
        raise CozeRefusal(4104)
    world.end(chat, "canceled")
    return chat.shown()


def _chat(world: CozeWorld, asked: Mapping[str, Any]) -> Chat:
    chat = world.chats.get(str(asked.get("chat_id", "")))
    if chat is None:
        raise CozeRefusal(4001, "The chat does not exist")
    if chat.conversation_id != str(asked.get("conversation_id", "")):
        raise CozeRefusal(4002)
    return chat


def spoken(chat: Chat, kind: str, content: str, *, message_id: str = "", reasoning: str = "") -> dict[str, Any]:
    """A message, or a piece of one."""
    made = {
        "id": message_id or ids.new(),
        "conversation_id": chat.conversation_id,
        "bot_id": chat.bot_id,
        "chat_id": chat.chat_id,
        "section_id": chat.section_id,
        "role": "assistant",
        "type": kind,
        "content": content,
        "content_type": "text",
        "created_at": int(time.time()),
    }
    return made | ({"reasoning_content": reasoning} if reasoning else {})


def finish(chat: Chat) -> dict[str, Any]:
    """The message that says that all answers were given."""
    mark = {"msg_type": "generate_answer_finish", "data": "", "from_module": None, "from_unit": None}
    return spoken(chat, "verbose", json.dumps(mark, separators=(",", ":")))
