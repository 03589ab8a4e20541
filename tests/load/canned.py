"""A neighbour that costs nothing to wait for: a process of its own that gives the same answer to each call at once."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

OPEN_KFID, CUSTOMER, USERID, BOT = (
    "wkAAAAAAAAAAAAAAAAAAAAAAAAAAAA01",
    "wmBBBBBBBBBBBBBBBBBBBBBBBBBBBB01",
    "wang",
    "7379462189365198898",
)
SAID = "我们每天早上九点开门，晚上九点关门，周末也一样，欢迎随时过来看看。"
PIECES = 12  # of a chat's answer: about as many as words of such a sentence

_HEAD = "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sun, 29 Nov 2026 12:00:00 GMT\r\nConnection: keep-alive\r\n"
_OK = {"errcode": 0, "errmsg": "ok"}
_ITEM = {
    "msgid": "from_msgid_4622416642169452483",
    "open_kfid": OPEN_KFID,
    "external_userid": CUSTOMER,
    "send_time": 1796000000,
    "origin": 3,
    "msgtype": "text",
    "text": {"content": "几点关门"},
}
_ANSWERS: dict[str, dict[str, Any]] = {
    "kf/send_msg": _OK | {"msgid": "MSG_1"},
    "message/send": _OK | {"msgid": "MSG_1"},
    "kf/sync_msg": _OK | {"next_cursor": "4gw7MepFLfgF2VC5npN", "has_more": 0, "msg_list": [_ITEM]},
    "kf/service_state/get": _OK | {"service_state": 1},
}


def _whole(body: bytes, kind: str) -> bytes:
    return f"{_HEAD}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _chat() -> bytes:
    """A chat (v3) as Coze streams it: in chunks, one for each event."""
    chat = {"id": "7382159487131697202", "conversation_id": "7381473525342978089", "bot_id": BOT, "status": "created"}
    message = {"id": "7382159494123470858", "role": "assistant", "type": "answer", "content_type": "text"}
    message |= {"conversation_id": "7381473525342978089", "chat_id": "7382159487131697202"}
    size = -(-len(SAID) // PIECES)
    deltas = [SAID[start : start + size] for start in range(0, len(SAID), size)]
    told: list[tuple[str, object]] = [("chat.created", chat), ("chat.in_progress", chat)]
    told += [("message.delta", message | {"content": piece}) for piece in deltas]
    told += [("message.completed", message | {"content": SAID}), ("chat.completed", chat | {"status": "completed"})]
    lines = [f"event:conversation.{name}\ndata:{json.dumps(data, ensure_ascii=False)}\n\n" for name, data in told]
    lines.append('event:done\ndata:"[DONE]"\n\n')
    body = b"".join(b"%x\r\n%s\r\n" % (len(each.encode()), each.encode()) for each in lines) + b"0\r\n\r\n"
    return f"{_HEAD}Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + body


def answers() -> dict[str, bytes]:
    """What is answered, by the end of a call's path."""
    found = {api: _whole(json.dumps(answer).encode(), "application/json") for api, answer in _ANSWERS.items()}
    return found | {"/v3/chat": _chat()}


def _serve() -> None:
    given = answers()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=_talk, args=(connection, given), daemon=True).start()


def _talk(connection: socket.socket, given: dict[str, bytes]) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("rb") as asked:
        while first := asked.readline():
            path = first.split()[1].decode().partition("?")[0]
            length = 0
            while (line := asked.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            asked.read(length)
            connection.sendall(next(answer for api, answer in given.items() if path.endswith(api)))


@contextmanager
def canned() -> Iterator[str]:
    """Its URL, both WeCom's and Coze's."""
    serving = [sys.executable, "-m", "tests.load.canned"]
    with subprocess.Popen(serving, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


if __name__ == "__main__":
    _serve()
