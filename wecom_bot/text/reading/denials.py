"""What a customer denies: that they want, said or asked something. 不用开发票, 不是问快递, 我没说要换货."""

import re

from wecom_bot.text.folding import fold
from wecom_bot.text.reading.courtesies import courtesy
from wecom_bot.text.reading.sentences import asks, clauses

_MOST = 40  # characters; whoever writes more says more than that
_LEAD = (
    r"(?:我们?|咱|这边|这次|那|其实|就|都|先|真的?|暂时|现在|目前|可|又|也|已经|说了|跟你说了|啊|呃|额|嗯"
    r"|哦|亲|您?好|你?搞错了|误会了|please |i |im |i'm |we )*"
)
_NEED = (
    "(?:不(?:用|需要|必|要|需|是要|是想|是来|是想要|打算|准备|考虑)|无需|无须|用不着|没(?:有)?(?:必要|打算|想|想要|要|需要)|甭|莫"
    "|别(?![人的处名墅说扯闹走管忘太那这])|没(?:有)?(?:说(?!明)|讲|提(?![供示])|问(?!题)|(?:让|叫)(?=[你您])|要求|表示)(?:过|你|您)?(?:我|说)?(?:要|想|需要)?"
    "|没(?:有)?(?=申请|办理?|下单|开通|注册|登记|操作)|谁(?:说|要|问|让|叫)(?:了|你|您)?(?:我)?(?:要|想)?"
    "|(?:并)?不是(?:让|叫|要)(?:你|您|你们)?|(?:先)?不(?:管|谈|提|找|转|接)|(?:并)?不是(?:来|在|要|想|想要|说)?(?:问|说|指|讲|咨询|了解|打听|关于|谈|办|查)(?:的是|的)?"
    "|不想(?:再|要)?(?!要了|[等买用玩吃看说理付给活干]|喝|想|再说)(?=.{2}))"
)
_VERBS = (
    "(?:开|换|退|办理?|注册|申请|登记|买|订|预约|预定|取消|改|修|加|订购|购买|升级|安装|充值|续费|参加|报名|投诉|下单)"
)
_DENIED = re.compile(
    rf"{_LEAD}(?:{_NEED}(?:再|给我|帮我|你们?|您)?(?P<what>(?!了).{{1,20}}?)|不{_VERBS}(?P<done>.{{0,12}}?)了|不(?=开|换"
    rf"|退货|办|申请|注册|登记|改|查)(?P<thing>.{{2,10}}?)|(?:do not|dont|don't|didnt|didn't|did not) (?:need|want"
    rf"|ask|say|mean|(?=transfer|connect|put|call))(?: for| about| to)?(?P<english> .{{2,40}}?)"
    rf"|(?:no need (?:for|to)|not asking (?:about|for)|not (?:talking )?about)(?P<matter> .{{2,40}}?)"
    rf"|no (?P<none>.{{2,30}}?) (?:needed|please|required|necessary|thanks))(?:了|啦|的|啊|呀|哦|哈|吧|的事|这个|那个"
    rf"|谢谢|please|thanks)*"
)
# 不用教我怎么换货 asks nothing, though it has the words of a question
_NO_TELLING = re.compile(
    rf"{_LEAD}不(?:用|要|需要|想)(?:再)?(?:教|告诉|解释|跟我[说讲]|给我[说讲]|介绍|讲|知道|了解|听)(?!.*[吗么?？]$)"
    rf"|{_LEAD}谁(?:说|问|让|叫|要)"
)
_POSTPONED = re.compile(
    rf"{_LEAD}(?P<what>[^，,。？?]{{1,10}}?)(?:我|就|也|都|那个|暂时|先|这个)*"
    "(?:就?(?P<need>不用|不需要|不要|不必|算|免|别来)(?:开|办|退|换|寄)?|就?不(?:开|办|退|换|改|查|问|催|投诉|转|找))(?:了|吧|啦|(?<=[就先]不用)|(?<=别来))"
)
_GOODS = re.compile(
    "货$|东西|快递|商品|包裹|订单|衣服|鞋|裤|产品|宝贝|[件双条台箱款个单]$|我$|[吗么呢]|能|可以|怎么|身份证|密码|验证|钱|款"
)
_NOT_BUT = re.compile(
    r"^(?:我|问的|说的|要的|想问的|指的|可|又)*(?:并)?不是[^，,。]{1,14}[，,\s]+(?=(?:而|我|就)?(?:是|问|想|要|说|指))"
)
_BUT = re.compile(r"^(?:而|我|就)*(?:是|问的是|说的是|要的是)(?:想|要)?(?:问|说|指)?(?=.{2})")
_DEED = re.compile(
    "催|问|查|说|开票|开发票|退|换|办|申请|登记|加急|改|找|转|提醒|联系"
)  # the bot's or the servicers' own
# What is refused there is what the shop does, or how the bot talks: that is a wish, or a complaint
_OF_OURS = re.compile(
    "发货|派送|送货|寄|打电话|发短信|推送|骚扰|扣(?:款|费|钱)|续费|收费|自动|骗|忽悠|敷衍|糊弄|废话|啰嗦|复制|回复|重复|机器|智障|拖|推[卸脱]"
    "|理我|着急|担心|客气|再说|好意思|到货|收到|显示|反应|效果|成功|通过|^.{0,2}(?:装|烦|吵|慢|急|紧|谢|脸|逼|等|完|动|来|亮|好|行|对)$"
    "|^[机车门灯]"
)
_GOES_ON = re.compile("[想要]|不能|可以|(?<!教我)(?<!诉我)(?<!知道)怎么|帮我|能不")  # 不用了我要退货
_BOTS = re.compile("机器|人机|助手|智能|自动|(?<![a-z])(?:ai|bots?|robots?|machines?)(?![a-z])|automat")
_HUMAN = re.compile("人工|真人|活人|客服|human|agent|person")
# That alone is denied: not 不用说了转人工
_ONLY_HUMAN = re.compile(
    "(?:再|给我|帮我)?(?:转接?|找|要|叫|接|换|联系|和|跟|与|让|派|来)?(?:到|成|给|通)?我?(?:人工|真人|活人)(?:客服"
    "|服务|坐席)?(?:说|聊|谈|来|回复|处理|联系我|沟通)?|(?:(?:transfer|connect|put|call|talk"
    "|speak)(?![a-z]).{0,20})?(?:an? |the |any )?(?:real |live )?(?:human|agent|person)"
)
_BEFORE_QUESTION = re.compile(
    r"^(?:我|我们|东西|衣服|收到|觉得)*(?:不想要|不想用|不喜欢|不合适|不合身|不满意|用不上|用不着|买错|买多|拍错|后悔)(?:了)?[，,\s]*(?=(?:怎么|如何|怎样|能不能|可以).{2})|"
    r"^(?:我|我们|其实|那)*(?:不想|不打算|不要|不用|不需要|不买|不玩|不租|不订)(?:再|继续)?[^，,。？?]{0,14}?了[，,\s]*(?=.*(?:怎么|如何|怎样|咋|哪|能|可以|多久|什么|吗))"
    r"|^我?不想[^，,。？?]{1,10}[，,\s]+(?=怎么|如何|怎样|咋|能|可以|有没有)"
)


