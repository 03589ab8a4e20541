"""Everything an operator may set: environment variables with the prefix WECOM_BOT_, or the same names in `.env`.

A wrong value, or a name with the prefix that is none of ours, stops the start and says which and what it should be.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsConfigDict

from wecom_bot.egress_settings import EgressSettings
from wecom_bot.environment import ENCODING, PREFIX, drop_service_links, written_in
from wecom_bot.errors import ConfigurationError
from wecom_bot.search_settings import SearchSettings
from wecom_bot.setting_types import DatabaseUrl, HttpUrl, Many, Port, PublicUrl, RedisUrl, Span, SpanOrNone
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_NO_LINKS = "在 Pod 里写 enableServiceLinks: false / set enableServiceLinks: false in the pod's spec"
_TOKEN_LEAST = 16
_STALL_LEAST = timedelta(seconds=2)


class Settings(EgressSettings, SearchSettings):
    """One field a setting; its description is what `.env.example` and the docs say (`make settings` writes them)."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding=ENCODING, extra="ignore", frozen=True
    )

    data: Path = Field(
        Path("data"), description="数据目录：内置 Valkey、SQLite、主密钥 / folder of the embedded servers"
    )
    database_url: DatabaseUrl = Field(
        "",
        description="SQL 地址，mysql+pymysql://用户:密码@主机/库；空为数据目录下的 SQLite / empty: SQLite",
    )
    redis_url: RedisUrl = Field(
        "",
        description="Redis 地址，redis:// rediss:// unix:// redis+sentinel:// redis+cluster://；空时 serve 自带 Valkey"
        " / empty: `serve` starts its own",
    )
    cache_url: RedisUrl = Field(
        "",
        description="热答案缓存另用的 Redis 地址，可以会淘汰键；空则用 WECOM_BOT_REDIS_URL 那台"
        " / a cache server of its own, which may evict; empty: the same server",
    )
    master_key: SecretStr = Field(
        SecretStr(""),
        description="加密租户密钥的主密钥，32 字节的 base64；空则生成 master.key / encrypts the tenants' secrets",
    )
    embedding_model: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = Field(
        None,
        description="语义模型目录；空为数据目录下的 model，没有就只按字词搜索"
        " / folder of the embedding model; empty: `model` in the data folder, and without one words alone",
    )
    wecom_base_url: HttpUrl = Field("https://qyapi.weixin.qq.com", description="企业微信 API / WeCom's API")
    coze_base_url: HttpUrl = Field("https://api.coze.cn", description="扣子 API / Coze's API")
    coze_token: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("WECOM_BOT_COZE_TOKEN", "COZE_TOKEN"),
        description="租户没有自己的扣子令牌时用它；也认 COZE_TOKEN / for tenants without a token of their own",
    )

    api_token: SecretStr = Field(
        SecretStr(""),
        description="HTTP API 的令牌，至少 16 位；空则不开 / the API's token, 16 characters or more; empty: no API",
    )
    api_writes: bool = Field(
        default=False, description="令牌能不能改知识条目 / whether who holds the token may change articles"
    )

    public_url: PublicUrl = Field(
        "",
        description="企业微信回调的公网地址，如 https://bot.example.com，供 doctor 查 / what WeCom calls, for doctor",
    )
    host: str = Field("127.0.0.1", description="网关监听地址 / address the gateway listens on")
    port: Port = Field(8080, description="网关端口 / its port")
    gateway_processes: Many = Field(2, description="网关进程数 / gateway processes")
    worker_processes: Many = Field(1, description="serve 启动的 worker 进程数 / workers that `serve` starts")
    worker_port: Port = Field(
        9101, description="worker 的 /metrics /livez /readyz 端口，0 为不开 / the workers' own port, 0 for none"
    )
    concurrency: Many = Field(64, description="每个 worker 同时处理的会话数 / conversations at once in one worker")

    lease: Span = Field(
        timedelta(seconds=15),
        description="租约时长：整台机器没了，多久由别的机器接手 / how soon another machine takes over",
    )
    shutdown_grace: Span = Field(
        timedelta(seconds=20), description="停机时等在办消息的时间 / time to finish at SIGTERM"
    )
    stall: Span = Field(
        timedelta(seconds=10),
        description="worker 停住不动多久就被结束、换新的 / how long a worker may stand still before it is replaced",
    )
    max_attempts: Many = Field(
        10,
        description="没有自己期限的任务最多试几次，之后进死信（转人工、留档、会话被人反复转走、应用里结果不明）"
        " / tries of what has no time limit of its own",
    )
    max_waiting: Many = Field(
        100_000, description="每租户最多排队数，超过则 503 让企业微信重发 / waiting jobs of a tenant"
    )
    think_deadline: Span = Field(timedelta(seconds=12), description="想出答案的总时限 / deadline for making a reply")
    session_timeout: Span = Field(
        timedelta(minutes=30), description="多久不说话算会话结束 / silence that ends a session"
    )
    handoff_silence: Span = Field(
        timedelta(minutes=30),
        description="自建应用转人工后机器人沉默多久 / how long the bot is silent in an app after a handoff",
    )
    late_after: Span = Field(
        timedelta(hours=12),
        description="消息等了多久才轮到，就致歉并转人工，不再照常回答 / older messages get an apology and a human",
    )
    first_contact_margin: Span = Field(
        timedelta(minutes=10),
        description="首次接入时，回调前多久的消息仍要回答 / how old a message is answered at first contact",
    )
    hot_answers: SpanOrNone = Field(
        timedelta(minutes=5),
        description="同样的问题多久之内直接用上次的答案，0 为不用；租户可以另定"
        " / how long the same question is given the same answer, 0: never",
    )
    hot_unknown: SpanOrNone = Field(
        timedelta(seconds=30),
        description="“不会回答”缓存多久，不长于上一项 / how long it is kept that we do not know",
    )
    nlu_timeout: Span = Field(timedelta(seconds=1.5), description="租户意图服务的时限 / deadline of an NLU service")
    workflow_timeout: Span = Field(timedelta(seconds=3), description="扣子工作流的时限 / deadline of a Coze workflow")
    chat_timeout: Span = Field(timedelta(seconds=5), description="扣子对话的时限 / deadline of a Coze chat")
    order_timeout: Span = Field(
        timedelta(seconds=2), description="查一个订单的时限，SQL 慢或卡住时 / deadline of an order's look-up in SQL"
    )
    wecom_timeout: Span = Field(timedelta(seconds=5), description="调用企业微信的时限 / deadline of a call to WeCom")
    kf_sweep: Span = Field(
        timedelta(seconds=60), description="多久主动拉一次客服消息，补上没来的通知 / how often kf accounts are swept"
    )
    kf_known_codes: str = Field(
        "95033,40058:duplicate msgid",
        description="kf/send_msg 对重复 msgid 的应答码（官方未写明），视为已送达，码:错误信息中的词"
        " / what WeCom answers to a msgid it knows",
    )

    log_format: Literal["console", "json"] = Field("json", description="日志格式 console 或 json / log format")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="日志级别 / log level")
    crash_point: str = Field(
        "", description="仅供测试：在此处自杀，点名:标记文件 / tests only: die here once, POINT:MARKER_FILE"
    )

    @model_validator(mode="after")
    def _time_for_the_next_best(self) -> Self:
        if self.nlu_timeout + self.workflow_timeout + self.chat_timeout >= self.think_deadline:
            raise ValueError(
                "WECOM_BOT_THINK_DEADLINE should be longer than NLU_TIMEOUT, WORKFLOW_TIMEOUT and CHAT_TIMEOUT"
                " together: else there is no time left for the next best when all of them fail"
            )
        return self

    @property
    def known_codes(self) -> dict[int, str]:
        """`kf_known_codes`, by code: what the errmsg has to contain, which may be nothing."""
        pairs = (each.partition(":") for each in self.kf_known_codes.split(",") if each.strip())
        return {int(code): words.strip().lower() for code, _, words in pairs}

    @field_validator("stall")
    @classmethod
    def _some_beats(cls, value: timedelta) -> timedelta:
        if value < _STALL_LEAST:
            raise ValueError("it should be at least 2 seconds: a worker notes twice a second that it lives")
        return value

    @field_validator("kf_known_codes")
    @classmethod
    def _codes(cls, value: str) -> str:
        if not all(each.partition(":")[0].strip().isdecimal() for each in value.split(",") if each.strip()):
            raise ValueError(
                "应是错误码，可各带一个 errmsg 里的词"
                " / it should be error codes, each perhaps with a word of its errmsg: 95033,40058:duplicate"
            )
        return value

    @field_validator("api_token")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and (len(text) < _TOKEN_LEAST or not text.isascii() or not text.isprintable() or " " in text):
            raise ValueError(
                f"至少 {_TOKEN_LEAST} 个可见的 ASCII 字符，空着就是不开 API"
                f" / it should have at least {_TOKEN_LEAST} visible ASCII characters, or be empty for no API"
            )
        return value


