"""What an operator may set of the way out: the proxy through which everything leaves."""

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from wecom_bot.outbound.egress import Egress


class EgressSettings(BaseSettings):
    """The part of `Settings` that says how our calls leave the house."""

    egress_proxy: SecretStr = Field(
        SecretStr(""),
        description="访问企业微信、扣子和意图服务的出口代理，http://用户:密码@主机:端口；不看 HTTPS_PROXY"
        " / proxy for all calls that go out; HTTPS_PROXY is not looked at",
    )
    egress_direct: str = Field(
        "localhost,127.0.0.0/8,::1",
        description="不经代理的主机名、.后缀、网段，逗号隔开；自建扣子写在这里"
        " / hosts, .suffixes and networks that are called directly: a Coze of your own",
    )

    @property
    def egress(self) -> Egress:
        """`egress_proxy` and `egress_direct`, taken apart."""
        return Egress.parse(self.egress_proxy.get_secret_value(), self.egress_direct)

    @field_validator("egress_proxy")
    @classmethod
    def _is_proxy(cls, value: SecretStr) -> SecretStr:
        Egress.parse(value.get_secret_value(), "")
        return value

    @field_validator("egress_direct")
    @classmethod
    def _is_list(cls, value: str) -> str:
        Egress.parse("", value)
        return value
