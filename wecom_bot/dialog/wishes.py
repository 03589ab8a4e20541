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
_VERBS = "转接|接通|接入|呼叫|联系|转|找|叫"
_AND_THEN = "[一下到个位你们的给我]{0,4}"
# After a wish these show that it was none: 人工智能, 人工费多少, 人工客服几点上班, 不要机器人玩具
_TOPICS = (
    "智能|费|成本|价|安装|审核|翻译|皮|草|制|养|湖|呼吸|合成|授|晶|关节|几点|时间|上班|下班|什么时候|是什么|的?工作"
    "|资|厂|期|玩具|模型|套装|配件|吸尘|包装"
)
_REFUSALS = r"(?<!不要)(?<!不用)(?<!不需要)(?<!不必)(?<!不想)(?<!无需)(?<!别)"
_BORDER = re.compile(r"[^\w\s]+|_+|(?<![a-z0-9])\s+|\s+(?![a-z0-9])")  # a space between Latin words ends no clause
_SHORT = 2

_HUMAN, _NO_BOT = "人工", "不要机器人"
# 人 工, 人.工 within a longer clause: only where it ends or goes on as a wish would, for 找人 工资 is none
_GAP = re.compile(r"人[\s.·*~/+\-—…|]{1,3}工(?=$|[^\w]|客|服务|坐席|座席|专员|一下|[吧啊呀呢谢了帮来])")
# What an input method makes of it. As a whole clause, or after 转 where no other word begins with the second character
_SOUNDS_LIKE = ("人功", "人公", "人攻", "人宫", "人供", "人共", "仁工", "任工", "ren工", "人gong", "rengong", "zrg")
_MISSPELLED = re.compile(
    "转(?:一下|到|接)?(?:人[功公攻宫供共]|[仁任]工|ren工|人gong|rengong)(?=$|客服|一下|[吧啊呀呢谢了])"
)
_PINYIN = "".join(f"(?:{word})?" for word in ("wo", "yao", "qing", "bang", "zhuan", "jie", "zhao")) + "(?:rengong|人工)"
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
        return any(map(self.alone.fullmatch, (*clauses, letters(folded)))) or any(map(self.within.search, clauses))

    def only(self, text: str) -> bool:
        """Whether the text is such a wish and says nothing else."""
        return self.alone.fullmatch(letters(text)) is not None


@lru_cache(maxsize=1024)
def wishes(words: tuple[str, ...]) -> Wishes:
    """The wishes that these words express, compiled once as long as the tenant's list stays the same.

    Words with 人工 are known in its misspellings too, and 不要机器人 in its variations.
    """
    known = {folded for word in words if (folded := letters(word))}
    any_word, more_alone, more_within = _either(known), [], []
    if any(_HUMAN in word for word in known):
        more_alone += [*_SOUNDS_LIKE, f"{_PINYIN}(?:kefu)?"]
        more_within.append(_MISSPELLED.pattern)
    if _NO_BOT in known:
        more_within.append(_NO_BOTS)
    alone = f"(?:{'|'.join([any_word, *more_alone])})"
    long = _either({word for word in known if len(word) > _SHORT and not word.isascii()})
    latin = r"(?<![a-z0-9])", r"(?![a-z0-9])"
    asked = "|".join([long, f"(?:{_VERBS}){_AND_THEN}{latin[0]}{any_word}{latin[1]}", *more_within])
    return Wishes(
        alone=re.compile(f"(?:{_LEADS})*{alone}(?:{any_word}|{_TAILS})*+"),
        within=re.compile(f"{_REFUSALS}(?:{asked})(?!{_TOPICS})"),
    )


def _either(words: set[str]) -> str:
    """A pattern for any of the words, the longest first; for none, one that never matches."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})" if words else "(?!)"
