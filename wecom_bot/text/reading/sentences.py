"""The sentences of a text, and which of them ask for something."""

import re
from functools import lru_cache

from wecom_bot.text.folding import fold, letters
from wecom_bot.text.reading import emoji
from wecom_bot.text.reading.courtesies import Courtesy, courtesy

_MOST = 200  # clauses of a message that are looked at
_URL = r"(?:https?://|www\.)[!-~]+"
# A point within 1.5 or a.com ends nothing, and a comma between digits parts no clause
_ENDS = re.compile(
    rf"(?P<keep>{_URL})|[。！!？?；;\n\r]+[”\"’'）)】]?|…+|(?<![0-9])\.(?=\s|$)|\.{{2,}}|(?<!~)~++(?=\s|$)|(?<=[\u4e00-\u9fff])[~～]+"
    r"|(?<=[\u4e00-\u9fff？?])\s*(?=[2-9][、.)）:：]\s?[^\W\d]|[②-⑩⒉-⒑⑵-⑽]|[（(][2-9二三四][)）])"
)
_CLAUSES = re.compile(
    rf"(?P<keep>{_URL})|(?<=[\u4e00-\u9fff])(?=还有(?!货|没有|吗|多少|什么|几)|另外|以及|顺便|再问"
    rf"|[（(][1-9一二三四][)）]|(?:和|跟|与|再)(?=怎么|如何|怎样|能不能|可不可以|有没有|多久|多少|几天|什么时候|哪)"
    rf"|第[一二三四](?=怎|如|能|可|有|什|多|是|请|我))|[/|｜]|[，,、:：—]+(?![0-9])|(?<![0-9A-Za-z])[ \t\u3000]+"
    rf"|[ \t\u3000]+(?![0-9A-Za-z])|[~～]+"
)
_JOINS = re.compile(
    r"(?:(?:(?:和|跟|与|再)(?=怎|如何|能|可|有没有|多|几|什么|哪)|还有|另外|以及|顺便(?:问|再)?(?:一下|下)?|顺带|其次|第[一二三四五]|然后|再(?:问|请问)(?:一下|下|个|您"
    r"|你)?|对了|and also|also|another question|btw|by the way|besides)"
    r"[，,、：: ]*)+",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\s*(?:[（(]?[0-9一二三四五六七八九十]{1,2}[)）.、:：]|[①-⑳⒈-⒛⑴-⒇]|[-*·•])\s*(?=\D)")
_ASKS = re.compile(
    r"[?？]|怎么|怎样|咋|如何|什么|啥(?!也|都没)|哪|多少|多久|多长|多大|多重|多远|几[天点个号时日月块元件次年岁种]|第几|几号|谁|为何|为啥|为什么|是不是|能不能|可不可以|有没有|要不要|会不会"
    r"|行不行|好不好|对不对|是否|能否|可否|有无|(?:吗|么|嘛|呢|没有|了没)$"
    r"|(?<![a-z])(?:how|what|where|when|which|who|why|can|could|do|does|did|is|are|will|would|may)(?![a-z])"
)
_WANTS = re.compile(
    r"^(?:请|麻烦|帮|给我|替我|我?(?:们)?(?:想|要|需要)|查|退|换|改|开|办|申请|取消|注销|修改|更换|绑定|解绑|催|i "
    r"|please)|(?:帮我|给我|请).{0,6}(?:查|退|换|改|开|办|看|催|问|找|寄|发|转|取消|申请)|我(?:还|也|就|现在"
    r"|今天)?(?:想|要|需要)(?!是)"
)
_LEAD = re.compile(
    r"^(?:(?:(?:你|您)好(?!像|多|久|贵|难|慢|笨|差|坏|厉害|烦|吃|看|用|评|处|友|奇|歹|意思|几|些|大|小|不|棒|聪明)|哈[喽啰]|嗨|hello(?![a-z])|hi(?![a-z])|hey(?![a-z])|亲+(?![自身密情友人戚手眼子爱])|亲爱的"
    r"|在吗|在么|在不在|请问一?下?|打扰一?下|麻烦问一?下?|麻烦(?:请问|咨询)一?下?|不好意思|(?:我)?想?(?:请教|咨询"
    r"|问)(?:一下|下|个问题|你|您|一个问题)|老板(?![娘])|客服(?![电热人])|那(?:请问|么请问)|excuse me)"
    r"[啊呀呢哦哈，,、：:。.!！~～ ]*)+",
    re.IGNORECASE,
)
_TRAIL = re.compile(
    r"[，,。.!！~～ ]*(?:谢谢|多谢|感谢|谢啦|谢了|thank(?:s| you)|thx|麻烦(?:你|您)?了|辛苦了|拜托了?|万分感谢"
    r"|急急?急?|在线等|挺急的)+[您你了啦哈噢哦~～!！。. ]*$",
    re.IGNORECASE,
)
# About what was asked before: 怎么退货，要多久
_ELLIPTIC = re.compile(
    r"(?:大概|一般|需要|要|得|还要|那|是|能|会|可以|具体)*"
    r"(?:多久|多长时间|多少钱?|几天|几个工作日|什么时候|哪里|哪儿|在哪里?|怎么(?:弄|办|操作|处理|搞)|可以|行|能|对|好|是|有|为什么"
    r"|什么意思|谁)(?:呢|啊|呀|吗|么|的)*"
)
_WHOLE = 3  # letters of a question that stands by itself
_TONE = re.compile(r"[呢呀啊哦哈嘛哟喔啦诶吖捏鸭\s。.!！~～]+$")
_IDLE = frozenset("是不的了吗呢啊吧有没在我你您他她它这那个就都也还会好对嗯哦")
_MENTION = re.compile(r"^\s*@[^\s@]{1,20}[\s\u2005]+")  # of a group chat
_LEAST = 2  # letters that are left of a text without its frame


def sentences(text: str) -> tuple[str, ...]:
    """Its sentences and lines, without what ends them but a question mark, which stays."""
    return tuple(_split(_ENDS, text, keep="?？"))


def clauses(text: str) -> tuple[str, ...]:
    """Its sentences, parted at commas and blanks, too."""
    return tuple(clause for sentence in sentences(text) for clause in _split(_CLAUSES, sentence))


@lru_cache(maxsize=1024)
def bare(text: str) -> str:
    """The text without the courtesies around what it says; all of it, where it says nothing else."""
    words = _MENTION.sub("", emoji.without(text))
    kept = [(clause, end) for clause, end in _pieces(words) if courtesy(clause) is None or _is_content(clause)]
    if not kept:
        return text.strip()
    said = "".join(clause + end for clause, end in kept).strip(" \t\n，,。.!！~～、；;")
    for edge in (_LEAD, _TRAIL):
        shorter = edge.sub("", said, count=1)
        said = shorter if len(letters(shorter)) >= _LEAST else said
    return said.strip()


def questions(text: str, most: int) -> tuple[str, ...]:
    """The questions and wishes of a text, in order, each with the statements before it; at most so many.

    At a comma a sentence is parted only where both sides ask, and neither is a mere 多久呢 about the other.
    """
    found, before = list[str](), list[str]()
    for sentence in (part for whole in sentences(text) for part in _asked_apart(whole)):
        said = unlinked(sentence)
        if courtesy(said):
            continue
        if not (asks(said) or wants(said)):
            before.append(said)
            continue
        found.append("，".join([*before, said]))
        before = []
    if before and found:
        found[-1] = "，".join([found[-1], *before])
    return tuple(found) if len(found) <= most else (*found[: most - 1], "\n".join(found[most - 1 :]))


def _asked_apart(sentence: str) -> list[str]:
    parts = [unlinked(part) for part in _split(_CLAUSES, sentence, keep="?？")]
    is_joined = any(_JOINS.match(part) for part in _split(_CLAUSES, sentence))
    if len(parts) > 1 and all(stands_alone(part) and (asks(part) or (is_joined and wants(part))) for part in parts):
        return parts
    return [sentence]


def stands_alone(part: str) -> bool:
    """Whether a question says by itself what it is about: not 要多久."""
    said = letters(part)
    return len(said) >= _WHOLE and _ELLIPTIC.fullmatch(said) is None


def asks(text: str) -> bool:
    """Whether a sentence is a question, by its words or its mark."""
    return _ASKS.search(fold(text).strip(" 。.!！~～")) is not None


def wants(text: str) -> bool:
    """Whether a sentence is a wish: 我要退货, 帮我查一下."""
    return _WANTS.search(fold(text).strip()) is not None


def without_tone(text: str) -> str:
    """The text without the particles at its end that only give it a tone: 发什么快递呢."""
    shorter = _TONE.sub("", text)
    return shorter if len(letters(shorter)) >= _LEAST else text


def says_nothing(text: str) -> bool:
    """Whether there are only words that need others to mean anything: 不是, 是那个."""
    return all(each in _IDLE for each in letters(text))


def unlinked(text: str) -> str:
    """A sentence without what links it to the one before: 另外，怎么退货; its number in a list."""
    text = _NUMBERED.sub("", text, count=1)
    found = _JOINS.match(text)
    rest = text[found.end() :] if found else text
    return rest.strip() if len(letters(rest)) >= _LEAST else text.strip()


def _is_content(clause: str) -> bool:
    """Whether a courtesy may be what the text is about, beside other words: 你是谁 is a question."""
    return courtesy(clause) is Courtesy.IDENTITY


def _split(border: re.Pattern[str], text: str, keep: str = "") -> list[str]:
    pieces = list[str]()
    for piece, end in _parts(border, text):
        mark = "？" if any(each in keep for each in end) else ""
        if piece.strip():
            pieces.append(piece.strip() + mark)
        elif mark and pieces and not pieces[-1].endswith("？"):
            pieces[-1] += mark
    return pieces


def _pieces(text: str) -> list[tuple[str, str]]:
    """Clauses with what stands behind each."""
    return [
        (clause, end + (outer if last else ""))
        for sentence, outer in _parts(_ENDS, text)
        for last, (clause, end) in _lasting(_parts(_CLAUSES, sentence))
        if clause.strip() or end
    ]


def _lasting(pieces: list[tuple[str, str]]) -> list[tuple[bool, tuple[str, str]]]:
    return [(number == len(pieces) - 1, piece) for number, piece in enumerate(pieces)]


def _parts(border: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    """What stands between borders, and each border after it; at most so many, the rest in one."""
    parts, start = list[tuple[str, str]](), 0
    for found in border.finditer(text):
        if found["keep"]:
            continue
        if len(parts) == _MOST:
            break
        parts.append((text[start : found.start()], found[0]))
        start = found.end()
    return [*parts, (text[start:], "")]
