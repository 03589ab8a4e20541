"""Coze's error codes by what to do about them, with what an operator should do where only a person can help.

Source: Coze's documentation of error codes; those marked "seen" were observed in the field only.
"""

from collections.abc import Mapping
from enum import StrEnum


class FailureKind(StrEnum):
    """What a failure asks for."""

    RETRY = "retry"  # the same call may succeed in a moment
    SLOW = "slow"  # a limit: it may succeed after a pause
    BUSY = "busy"  # another chat runs in this conversation
    NEW_CONVERSATION = "new_conversation"  # this conversation is gone or full: begin another
    AUTH = "auth"  # the token is no good
    QUOTA = "quota"  # paid for no more
    CONFIG = "config"  # only a person can help
    USER = "user"  # this text will never be answered
    UNKNOWN = "unknown"  # a code that nobody wrote down
    EMPTY = "empty"  # all well, and nothing said
    UNREACHABLE = "unreachable"  # no connection, or one that broke before the first byte
    BROKEN = "broken"  # the connection broke within the answer
    LATE = "late"  # our deadline passed


UNAUTHORIZED = (
    "令牌无效或已过期（个人令牌最长 30 天），并请确认令牌属于这个 base_url（api.coze.cn 与 api.coze.com 不通用）"
    " / the token is invalid or has expired (a PAT lives 30 days at most);"
    " check that the token belongs to this base_url"
)
PERMISSION = (
    "令牌没有权限：请勾选 chat、cancelChat、run（读图片、语音再勾选 uploadFile、createTranscription），并把空间授权给它"
    " / tick the permissions chat, cancelChat and run for the token, and its space;"
    " uploadFile and createTranscription, where images or voices are read"
)
NO_SUCH_ENDPOINT = (
    "没有这个接口，请核对 base_url / there is no such endpoint: check the base_url, which ends before /v1 or /v3"
)
COZE_IS_NO_NLU = (
    "这个地址就是扣子本身，它没有 /v1/nlu/predict：请改用工作流（recognizers 写 coze_workflow，并填 coze.workflow_id）"
    " / this host is Coze itself; use the workflow (recognizer coze_workflow)"
)
PUBLISH_BOT = (
    "智能体没有发布到 API 渠道：请在扣子里点“发布”并勾选 API / publish the bot to the API channel (Agent As API)"
)
PUBLISH_WORKFLOW = "工作流不存在、未发布或令牌看不到它：请发布工作流 / publish the workflow, and check its id"
NOT_FOUND = (
    "智能体或工作流不存在、未发布，或令牌所在空间看不到它：请核对 id 并发布"
    " / the bot or workflow does not exist, is not published, or is in another space: check its id, then publish it"
)
BALANCE = "额度或余额用完，请充值或升级套餐 / the quota or the balance is used up: top up or upgrade"
PARAMETERS = (
    "参数不对：请核对工作流开始节点的参数名（coze.parameters），且不要用输出节点或流式结束节点"
    " / wrong parameters: check the names in the workflow's start node (coze.parameters), and use no output node"
)

