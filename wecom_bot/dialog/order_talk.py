"""What is said about an order: how it stands, which asks for a look-up, and other business, which does not."""

import re

from wecom_bot.text.folding import fold, letters
from wecom_bot.text.reading.sentences import asks, wants

# How it stands and where it is
_STATUS = re.compile(
    r"到(?:哪|那里|了(?:吗|没|么)?|货|没|不|手|啥|什么|站)|(?:什么时候|啥时候|几时|何时|几号|几点|多久|哪天|多会儿?|今天|明天|今晚|周末|能|会|还有几天|还要几天|几天)(?:才|能|会|可以)*(?:到|送|发|收|派|出库|有消息|来)"
    r"|(?:没|不|未|还没|没有)(?:有)?(?:到|发|收到|动静|动|送|更新|消息|派|出库|物流|信息|揽收|走)|发(?:货|出|走|了)|出库|签收|派[送件]|派了|配送|送[到达货]|物流|快递|快件|包裹|运输|进度|进展|状态|情况|动态|信息|详情|到哪|在哪|咋样|怎么样|什么情况|啥情况|咋回事|怎么回事|什么状况"
    r"|查|卡|几天|一直|好久|看看|看下|看一下|催|跟踪|追踪|卡住|停(?:了|在)|不动|慢|等了|急|丢|动静|下落|着落|消息|反馈|走到|走了|寄出|寄了|寄到|来了(?:吗|没)|帮(?:我|忙)|处理|订单|单子|单号|这个|这单|那单|是我的|我的"
    r"|where|when|status|track|arriv|shipp?|deliver|eta|check|look up|any news|any update|progress|my order|receive"
    r"|order"
)
# Business of another kind, though it may be about an order: an article, an intent or Coze knows of it
_OTHER = re.compile(
    r"退|换|取消|发票|开票|改(?:地址|电话|收货|名|成|一下|单)|修改|更改|地址|投诉|保修|维修|修|赔|价保|差价|降价|优惠|券|积分|评价|好评|差评|备注|加急|少发|漏发|发错|错发|少了|坏|破|碎|瑕疵|质量|假|付(?!款了)|支付|注册|会员|账号|密码|安装|拒收|验货|保价|合并|加购"
    r"|refund|return|exchange|cancel|invoice|address|broken|damage|wrong|missing|coupon|complain|warranty|repair|change"
)
_PERSON = re.compile("手机|电话|尾号|姓名|名字|我叫|收件|收货|地址|联系人|下单人|phone|name is|address is")
_DEED = re.compile("退|换|改|取消|开|投诉|催|错|没|不|change|refund|cancel|wrong")
# Another order than the one just told: 另一个呢, 还有一单没到, 不是这个
_ANOTHER = re.compile(
    r"另外?(?:那|这)?一?[个单笔件张]|另外的|其[他它]的?那?[几个]*(?:单|订单|呢)|别的(?:订单|单|呢)|下一?[个单]|第[二三四2-4][个单笔]|剩下的?|还有(?:另外?)?(?:一|别的|其[他它]的?|两|几)?[个单笔]?(?:订单|单子|单|快递|包裹|没到|呢|$)"
    r"|^(?:那|还有|然后|那么|请问|看看|查查?|看一?下|查一?下)*(?:那一?[个单笔]|上一?[个单])(?:订单|单子|单|快递|包裹)*(?:呢|吗|怎么样|到哪了?|看看|咋样|到了吗|发货了吗)*$"
    r"|再(?:帮我)?(?:查|看|问)(?:一下|下|看)?(?:另外?)?一?[个单]|换(?:一|个|一个|另一个|别的)(?:单|号|订单)|不是这(?:一)?(?:个|单|笔|张)(?:订单|单)?|我?(?:一共|总共|这)?有(?:两|二|三|四|好?几|多)[个单笔](?:订单|单|快递|包裹)"
    r"|another|other (?:one|order)|different order|second (?:one|order)|two orders|more orders?|next (?:one|order)"
    r"|the other"
)
_ANOTHER_MOST = 16  # letters; whoever says more says more than that
# How an order stands, asked without its number
_HOW = (
    "(?:那|请问|这|我|的|个|单|笔|件|订单|快递|东西|货|包裹|宝贝|衣服|现在|到底|究竟|亲|老板|查|看|帮|下|一下|怎么"
    "|为什么|咋|为啥|都|是|大概|预计|估计|一般)*"
)
_WHEN = "(?:什么时候|啥时候|几时|何时|多久|几天|哪天|几号|今天|明天|今晚)"
_ARRIVES = "(?:送到|送达|送来|送|收到|收货|拿到|派送|派件|发货|发出|寄出|到货|到家|到手|到达|到|发|来)"
_STANDS = re.compile(
    f"{_HOW}{_WHEN}(?:才|能|会|可以|还)*{_ARRIVES}(?:货|呀|了|吗|啊|呢|的|给我|我)*"
    f"|{_HOW}还?(?:没|没有|不|不见)(?:见|给我|有)?{_ARRIVES}(?:货|呀|了|吗|啊|呢|物流|更新|消息)*"
    f"|{_HOW}还?(?:没|没有|不)(?:有)?(?:物流|更新|动静|消息|动|揽收|信息)(?:呀|了|吗|啊|呢|信息|更新)*"
    f"|{_HOW}(?:到|在|走到)(?:哪|哪里|哪儿|什么地方|那里)(?:了|啊|呀|呢)*"
    f"|{_HOW}(?:{_ARRIVES}|签收|出库)了(?:吗|么|没|没有)(?:啊|呀|呢)*"
    f"|{_HOW}{_WHEN}(?:呀|啊|呢)*到(?:呀|啊|呢)*"
    f"|{_HOW}(?:到没到|到了没|收没收到|发没发|发了没)(?:呀|啊|呢)*"
    r"|where(?: i|')s (?:it|my (?:order|parcel|package)).*|(?:when (?:will|does|is) (?:it|my (?:order|parcel"
    r"|package)) (?:arrive|arriving|come|be delivered|ship).*)|has it (?:shipped|arrived).*"
)
_HOW_LONG = re.compile(f"{_HOW}还?要?等?(?:多久|几天|多长时间)(?:呀|啊|呢|才到|能到|到)*")
_STANDS_MOST = 24
# The same look-up once more: 再查一次, after it failed or a while later
_AGAIN = re.compile(
    "[那请你帮我给麻烦可以能]*(?:再|重新|重)[帮我给你]*(?:查|试|看|问|来)(?:查询?|试|看|询)?(?:一?[次遍下])?(?:[吧呢吗呀啊哈]|一下|看看|试试|谢谢|可以|好)*"
    "|(?:please|can you|could you)?(?:retry|(?:try|check|look)(?:it|that)?(?:up)?(?:once)?again)(?:please|now)?"
)