def load(env_file: Path | None = Path(".env"), **flags: object) -> Settings:
    """The settings of this process; `flags` (from a command line) win. Raises ConfigurationError.

    What Kubernetes has put under our prefix is taken out of the environment, and said.
    """
    links = drop_service_links(os.environ)
    loaded = _load(env_file, flags)
    tell_links(links)
    return loaded


def tell_links(links: Sequence[str]) -> None:
    """Say what was taken out of the environment."""
    if links:
        log.warning("settings.service_links_ignored", names=links, advice=_NO_LINKS)


def _load(env_file: Path | None, flags: Mapping[str, object]) -> Settings:
    given = {name for name in os.environ if name.upper().startswith(PREFIX)}
    if env_file is not None and env_file.exists():
        given |= {name for name in written_in(env_file) if name.upper().startswith(PREFIX)}
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    for name in sorted(given):
        if name.upper() not in known:
            like = ", ".join(_like(name, known))
            raise ConfigurationError(
                f"{name} is not a setting of wecom-bot / 没有这项配置；是不是 / perhaps: {like}"
                "；全部见 / all: docs/configuration.md"
            )
    try:
        return Settings(_env_file=env_file, **flags)  # type: ignore[arg-type]
    except ValidationError as e:
        raise ConfigurationError("; ".join(map(_complaint, e.errors()))) from None


def _like(name: str, known: Collection[str]) -> list[str]:
    """Those that may be meant; all, where none looks like it."""
    import difflib  # noqa: PLC0415 - nobody who starts needs it

    return difflib.get_close_matches(name.upper(), known, n=3) or sorted(known)


def _complaint(error: ErrorDetails) -> str:
    """Which setting, and what it should be; not what it was, which may be a secret."""
    message = error["msg"].removeprefix("Value error, ")
    name = "_".join(map(str, error["loc"])).upper()
    return f"{PREFIX}{name.removeprefix(PREFIX)}: {message}" if name else message
