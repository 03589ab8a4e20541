"""Telling a wish for a human from talk about one: 转人工, 请帮我找真人, and not 人工智能是什么."""

import re
from dataclasses import dataclass
from functools import lru_cache

from wecom_bot.domain.text import fold, letters

# What may stand around a word and leave it a wish: 请帮我转_, 有没有_在吗. Anything else makes it a topic: _智能是什么.
# Single characters, so that there is one way to read a clause: 我要|我|要 would let a hostile text take for ever.
_LEADS = (
    "[你您好亲喂哎请问麻烦帮忙给我咱要想需能可以快点赶紧马上立刻即直接还那就现在有怎么如何转到入通找叫换成联系呼连线进切"
    "跟和一下个位们的咨询回复来吗]|能不能|可不可以|能否|可否|有没有|还是|要不要"
)
_TAILS = (
    "[客服务人员坐座席专帮我忙处理解决聊沟通说话答吗吧呢啊呀哦嘛么啦呗了一下谢在线好行有快点立刻马上来哪里可以接]"
    "|在不在|好不好|行不行|有没有|没有|ke|fu|kf"
)
_VERBS = "转接|接通|接入|呼叫|联系|申请|要求|转|找|叫"
_AND_THEN = "[一下到个位你们的给我]{0,4}"
# After a wish these show that it was none: 人工智能, 人工费多少, 人工客服几点上班, 不要机器人玩具
_TOPICS = (
    "智能|耳蜗|费|成本|价|安装|审核|翻译|皮|草|制|养|湖|呼吸|合成|授|晶|关节|几点|时间|上班|下班|什么时候|是什么|的?工作"
    "|[资厂期作具商龄程地艺序号]|玩具|模型|套装|配件|吸尘|包装|[要会得]?[收付花]?[钱费]|免费|要?多少钱"
    "|就?不(?:用|必|需要)(?!机|这|你|等)"
)
# Before a wish: 不要再转, 先不转, 取消转; but 还不转人工 and 就是不转人工 are complaints of who wants one
_REFUSED = (
    "(?P<refused>(?:不[要用必想]|不需要|别|无需|勿|没有?[说让叫想要])"
    "(?:再次?|又|总是?|老是?|一直|先|急着|[给帮]我|[你您]们?|去|要|想|直接|马上|现在|随便|乱){0,4}"
    "|(?:取消|拒绝|停止)(?:再次?|又|一直|[你您]们?|去){0,3}"
    "|(?:^|我|先|暂时?|那就?)不[再去]?(?!.*(?:就|怎么办|[吗么]$)))?"
)
_QUESTION = re.compile("(?<=[吗呢])")  # 你是机器人吗我要真人
_BORDER = re.compile(r"[^\w\s]+|_+|(?<![a-z0-9])\s+|\s+(?![a-z0-9])")  # a space between Latin words ends no clause
_SHORT = 2