def asks_how_it_stands(text: str) -> bool:
    """Whether the words around an order's number ask for nothing but how it stands; no words ask so, too."""
    said = fold(text)
    return not letters(said) or (_STATUS.search(said) is not None and _OTHER.search(said) is None)


def is_other_business(text: str) -> bool:
    """Whether the words are about something that is to be done: a refund, an invoice, another address."""
    return _OTHER.search(fold(text)) is not None


def names_a_person(text: str) -> bool:
    """Whether the words only say whose the order is: 手机尾号8866, 收货地址是杭州."""
    return _PERSON.search(fold(text)) is not None and not (asks(text) or wants(text) or _DEED.search(fold(text)))


def asks_for_another_one(text: str) -> bool:
    """Whether the words, after an order was told, ask about another without naming it: 另一个呢, 不是这单."""
    said = fold(text).strip(" ?？。.!！~")
    if len(letters(said)) > (_ANOTHER_MOST if not said.isascii() else 2 * _ANOTHER_MOST):
        return False
    return _ANOTHER.search(said) is not None and _OTHER.search(_ANOTHER.sub("", said)) is None


def asks_again(text: str) -> bool:
    """Whether the words ask for the same once more and for nothing else: 再查一次, 重新查一下, try again."""
    said = letters(text)
    return len(said) <= _STANDS_MOST and _AGAIN.fullmatch(said) is not None


def asks_where_it_is(text: str, *, is_told: bool) -> bool:
    """Whether the words are the question how an order stands and nothing else: 怎么还没到, 到哪了.

    Of an order that was told 还要多久 asks so, too.
    """
    said = fold(text).strip(" ?？。.!！~")
    if len(said) > _STANDS_MOST * 2:
        return False
    said = said if said.isascii() else letters(said)
    return _STANDS.fullmatch(said) is not None or (is_told and _HOW_LONG.fullmatch(said) is not None)
