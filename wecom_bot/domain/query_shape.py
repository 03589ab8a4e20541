"""What a named query may look like: one SELECT that reads, with :named parameters. It is told from its tokens.

This catches mistakes early and says what to do about them. What holds against malice is the connection that a query
runs on: a read-only session, an account that may only read, a limit on time and rows, parameters bound by the driver.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

MOST_ROWS = 50
"""Of one query."""

CUSTOMER = "customer"
"""The parameter that stands for who asks: the external_userid or userid."""

_TOKEN = re.compile(
    r"""
    \s+
    | (?P<quoted> '(?:[^'\\]|'')*+' | "(?:[^"\\]|"")*+" | `[^`]*+` )
    | (?P<comment> -- | \# | /\* | \*/ )
    | (?P<parameter> (?<![\w:]):[A-Za-z_]\w* )
    | (?P<word> [^\W\d]\w* )
    | (?P<number> \d[\w.]* )
    | (?P<sign> \|\| | && | [-+*/%=<>(),.!~&^|] )
    | (?P<strange> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BOUND_WITHIN = re.compile(r"(?<![:\w\\]):\w")  # what SQLAlchemy takes for a parameter, wherever it stands
_WRITE_WORDS = """
INTO OUTFILE DUMPFILE INSERT UPDATE DELETE MERGE DROP ALTER CREATE RENAME TRUNCATE GRANT REVOKE CALL
SET EXECUTE PREPARE DEALLOCATE LOCK UNLOCK LOAD HANDLER PROCEDURE FETCH
"""
_DEED_WORDS = """
SLEEP BENCHMARK GET_LOCK RELEASE_LOCK RELEASE_ALL_LOCKS LOAD_FILE MASTER_POS_WAIT MASTER_GTID_WAIT
NEXTVAL SETVAL SOURCE_POS_WAIT WAIT_FOR_EXECUTED_GTID_SET SYS_EVAL SYS_EXEC
"""
_WRITES, _DEEDS = frozenset(_WRITE_WORDS.split()), frozenset(_DEED_WORDS.split())
_STRANGE = {
    ";": "去掉分号：一个查询只能有一条语句 / leave out the semicolon: a query is one statement",
    "@": "不能用 @变量：请用 :名字 的参数 / no @variables: use :named parameters",
    ":": "参数写成 :名字 / a parameter is written :name",
    "?": "参数写成 :名字，不用 ? / a parameter is written :name, not ?",
    "\\": "不能用反斜杠 / no backslash",
    "'": "引号没有配对，或引号里有反斜杠 / a quote has no end, or there is a backslash within quotes",
}


class PieceKind(StrEnum):
    """What a token is."""

    QUOTED = "quoted"
    COMMENT = "comment"
    PARAMETER = "parameter"
    WORD = "word"
    NUMBER = "number"
    SIGN = "sign"
    STRANGE = "strange"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the query; `depth` is how many parentheses it stands in."""

    kind: PieceKind
    text: str
    depth: int

    @property
    def word(self) -> str:
        """The word in capitals, or the sign; nothing for what is quoted or bound."""
        return self.text.upper() if self.kind in {PieceKind.WORD, PieceKind.SIGN} else ""


def tokens(sql: str) -> list[Piece]:
    """The pieces of the query, without the blanks between them."""
    found, depth = list[Piece](), 0
    for match in _TOKEN.finditer(sql):
        if match.lastgroup is None:
            continue
        depth -= match[0] == ")"
        found.append(Piece(PieceKind(match.lastgroup), match[0], depth))
        depth += match[0] == "("
    return found


@lru_cache(maxsize=4096)
def parameters(sql: str) -> frozenset[str]:
    """The names of what is bound: every turn asks for them."""
    return frozenset(each.text[1:] for each in tokens(sql) if each.kind is PieceKind.PARAMETER)


def complaint(pieces: Sequence[Piece]) -> str | None:
    """What has to be changed before the query can be taken, in Chinese and English; None where it is well."""
    return next(_complaints(pieces), None)


def _complaints(pieces: Sequence[Piece]) -> Iterator[str]:
    if not pieces or pieces[0].word not in {"SELECT", "WITH"}:
        yield "只能以 SELECT 或 WITH 开头 / it should begin with SELECT or WITH"
        return
    for place, each in enumerate(pieces):
        beside = [piece.text for piece in pieces[place + 1 : place + 2]]
        yield from _of_token(each, pieces[place - 1].text if place else "", *beside)
    if pieces[-1].depth + (pieces[-1].text == "(") or any(each.depth < 0 for each in pieces):
        yield "括号没有配对 / its parentheses do not match"
    if not any(each.word == "SELECT" for each in pieces):
        yield "没有 SELECT / there is no SELECT in it"
    yield from _of_limit(pieces)


def _of_limit(pieces: Sequence[Piece]) -> Iterator[str]:
    """The server sends no more rows than a query may have, unless the query itself says how many."""
    for place, each in enumerate(pieces):
        if each.depth or each.word != "LIMIT":
            continue
        behind = [piece.text for piece in pieces[place + 1 : place + 4]]
        most = behind[2] if behind[1:2] == [","] and len(behind) == 3 else behind[0] if behind else ""  # noqa: PLR2004 - 20, 5
        if not (most.isascii() and most.isdigit() and int(most[:9]) <= MOST_ROWS):
            yield f"LIMIT 后面要写不大于 {MOST_ROWS} 的数 / LIMIT should be a number, at most {MOST_ROWS}"


def _of_token(token: Piece, before: str, after: str = "") -> Iterator[str]:
    text = token.text
    match token.kind:
        case PieceKind.COMMENT:
            yield f"不能有注释（{text}），说明请写在 TOML 的 # 后面 / no comments: write them behind # in the TOML"
        case PieceKind.STRANGE:
            advice = _STRANGE.get("'" if text in '"`' else text, "不认识的字符 / an unknown character")
            yield f"{text}: {advice}"
        case PieceKind.QUOTED if _BOUND_WITHIN.search(text):
            yield f"引号里不能有 :名字，请写进 fixed / no :name within quotes, put it into fixed: {text[:40]}"
        case PieceKind.QUOTED if after == "(" and text.strip("`").upper() in _DEEDS:
            yield f"不能用函数 {text} / this function is not allowed"
        case PieceKind.WORD if before != ".":
            yield from _of_word(token, before)


def _of_word(token: Piece, before: str) -> Iterator[str]:
    text = token.text
    match before.upper(), token.word:
        case _, word if word in _WRITES:
            yield f"不能用 {text}：只许读；列名请加反引号 / only reading is allowed; quote a column of that name with `"
        case _, word if word in _DEEDS:
            yield f"不能用函数 {text} / this function is not allowed"
        case "NEXT", "VALUE":
            yield "不能用 NEXT VALUE：只许读 / only reading is allowed"
        case "FOR", "SHARE":
            yield "不能用 FOR SHARE：只许读，不许锁 / only reading is allowed, no locks"
