"""Emoji in a text: Unicode's, WeChat's in brackets ([微笑]) and its old codes (/:rose), and their mood."""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

# What WeChat and WeCom put in brackets; [图片], [语音] and words of the customer's own in brackets are none
_NAMES = (
    "动画表情|表情|自定义表情|表情包|动态表情|Sticker|Emoji|微笑|撇嘴|色|发呆|得意|流泪|害羞|闭嘴|睡|大哭|尴尬|发怒|调皮|呲牙|惊讶|难过|酷|冷汗|抓狂|吐|偷笑|愉快|可爱|白眼|傲慢|饥饿|困|惊恐|流汗|憨笑|悠闲|大兵|奋斗|咒骂|疑问|嘘|晕|疯了|折磨|衰|骷髅|敲打|再见|擦汗|抠鼻|鼓掌|糗大了|坏笑|左哼哼|右哼哼"
    "|哈欠|鄙视|委屈|快哭了|阴险|亲亲|吓|可怜|菜刀|西瓜|啤酒|篮球|乒乓|咖啡|饭|猪头|玫瑰|凋谢|嘴唇|示爱|爱心|心碎|蛋糕|闪电|炸弹|刀|足球|瓢虫|便便|月亮|太阳|礼物|拥抱|强|弱|握手|胜利|抱拳|勾引|拳头|差劲|爱你|NO|No|OK|Ok|爱情|飞吻|跳跳|发抖|怄火|转圈"
    "|磕头|回头|跳绳|挥手|投降|激动|街舞|乱舞|献吻|左太极|右太极|嘿哈|捂脸|奸笑|机智|皱眉|耶|红包|鸡|Emm|加油|加油加油|汗|天啊|社会社会|旺柴|好的|打脸|哇|翻白眼|666|让我看看|叹气|苦涩|裂开|吃瓜|合十|生病|破涕为笑|恐惧|脸红|无语|失望|爆竹|烟花|發|福|庆祝|鬼魂|笑脸"
    "|鬼脸|期待|笑哭|苦笑|爱慕|心|点赞|赞|比心|开心|感谢|大笑|玫瑰花|抱抱|鲜花|谢谢|微信红包|OK手势"
    "|Smile|Grimace|Drool|Scowl|CoolGuy|Sob|Shy|Silent|Sleep|Cry|Awkward|Angry|Tongue|Grin|Surprise|Frown|Ruthless|Blush|Scream|Puke|Chuckle|Joyful|Slight|Smug|Hungry|Drowsy|Panic|Sweat|Laugh|Commando|Determined|Scold|Shocked|Shhh|Dizzy|Tormented|Toasted|Skull"
    "|Hammer|Wave|Speechless|NosePick|Clap|Shame|Trick|Bah!L|Bah!R|Yawn|Pooh-pooh|Shrunken|TearingUp|Sly|Kiss|Wrath|Whimper|Cleaver|Watermelon|Beer|Basketball|PingPong|Coffee|Rice|Pig|Rose|Wilt|Lips|Heart|BrokenHeart|Cake|Lightning|Bomb|Dagger|Soccer|Ladybug|Poop|Moon|Sun|Gift|Hug"
    "|ThumbsUp|ThumbsDown|Shake|Peace|Fight|Beckon|Fist|Pinky|RockOn|Nuh-uh|InLove|Blowkiss|Waddle|Tremble|Aaagh!"
    "|Twirl|Kotow|Dramatic|JumpRope|Surrender|Hooray|Meditate|Smooch|TaiChi L|TaiChi R|Hey|Facepalm|Smirk|Smart|Moue"
    "|Yeah!|Packet|Chick|Worship|Bye|Salute|Onlooker|GoForIt|Respect"
    "|MyBad|OMG|Wow|Boring|Awesome|LetMeSee|Sigh|Hurt|Broken|Party|Candle|Firecracker|Fireworks|Happy|Lol|Terror|Duh|Sick|LetDown|Flushed|Doge|Concerned|KeepFighting|Sweats|Blessing|Goblin|Ghost"
)
_BRACKETED = rf"[\[【](?:{_NAMES})[\]】]"
_CODED = (
    r"/::(?:~|B|\||<|\$|X|Z|'\(|-\||@|P|D|O|\(|\+|Q|T|d|!|L|>|,@|-S|8|\)|\*|g)|/:(?:rose|fade|showlove|heart|break|cake|li|bome|kn|footb|ladybug|shit|moon|sun"
    r"|gift|hug|strong|weak|share|v|@\)|jj|@@|bad|lvu|no|ok|love|<L>|jump|shake|<O>|circle|kotow|turn|skip|oY|#-0|hiphot|kiss|<&|&>|bye|handclap"
    r"|dig|B-\)|<@|@>|xx|P-\(|X-\)|8-\)|coffee|eat|pig|beer|basketb|oo|pd|<W>|:?,@(?:-?[!xfP@oD-]|-[DS])|\?|!!!)"
)
_WRITTEN = re.compile(rf"{_BRACKETED}|{_CODED}")
_JOINERS = "\u200d\ufe0f\ufe0e\u20e3"


