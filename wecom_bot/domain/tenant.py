"""A company that we serve, and what its people may set.

These are pydantic models because they come from outside: a TOML file, the database, later the console.
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, field_validator, model_validator

from wecom_bot.domain.behaviour import HandoffRules, Thresholds, Wishes, WishPhrases
from wecom_bot.domain.business import Business, QuerySpec, unfit
from wecom_bot.domain.courtesies import Courtesies
from wecom_bot.domain.hours import Hours
from wecom_bot.domain.intent import IntentSpec
from wecom_bot.domain.message import Channel, CorpId
from wecom_bot.domain.phrases import Phrases
from wecom_bot.domain.proved import PASTED, PastedText, Proved, Words
from wecom_bot.domain.synonyms import Group, named_twice
from wecom_bot.errors import Unknown

__all__ = [
    "App",
    "Coze",
    "HandoffRules",
    "KfAccount",
    "Media",
    "Nlu",
    "Phrases",
    "RecognizerName",
    "Tenant",
    "Thresholds",
    "WishPhrases",
    "Wishes",
]

Name = Annotated[str, PASTED, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
CozeId = Annotated[str, PASTED, StringConstraints(pattern=r"^([0-9]{10,32})?$")]  # about 19 digits, never a number
RecognizerName = Literal["http", "coze_workflow", "rules"]


class App(Proved):
    """One app of the corp, with a callback of its own at /callback/<corp_id>/<name>.

    `receive_ids`: what may stand as receiveid in its callbacks (WeCom page 90968); the corp ID unless set.
    `servicers`: userids of members who are told when a customer of this app asks for a human.
    `menu`: what a click on an entry of the app's own menu stands for, by the entry's key: words as if they were typed.
    `welcome`: what is said to a member who opens the app after a day of silence; nothing if empty.
    `hours`: when the servicers attend.
    """

    name: Name
    agent_id: Annotated[int, PASTED, Field(ge=0, le=2**31 - 1)]
    receive_ids: tuple[PastedText, ...] = ()
    servicers: tuple[PastedText, ...] = ()
    menu: dict[str, str] = Field(default_factory=dict)
    welcome: str = ""
    hours: Hours = Hours()


class KfAccount(Proved):
    """A 微信客服 account. Its notifications come through the callback of `app`, and its calls use that app's token.

    `welcome`: what is said to a customer who opens the conversation; nothing if empty.
    `servicers`: userids to whom a handoff goes, the first who receives; empty for the pool of all.
    `hours`: when the servicers attend.
    """

    open_kfid: Annotated[str, PASTED, StringConstraints(min_length=1, max_length=64)]
    app: Name
    name: str = ""
    welcome: str = ""
    servicers: tuple[PastedText, ...] = ()
    hours: Hours = Hours()


class Media(Proved):
    """Which messages without words may be read: an `image` is shown to Coze, a `voice` message is written down."""

    image: bool = False
    voice: bool = False


class Coze(Proved):
    """The tenant's ids at Coze. `bot_id` words replies (chat v3), `workflow_id` recognises intents; both may be empty.

    `parameters`: what the workflow's start node calls our parameters, where it calls them otherwise.
    `mark`: what stands below a reply that Coze worded, as 本回答由 AI 生成; nothing if empty.
    `cache`: whether what it worded may be told to all who ask the same for a while.
    """

    bot_id: CozeId = ""
    workflow_id: CozeId = ""
    parameters: dict[Literal["query", "topk", "project_key", "context"], str] = Field(default_factory=dict)
    mark: Annotated[str, StringConstraints(max_length=100)] = ""
    cache: bool = False


class Nlu(Proved):
    """The tenant's own intent service: POST {base_url}/v1/nlu/predict. Coze has no such endpoint."""

    base_url: Annotated[str, PASTED, StringConstraints(pattern=r"^(https?://[^\s]+)?$")] = ""
    project_key: PastedText = ""


