"""What crosses the control API, in both directions; server and client share it."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from wecom_bot.simulators.coze.paths import Path


class CozeShape(BaseModel):
    """What may be asked or answered, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as e:
        raise ValueError(f"not a regular expression: {e}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]
Form = Literal["variables", "text", "plain", "classification", "fenced", "output", "object"]

FORMS: tuple[Form, ...] = get_args(Form)


class AnswerRule(CozeShape):
    """Holds when `match` is found in what the user said last, and each pattern of `given` in the variable so named.

    Variables are a chat's custom variables and `images`, the number that it shows, or a workflow's parameters. The
    first rule that holds is taken. What stands below a line that begins with 【参考资料 is not what the user said, and
    is not looked at.
    """

    match: Pattern = ""
    given: dict[str, Pattern] = {}


class BotAnswer(AnswerRule):
    """What a bot says; several texts are several answer messages. `reasoning` is thought aloud before.

    In a text {question} stands for what was said, {before} for what the user said before that, {turn} for its number
    (1 in a new conversation), {images} for the number of images shown, and any other name in braces for the custom
    variable so named.
    """

    answer: str | tuple[str, ...]
    reasoning: str = ""


class IntentScore(CozeShape):
    """An intent and how sure it is."""

    name: str
    score: float = 1.0


class Prediction(AnswerRule):
    """What a workflow or project makes of a text; `reply` is a workflow's alone."""

    intents: tuple[IntentScore, ...] = ()
    slots: dict[str, Any] = {}
    reply: str = ""


class TokenSpec(CozeShape):
    """A token that is believed, for all that it `allows` or for everything; `name` stands for it in what was asked."""

    token: str = Field(min_length=1)
    name: str = ""
    allows: tuple[str, ...] = ()


class BotSpec(CozeShape):
    """A bot, published to the API channel or not; it takes `seconds` to think before it says the first word."""

    bot_id: str = Field(pattern=r"^[0-9]{10,32}$")
    answers: tuple[BotAnswer, ...] = ()
    follow_ups: tuple[str, ...] = ()
    published: bool = True
    seconds: float = Field(0.0, ge=0)


class WorkflowSpec(CozeShape):
    """A workflow that takes the text as parameter `query`; `labels` number the intents of form "classification".

    `inputs` are what its start node takes beside that, by name, as Coze shows them: type, required, default_value.
    """

    workflow_id: str = Field(pattern=r"^[0-9]{10,32}$")
    form: Form = "variables"
    predictions: tuple[Prediction, ...] = ()
    query: str = "query"
    inputs: dict[str, dict[str, Any]] = {}
    labels: tuple[str, ...] = ()
    published: bool = True
    seconds: float = Field(0.0, ge=0)


class ProjectSpec(CozeShape):
    """A project of the intent service."""

    project_key: str = Field(min_length=1)
    predictions: tuple[Prediction, ...] = ()
    seconds: float = Field(0.0, ge=0)


Gateway = Literal["code", "status", "json_status", "limited", "delay", "hang", "reset", "garbage"]
Plot = Literal[
    "failed",
    "bare_failed",
    "error",
    "empty",
    "reasoning",
    "several",
    "separators",
    "requires_action",
    "stall",
    "pings",
    "eof",
    "cut",
    "open",
    "slow",
    "split",
    "noise",
    "plain",
]


class CozeFault(CozeShape):
    """Trouble for the next calls of a path ("*" is every one but the token's), of one bot, workflow or project or all.

    It holds `times` calls or `for_seconds`, whichever is over first; one call if neither is given. Seconds of 0 that a
    connection hangs are very long, and every hang ends in a reset.

    Of every path: "code" `value` in JSON on HTTP 200; "status" `value` with a proxy's HTML; "json_status" `value` with
    JSON that has no code; "limited", 429 with Retry-After `value`; "delay" by `value` seconds; "hang" for `value`
    seconds without a byte; "reset" without a byte; "garbage" on HTTP 200.

    Of /v3/chat alone, what the chat comes to: "failed" with last_error `value` (4028); "bare_failed"; "error", an SSE
    event with code `value` (4016); "empty", no answer; "reasoning" before the answer; "several" answers; "separators"
    (U+2028, U+2029, U+0085) in it; "requires_action". And how it is streamed: "stall" for `value` seconds after the
    first words; "pings" and comments for `value` seconds and no words; "eof" after the answer, without completed and
    done; "cut" after the first words; "open" for `value` seconds after done; "slow", `value` seconds before each
    delta; "split", chunks that end within characters; "noise", all that a reader has to skip; "plain", a body that ends
    with its connection.
    """

    path: Path | Literal["*"]
    kind: Gateway | Plot
    value: float = Field(0, ge=-999_999_999)
    of: str = ""
    times: int | None = Field(None, ge=1)
    for_seconds: float | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _possible(self) -> "CozeFault":
        if self.kind in get_args(Plot) and self.path != "/v3/chat":
            raise ValueError(f"{self.kind} is a fault of /v3/chat alone")
        if self.kind == "code" and not self.value:
            raise ValueError("a refusal needs a code that is not 0")
        if self.kind in {"status", "json_status"} and not 400 <= self.value <= 599:  # noqa: PLR2004 - HTTP's errors
            raise ValueError(f"{self.value} is no HTTP status of an error")
        return self


class AskedCall(CozeShape):
    """One call: whose token (its name), what was asked, and the outcome ("0", a code, "http 502", a fault's kind)."""

    path: str
    caller: str
    query: dict[str, str]
    body: Any
    outcome: str
    at: datetime


class PathCalls(CozeShape):
    """How often a path was called, by bot, workflow or project ("" if it named none) and outcome."""

    path: str
    of: str
    outcome: str
    count: int


class Upload(CozeShape):
    """A file that was uploaded; `caller` is the name of the token that alone may use it."""

    file_id: str
    name: str
    size: int
    caller: str


class RememberedLine(CozeShape):
    """One message that a conversation remembers."""

    role: Literal["user", "assistant"]
    content: str


class Talk(CozeShape):
    """A conversation and what it remembers; `running` is the chat that keeps it busy, if one does."""

    conversation_id: str
    bot_id: str
    user_id: str
    lines: tuple[RememberedLine, ...] = ()
    running: str = ""


class CozeNothing(CozeShape):
    """An action that needs no words."""


class OfToken(CozeShape):
    """A token; "" is every token."""

    token: str = ""


class OfBot(CozeShape):
    """A bot; "" is every bot."""

    bot_id: str = ""


class OfPath(CozeShape):
    """A path; "" is every path."""

    path: str = ""
