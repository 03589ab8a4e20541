"""What a message says, read once: its own words and what it quotes, sentences, questions, courtesies, denials, numbers.

The reading is computed from the words and never stored; the words stay as they were written.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from wecom_bot.text.reading import denials, numbers, quotes, sentences
from wecom_bot.text.reading.courtesies import Courtesy, courtesy
from wecom_bot.text.reading.language import Language, language

__all__ = ["Courtesy", "Language", "Reading", "courtesy", "own_words", "read"]

_MOST_QUESTIONS = 4


@dataclass(frozen=True)
class Reading:
    """A customer's own words, and what is in them. Each part is read when it is first asked for."""

    words: str

    @cached_property
    def courtesy(self) -> Courtesy | None:
        """The courtesy that the words are, if they are nothing else."""
        return courtesy(self.words)

    @cached_property
    def topic(self) -> str:
        """What the words are about: without courtesies around it, and without what is denied before the point."""
        said = [denials.without_denied(sentence) for sentence in sentences.sentences(sentences.bare(self.words))]
        return "\n".join(filter(None, said)) or self.words

    @cached_property
    def about(self) -> str:
        """The topic without long numbers, which ask no question, and without 呢 or 呀; empty if that is all."""
        said = sentences.without_tone(numbers.without_long(self.topic))
        return "" if sentences.says_nothing(said) else said

    @cached_property
    def denies(self) -> bool:
        """Whether they deny that something is wanted, said or asked, and say nothing else: 不用开发票."""
        return denials.denies(self.words)

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """The questions and wishes in them, each in words of its own; fewer than two where they are one matter."""
        return sentences.questions(self.topic, _MOST_QUESTIONS)

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        """The clauses of the topic that say something; none beside a long number, which is what it is about."""
        if numbers.without_long(self.topic) != self.topic:
            return ()
        return tuple(each for each in map(sentences.unlinked, sentences.clauses(self.topic)) if courtesy(each) is None)

    @cached_property
    def language(self) -> Language | None:
        """Which language they are in; None where nothing tells."""
        return language(self.words)


@lru_cache(maxsize=256)
def read(words: str) -> Reading:
    """The reading of these words: the same one for all stages of a turn."""
    return Reading(words)


@lru_cache(maxsize=256)
def own_words(text: str) -> str:
    """One message without what it quotes."""
    return quotes.part(text).own
