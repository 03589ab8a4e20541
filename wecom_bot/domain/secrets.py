"""What a tenant keeps secret: never in a Turn, a log or a job."""

from pydantic import SecretStr, field_validator

from wecom_bot.domain.business_dsn import prove_dsn
from wecom_bot.domain.proved import Proved, pasted


class Credentials(Proved):
    """The secrets of one app. Never in a Turn, a log or a job; handed to adapters by the tenant store alone."""

    secret: SecretStr
    token: SecretStr
    encoding_aes_key: SecretStr

    _pasted = field_validator("*", mode="before")(pasted)

    @field_validator("secret", "token")
    @classmethod
    def _not_blank(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().strip():
            raise ValueError("it must not be blank: copy it from WeCom's console")
        return value

    @field_validator("encoding_aes_key")
    @classmethod
    def _forty_three(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if len(text) != 43 or not text.isascii() or not text.isalnum():  # noqa: PLR2004 - WeCom page 90968
            raise ValueError("encoding_aes_key must be exactly 43 letters and digits, as WeCom's console shows it")
        return value


class TenantSecrets(Proved):
    """The tenant's tokens at Coze and its own intent service, and the DSN of its database; empty where it has none."""

    coze_token: SecretStr = SecretStr("")
    nlu_token: SecretStr = SecretStr("")
    business_dsn: SecretStr = SecretStr("")

    _pasted = field_validator("*", mode="before")(pasted)

    @field_validator("business_dsn")
    @classmethod
    def _is_dsn(cls, value: SecretStr) -> SecretStr:
        if text := value.get_secret_value():
            prove_dsn(text)
        return value

    @field_validator("coze_token", "nlu_token")
    @classmethod
    def _fits_a_header(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("a token has only visible ASCII characters: paste it without spaces and without 'Bearer'")
        return value
