"""What an operator may set of the search engine; without an address it is the one that comes along."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, StringConstraints
from pydantic_settings import BaseSettings

from wecom_bot.setting_types import SearchUrl, Span, Weight


class SearchSettings(BaseSettings):
    """The part of `Settings` that says where articles are searched, and how."""

    search_url: SearchUrl = Field(
        "",
        description="Elasticsearch 8 地址，http(s)://主机:端口，几台用逗号隔开；空为自带的搜索"
        " / Elasticsearch 8, several hosts with commas between them; empty: the search that comes along",
    )
    search_user: str = Field("", description="Elasticsearch 的用户名 / its user")
    search_password: SecretStr = Field(SecretStr(""), description="它的密码 / that user's password")
    search_api_key: SecretStr = Field(
        SecretStr(""), description="或者用 API key（base64 的那一串）/ or an API key, as encoded"
    )
    search_ca: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = Field(
        None, description="签发它证书的 CA 文件（PEM）；空为公认的 / file of the CA that signed its certificate"
    )
    search_timeout: Span = Field(
        timedelta(seconds=1),
        description="一次搜索的时限，换节点再问也算在内 / deadline of a search, other nodes included",
    )
    search_copy: Annotated[int, Field(ge=0)] = Field(
        20_000,
        description="检索引擎不应答时，每个租户的条目在本机留一份顶上；说法（标准问加相似问）多于此数的不留，0 为都不留"
        " / phrasings of a tenant up to which this machine keeps a copy, for when the search engine fails; 0: none",
    )
    search_prefix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")] = Field(
        "wecom-bot", description="索引名的开头，小写 / what names of its indexes begin with, in lower case"
    )
    search_shards: Annotated[int, Field(ge=0, le=1024)] = Field(
        0, description="新索引的分片数，0 为数据节点数的两倍 / shards of a new index; 0: twice its data nodes"
    )
    search_replicas: Annotated[int, Field(ge=0, le=16)] = Field(
        1, description="每个分片的副本数 / replicas of each shard"
    )
    search_analyzer: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{0,64}$")] = Field(
        "",
        description="另外再按它分词找候选，如 ik_max_word（集群要装 analysis-ik）；空为不用"
        " / another analyzer of the cluster's that finds candidates, too; empty: none",
    )
    search_question_weight: Weight = Field(2.0, description="找候选时标准问的权重 / what a word of the question counts")
    search_similar_weight: Weight = Field(1.2, description="相似问的权重 / what one of the similar questions counts")
    search_answer_weight: Weight = Field(
        0.5, description="答案的权重，只加分，不是条件 / what one of the answer counts, which is no condition"
    )
