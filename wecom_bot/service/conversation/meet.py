"""Whoever writes to us is somebody whose name we want to know."""

from collections.abc import Callable
from dataclasses import dataclass

from wecom_bot.domain.job import AnswerMessage, KeepMessage, Lease
from wecom_bot.ports import Contacts, Ending


@dataclass(frozen=True, slots=True)
class Meet:
    """Do what is to be done about a customer's message, and have their name learned meanwhile: nothing waits for it."""

    contacts: Contacts
    verb: Callable[[Lease, AnswerMessage | KeepMessage], Ending | None]

    def __call__(self, lease: Lease, job: AnswerMessage | KeepMessage) -> Ending | None:
        """Raises what the verb raises."""
        self.contacts.get(job.message.conversation)
        return self.verb(lease, job)
