"""Words that mean the same to a tenant's customers, each group as one line: 退货 = 退件 = 退回."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Annotated

from pydantic import AfterValidator

from wecom_bot.text.folding import fold, letters

LONGEST_WORD, MOST_WORDS = 30, 20
_MOST_READ = 500  # characters of a question
_MOST_REPLACED = 3  # words of it
_KEPT = 256  # tenants


def _proved_group(line: str) -> str:
    words = _split(line)
    if not 1 < len(words) <= MOST_WORDS:
        raise ValueError(f'a group is 2 to {MOST_WORDS} words with "=" between them: "退货 = 退件 = 退回"')
    if wrong := [word for word in words if not letters(word) or len(word) > LONGEST_WORD]:
        raise ValueError(f"a word has 1 to {LONGEST_WORD} letters: not {wrong[0][:LONGEST_WORD]!r}")
    return " = ".join(words)


Group = Annotated[str, AfterValidator(_proved_group)]
"""The words of one meaning."""


def words_of(group: str) -> list[str]:
    """The words of a group, as they are compared."""
    return list(dict.fromkeys(fold(word).strip() for word in _split(group)))


def named_twice(groups: Iterable[str]) -> list[str]:
    """The words that stand in two groups: nobody could tell which is meant."""
    counts = Counter(word for group in groups for word in words_of(group))
    return [word for word, count in counts.items() if count > 1]


def rephrased(text: str, groups: tuple[str, ...], most: int = 4) -> list[str]:
    """The text in other words of the same meaning (query expansion), at most so many; none for one without such."""
    if not groups:
        return []
    thesaurus, said = _thesaurus(groups), fold(text)[:_MOST_READ]
    pieces = list(thesaurus.pieces(said))
    chosen = list(dict.fromkeys(piece for piece in pieces if piece in thesaurus.groups))[:_MOST_REPLACED]
    if not chosen:
        return []
    ways = islice(product(*(thesaurus.groups[word] for word in chosen)), 1, 1 + most)  # the first is as it was said
    instead = (dict(zip(chosen, way, strict=True)) for way in ways)
    return ["".join(each.get(piece, piece) for piece in pieces) for each in instead]


@dataclass(frozen=True, slots=True)
class _Thesaurus:
    groups: Mapping[str, tuple[str, ...]]  # of each word: itself, and then the others
    by_beginning: Mapping[str, tuple[str, ...]]  # the longest first

    def pieces(self, said: str) -> Iterator[str]:
        """The text, cut into words that are known and the characters between them."""
        place = 0
        while place < len(said):
            known = (word for word in self.by_beginning.get(said[place], ()) if _stands(word, said, place))
            piece = next(known, said[place])
            yield piece
            place += len(piece)


@lru_cache(maxsize=_KEPT)
def _thesaurus(groups: tuple[str, ...]) -> _Thesaurus:
    found = [words_of(group) for group in groups]
    of = {word: (word, *(other for other in words if other != word)) for words in found for word in words}
    beginnings: dict[str, list[str]] = defaultdict(list)
    for word in sorted(of, key=len, reverse=True):
        beginnings[word[0]].append(word)
    return _Thesaurus(of, {first: tuple(words) for first, words in beginnings.items()})


def _split(line: str) -> list[str]:
    return [word.strip() for word in line.replace("＝", "=").split("=")]


def _stands(word: str, said: str, place: int) -> bool:
    """Whether the word is here, and where it is of letters or digits, not a part of a longer one."""
    end = place + len(word)
    if not said.startswith(word, place):
        return False
    return not (_runs_on(said[place - 1 : place], word[0]) or _runs_on(word[-1], said[end : end + 1]))


def _runs_on(one: str, other: str) -> bool:
    return one.isascii() and other.isascii() and one.isalnum() and other.isalnum()
