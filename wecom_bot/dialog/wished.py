"""Wishes in any words: by phrases that say them and phrases that only look so, ours and the tenant's."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant, WishPhrases
from wecom_bot.ports import Likeness
from wecom_bot.text.folding import fold, letters

_ENOUGH = 0.62  # of the likeness is with phrases that say it; docs/howto/tune-search.md has what was measured
_ENOUGH_FOR_HUMAN = 0.66
_HALF = 0.5
_HUMAN = "人工"  # as in wishes.py: whoever listens for it listens for any person
_PHRASES = resources.files(__package__) / "wish_phrases"  # one a line


class Wish(StrEnum):
    """What a customer may want of the bot, whatever the tenant's business is, in the order of listening for it."""

    HUMAN = "human"
    COMPLAIN = "complain"
    LEAVE_MESSAGE = "leave_message"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Wished:
    """Tells a wish by its phrases: the same words are certain, others go by likeness, where there is a model for it."""

    likeness: Likeness | None = None

    def certainly(self, tenant: Tenant, wish: Wish, text: str) -> bool | None:
        """Whether the words are a phrase that says it, or one that only looks so; None if they are neither.

        The tenant's phrases go before ours, and among them those against.
        """
        said = letters(text)
        for against, saying in zip(_against(tenant, wish), _saying(tenant, wish), strict=True):
            if said in _same(against):
                return False
            if said in _same(saying):
                return True
        return None

    def probably(self, tenant: Tenant, wish: Wish, text: str) -> bool:
        """Whether the text is much more like what says it than what only looks so, and no more like a later wish."""
        saying = _saying(tenant, wish)
        if self.likeness is None or not any(saying):
            return False
        share = self.likeness.share(text, saying, _against(tenant, wish))
        if share is None or share < (_ENOUGH_FOR_HUMAN if wish is Wish.HUMAN else _ENOUGH):
            return False
        wishes = list(Wish)
        later = (_saying(tenant, other) for other in wishes[wishes.index(wish) + 1 :])
        shares = (self.likeness.share(text, saying, other) for other in later)
        return all(each is None or each >= _HALF for each in shares)

    def expressed(self, tenant: Tenant, wish: Wish, text: str) -> bool:
        """Whether the text says it, in the words of a phrase or in others."""
        certain = self.certainly(tenant, wish, text)
        return self.probably(tenant, wish, text) if certain is None else certain

    def is_ready(self, tenant: Tenant) -> bool:
        """Whether every wish of the tenant's customers can be told by likeness already, where there is a model."""
        return self.likeness is None or self.likeness.knows(tuple(wish_phrases(tenant)))


def wish_phrases(tenant: Tenant | None = None) -> Iterator[tuple[str, ...]]:
    """The lists that a tenant's customers are heard by; by default of one without phrases of its own."""
    whose = tenant or Tenant(corp_id=CorpId("nobody"))
    for wish in Wish:
        yield from (each for each in (*_saying(whose, wish), *_against(whose, wish)) if each)


def _saying(tenant: Tenant, wish: Wish) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tenant's phrases and ours."""
    own = _own(tenant, wish)
    meant = own.ours and (wish is not Wish.HUMAN or any(_HUMAN in fold(word) for word in tenant.handoff_words))
    return own.phrases, _ours(wish.value) if meant else ()


def _against(tenant: Tenant, wish: Wish) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _own(tenant, wish).against, _ours("not_human" if wish is Wish.HUMAN else "none_of_them")


def _own(tenant: Tenant, wish: Wish) -> WishPhrases:
    found: WishPhrases = getattr(tenant.wishes, wish.value)
    return found


@lru_cache(maxsize=16)
def _ours(name: str) -> tuple[str, ...]:
    return tuple((_PHRASES / f"{name}.txt").read_text("utf-8").split("\n")[:-1])


@lru_cache(maxsize=8192)
def _same(phrases: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(letters, phrases)) - {""}
