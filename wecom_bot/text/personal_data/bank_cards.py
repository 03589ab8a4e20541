"""Bank cards: their numbers in the groups that people make, and the orders that look like them."""

import re
from itertools import pairwise

from wecom_bot.text.digits import BETWEEN, gaps, groups
from wecom_bot.text.personal_data.candidate import Candidate
from wecom_bot.text.personal_data.identifiers import is_bank_card

_S = BETWEEN
_ISSUER = rf"(?:6{_S}[02]|9{_S}5{_S}5{_S}8|4|5{_S}[1-5]|2{_S}[2-7]|3{_S}[457])"

_CARD_WORDS = re.compile(r"卡|银行|信用|储蓄|借记|账户|账号|开户|[工农中建交招]行|card", re.IGNORECASE)
_ORDER_WORDS = re.compile(
    r"订单|单号|运单|快递|物流|流水|条码|条形码|imei|(?<![a-z])(?:order|tracking|waybill)(?![a-z])|编号|批次|交易|发货|到货|到哪"
    r"|(?:什么时候|啥时候|何时|多久|几天|还没|没)到(?!账)",
    re.IGNORECASE,
)
_UNION = ("62", "60", "9558")
_USUAL_GAPS = re.compile(r"[ .\-\u2010-\u2015\u2212]?")
_LEAST_WHOLE = 15  # digits that are a number by themselves: what stands after them is another one


def card_of(length: int) -> re.Pattern[str]:
    """What may be a card's number of so many digits."""
    return re.compile(rf"(?<![A-Za-z0-9])(?={_ISSUER})[2-69](?:{_S}[0-9]){{{length - 1}}}(?![A-Za-z0-9])")


def is_card(candidate: Candidate) -> bool:
    """Whether it is one: an order number may pass Luhn by chance and begin with 62, too; the nearest word decides."""
    if not is_bank_card(candidate.compact):
        return False
    to_card, to_order = candidate.distance(_CARD_WORDS), candidate.distance(_ORDER_WORDS)
    if to_card > to_order or not _are_pieces_of_one(candidate):
        return False
    return to_card < to_order or _is_plain(candidate)


def _are_pieces_of_one(candidate: Candidate) -> bool:
    pieces = groups(candidate.digits)
    return len(pieces) == 1 or max(map(len, pieces)) < _LEAST_WHOLE


def _is_plain(candidate: Candidate) -> bool:
    """Without a word: UnionPay's in even groups, and whatever is written as it stands on a card."""
    pieces, between = groups(candidate.digits), gaps(candidate.digits)
    sizes = [len(piece) for piece in pieces]
    is_rising = len(pieces) > 1 and all(int(before) < int(after) for before, after in pairwise(pieces))
    if len(pieces) == 1:
        return True
    if is_rising:
        return False
    if all(_USUAL_GAPS.fullmatch(gap) for gap in between):
        return set(sizes[:-1]) == {4} or sizes[0] in {4, 6} or len(set(sizes)) == 1
    return candidate.compact.startswith(_UNION) and len(set(sizes[:-1])) == 1
