"""Telling a wish for a human from talk about one: 转人工, 请帮我找真人, and not 人工智能是什么."""

import re
from dataclasses import dataclass
from functools import lru_cache

from wecom_bot.dialog.english_wishes import EnglishWishes, english_wishes
from wecom_bot.dialog.people import ANYBODY, IN_CHARGE, NO_BOTS, SOMEBODY, THEIR_HEAD
from wecom_bot.text.folding import fold, letters

# What may stand around a word and leave it a wish: 请帮我转_, 有没有_在吗. Anything else makes it a topic: _智能是什么.
# Single characters, so that there is one way to read a clause: 我要|我|要 would let a hostile text take for ever.
_LEADS = (
    "[你您好亲喂哎请问麻烦帮忙给我咱要想需能可以快点赶紧马上立刻即直接还那就现在有怎么如何转到入通找叫换成联系呼连线进切"
    "跟和与一下个位们的咨询回复来吗喊求派安排必须定务坚持决只最希望唤再]|please|need|want"
    "|能不能|可不可以|能否|可否|有没有|还是|要不要|非[要得]|没有(?=[人真活])|客服(?=人工)"
)
# The longer ones first: nothing is read twice
_TAILS = (
    "在不在|能不能|好不好|行不行|有没有|没有|对话|交流|交谈|通话|帮助|协助|介入|跟进|受理|[出过]来|出面|为我|[跟和同对理]我|聊天|联系|问[问一]"
    "|回[我电话]|来电"
    "|[客服务人员坐座席专帮我忙处理解决聊沟通说话答吗吧呢啊呀哦嘛么啦呗了一下谢在线好行有快点赶紧立刻马上来去死哪里儿可以接求还谈待入]"
    "|没$|ke|fu|kf|please|pls"
)
_ENDS = f"(?=(?:{_TAILS}){{0,40}}+$)"  # bounded, as all that looks ahead: a hostile text has many beginnings
_VERBS = "转接|接通|接入|呼叫|联系|申请|要求|转|找|叫|喊|换|来个|唤"
_AND_THEN = "[一下到个位你们的给我]{0,4}"
_MEANS_WHAT = "(?:这|那)?(?:句话?|个词|[两几]个字)?(?:又?是|指)?的?(?:什么|啥|何)意思"
# After a wish these show that it was none: 人工智能, 人工费多少, 人工客服几点上班, 转人工要等多久
_TOPICS = (
    "智能|耳蜗|费|成本|价|安装|审核|翻译|皮|草|制|养|湖|呼吸|合成|授|晶|关节|几点|时间|上班|下班|什么时候|是什么|的?工作"
    "|(?:晚上|夜[里间]|半夜|中午|周[六日末]|节?假日|过年|春节|[今明]天|[今明]晚|现在|都|也){0,2}(?:值班|休息|放假|营业)"
    f"|{_MEANS_WHAT}"
    "|[和跟与].{1,8}(?:区别|意思|一样|哪个)|(?:[是要得]|需要)?[按拨打](?:几|哪|什么)"
    "|[资厂期作具商龄程地艺序号]|玩具|模型|套装|配件|吸尘|包装|[要会得]?(?:收不)?[收付花]?[钱费]|免费|要?多少钱"
    "|[图照秀版]|模特|头像|出镜|试[穿戴]|配音|搬"
    "|(?:一般|通常|大[概约]|现在|前面|还|有|都|是不是|需?要|得|会|用){0,3}"
    "(?:等?(?:多久|多长|几分钟|几个|几天)(?!.{0,3}了)|多少|排队|排多|等(?:吗|很久吗|待))"
    "|了[吗没么嘛]|就?不(?:用|必|需要)(?!机|这|你|等)"
)
_LATELY = "刚[才刚]?+|[昨前]天|昨[晚日]|上[次回周]|之前|以前|那天|今早|早上|已经?+|曾经?+"
# Before a wish: not now, 不要再转, 先不转, 取消转; or told of, 已经转, 昨天联系了. But 还不转人工 and 就是不转人工 are
# complaints of who wants one, and so is 已经说了要转人工
_REFUSED = (
    "(?P<refused>(?:不[要用必想]|不需要|别|无需|勿|没有?[说让叫想要])"
    "(?:再次?|又|总是?|老是?|一直|先|急[着著]|[给帮]我|[你您]们?|去|要|想|直接|马上|现在|随便|乱){0,4}"
    "|(?:取消|拒绝|停止)(?:再次?|又|一直|[你您]们?|去){0,3}|(?:什么|啥)[叫是]"
    "|(?:^|我|先|暂时?|那就?)不[再去]?(?!.{0,40}就|.{0,40}怎么办|.{0,40}[吗么]$)"
    f"|(?:{_LATELY})(?:{_LATELY}|[我你您们他她就也去又有跟和与那个位的帮给一了问找]){{0,5}})?"
)
# Who tells what a servicer did wants none yet: 人工客服说可以退; but 让人工客服告诉我
_TOLD = (
    f"(?:{_LATELY}|[他她们也都就又却明是]|[跟和对给]我){{0,4}}"
    "(?:说(?!话|一下|明|清)|讲|答应|告诉|承诺|保证|解释|表示|建议|推荐|通知|[叫让骗]我|要我|答复|态度|(?:回复|处理|查|退|办|登记)[我过了])"
)
_LATIN = re.compile("[a-z]")
_QUESTION = re.compile("(?<=[吗呢])")  # 你是机器人吗我要真人
# A space between Latin words ends no clause, and 找人，工资 is not 找人 and something else: it is about work
_BORDER = re.compile(r"(?!(?<=人)[\W_]{1,3}工)(?:[^\w\s]+|_+|(?<![a-z0-9\s])\s+|(?<=[a-z0-9])\s++(?![a-z0-9]))")
# 回复“人工”是什么意思 is one question: what is quoted in it stands for itself
_QUOTE_ENDS = re.compile(rf"[\"“”'‘’「」『』【】]{{1,3}}\s{{0,3}}(?={_MEANS_WHAT})")
_APOSTROPHE = re.compile("(?<=[a-z])['’‘`](?=[a-z])")
_SWEARING = re.compile(
    "(?:[你他她](?:妈(?!妈)|妹(?!妹)|奶奶|姥姥)|尼玛|特[么喵]|他娘|你大爷|妈逼|傻[逼比叉]|煞笔|垃圾)的?|妈的|老子|劳资|卧槽|我[操艹靠]|狗屁|个屁的?|破(?=机器|客服|ai)"
    r"|(?<![a-z0-9])(?:tmd?|nmd?|cnm|sb|fuck(?:ing?)?|(?:god)?damn(?:ed)?|bloody|freaking|stupid)(?![a-z0-9])\s*"
)
_SHORT, _MOST = 2, 500

