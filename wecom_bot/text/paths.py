r"""Folders and files as people write them: C:\new, \\server\name, %APPDATA%\npm, bin\node.exe."""

import re

from wecom_bot.text.hiding import CODE, hide
from wecom_bot.text.latex.commands import COMMANDS

# What follows a backslash and cannot be a folder: the written line breaks of \n下一步, \n2. 打开 and \n\n
_BREAK = r"(?:r\\{1,2})?n(?:\Z|[^a-z0-9._\\-]|\d{1,2}[.、)）]|-\s|\\{1,2}[nr])"
_SEPARATOR = rf"\\{{1,2}}(?!{_BREAK})"
_NAME = r"(?:[^\s\\/:*?\"<>|`，。；：！？、,;“”‘’《》【】（）()\[\]]|\([^\s\\()]{0,50}\)){1,100}"
_MORE_NAME = r"(?:[ ](?:[A-Z0-9][\w.-]{0,30}|\([^\s\\()]{1,20}\)|and)){1,3}(?=\\)"  # Program Files (x86)
_FOLDERS = rf"(?P<folders>(?:{_SEPARATOR}(?:{_NAME}(?:{_MORE_NAME})?)?)+)"
_HOST = r"[A-Za-z0-9][A-Za-z0-9.-]{0,60}"
_ROOT = (
    r"(?<![A-Za-z0-9])[B-PR-Zb-pr-z]:(?=\\)"  # A: and Q: begin answers and questions, not disks
    rf"|(?<![\w\\])\\\\(?![nrt]\\){_HOST}(?=\\[^\\])|(?<![\w\\])\\{{4}}{_HOST}(?=\\\\)"
    r"|%[A-Za-z]\w{1,30}(?:\([^\s()]{1,9}\))?%(?=\\)|\$env:\w{1,30}(?=\\)|(?<![\w.])\.{1,2}(?=\\)"
    r"|\bHK(?:LM|CU|CR|U|CC|EY_[A-Z_]{1,30})(?=\\)"
)
_QUOTED = rf"(?<=[\"“'「])(?:[A-Za-z]:\\|\\\\)(?:(?!\\{{1,2}}{_BREAK})[^\"”'」\n]){{0,300}}(?=[\"”'」])"
_ACCOUNT = (  # a member of a Windows domain
    r"(?:(?:域|[账帐]号|用户名?|登录名?)|\b(?:domain|account|log ?in|user(?:name)?))\s?(?:[是为：:]|is)?\s?"
    rf"[A-Za-z0-9.-]{{1,30}}{_SEPARATOR}[\w.-]{{1,40}}(?![\w.：:=-])"
)
_SHARE = rf"(?:打开|访问|连接|映射|路径|地址|输入)[ ]\\\\[nrt](?:{_HOST})(?![\w\\])"
_CHAIN = rf"(?<![\w.\\-])(?P<first>[\w.-]{{0,100}})(?P<rest>(?:{_SEPARATOR}[^\W_][\w.-]{{0,100}})+)"
_FOUND = re.compile(rf"{CODE}|{_QUOTED}|(?:{_ROOT}){_FOLDERS}|{_SHARE}|(?P<chain>{_CHAIN})|(?i:{_ACCOUNT})")
_FORMULA = re.compile(r"\\{1,2}([A-Za-z]+)[{\[(]")
_PARTS = re.compile(r"\\+")
_LETTERS = re.compile(r"[A-Za-z]*")
_FILE = re.compile(
    r"\.(?:exe|dll|txt|log|ini|docx?|xlsx?|pptx?|pdf|csv|zip|rar|7z|png|jpe?g|gif|bmp|mp[34]|wav|avi|py|json|xml|ya?ml|bat|cmd"
    r"|msi|sys|html?|md|apk|dat|db|cfg|conf|toml|ps1|sh|js|ts|java|c|cpp|h|iso|bak|tmp|lnk|reg|key|pem|crt|sql)\Z",
    re.IGNORECASE,
)


def with_hidden_paths(text: str) -> str:
    """The text with its paths out of sight: their backslashes begin no line, no command and no escape."""
    return _FOUND.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    if found["code"] or (found["folders"] and _begins_formula(found["folders"])):
        return found[0]
    return hide(found[0]) if not found["chain"] or _is_path(found["first"], found["rest"]) else found[0]


def _begins_formula(folders: str) -> bool:
    r"""Of B:\frac{1}{2}, which is the second of several answers."""
    begins = _FORMULA.match(folders)
    return begins is not None and begins[1] in COMMANDS


def _is_path(first: str, rest: str) -> bool:
    """Whether names with backslashes between them are folders, and neither commands nor lines."""
    parts = _PARTS.split(rest)[1:]
    names = [part for part in parts if (_LETTERS.match(part) or part)[0] not in COMMANDS]
    if names and _FILE.search(parts[-1]):
        return len(parts) > 1 or first[-1:].isascii()
    return len(parts) > 1 and any(name[0] not in "nrt" for name in names)
