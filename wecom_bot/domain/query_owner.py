"""Whether a named query keeps to the rows of who asks, as far as its tokens can tell.

Nobody can prove that of SQL: the rule is the tenant's. What people write by mistake is found: the comparison that is
not there, is denied, stands in an OR, or in a list of columns where it leaves no row out.
"""

from collections.abc import Collection, Iterator, Sequence

from wecom_bot.domain.query_shape import CUSTOMER, Piece, PieceKind

_OR = frozenset({"OR", "XOR", "||"})
_SETS = frozenset({"UNION", "EXCEPT", "INTERSECT", "MINUS"})
_CONDITIONS = frozenset({"WHERE", "HAVING"})
_DENIALS = frozenset({"NOT", "!"})
_NAME = f":{CUSTOMER}"

_MISSING = (
    f'owner = "customer" 要求 SQL 在 WHERE 里有 列 = {_NAME}（客户只能看到自己的）'
    f" / its WHERE should compare a column = {_NAME}, so that customers see only what is theirs"
)
_IN_OR = (
    f"{_NAME} 的比较不能和 OR 并列：把 OR 的两边放进括号，括号外 AND 列 = {_NAME}"
    f" / an OR stands beside the comparison with {_NAME}: put the OR into parentheses, and AND the comparison to it"
)
_DENIED = f"{_NAME} 的比较前面不能有 NOT：那是别人的行 / a NOT before the comparison with {_NAME} finds others' rows"
_IN_SET = 'owner = "customer" 的查询不能用 UNION 之类，请建视图 / no UNION and the like: make a view of it'


def complaint(pieces: Sequence[Piece]) -> str | None:
    """What keeps the query from being one's own rows only; None where nothing is seen."""
    if any(each.word in _SETS for each in pieces):
        return _IN_SET
    bound = [place for place in _compared(pieces) if _leaves_out(pieces, place)]
    if not bound:
        return _MISSING
    affirmed = [place for place in bound if not _is_denied(pieces, place)]
    if not affirmed:
        return _DENIED
    return None if any(not _in_or(pieces, place) for place in affirmed) else _IN_OR


def _compared(pieces: Sequence[Piece]) -> Iterator[int]:
    """Where the customer is compared with a column."""
    for place, each in enumerate(pieces):
        if each.text != _NAME or each.kind is not PieceKind.PARAMETER:
            continue
        before, after = pieces[max(0, place - 2) : place], pieces[place + 1 : place + 3]
        if _is_equality(before[::-1]) or _is_equality(after):
            yield place


def _is_equality(beside: Sequence[Piece]) -> bool:
    """An equals sign, and then something with a name."""
    if len(beside) < 2 or beside[0].text != "=":  # noqa: PLR2004 - the sign and what is behind it
        return False
    return beside[1].kind is PieceKind.WORD or beside[1].text.startswith("`")


def _leaves_out(pieces: Sequence[Piece], place: int) -> bool:
    """Whether it is a condition, and of what the rows come from: not of a column that is computed."""
    if pieces[0].word != "WITH" and not _has({"FROM"}, pieces[:place], 0):
        return False
    for depth in range(pieces[place].depth, -1, -1):
        if _has(_CONDITIONS, _group(pieces[:place], place, depth), depth):
            return True
        if _has({"SELECT"}, _group(pieces, place, depth), depth):
            return False
    return False


def _is_denied(pieces: Sequence[Piece], place: int) -> bool:
    """Whether a NOT stands before it, or before a parenthesis that it stands in: NOT EXISTS (, NOT IN (, <> (."""
    start = place
    if place and pieces[place - 1].text == "=":
        start -= 2
        while start > 1 and pieces[start - 1].text == ".":
            start -= 2
    if start and pieces[start - 1].word in _DENIALS:
        return True
    for depth in range(pieces[place].depth, 0, -1):
        opening = _start(pieces, place, depth) - 1
        beside = [each.word for each in pieces[max(0, opening - 2) : opening]]
        if beside == ["<", ">"] or not _DENIALS.isdisjoint(beside):
            return True
    return False


def _has(words: Collection[str], pieces: Sequence[Piece], depth: int) -> bool:
    return any(each.depth == depth and each.word in words for each in pieces)


def _in_or(pieces: Sequence[Piece], place: int) -> bool:
    """Whether an OR stands beside it, or beside a parenthesis that it stands in."""
    groups = ((depth, _group(pieces, place, depth)) for depth in range(pieces[place].depth, -1, -1))
    return any(_has(_OR, group, depth) for depth, group in groups)


def _group(pieces: Sequence[Piece], place: int, depth: int) -> Sequence[Piece]:
    """What stands in the same parenthesis of that depth, whatever is nested in it."""
    end = place
    while end < len(pieces) and pieces[end].depth >= depth:
        end += 1
    return pieces[_start(pieces, place, depth) : end]


def _start(pieces: Sequence[Piece], place: int, depth: int) -> int:
    while place > 0 and pieces[place - 1].depth >= depth:
        place -= 1
    return place