_HUMAN, _NO_BOT, _PERSON = "人工", "不要机器人", "human"
# 人 工, 人.工 within a longer clause: only where it ends or goes on as a wish would, for 找人 工资 is none
_GAP = re.compile(r"人[\s.·*~/+\-—…|]{1,3}工(?=$|[^\w]|客|服|务|坐席|座席|专员|一下|[吧啊呀呢谢了帮来])")
# What an input method makes of it. As a whole clause, or after 转 where no other word begins with the second character
_WORK = "[功公攻宫供共恭弓]"
_SOUNDS_LIKE = (
    *(f"人{_WORK}", "[仁任认忍刃]工", "[专传砖赚]人工", f"[专传砖赚][人仁任认忍刃入](?:工|{_WORK})"),
    *("转工人", "转rg", "zrg", "ren工", "人gong", "rengong"),
)
_PINYIN = "".join(f"(?:{word})?" for word in ("wo", "yao", "qing", "bang", "zhuan", "jie", "zhao")) + "(?:rengong|人工)"
_MISSPELLED = (
    f"转(?:一下|到|接)?(?:[人仁任认忍刃入]{_WORK}|[仁任认忍刃入]工|ren工|人gong|rengong)(?=$|客服|一下|[吧啊呀呢谢了])",
    "(?:专|砖|(?<![宣流])传)人工(?=$|客服|一下|[吧啊呀呢谢了])",  # 专人工作, 宣传人工智能
)
# The bot is the 客服 too, and 客服电话多少 is a question: only who wants to be put through means a human
_SERVICE = "客服"
_TO_SERVICE = f"(?:换|接|要|有没有|有|{_VERBS}){_AND_THEN}客服(?![了过])|[和跟与]客服(?=对话|聊|沟通|交流|通话|说)"
_THROUGH = f"(?<![已经刚才])转接?{_AND_THEN}客服(?!了){_ENDS}"


