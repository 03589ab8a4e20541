"""Whether a named query keeps to the rows of who asks, as far as its tokens can tell.

Nobody can prove that of SQL: the rule is the tenant's. What people write by mistake is found: the comparison that is
not there, stands in an OR, or in a list of columns where it leaves no row out.
"""

from collections.abc import Collection, Iterator, Sequence

from wecom_bot.domain.query_shape import CUSTOMER, Piece, PieceKind

_OR = frozenset({"OR", "XOR", "||"})
_SETS = frozenset({"UNION", "EXCEPT", "INTERSECT", "MINUS"})
_CONDITIONS = frozenset({"WHERE", "HAVING"})
_NAME = f":{CUSTOMER}"

_MISSING = (
    f'owner = "customer" 要求 SQL 在 WHERE 里有 列 = {_NAME}（客户只能看到自己的）'
    f" / its WHERE should compare a column = {_NAME}, so that customers see only what is theirs"
)
_IN_OR = (
    f"{_NAME} 的比较不能和 OR 并列：把 OR 的两边放进括号，括号外 AND 列 = {_NAME}"
    f" / an OR stands beside the comparison with {_NAME}: put the OR into parentheses, and AND the comparison to it"
)
_IN_SET = 'owner = "customer" 的查询不能用 UNION 之类，请建视图 / no UNION and the like: make a view of it'


def complaint(pieces: Sequence[Piece]) -> str | None:
    """What keeps the query from being one's own rows only; None where nothing is seen."""
    if any(each.word in _SETS for each in pieces):
        return _IN_SET
    bound = [place for place in _compared(pieces) if _leaves_out(pieces, place)]
    if not bound:
        return _MISSING
    return None if any(not _in_or(pieces, place) for place in bound) else _IN_OR


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


def _has(words: Collection[str], pieces: Sequence[Piece], depth: int) -> bool:
    return any(each.depth == depth and each.word in words for each in pieces)


def _in_or(pieces: Sequence[Piece], place: int) -> bool:
    """Whether an OR stands beside it, or beside a parenthesis that it stands in."""
    groups = ((depth, _group(pieces, place, depth)) for depth in range(pieces[place].depth, -1, -1))
    return any(_has(_OR, group, depth) for depth, group in groups)


def _group(pieces: Sequence[Piece], place: int, depth: int) -> Sequence[Piece]:
    """What stands in the same parenthesis of that depth, whatever is nested in it."""
    start = end = place
    while start > 0 and pieces[start - 1].depth >= depth:
        start -= 1
    while end < len(pieces) and pieces[end].depth >= depth:
        end += 1
    return pieces[start:end]
