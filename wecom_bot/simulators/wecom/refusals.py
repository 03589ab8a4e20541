"""Error answers in WeCom's words (global code page 90313)."""

import secrets
import time
from typing import Any

ERRMSG = {
    -1: "system busy",
    40001: "invalid credential",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid file size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40011: "invalid video size",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    40096: "invalid external userid",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41050: "invalid welcome_code",
    42001: "access_token expired",
    44001: "empty media data",
    44004: "content is empty",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45008: "article count out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    47001: "data format error",
    48002: "api forbidden",
    48007: "no privilege of the kf account",
    60020: "not allow to access from your ip",
    81013: "user & party & tag all invalid",
    82001: "all recipients are empty",
    82002: "party list length out of limit",
    82003: "tag list length out of limit",
    95000: "invalid open_kfid",
    95001: "send msg count limit",
    95002: "send msg session expired",
    95004: "open_kfid not exist",
    95007: "invalid msg token",
    95008: "menu item count limit",
    95009: "invalid menu item type",
    95014: "userid is not a servicer",
    95016: "not allow to trans state",
    95018: "send msg session status invalid",
    95019: "servicer is not receiving",
    95022: "invalid location",
    95033: "duplicate msgid",
    301002: "not allow operate another agent with this accesstoken",
    830002: "file size out of limit",
}


class WecomRefusal(Exception):
    """An API call is refused with this errcode; `detail` names the parameter, as WeCom does."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        super().__init__(f"{errcode} {detail}")
        self.errcode = errcode
        self.detail = detail


def refusal(errcode: int, address: str, detail: str = "") -> dict[str, Any]:
    """The body of a refusal; nobody may decide on its errmsg, so it is as noisy as WeCom's."""
    words = ERRMSG.get(errcode, "error")
    if detail:
        words = f"{words}: {detail}"
    hint = f"{int(time.time())}_{secrets.randbelow(90) + 10}_{secrets.token_hex(16)}"
    link = f"https://open.work.weixin.qq.com/devtool/query?e={errcode}"
    return {"errcode": errcode, "errmsg": f"{words}, hint: [{hint}], from ip: {address}, more info at {link}"}
