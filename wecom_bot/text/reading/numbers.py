"""Numbers as people write them into a sentence, and what they say that a number is."""

import re
from enum import StrEnum

from wecom_bot.text.digits import HAN, in_ascii, spoken
from wecom_bot.text.folding import aligned_width, fold

_SEPARATOR = r"(?:[ \t\n、\-‐-―−.·•_/|]|, ?){1,3}"
_LEAST, _MOST = 8, 40  # digits of a number that is written in groups, or said digit by digit
# What counts or measures is no group: 2026 1120 0001 2件
_GROUP = (
    r"[0-9]{1,12}(?![0-9]|\s?(?:[件个元块天号楼%年月日点时分人次岁斤台双条箱瓶包套kKgG克米寸码]|公斤|cm|mm|kg|rmb))"
)
_GROUPED = re.compile(rf"(?<![0-9.¥￥$])[0-9]{{1,12}}(?:{_SEPARATOR}{_GROUP})+")
_DATE = re.compile(r"(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}")
_PRICES = re.compile(r"\.[0-9]{1,2}(?:[^0-9.]|$)")  # 99.00 100.00
_SPOKEN = re.compile(rf"(?:{HAN}|[0-9])(?:[ \t、,，.\-]?(?:{HAN}|[0-9])){{{_LEAST - 1},}}")
_LEAST_SPOKEN = 3
_BEFORE, _AFTER = 16, 4  # characters in which a label stands


class Label(StrEnum):
    """What the words beside a number say that it is."""

    ORDER = "order"
    PARCEL = "parcel"
    PHONE = "phone"
    CARD = "card"
    IDENTITY = "identity"
    AMOUNT = "amount"
    ITEM = "item"
    OTHER = "other"


_NAMES = {
    Label.PARCEL: (
        "(?:(?:顺丰|圆通|中通|申通|韵达|极兔|京东|邮政|菜鸟|德邦|百世|ems)(?:快递|快运|物流)?|快递|运|物流|包裹|货运"
        "|邮件)(?:单号?|号)|tracking(?: number| no)?|waybill|parcel|awb"
    ),
    Label.PHONE: (
        "(?:联系|收货|预留|注册|绑定)?(?:手机|电话|座机|固话|联系方式)(?:号码?)?|手机尾号|尾号|tel|phone|mobile"
        "|whatsapp|拨打|致电|回电|打给我|打我|call me(?: at| on)?"
    ),
    Label.CARD: (
        "(?:付款|支付|收款|退款)?(?:银行|信用|储蓄|工资)?卡(?:号|上)?|账[号户]|帐[号户]|card(?: number| no)?"
        "|account(?: number| no)?|支付宝"
    ),
    Label.IDENTITY: "身份证号?码?|证件号?码?|护照号?码?|id card|passport",
    Label.AMOUNT: "金额|价格|价钱|总价|单价|花了|付了|付款|支付了|扣了|退了|余额|[¥￥$€]|rmb|积分",
    Label.ITEM: (
        "货号|款号|型号|商品(?:编?号|编码|id)?|产品(?:编?号|编码|id)|条形?码|序列号|sku|imei|sn|model|item"
        "|批[次号]号?|券码|优惠码|兑换码|卡密|激活码|编码"
    ),
    Label.OTHER: (
        "验证码|校验码|邮政?编?码?|邮编|qq号?|微信号?|会员(?:号|卡号?|编号)|发票(?:号码?|代码)|税号|纳税人识别号|工号"
        "|房间?号|门牌号?|车牌号?|合同号|工单号?|(?:转账|汇款|支付|交易)?流水号?|转账(?:单号)?|汇款|交易号|支付单号"
        "|(?:退款|提货|取货|取件)(?:单号|码)|zip|code"
    ),
    Label.ORDER: (
        "订单(?:编?号码?|编码|id)?|单子|单号|订单尾号|order(?: number| no| id|#)?|购买单号|编号|查(?:一下|询|下)?|号码?"
    ),
}
_IS = r"(?:\s|[是为:：#＃\"“”'「」【】\[\]()（）=,，]|号码?|no\.?|number|这个?|那个?|的|我|尾号){0,8}"
_LABELS = {label: re.compile(rf"(?:{names}){_IS}$", re.IGNORECASE) for label, names in _NAMES.items()}
_OTHER_NAME = re.compile(rf"[\u4e00-\u9fff](?:号码?|码|编号|代码){_IS}$")  # 取货码
_MONEY = re.compile(rf"(?:{_NAMES[Label.AMOUNT]}){_IS}[0-9]+(?:\.[0-9]{{1,2}})?元?", re.IGNORECASE)
_ANY_NAME = "|".join(_NAMES.values()).replace("|查(?:一下|询|下)?", "") + "|[\u4e00-\u9fff]{0,4}(?:号码?|码|编号|代码)"
_CALLED_AFTER = {
    kind: re.compile(rf"\s?(?:就|才)?(?:是|为)(?:我的?|你们的?|那个)?(?:{names})", re.IGNORECASE)
    for kind, names in _NAMES.items()
}
_LONG = re.compile(
    rf"(?:(?:我的?|这个?|那个?)?(?:{_ANY_NAME}){_IS})?"
    rf"[\[【(（#＃]?(?<![0-9A-Za-z])[A-Za-z]{{0,4}}[0-9]{{{_LEAST},{_MOST}}}(?![0-9A-Za-z])[\])）】]?"
    rf"(?:\s?(?:就|才)?(?:是|为)(?:我的?|你们的?|那个)?(?:{_ANY_NAME}))?",
    re.IGNORECASE,
)
_COUNTS = re.compile(r"\s?(?:元(?!旦)|块(?:钱)?|圆|角|毛钱|rmb|件|个(?!订单|单)|天|岁|%)", re.IGNORECASE)