@dataclass(frozen=True, slots=True)
class CompiledWishes:
    """A tenant's words, compiled. A clause that is a word and politeness around it is a wish.

    A longer word (转人工), or a short one after a verb (转一下人工), is one anywhere: unless it is refused, told of, or
    a topic.
    """

    alone: re.Pattern[str]
    within: re.Pattern[str]
    english: EnglishWishes

    def expressed(self, text: str) -> bool:
        """Whether the text asks for a human, beside whatever else it says."""
        folded = _GAP.sub(_HUMAN, _bare(text))
        clauses = _BORDER.split(folded)
        shorter = [part for clause in clauses for part in _QUESTION.split(clause)]
        return (
            any(map(self._is_one, dict.fromkeys((*clauses, *shorter, letters(folded)))))
            or any(map(self._has_one, clauses))
            or (_LATIN.search(folded) is not None and any(map(self.english.expressed, clauses)))
        )

    def only(self, text: str) -> bool:
        """Whether the text is such a wish and says nothing else."""
        folded = _bare(text)
        return self._is_one(letters(folded)) or (_LATIN.search(folded) is not None and self.english.only(folded))

    def _is_one(self, clause: str) -> bool:
        """Whether the clause is a wish; of a hostile one only the beginning is read, for that may take its square."""
        return self.alone.fullmatch(clause[:_MOST]) is not None

    def _has_one(self, clause: str) -> bool:
        lately = re.search(_LATELY, clause)
        past = lately.end() if lately else len(clause)
        return any(
            not found["refused"] and not (found["told"] and found.start() >= past)
            for found in self.within.finditer(clause)
        )


@lru_cache(maxsize=1024)
def wishes(words: tuple[str, ...]) -> CompiledWishes:
    """The wishes that these words express, compiled once as long as the tenant's list stays the same.

    Words with 人工 are known in its misspellings too, and with them whoever asks for any person; 不要机器人 is known
    in its variations; words in Latin letters also among English ones.
    """
    known = {folded for word in words if (folded := letters(word))}
    spaced = {" ".join(fold(word).split()) for word in words}
    more_alone, more_within = _varied(known)
    any_word = _either(known | spaced)
    alone = f"(?:{'|'.join([any_word, *more_alone])})"
    latin = r"(?<![a-z0-9])", r"(?![a-z0-9])"
    after_verb = f"(?:{_VERBS}){_AND_THEN}{latin[0]}{any_word}{latin[1]}"
    wanted = f"我[就只]?要{any_word}{_ENDS}"
    asked = "|".join([_long(known), after_verb, wanted, *more_within])
    return CompiledWishes(
        alone=re.compile(f"(?:{_LEADS})*{alone}(?!(?:客服)?了[吗没么嘛])(?:{any_word}|{_TAILS})*+"),
        within=re.compile(f"{_REFUSED}(?:{asked})(?!(?:客服)?(?:{_TOPICS}))"),
        english=english_wishes(spaced, people=_PERSON in known, no_bots=_NO_BOT in known),
    )


def _bare(text: str) -> str:
    """The comparable form without swearing, which may stand between any two words, and with don't as one word."""
    return _SWEARING.sub("", _APOSTROPHE.sub("", _QUOTE_ENDS.sub("", fold(text))))


def _long(known: set[str]) -> str:
    """What is a wish within a clause too: 转人工, and 人工客服 unless it is told of or stands after what did happen."""
    long = {word for word in known if len(word) > _SHORT and not word.isascii()}
    verbs = {word for word in long if re.match(_VERBS, word)}
    noun = f"(?<![了过]){_either(long - verbs)}"
    return f"{_either(verbs)}|{noun}{_ENDS}|(?P<told>{noun})(?:(?<=[让叫请要])|(?!{_TOLD}))"


def _varied(known: set[str]) -> tuple[list[str], list[str]]:
    """What the words stand for beside themselves: as a clause of its own, and within one."""
    alone, within = list[str](), list[str]()
    if any(_HUMAN in word for word in known):
        alone += [*_SOUNDS_LIKE, f"{_PINYIN}(?:kefu)?", ANYBODY, SOMEBODY, IN_CHARGE]
        within += [*_MISSPELLED, THEIR_HEAD]
    if any(_SERVICE in word for word in known):
        alone.append(_TO_SERVICE)
        within.append(_THROUGH)
    if _NO_BOT in known:
        within.append(NO_BOTS)
    return alone, within


def _either(words: set[str]) -> str:
    """A pattern for any of the words, the longest first; for none, one that never matches."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})" if words else "(?!)"