class Tenant(Proved):
    """A company that we serve, without its secrets (see Credentials).

    `synonyms`: words that mean the same to its customers, a group a line (domain.synonyms).
    """

    corp_id: Annotated[CorpId, PASTED, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    name: str = ""
    active: bool = True
    apps: tuple[App, ...] = ()
    kf_accounts: tuple[KfAccount, ...] = ()
    phrases: Phrases = Phrases()
    courtesies: Courtesies = Courtesies()
    thresholds: Thresholds = Thresholds()
    intents: tuple[IntentSpec, ...] = ()
    recognizers: tuple[RecognizerName, ...] = ()  # in this order; empty for whatever is configured, rules last
    reply: Literal["auto", "article", "coze"] = "auto"
    blocked_words: Words = ()
    handoff_words: Words = (
        *("人工", "转人工", "人工客服", "找人工", "真人", "真人客服", "活人", "不要机器人"),
        *("human", "real person", "agent", "operator", "representative", "customer service", "customer support"),
    )
    synonyms: tuple[Group, ...] = ()
    handoff: HandoffRules = HandoffRules()
    wishes: Wishes = Wishes()
    coze: Coze = Coze()
    nlu: Nlu = Nlu()
    media: Media = Media()
    business: Business = Business()
    queries: tuple[QuerySpec, ...] = ()
    merge_window: Annotated[float, Field(ge=0, le=5)] = 1.2  # seconds that an unsure answer waits for more words
    hot_answers: Annotated[float, Field(ge=0, le=86_400)] | None = None  # seconds that an answer is kept, 0: none is
    on_lost_answer: Literal["resend", "suppress"] = "resend"  # in an app, where nobody knows whether it was shown

    @field_validator("synonyms")
    @classmethod
    def _each_word_once(cls, value: tuple[Group, ...]) -> tuple[Group, ...]:
        if both := named_twice(value):
            raise ValueError(f"a word stands in two groups: {both[0]}; make them one, or take it from one of them")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> "Tenant":
        for what, names in (
            ("apps.name", [app.name for app in self.apps]),
            ("apps.agent_id", [app.agent_id for app in self.apps]),
            ("kf_accounts.open_kfid", [account.open_kfid for account in self.kf_accounts]),
            ("intents.name", [intent.name for intent in self.intents]),
        ):
            if twice := {name for name in names if names.count(name) > 1}:  # type: ignore[arg-type]
                raise ValueError(f"{what} must be unique within the tenant; twice here: {sorted(map(str, twice))}")
        for account in self.kf_accounts:
            if account.app not in {app.name for app in self.apps}:
                raise ValueError(f"kf account {account.open_kfid} names app {account.app!r}, which the tenant has not")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which its people write dates: its first account's."""
        hours = [account.hours for account in self.kf_accounts] + [app.hours for app in self.apps]
        return (hours[0] if hours else Hours()).zone

    @model_validator(mode="after")
    def _look_ups_fit(self) -> "Tenant":
        for wrong in unfit(self.intents, self.queries):
            raise ValueError(wrong)
        return self

    def intent(self, name: str) -> IntentSpec | None:
        """The intent of that name, if the tenant defines it."""
        for intent in self.intents:
            if intent.name == name:
                return intent
        return None

    def query(self, name: str | None) -> QuerySpec | None:
        """The query of that name, if the tenant defines it."""
        return next((query for query in self.queries if query.name == name), None)

    def app(self, name: str) -> App:
        """The app of that name. Raises Unknown."""
        for app in self.apps:
            if app.name == name:
                return app
        raise Unknown(f"tenant {self.corp_id} has no app {name!r}")

    def kf_account(self, open_kfid: str) -> KfAccount | None:
        """The kf account of that id, if the tenant has it."""
        return next((account for account in self.kf_accounts if account.open_kfid == open_kfid), None)

    def app_of(self, channel: Channel, account: str) -> App:
        """The app that speaks for an account (open_kfid or AgentID). Raises Unknown."""
        match self._account(channel, account):
            case KfAccount(app=name):
                return self.app(name)
            case App() as app:
                return app
        raise Unknown(f"tenant {self.corp_id} has no {channel} account {account!r}")

    def hours_of(self, channel: Channel, account: str) -> Hours:
        """When humans attend an account (open_kfid or AgentID): always, where nothing is known of it."""
        found = self._account(channel, account)
        return found.hours if found else Hours()

    def _account(self, channel: Channel, account: str) -> KfAccount | App | None:
        if channel is Channel.KF:
            return self.kf_account(account)
        return next((app for app in self.apps if str(app.agent_id) == account), None)
