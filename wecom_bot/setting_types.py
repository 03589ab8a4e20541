"""What a setting may be: each form proved when it is read, by a sentence that quotes no value."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints


def _seconds(value: object) -> object:
    if not isinstance(value, str) or not value.replace(".", "", 1).isdecimal():
        return value
    try:
        return timedelta(seconds=float(value))
    except OverflowError:
        raise ValueError(
            "最长一年，写秒数或 ISO 8601 / it should be at most a year: write seconds (15, 0.5) or ISO 8601 (PT30M)"
        ) from None


def _scheme(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and not value.startswith(schemes):
            raise ValueError("开头应是 / it should start with one of " + " ".join(schemes))
        return value

    return AfterValidator(check)


def _port_that_can_be(value: str) -> str:
    try:
        urlsplit(value).port  # noqa: B018 - it raises
    except ValueError:
        raise ValueError("应写主机，端口最大 65535 / it should name a host, and a port up to 65535 if any") from None
    return value


def _without_login(value: str) -> str:
    if "@" in value:
        raise ValueError(
            "地址里不写用户和密码，它们各有一项配置"
            " / user and password have settings of their own: leave them out of the address"
        )
    return value


DatabaseUrl = Annotated[str, _scheme("sqlite:///", "mysql+pymysql://")]
_CLUSTERS = ("redis+sentinel://", "rediss+sentinel://", "redis+cluster://", "rediss+cluster://")
RedisUrl = Annotated[str, _scheme("redis://", "rediss://", "unix://", *_CLUSTERS)]
HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+[^\s]*$")]
PublicUrl = Annotated[
    str, StringConstraints(pattern=r"^(https?://[^\s/?#@]+[^\s?#@]*)?$"), AfterValidator(_port_that_can_be)
]
SearchUrl = Annotated[str, AfterValidator(_without_login), _scheme("http://", "https://")]
Port = Annotated[int, Field(ge=0, le=65535)]
Many = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Span = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=365)), BeforeValidator(_seconds)]
SpanOrNone = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=1)), BeforeValidator(_seconds)]
