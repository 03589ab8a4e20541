"""WeCom's error codes by what to do about them: one table (page 90313), and the error of ours that each becomes.

The meanings are for operators, so they are Chinese and say what to change where something can be changed.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from wecom_bot.adapters.wecom.api import limits
from wecom_bot.errors import (
    Misconfigured,
    MustWait,
    NotAttending,
    RateLimited,
    Rejected,
    TemporaryFailure,
    WecomBotError,
)

GET_TOKEN = "gettoken"  # noqa: S105 - the name of an API


class Action(StrEnum):
    """What a code asks for."""

    REFRESH = "refresh"  # fetch a new access token and call once more
    BACK_OFF = "back_off"  # the same call may succeed later
    SLOW_DOWN = "slow_down"  # leave this API alone until WeCom's block ends
    FEWER = "fewer"  # too many at once: a moment later, and not all together
    STOP = "stop"  # our configuration with WeCom is wrong: only a person can help
    DROP = "drop"  # this call can never succeed; the next one may
    STATE = "state"  # the conversation is not what we took it for: read its state and decide
    FIX = "fix"  # the request itself is wrong: a bug of ours
    CUSTOMER = "customer"  # the customer must write first
    SERVICER = "servicer"  # this servicer cannot take it: choose another
    CLEAN = "clean"  # the text holds characters that WeCom does not take
    SUITE = "suite"  # a suite's own ticket or token must be renewed


_A = Action
CODES: Mapping[int, tuple[Action, str]] = {
    -1: (_A.BACK_OFF, "系统繁忙"),
    6000: (_A.BACK_OFF, "数据版本冲突"),
    40001: (_A.REFRESH, "凭证无效"),
    40003: (_A.DROP, "无效的 userid"),
    **dict.fromkeys(range(40004, 40007), (_A.FIX, "媒体文件的类型、参数或大小不对")),
    40007: (_A.DROP, "media_id 无效或已过期"),
    40008: (_A.FIX, "无效的 msgtype"),
    40009: (_A.DROP, "图片大小不合要求"),
    40011: (_A.DROP, "视频大小不合要求"),
    40013: (_A.STOP, "corpid 不正确，请在租户配置里核对企业 ID"),
    40014: (_A.REFRESH, "access_token 无效"),
    40056: (_A.STOP, "agentid 不正确，请核对应用的 AgentId"),
    40058: (_A.FIX, "参数不合法"),
    40063: (_A.FIX, "参数为空"),
    40078: (_A.STOP, "临时授权码已用过或已过期，请重新授权"),
    40080: (_A.STOP, "suite_secret 不正确"),
    40082: (_A.SUITE, "suite_token 无效"),
    40083: (_A.STOP, "suite_id 不正确"),
    40084: (_A.STOP, "永久授权码无效，请让企业重新授权"),
    40085: (_A.SUITE, "suite_ticket 无效，等待下一次推送"),
    40091: (_A.STOP, "secret 属于别的企业或别的类型，请核对应用的 Secret"),
    40096: (_A.DROP, "无效的 external_userid"),
    40201: (_A.STOP, "客服账号因敏感内容被封禁"),
    41001: (_A.FIX, "缺少 access_token"),
    **dict.fromkeys(range(41021, 41026), (_A.FIX, "缺少第三方应用的参数")),
    41050: (_A.DROP, "欢迎语的 code 已过期或已用过"),
    42001: (_A.REFRESH, "access_token 已过期"),
    42007: (_A.SUITE, "预授权码已过期"),
    42009: (_A.SUITE, "suite_access_token 已过期"),
    **dict.fromkeys(range(42014, 42052), (_A.FIX, "模板卡片的字段不对")),
    43009: (_A.STOP, "企业主体未认证"),
    43012: (_A.STOP, "须先在管理后台设置接收消息的 URL"),
    44001: (_A.FIX, "媒体文件为空"),
    44004: (_A.FIX, "文本内容为空"),
    45001: (_A.DROP, "媒体文件过大"),
    45002: (_A.DROP, "消息内容过长"),
    45007: (_A.DROP, "语音过长"),
    45008: (_A.DROP, "图文条数过多"),
    45009: (_A.SLOW_DOWN, "调用频率超限"),
    45022: (_A.FIX, "应用名称过长"),
    45024: (_A.STOP, "企业人数已达上限"),
    45029: (_A.FIX, "回包过大，须减少一次请求的数据"),
    45033: (_A.FEWER, "接口并发调用过多"),
    46004: (_A.DROP, "用户不存在"),
    48001: (_A.STOP, "接口未授权"),
    48002: (_A.STOP, "应用没有调用此接口的权限；微信客服请在“可调用接口的应用”里加入本应用"),
    48003: (_A.STOP, "suite_access_token 属于别的第三方应用"),
    48004: (_A.STOP, "授权已失效或被取消"),
    48005: (_A.STOP, "接口已下线"),
    48006: (_A.STOP, "应用长期未使用，权限被收回，请管理员重新开启"),
    48007: (_A.STOP, "客服账号未授权给本应用"),
    50002: (_A.DROP, "成员不在权限范围内"),
    50003: (_A.STOP, "应用已停用"),
    60011: (_A.DROP, "成员、部门或标签不在可见范围内"),
    60020: (_A.STOP, "调用方 IP 不在“企业可信IP”里"),
    60111: (_A.DROP, "userid 不存在或不在可见范围内"),
    81013: (_A.DROP, "接收人全部无效或没有权限"),
    **dict.fromkeys(range(82001, 82004), (_A.FIX, "接收人为空或过多")),
    82004: (_A.CLEAN, "内容里有会使客户端出错的字符"),
    84061: (_A.DROP, "没有外部联系人关系"),
    93000: (_A.STOP, "群机器人的 webhook 无效"),
    93004: (_A.STOP, "群机器人已停用"),
    93008: (_A.STOP, "群机器人不在群里"),
    95000: (_A.STOP, "open_kfid 不正确，请核对客服账号"),
    95001: (_A.CUSTOMER, "客户每发一条消息，最多回复五条，已用完"),
    95002: (_A.CUSTOMER, "客户最后一条消息已超过 48 小时"),
    95003: (_A.STOP, "可接待的客户数已达上限，请完成企业认证"),
    95004: (_A.STOP, "客服账号不存在"),
    95005: (_A.STOP, "客服账号数量已达上限"),
    95006: (_A.FIX, "客服账号名称不合法"),
    95007: (_A.DROP, "通知的 token 无效或已过期"),
    95008: (_A.FIX, "菜单项过多"),
    95009: (_A.FIX, "菜单项类型不对"),
    95011: (_A.STOP, "已在企业微信使用微信客服，请改用自建应用的 Secret"),
    95012: (_A.STOP, "未在企业微信使用微信客服，请改用微信客服的 Secret"),
    95013: (_A.STATE, "会话已结束"),
    95014: (_A.SERVICER, "该成员不是此账号的接待人员，或未激活"),
    95015: (_A.STOP, "专员服务已在管理后台配置"),
    95016: (_A.STATE, "不允许这样变更会话状态"),
    95017: (_A.STOP, "客服账号未开启 API 管理，请在微信客服后台打开“通过API管理”"),
    95018: (_A.STATE, "会话状态不允许发送消息"),
    95019: (_A.SERVICER, "接待人员已停止接待或暂时离开"),
    95021: (_A.DROP, "成员或客户群不在升级服务的范围内"),
    95022: (_A.FIX, "位置消息的类型不对"),
    95023: (_A.STOP, "客服账号的 API 已授权给代开发应用"),
    95026: (_A.STOP, "现有客服账号使用过少，不能再创建"),
    95027: (_A.STOP, "未认证企业最多十个客服账号"),
    95030: (_A.DROP, "客服组件不允许此类消息"),
    95031: (_A.CUSTOMER, "客户在 48 小时内没有发过消息"),
    95032: (_A.STOP, "客服组件失去读取聊天记录的权限"),
    301002: (_A.STOP, "agentid 不属于这个 Secret 的应用，请核对 AgentId 与 Secret"),
    301007: (_A.STOP, "企业已解散或被封禁"),
    830001: (_A.FIX, "上传用的 URL 不对"),
    830002: (_A.DROP, "文件超过 20 MB"),
    830003: (_A.FIX, "从 URL 下载失败"),
    846000: (_A.FIX, "只有代开发或第三方应用可以调用"),
    846605: (_A.DROP, "智能机器人的 req_id 无效"),
    846608: (_A.DROP, "智能机器人的流式消息已超过六分钟"),
}

WRONG_SECRET = frozenset({40001, 40013, 40084, 40091})
"""What gettoken says of a wrong secret or corp ID: many of these from one address, and WeCom bans it for an hour."""

_FROM_IP = re.compile(r"from ip:\s*([0-9A-Fa-f.:]*[0-9A-Fa-f:])", re.IGNORECASE)
NOT_TRUSTED = 60020
"""The caller's address is not among the app's trusted IPs."""
_MOST_OF_ERRMSG = 300


def action(code: int, api: str) -> Action:
    """What the code asks for at this API; DROP for one that nobody wrote down."""
    known = CODES.get(code, (Action.DROP, ""))[0]
    # a token cannot be the fault of the call that fetches it: there these mean the secret
    return Action.STOP if known is Action.REFRESH and api == GET_TOKEN else known


def failure(code: int, errmsg: str, api: str) -> WecomBotError:
    """The error of ours for a code; its message is for operators, never for customers."""
    text = f"WeCom refused {api}: {code} {_meaning(code, errmsg, api)} ({errmsg[:_MOST_OF_ERRMSG]})"
    match action(code, api):
        case Action.REFRESH | Action.BACK_OFF | Action.SUITE:
            return TemporaryFailure(text)
        case Action.SLOW_DOWN | Action.FEWER as asked:
            return RateLimited(text, limits.CROWD if asked is Action.FEWER else limits.BLOCK)
        case Action.STOP:
            return Misconfigured(text, code)
        case Action.STATE:
            return NotAttending(text, code)
        case Action.CUSTOMER:
            return MustWait(text, code)
        case Action.DROP | Action.FIX | Action.SERVICER | Action.CLEAN:
            return Rejected(text, code)


def address_in(errmsg: str) -> str:
    """The address from which WeCom says it was called; empty where it does not say."""
    found = _FROM_IP.search(errmsg)
    return found[1] if found else ""


def _meaning(code: int, errmsg: str, api: str) -> str:
    if code == NOT_TRUSTED and (ip := address_in(errmsg)):
        return f"请把出口 IP {ip} 加入该应用的“企业可信IP” / add {ip} to the app's trusted IPs"
    if api == GET_TOKEN and action(code, api) is Action.STOP and CODES[code][0] is Action.REFRESH:
        return "Secret 不正确，请在租户配置里核对应用的 Secret"
    return CODES.get(code, (Action.DROP, "未知错误码"))[1]


def already_sent(code: int | None, message: str, known: Mapping[int, str]) -> bool:
    """Whether this refusal means that the message was taken before.

    WeCom documents no code for this, so `known` is a setting: code, and what its errmsg then contains.
    """
    return code is not None and code in known and known[code] in message.lower()