def joined(text: str) -> str:
    """The readable text with each number in one piece and in digits: 2026 1120 0001, 二零二六…; dates stay dates."""
    said = aligned_width(text).text
    said = in_ascii(said)
    said = _SPOKEN.sub(_from_speech, said)
    return _GROUPED.sub(_from_groups, said)


def without_long(text: str) -> str:
    """The text without long numbers and what names them, as 订单号: is nothing without its number; empty if so."""
    said = joined(text)
    if not _LONG.search(said):
        return text
    said = _LONG.sub(" ", _MONEY.sub(" ", said))
    return said.strip() if any(map(str.isalnum, said)) else ""


def label(text: str, start: int, end: int) -> Label | None:
    """What the words beside `text[start:end]` say that this number is; of several labels the nearest."""
    before = fold(text[max(0, start - _BEFORE) : start])
    found = [(each.start(), kind) for kind, pattern in _LABELS.items() if (each := pattern.search(before))]
    after = text[end : end + _BEFORE]
    if called := next((kind for kind, pattern in _CALLED_AFTER.items() if pattern.match(after)), None):
        return called
    if _COUNTS.match(text, end, end + _AFTER):
        return Label.AMOUNT
    if not found and _OTHER_NAME.search(before):
        return Label.OTHER
    return min(found, default=(0, None), key=lambda each: each[0])[1]


def names(text: str, kind: Label) -> bool:
    """Whether the text speaks of such numbers: a question that asks for one."""
    return re.search(_NAMES[kind], fold(text)) is not None


def _from_speech(found: re.Match[str]) -> str:
    said = found[0]
    if sum(character not in "0123456789 \t、,，.-" for character in said) < _LEAST_SPOKEN:
        return said
    return "".join(filter(str.isdigit, spoken(said)))


def _from_groups(found: re.Match[str]) -> str:
    digits = "".join(filter(str.isdigit, found[0]))
    if not _LEAST <= len(digits) <= _MOST or _DATE.fullmatch(found[0]) or _PRICES.search(found[0]):
        return found[0]
    return digits
