"""What the bot says in a tenant's name."""

from pydantic import field_validator

from wecom_bot.domain.proved import Proved
from wecom_bot.text.showable import says_something


class Phrases(Proved):
    """What the bot says in the tenant's name. Every one may be set; none may be empty.

    Of several questions in a message, those we cannot answer are named by {question}. In `closed`, {hours} are the
    account's hours in words and {opens} is when it opens next.
    """

    unknown: str = "抱歉，这个问题我还不会。您可以换个说法再问一次，或回复“人工”联系客服。"
    trouble: str = "抱歉，我暂时没能处理您的消息，请稍后再试，或回复“人工”联系客服。"
    did_you_mean: str = "您是想问下面哪一个？"
    none_of_these: str = "都不是"
    menu_of_several: str = "关于“{question}”，您是想问下面哪一个？"
    unknown_of_several: str = "关于“{question}”，我还不会回答；可以换个说法再问，或回复“人工”联系客服。"
    rephrase: str = "抱歉，没找到您要问的。请换个说法，再说具体一点。"
    handoff: str = "好的，正在为您转接人工客服，请稍候。"
    nobody: str = "抱歉，现在没有人工客服在线。请留下您的问题和联系方式，我们会尽快联系您；也可以继续向我提问。"
    blocked: str = "抱歉，这个话题我不便回答。请问还有什么可以帮您？"
    order_found: str = "订单 {order_id}：{status}。{logistics}（{updated_at}）"
    order_unknown: str = "没有查到您名下的订单 {order_id}，请核对订单号，或回复“人工”联系客服。"
    nothing_found: str = "没有查到相符的记录，请核对后再发给我，或回复“人工”联系客服。"
    tries_used_up: str = "为保护您的信息，暂时不能再核对了，请稍后再试，或回复“人工”联系客服。"
    not_at_hand: str = "没关系，找到后再发给我就行；也可以回复“人工”，由客服帮您。"
    cancelled: str = "好的，那先不继续了。请问还有什么可以帮您？"
    unreadable: str = "抱歉，我暂时看不了这类消息，请用文字描述您的问题。"
    late: str = "抱歉，您的消息我们回复晚了。"
    more: str = "内容较多，回复“继续”查看余下部分。"
    queued: str = "已为您转到人工客服，请稍候，客服会尽快回复您。"
    taken: str = "人工客服已接入，请直接描述您的问题。"
    ended: str = "本次人工服务已结束。还有问题，可以继续问我。"
    closed: str = "现在不在人工服务时间（{hours}）。请留下您的问题和联系方式，客服上班后会联系您；也可以继续向我提问。"
    message_awaited: str = "请直接写下您的问题和联系方式，我会转给客服；也可以继续向我提问。"
    message_taken: str = "已记下您的留言，客服会尽快联系您。"
    message_more: str = "好的，这条也记下了。"

    @field_validator("*")
    @classmethod
    def _not_empty(cls, value: str) -> str:
        if not says_something(value):
            raise ValueError("a phrase must not be empty: leave the line out to keep the default")
        return value