_HUMAN, _NO_BOT = "人工", "不要机器人"
# 人 工, 人.工 within a longer clause: only where it ends or goes on as a wish would, for 找人 工资 is none
_GAP = re.compile(r"人[\s.·*~/+\-—…|]{1,3}工(?=$|[^\w]|客|服务|坐席|座席|专员|一下|[吧啊呀呢谢了帮来])")
# What an input method makes of it. As a whole clause, or after 转 where no other word begins with the second character
_SOUNDS_LIKE = ("人[功公攻宫供共]", "[仁任]工", "[专传砖赚]人工", "转工人", "ren工", "人gong", "rengong", "zrg")
_MISSPELLED = re.compile(
    "转(?:一下|到|接)?(?:人[功公攻宫供共]|[仁任]工|ren工|人gong|rengong)(?=$|客服|一下|[吧啊呀呢谢了])"
)
_PINYIN = "".join(f"(?:{word})?" for word in ("wo", "yao", "qing", "bang", "zhuan", "jie", "zhao")) + "(?:rengong|人工)"
_WRONG_FIRST = "(?:专|砖|(?<![宣流])传)人工(?=$|客服|一下|[吧啊呀呢谢了])"  # 专人工作, 宣传人工智能
_ANYBODY = "有没有人在?|有人在?(?:[吗么嘛没不呢]|没有)"
# The bot is the 客服 too, and 客服电话多少 is a question: only who wants to be put through means a human
_SERVICE, _TO_SERVICE = "客服", f"(?:换|要|有没有|有|{_VERBS}){_AND_THEN}客服(?![了过])"
_THROUGH = f"(?<![已经刚才])转接?{_AND_THEN}客服(?!了)(?=(?:{_TAILS})*+$)"
_NO_BOTS = (
    "(?:不[要想用跟和]|别)(?:[要想再用跟和让给我]|说话){0,3}(?:这个?|你们?的?)?机器人(?!可|能|也|行|怎|多少|吗|会)"
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """A tenant's words, compiled. A clause that is a word and politeness around it is a wish.

    A longer word (转人工), or a short one after a verb (转一下人工), is one anywhere, unless refused or a topic.
    """

    alone: re.Pattern[str]
    within: re.Pattern[str]

    def expressed(self, text: str) -> bool:
        """Whether the text asks for a human, beside whatever else it says."""
        folded = _GAP.sub(_HUMAN, fold(text))
        clauses = _BORDER.split(folded)
        shorter = [part for clause in clauses for part in _QUESTION.split(clause)]
        return any(map(self.alone.fullmatch, (*clauses, *shorter, letters(folded)))) or any(map(self._asks, clauses))

    def only(self, text: str) -> bool:
        """Whether the text is such a wish and says nothing else."""
        return self.alone.fullmatch(letters(text)) is not None

    def _asks(self, clause: str) -> bool:
        return any(not found["refused"] for found in self.within.finditer(clause))


@lru_cache(maxsize=1024)
def wishes(words: tuple[str, ...]) -> Wishes:
    """The wishes that these words express, compiled once as long as the tenant's list stays the same.

    Words with 人工 are known in its misspellings too, and 不要机器人 in its variations.
    """
    known = {folded for word in words if (folded := letters(word))}
    more_alone, more_within = _varied(known)
    any_word = _either(known)
    alone = f"(?:{'|'.join([any_word, *more_alone])})"
    long = _either({word for word in known if len(word) > _SHORT and not word.isascii()})
    latin = r"(?<![a-z0-9])", r"(?![a-z0-9])"
    after_verb = f"(?:{_VERBS}){_AND_THEN}{latin[0]}{any_word}{latin[1]}"
    wanted = f"我[就只]?要{any_word}(?=(?:{_TAILS})*+$)"
    asked = "|".join([long, after_verb, wanted, *more_within])
    return Wishes(
        alone=re.compile(f"(?:{_LEADS})*{alone}(?:{any_word}|{_TAILS})*+"),
        within=re.compile(f"{_REFUSED}(?:{asked})(?!(?:客服)?(?:{_TOPICS}))"),
    )


def _varied(known: set[str]) -> tuple[list[str], list[str]]:
    """What the words stand for beside themselves: as a clause of its own, and within one."""
    alone, within = list[str](), list[str]()
    if any(_HUMAN in word for word in known):
        alone += [*_SOUNDS_LIKE, f"{_PINYIN}(?:kefu)?", _ANYBODY]
        within += [_MISSPELLED.pattern, _WRONG_FIRST]
    if any(_SERVICE in word for word in known):
        alone.append(_TO_SERVICE)
        within.append(_THROUGH)
    if _NO_BOT in known:
        within.append(_NO_BOTS)
    return alone, within


def _either(words: set[str]) -> str:
    """A pattern for any of the words, the longest first; for none, one that never matches."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})" if words else "(?!)"