def is_denial(clause: str) -> bool:
    """Whether a clause denies that something is wanted, said or asked, and asks nothing itself."""
    said = fold(clause).strip(" 。.!！~～，,？?")
    if not said or len(said) > _MOST or (asks(clause) and not _NO_TELLING.match(said)):
        return False
    if found := _POSTPONED.fullmatch(said):
        return not (_is_for_goods(found) or _GOES_ON.search(found["what"]))
    found = _DENIED.fullmatch(said)
    return found is not None and _is_deniable(found)


def _is_deniable(found: re.Match[str]) -> bool:
    """Whether what is refused is something that the bot, or a servicer, would do for the customer."""
    what = next((each for each in found.group("what", "done", "thing", "english", "matter", "none") if each), "")
    if _HUMAN.search(what):
        return _ONLY_HUMAN.fullmatch(what.strip()) is not None
    if _GOES_ON.search(what) or _BOTS.search(what):
        return False
    is_named = bool(what) or found["done"] is not None
    return is_named and (_DEED.match(what) is not None or not _OF_OURS.search(what))


def _is_for_goods(found: re.Match[str]) -> bool:
    """Whether what is not wanted is the parcel: that is a return."""
    is_need = found["need"] in {"不用", "不需要", "不要", "不必"}
    return is_need and not _DEED.match(found["what"]) and _GOODS.search(found["what"]) is not None


def denies(text: str) -> bool:
    """Whether the text denies something and says nothing else but courtesies."""
    said = [clause for clause in clauses(text) if courtesy(clause) is None]
    return bool(said) and all(map(is_denial, said))


def without_denied(sentence: str) -> str:
    """The sentence without what is denied before the point: 不是问快递，我问发票; 不想注册了怎么注销."""
    if found := _NOT_BUT.match(sentence):
        return _BUT.sub("", sentence[found.end() :], count=1)
    parts = clauses(sentence)
    meant = [clause for clause in parts if not is_denial(clause)]
    if len(parts) > len(meant) and any(courtesy(clause) is None for clause in meant):
        sentence = "，".join(meant)
    shorter = _BEFORE_QUESTION.sub("", sentence, count=1)
    return shorter if len(shorter) > 1 else sentence
