"""What a model or a web page leaves around its words: comments, wrappers, tokens, sources, and pictures as tags."""

import re

_COMMENT = re.compile(r"(?P<code>`[^`\n]{1,500}`)|<!--.*?(?:-->|\Z)", re.DOTALL)
_BAR = "[|｜]"  # DeepSeek's are wide
# Its words are Latin, so that <|°_°|> stays a face; the name of a role after it is the model's, too
_TOKEN = re.compile(
    rf"(?:\\?<|&lt;){_BAR}[ \t]?\\?/?[A-Za-z][\w▁ :.\\/-]{{0,60}}{_BAR}(?:\\?>|&gt;)"
    r"(?:(?:assistant|system|user|model)(?=\n|\\?<[|｜]|&lt;[|｜]|\Z)\n?)?"
    r"|</?(?:bos|eos|unk|(?:start|end|begin)_of_(?:turn|text|sentence|image))>(?:model\n)?|\[/?INST\]|<</?SYS>>",
    re.ASCII,
)
_ATTRIBUTES = r"(?:[\s/][^<>]{0,500})?"
# Pairs go with what is in them, as it is a source or a program; a tag without its other half goes alone
_SOURCE = re.compile(
    rf"<(?P<tag>ref|reference|citation|script|style){_ATTRIBUTES}(?<!/)>"
    r"(?:(?!<(?P=tag)[\s>]).){0,1000}?</(?P=tag)\s{0,5}>"
    rf"|</?(?:ref|reference|citation|script|style){_ATTRIBUTES}>"
    r"|<sup>\s?(?:\[\^?\d{1,4}\^?\][\s,，]?){1,10}</sup>",
    re.DOTALL | re.IGNORECASE,
)
_WRAPPER = re.compile(rf"</?(?:final_?)?(?:answer|response|output|reply){_ATTRIBUTES}>", re.IGNORECASE)
_SHOWING = re.compile(r"<(img|video|audio|iframe|source)(?=[\s/])([^<>]{0,3000})>", re.IGNORECASE)
_SHOWN_END = re.compile(r"</(?:img|video|audio|iframe|source|picture)>|<picture>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"(?<![\w-])(src|alt|title)\s{0,5}=\s{0,5}(?:\"([^\"]{0,2000})\"|'([^']{0,2000})'|([^\s\"'>]{1,2000}))",
    re.IGNORECASE,
)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_UNNAMED = {"img": "图片", "video": "视频", "audio": "音频"}
_WITHIN_LINK = re.compile(r"[\[\]\n]+")


def without_wrappers(text: str) -> str:
    """The text without a model's own marks, wherever they stand: they may be around a fence or within it."""
    return _WRAPPER.sub("", _TOKEN.sub("", text))


def without_tags(text: str) -> str:
    """The text without comments and sources, and with pictures as Markdown's, which are named with their address."""
    text = _SOURCE.sub("", _COMMENT.sub(lambda found: found["code"] or "", text))
    return _SHOWN_END.sub("", _SHOWING.sub(_image, text))


def _image(found: re.Match[str]) -> str:
    given = {each[1].lower(): each[2] or each[3] or each[4] or "" for each in _ATTRIBUTE.finditer(found[2])}
    named = _WITHIN_LINK.sub(" ", given.get("alt") or given.get("title") or "").strip()
    target = given.get("src", "").strip()
    if not _WEB.match(target):
        return named
    return f"![{named or _UNNAMED.get(found[1].lower(), '')}](<{target}>)"
