"""What may be switched at run time: where the documentation is silent, what is limited, and how callbacks are sent."""

from typing import Any, Literal

from pydantic import Field, RootModel

from wecom_bot.simulators.wecom.schema import WecomShape


class Modes(WecomShape):
    """All the switches. WeCom's documentation leaves the first two open; 0 is no limit where it is allowed."""

    repeated_msgid: Literal["refused", "shown"] = "refused"
    duplicate_check: Literal["all", "checked"] = "all"  # which earlier messages a checked one is held against
    empty_pages: bool = False  # every sync_msg page comes after an empty one with has_more=1
    page_size: int = Field(1000, ge=1, le=1000)
    member_limit: bool = False  # an app's message to a member over 30 a minute or 1000 an hour is silently dropped
    token_life: int = Field(7200, ge=1)
    native_welcome: bool = False  # the console greets customers itself, so entering brings no welcome_code
    fail_after: float = Field(0.1, ge=0)  # seconds from accepting a message to telling that it failed
    api_per_minute: int = Field(10_000, ge=1)  # calls of one API by one corp; more get 45009 ...
    api_per_hour: int = Field(150_000, ge=1)
    block_seconds: float | None = Field(None, gt=0)  # ... for so long; None is WeCom's 60 s and 60 min
    sync_without_token_per_minute: int = Field(0, ge=0)
    max_concurrent: int = Field(0, ge=0)  # calls of one API by one corp under way at once; more get 45033
    wrong_secrets: int = Field(0, ge=0)  # more from one address within an hour ban it for an hour
    callers: tuple[str, ...] = ("127.0.0.1", "101.226.103.*")  # what getcallbackip lists
    copies: int = Field(1, ge=1, le=64)
    swallow: bool = False  # no callback is sent
    hold: bool = False  # callbacks wait for a release
    attempts: int = Field(3, ge=1)
    deadline: float = Field(5.0, gt=0)
    spacing: float = Field(1.0, ge=0)


class ModeChanges(RootModel[dict[str, Any]]):
    """Some of the modes, to be changed."""
