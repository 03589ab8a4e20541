"""A piece of text that may be personal data, and the words beside it that tell."""

import re
from dataclasses import dataclass

CLAIMED = "\0"
"""What stands in a text instead of each character that a rule has claimed."""

CLOSE = 10
"""How far a word may stand from a number that only this word makes personal."""

NEAR = 12
"""How far a word may stand from a number and still speak of it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a rule's pattern has found.

    `said` is the text as it was written, `digits` the same with spoken digits as 0 to 9 (where the rule reads these);
    `floor` is where the rule's last claim ends: the words before it belong to that.
    """

    found: re.Match[str]
    said: str
    floor: int

    @property
    def digits(self) -> str:
        """As the rule reads it."""
        return self.found[0]

    @property
    def compact(self) -> str:
        """Its letters and digits alone."""
        return "".join(character for character in self.found[0] if character.isalnum())

    def before(self, length: int = CLOSE) -> str:
        """The words close before it, with nothing claimed between."""
        start = max(0, self.floor, self.found.start() - length)
        return self.said[start : self.found.start()].rpartition(CLAIMED)[2]

    def after(self, length: int = CLOSE) -> str:
        """The words close after it, with nothing claimed between."""
        return self.said[self.found.end() : self.found.end() + length].partition(CLAIMED)[0]

    def follows(self, words: re.Pattern[str], length: int = CLOSE) -> bool:
        """Whether such a word stands close before it."""
        return words.search(self.before(length)) is not None

    def is_beside(self, words: re.Pattern[str], length: int = CLOSE) -> bool:
        """Whether such a word stands close to it."""
        return self.follows(words, length) or words.search(self.after(length)) is not None

    def distance(self, words: re.Pattern[str]) -> int:
        """How far the nearest of these words stands from it, at most `NEAR + 1`."""
        before = self.said[max(0, self.found.start() - NEAR) : self.found.start()]
        after = self.said[self.found.end() : self.found.end() + NEAR]
        distances = [len(before) - word.end() for word in words.finditer(before)]
        distances += [word.start() for word in words.finditer(after)]
        return min(distances, default=NEAR + 1)
