"""What customers say about our question or about their own words: fixed phrases of Chinese, no intents of a tenant."""

import re

from wecom_bot.dialog.slots import readable
from wecom_bot.text.folding import letters
from wecom_bot.text.privacy import PersonalDataKind, find
from wecom_bot.text.reading import Courtesy, courtesy, sentences

_REMARK_MOST = 40  # whoever says more says more than that

_CANCELS = re.compile(
    r"[那就先还是我嗯哦好行的谢]*+"
    r"(?:算了|(?:取消|停止|退出|结束|中止)(?:查询|操作|查单|流程|办理|对话|咨询)?|没事了?|下次再说|[不别](?:想|要|用|必)?再?(?:查|问|说|办|弄)了?|不(?:用|要|需要|必|想)了|不用)"
    r"(?:[了吧啊呀哈谢先]|算了|[不别][用查问]了?)*+"
)
_LACKS = re.compile(
    r"[我也这边手上里真的确实都忘]*"
    r"(?:没有|不知道|不晓得|不记得|记不得|记不清|不清楚|想不起来?|找不到|找不着|忘记|忘|没记|没存)"
    r"[了着这那个你说的我自己什么]*(?P<what>\w{0,12}?)(?:是(?:多少|什么|哪个))?[了啊呀呢哦诶唉哎]*"
)
_CORRECTS = re.compile(
    r"(?<!是)不是.*是|改[成为]|应该是|应[当为]|才[对是]|[写说发输填打报记给看搞弄]错|错了|(?<!对)不对", re.DOTALL
)
_IS_QUESTION = re.compile(r"[吗么嘛][?？!！。\s]*$")
_ASKS_FOR_ANOTHER = re.compile(r"呢[?？!！。\s]*$|再.{0,4}[查看]|还有|另[一外]")
_NONE_OF_THESE = re.compile(
    r"(?:以上|上面|这[些几]个?|那[些几]个?|你说的|[你您]列的)*+(?:(?:[都全]|一个[都也])(?:不是|不对|没有|不沾边)|不是(?:这[些几]个?)|没有我(?:想|要)[要问找说]?的|noneof(?:these|them|theabove))"
    r"(?:我(?:想|要)[要问找说]?的|[啊呀吧呢了哦的]|谢谢)*+"
)

_ASKS_BACK = re.compile(
    r"(?:联系|回复|答复|通知)一?下?我(?![的们])|回(?:个|一个|我)?(?:电话?|话)|打(?:给我?|我)(?=电话|手机|一下|[吧\d]|$)"
    r"|给我(?:[回打来](?:个|一个)?(?:电话?|信息|话)|留言)|我的?(?:电话|手机|微信|邮箱)(?:号码?)?(?=[是为a-z0-9])"
    r"|(?:call|contact|reach|phone|email|text)me"
)
_WAYS_BACK = frozenset({PersonalDataKind.PHONE, PersonalDataKind.LANDLINE, PersonalDataKind.EMAIL})


def asks_back(text: str) -> bool:
    """Whether the customer says how to be reached, or asks for it: 请打 138…, 麻烦联系我."""
    return _ASKS_BACK.search(letters(text)) is not None or names_way_back(text)


def names_way_back(text: str) -> bool:
    """Whether the customer says a number or an address to be reached at."""
    return any(each.kind in _WAYS_BACK for each in find(text))


def cancels(text: str) -> bool:
    """Whether the customer would rather not go on: 算了, 找不到，算了; whoever asks or wants something else goes on."""
    if _cancels(text):
        return True
    said = sentences.clauses(text)
    return any(map(_cancels, said)) and not any(sentences.asks(each) or sentences.wants(each) for each in said)


def _cancels(text: str) -> bool:
    return _CANCELS.fullmatch(letters(text)) is not None or courtesy(text) is Courtesy.DECLINE


def is_none_of_these(text: str) -> bool:
    """Whether the customer says that nothing of what was offered is meant: 都不是, 没有我要问的."""
    return _NONE_OF_THESE.fullmatch(letters(text)) is not None


def lacks(text: str, question: str) -> bool:
    """Whether the customer has not, or does not know, what the question asks for: 没有, 不知道订单号."""
    said = letters(text)
    found = _LACKS.fullmatch(said) if len(said) <= _REMARK_MOST else None
    return found is not None and found["what"] in letters(question)


def corrects(text: str) -> bool:
    """Whether the customer takes back something said: 不是…是…, 改成, 应该是, 写错; a question takes back nothing."""
    said = readable(text)
    return _CORRECTS.search(said) is not None and _IS_QUESTION.search(said) is None


def asks_for_another(text: str) -> bool:
    """Whether the customer asks the same about something else: 那这个呢, 再查一下."""
    return _ASKS_FOR_ANOTHER.search(readable(text)) is not None
