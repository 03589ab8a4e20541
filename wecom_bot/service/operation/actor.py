"""Who does something to the bot, and what their role lets them do."""

from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wecom_bot.domain.message import CorpId


class Right(StrEnum):
    """What a verb asks for."""

    LOOK = "look"  # at what a tenant has; customers' words are masked
    READ_WORDS = "read_words"  # of customers, whole
    SEE_TO_TICKETS = "see_to_tickets"
    WRITE = "write"  # what customers are told: articles, orders, thresholds
    REPAIR = "repair"  # dead letters
    GOVERN = "govern"  # whom we serve, and their secrets


class Role(StrEnum):
    """What somebody is to the bot (role-based access control): the rights of each stand in one table."""

    OWNER = "owner"  # of the machine: whoever may run a command there reads its files anyway
    OPERATOR = "operator"  # a person who looks after tenants' bots
    SYSTEM = "system"  # a tenant's own program, by the API
    AUTHOR = "author"  # such a program that keeps the articles, too
    READER = "reader"  # who only looks

    @property
    def rights(self) -> frozenset[Right]:
        """What it may do."""
        return _RIGHTS[self]


_RIGHTS: Final = {
    Role.OWNER: frozenset(Right),
    Role.OPERATOR: frozenset(Right) - {Right.GOVERN},
    Role.SYSTEM: frozenset({Right.LOOK, Right.READ_WORDS, Right.SEE_TO_TICKETS}),
    Role.AUTHOR: frozenset({Right.LOOK, Right.READ_WORDS, Right.SEE_TO_TICKETS, Right.WRITE}),
    Role.READER: frozenset({Right.LOOK}),
}


@dataclass(frozen=True, slots=True)
class EveryTenant:
    """The tenants of who is bound to none."""

    def __contains__(self, corp_id: object) -> bool:
        """Yes: those too that come later."""
        return True


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, by a name for the log, in which role, and on which tenants."""

    name: str
    role: Role
    tenants: Container[CorpId]

    def may(self, right: Right) -> bool:
        """Whether their role has it."""
        return right in self.role.rights