class Mood(StrEnum):
    """What an emoji says, as far as a reply depends on it."""

    THANKS = "thanks"
    YES = "yes"
    BYE = "bye"
    LAUGHTER = "laughter"
    DOUBT = "doubt"
    OTHER = "other"


_MOODS = {
    Mood.THANKS: (
        "🙏❤♥💖💕💗💓💞💝🌹💐😘🤝🫶🥰😍🫡",
        "玫瑰|抱拳|爱心|合十|握手|磕头|爱你|鲜花|玫瑰花|感谢|谢谢|比心|心|拥抱|抱抱|飞吻|亲亲|示爱|Rose|Heart|Fight|Worship|Shake|Hug|Respect|Salute|Kotow|Blowkiss",
        "rose|heart|hug|share|love|lvu|kotow|showlove|@)",
    ),
    Mood.YES: (
        "👌👍✅🆗☑✔💯💪👏👏",
        "OK|Ok|OK手势|强|好的|点赞|赞|鼓掌|666|胜利|耶|ThumbsUp|Clap|Yeah!|Peace|Awesome",
        "ok|strong|handclap|v|8",
    ),
    Mood.BYE: ("👋", "再见|挥手|Wave|Bye", "bye"),
    Mood.LAUGHTER: (
        "😂🤣😄😆😁😃😀😹",
        "呲牙|偷笑|憨笑|破涕为笑|笑哭|大笑|坏笑|奸笑|嘿哈|捂脸|旺柴|Grin|Chuckle|Laugh|Lol|Facepalm|Doge",
        "D|X-)|,@P",
    ),
    Mood.DOUBT: (
        "❓❔🤔😕🤨😡🤬😠😤😢😭😞😔🙁☹😟😣😖😩😫👎🙄😒💔⁉",
        "疑问|晕|发怒|咒骂|怄火|大哭|流泪|难过|委屈|快哭了|抓狂|弱|差劲|鄙视|翻白眼|白眼|撇嘴|皱眉|失望|叹气|无语|裂开|心碎|苦涩|Shocked|Angry|Scold|Sob|Cry|Frown|ThumbsDown|Speechless|Sigh|BrokenHeart",
        "?|@x|weak|bad|,@x|<|'(|(|break|dizzy",
    ),
}
_BY_CHARACTER = {each: mood for mood, (characters, _, _) in _MOODS.items() for each in characters}
_BY_NAME = {each: mood for mood, (_, names, _) in _MOODS.items() for each in names.split("|")}
_BY_CODE = {each: mood for mood, (_, _, codes) in _MOODS.items() for each in codes.split("|")}


def without(text: str) -> str:
    """The text with a blank where emoji were."""
    if text.isascii() and not ("[" in text or "/:" in text):
        return text
    return "".join(" " if _is_emoji(each) else each for each in _WRITTEN.sub(" ", text))


def moods(text: str) -> tuple[Mood, ...]:
    """What its emoji say, those written in brackets and codes first."""
    written = [found[0] for found in _WRITTEN.finditer(text)]
    named = [_BY_NAME.get(each[1:-1]) or _BY_CODE.get(each.lstrip("/").lstrip(":")) or Mood.OTHER for each in written]
    drawn = [each for each in _WRITTEN.sub(" ", text) if _is_emoji(each) and each not in _JOINERS]
    return (*named, *(_BY_CHARACTER.get(each, Mood.OTHER) for each in drawn if not "🏻" <= each <= "🏿"))


@lru_cache(maxsize=4096)
def _is_emoji(character: str) -> bool:
    return (
        character in _JOINERS
        or (not character.isascii() and unicodedata.category(character) == "So")
        or ("🏻" <= character <= "🏿")
    )
