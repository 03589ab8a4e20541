"""Finding words of a list in what customers write, also when they are written so as not to be found.

Seen through: width, case, traditional characters, marks and invisible characters, up to three separators between two
characters (刷.单, 刷 单), stretched characters (刷刷刷单). Not seen through: sound (刷dan) and split characters (亻叚).
A word that is long, or stretched itself, is found only by its letters as they are.

A `Lexicon` is one list with one way of matching. The tenant's own words are the first; an open list that only asks for
a review can stand beside it as a second one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from wecom_bot.text.folding import Aligned, aligned_fold, fold

_MOST_SEPARATORS = 3  # more than that is another sentence
_MOST_STRETCH = 12
_LONG = 24  # letters: nobody stretches a sentence
_STRETCHED = re.compile(r"(.)\1{4}", re.DOTALL)
_ENDLESS = re.compile(rf"(.)\1{{{4 + _MOST_STRETCH},}}", re.DOTALL)  # no word goes on after so many of one letter
_REDUPLICATION = 1  # 他妈妈的, 看看书: one doubled character is ordinary Chinese, and no disguise of 他妈的
_SHORT_LATIN = 3  # S/M is a choice of sizes: a Latin word as short as this must stand unbroken


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the list, as the list spells it, at `text[start:end]`."""

    word: str
    start: int
    end: int


@dataclass(slots=True, eq=False)
class _Node:
    depth: int = 0
    children: dict[str, "_Node"] = field(default_factory=dict)
    word: str | None = None


@dataclass(frozen=True, slots=True)
class _Letters:
    """The letters and digits of a text; `at` is each one's place in it, `gap` how much else stood before it."""

    within: str
    text: str
    at: tuple[int, ...]
    gap: tuple[int, ...]


class Lexicon:
    """A list of words, ready to be looked for."""

    def __init__(self, words: Iterable[str]) -> None:
        self._root = _Node()
        self._signs: dict[str, str] = {}  # words without any letter, emoji for example: found as they are
        self._sentences: dict[str, str] = {}  # words whose letters are found as they are
        for word in words:
            folded = fold(word)
            letters = _letters(folded).text
            if len(letters) > _LONG or _STRETCHED.search(letters):
                self._sentences.setdefault(letters, word)
            elif letters:
                node = self._root
                for letter in letters:
                    node = node.children.setdefault(letter, _Node(node.depth + 1))
                node.word = node.word or word
            elif folded.strip():
                self._signs.setdefault(folded.strip(), word)

    def find(self, text: str) -> Hit | None:
        """The first word of the list in the text, the longest if several begin there."""
        return next(self.hits(text), None)

    def hits(self, text: str) -> Iterator[Hit]:
        """Every word found, from left to right, never overlapping; then the emoji and the like."""
        aligned = aligned_fold(text)
        if self._sentences or not self._root.children.keys().isdisjoint(aligned.text):
            yield from self._words(aligned)
        for sign, word in self._signs.items():
            if (start := aligned.text.find(sign)) >= 0:
                yield _hit(aligned, word, start, start + len(sign))

    def _words(self, aligned: Aligned) -> Iterator[Hit]:
        letters = _letters(aligned.text)
        sentences, place = self._sentences_in(letters), 0
        endless = {} if sentences else self._endless(letters)
        while place < len(letters.text):
            if place in endless:
                place = endless[place]
            found = sentences.get(place) or self._longest(letters, place)
            if found is None:
                place += 1
            else:
                word, last = found
                yield _hit(aligned, word, letters.at[place], letters.at[last] + 1)
                place = last + 1

    def _sentences_in(self, letters: _Letters) -> dict[int, tuple[str, int]]:
        """By its first place, the longest of the long words there, and the place of its last letter."""
        found: dict[int, tuple[str, int]] = {}
        for sentence, word in self._sentences.items():
            first = letters.text.find(sentence)
            while first >= 0:
                last = first + len(sentence) - 1
                if last > found.get(first, ("", 0))[1] and _is_together(letters, first, last):
                    found[first] = word, last
                first = letters.text.find(sentence, last + 1)
        return found

    def _endless(self, letters: _Letters) -> dict[int, int]:
        """Where one letter stands so often that no word can begin there, and from where on one can again."""
        runs = _ENDLESS.finditer(letters.text)
        return {run.start(): run.end() - 4 - _MOST_STRETCH for run in runs if not self._repeats(run[1])}

    def _repeats(self, letter: str) -> bool:
        """Whether a word is made of this letter alone."""
        node: _Node | None = self._root
        while node := node.children.get(letter) if node else None:
            if node.word:
                return True
        return False

    def _longest(self, letters: _Letters, first: int) -> tuple[str, int] | None:
        """The longest word that begins with this letter, and the place of its last one."""
        if letters.text[first] not in self._root.children:  # almost always
            return None
        best: tuple[str, int] | None = None
        place, reached = first, self._after({self._root}, letters.text[first])
        while reached:
            for node in reached:
                if node.word and _is_meant(letters, first, place, stretch=place - first + 1 - node.depth):
                    best = node.word, place
            place += 1
            if place == len(letters.text) or letters.gap[place] > _MOST_SEPARATORS:
                break
            letter = letters.text[place]
            stretched = letter == letters.text[place - 1]
            waiting = {node for node in reached if place - first - node.depth < _MOST_STRETCH} if stretched else set()
            reached = self._after(reached, letter) | waiting
        return best

    @staticmethod
    def _after(nodes: set[_Node], letter: str) -> set[_Node]:
        return {child for node in nodes if (child := node.children.get(letter))}


@lru_cache(maxsize=1024)
def lexicon(words: tuple[str, ...]) -> Lexicon:
    """The lexicon of these words, built once as long as the tenant's list stays the same."""
    return Lexicon(words)


def _letters(text: str) -> _Letters:
    if text.isalnum():
        return _Letters(text, text, tuple(range(len(text))), (0,) * len(text))
    at = [place for place, character in enumerate(text) if character.isalnum()]
    gap = [place - before - 1 for before, place in zip((-1, *at), at, strict=False)]
    return _Letters(text, "".join(filter(str.isalnum, text)), tuple(at), tuple(gap))


def _is_together(letters: _Letters, first: int, last: int) -> bool:
    return max(letters.gap[first + 1 : last + 1]) <= _MOST_SEPARATORS and _is_meant(letters, first, last, stretch=0)


def _is_meant(letters: _Letters, first: int, last: int, stretch: int) -> bool:
    if stretch == _REDUPLICATION:
        return False
    start, end = letters.at[first], letters.at[last] + 1
    if _is_latin(letters.within[start - 1 : start] + letters.text[first], 2) or _is_latin(
        letters.text[last] + letters.within[end : end + 1], 2
    ):
        return False  # in the middle of a Latin word
    unbroken = end - start == last - first + 1
    return unbroken or last - first >= _SHORT_LATIN or not _is_latin(letters.text[first : last + 1])


def _is_latin(text: str, length: int = 1) -> bool:
    return len(text) >= length and text.isascii() and text.isalnum()


def _hit(aligned: Aligned, word: str, start: int, end: int) -> Hit:
    return Hit(word, *aligned.span(start, end))
