"""Everything we raise on purpose, sorted by what to do next.

`web/errors.py` turns these into HTTP statuses and `worker/retry.py` into done, retry or bury; nobody else decides.
"""

from datetime import timedelta


class WecomBotError(Exception):
    """The root: whatever is not one of these is a bug."""


class ConfigurationError(WecomBotError):
    """An operator must change something; the message names the setting and what it should be."""


class InvalidInput(WecomBotError):
    """A file or a command that an operator gave us is wrong; the message says where and what to do."""


class CallbackRefused(WecomBotError):
    """A callback that must not be believed. `kind` is a fixed word for the log and the metric, never for the caller.

    Kinds: signature, base64, length, padding, utf8, receive_id, xml, json, fields.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Unknown(WecomBotError):
    """There is no such thing: a tenant, an app, an account, a dead letter."""


class NotPermitted(WecomBotError):
    """Somebody asked for what their role, or their tenants, do not allow; nothing was done."""


class ChangedMeanwhile(WecomBotError):
    """Somebody else changed it since it was looked at; nothing was done. Look again, and decide again."""


class TenantOff(WecomBotError):
    """The tenant exists and is switched off: accept, do nothing, so that WeCom does not repeat."""


class TemporaryFailure(WecomBotError):
    """A neighbour did not do its part now; the same call may succeed later."""


class InboxFull(TemporaryFailure):
    """The tenant has as many waiting jobs as it may have."""


class Occupied(TemporaryFailure):
    """Somebody else is doing what only one may do at a time; the message says who, and since when."""


class RateLimited(TemporaryFailure):
    """The neighbour asks for a pause."""

    def __init__(self, message: str, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutcomeUnknown(TemporaryFailure):
    """A message was handed over and no answer came: it may have been shown. A repeat must say that it is one."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TookTooLong(TemporaryFailure):
    """Our own deadline passed."""


class Rejected(WecomBotError):
    """A neighbour refused for good: the same call can never succeed. `code` is its error code, where it has one."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class IndexUnproved(Rejected):
    """A new search index is not what SQL has: it answers nobody, and the one before it goes on."""


class Misconfigured(Rejected):
    """A neighbour refused because of our configuration with it (secret, permission, trusted IP): stop and tell ops."""


class NotAttending(Rejected):
    """The conversation is not in a state in which the bot may speak: read the state again and decide."""


class MustWait(Rejected):
    """The customer must write first: the reply window or the reply budget is used up."""


class LeaseLost(WecomBotError):
    """Another worker has this job now: stop at once and do nothing more."""


class PatternTooSlow(WecomBotError):
    """A tenant's pattern was given up on in this text. With `aside` it is not tried again for so long; zero: it was."""

    def __init__(self, message: str, aside: timedelta | None = None) -> None:
        super().__init__(message)
        self.aside = aside