_K = FailureKind
CODES: Mapping[int, tuple[FailureKind, str]] = {
    4000: (_K.CONFIG, PARAMETERS),
    4001: (_K.CONFIG, "对话不存在 / no such chat"),
    4002: (_K.NEW_CONVERSATION, "会话不存在或不属于这个令牌 / no such conversation"),
    4003: (_K.CONFIG, "meta_data 过长 / meta_data over its limit"),
    4004: (_K.CONFIG, "消息过多 / too many messages"),
    4005: (_K.CONFIG, "消息不存在 / no such message"),
    4006: (_K.CONFIG, "智能体无效，请核对 bot_id / the bot is invalid"),
    4007: (_K.CONFIG, "须保存历史 / auto_save_history must be true"),
    4008: (_K.QUOTA, "今日次数用完 / today's limit is reached"),
    4009: (_K.SLOW, "系统请求过多 / too many requests"),
    4010: (_K.NEW_CONVERSATION, "上下文过长 / the context is too long for the model"),
    4011: (_K.QUOTA, BALANCE),
    4012: (_K.CONFIG, "模型无效或已下线，请在智能体里换模型 / the model is gone: choose another one"),
    4013: (_K.RETRY, "模型服务出错 / the model failed"),
    4014: (_K.USER, "模型不回答这个问题 / the question cannot be answered"),
    4015: (_K.CONFIG, PUBLISH_BOT),
    4016: (_K.BUSY, "会话里还有对话在进行 / another chat runs in this conversation"),
    4019: (_K.QUOTA, BALANCE),
    4020: (_K.SLOW, "火山引擎限流 / the model's rate limit"),
    4021: (_K.CONFIG, "智能体没有配置工作流 / the bot has no workflow"),
    4022: (_K.QUOTA, BALANCE),
    4028: (_K.QUOTA, "免费额度用完 / the free quota is used up"),  # seen
    4100: (_K.AUTH, UNAUTHORIZED),
    4101: (_K.CONFIG, PERMISSION),
    4102: (_K.USER, "触发风控 / risk control"),
    4104: (_K.CONFIG, "对话不能取消 / the chat cannot be cancelled"),
    4105: (_K.CONFIG, "智能体设置含敏感内容 / sensitive content in the bot's setup"),
    4200: (_K.CONFIG, NOT_FOUND),
    4201: (_K.CONFIG, NOT_FOUND),
    **dict.fromkeys(range(4300, 4305), (_K.USER, "文件有误 / the file")),
    4314: (_K.CONFIG, "执行记录不存在 / no such execution"),
    4315: (_K.CONFIG, "执行已结束 / the execution has ended"),
    5000: (_K.RETRY, "扣子内部错误 / internal error"),
    6003: (_K.CONFIG, "异步运行需要付费版 / asynchronous runs need a paid plan"),
    6023: (_K.RETRY, "工作流超时 / the workflow timed out"),  # Studio
    6031: (_K.CONFIG, PUBLISH_WORKFLOW),  # Studio
    6039: (_K.CONFIG, "工作流里有问答节点 / the workflow waits for an answer: remove its question node"),  # Studio
    103000001: (_K.CONFIG, "令牌须由智能体的创建者生成 / the token must be the bot creator's"),  # Studio
    700012006: (_K.AUTH, UNAUTHORIZED),
    702093018: (_K.SLOW, "插件限流 / a plugin's rate limit"),
    708232001: (_K.USER, "知识文件有误 / a knowledge file"),
    708232003: (_K.USER, "知识文件有误 / a knowledge file"),
    708230702: (_K.USER, "知识文件有误 / a knowledge file"),
    710005002: (_K.SLOW, "接口限流 / the API's rate limit"),
    720701013: (_K.CONFIG, "工作流运行失败，请在扣子里试运行 / the workflow failed: try it in Coze"),
    720702011: (_K.CONFIG, PUBLISH_WORKFLOW),
    720702085: (_K.RETRY, "工作流超时 / the workflow timed out"),
    720702222: (_K.RETRY, "服务繁忙 / the server is busy"),  # seen
}

_STATUSES: Mapping[int, tuple[FailureKind, str]] = {
    401: (_K.AUTH, UNAUTHORIZED),
    403: (_K.CONFIG, PERMISSION),
    404: (_K.CONFIG, NO_SUCH_ENDPOINT),
    405: (_K.CONFIG, NO_SUCH_ENDPOINT),
    408: (_K.RETRY, ""),
    413: (_K.USER, "请求过大 / the request is too large"),
    425: (_K.RETRY, ""),
    429: (_K.SLOW, "请求过多 / too many requests"),
}


def classify(code: int | None, status: int) -> tuple[FailureKind, str]:
    """What a refusal asks for, and a hint for operators: the code decides; the status where the code says nothing."""
    if code == 4000 and status == 404:  # noqa: PLR2004 - so Coze answers for a path that it does not have
        return FailureKind.CONFIG, NO_SUCH_ENDPOINT
    if code is not None and code in CODES:
        return CODES[code]
    if code is not None and 400 <= code < 600:  # noqa: PLR2004 - Coze Studio gives the HTTP status as the code
        return _of_status(code)
    if status >= 300:  # noqa: PLR2004 - not a success
        return _of_status(status)
    return FailureKind.UNKNOWN, ""


def _of_status(status: int) -> tuple[FailureKind, str]:
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= 500:  # noqa: PLR2004 - the server's fault
        return FailureKind.RETRY, ""
    return FailureKind.CONFIG, NO_SUCH_ENDPOINT if status < 400 else PARAMETERS  # noqa: PLR2004 - a redirect, or a refusal
