"""Loads the Lua scripts and runs them; every failure of Redis leaves here as one of our errors."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from wecom_bot.adapters.redis import keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.domain.message import CorpId

Arg = str | int | bytes


@cache
def source(name: str, *, tenant: bool) -> str:
    """The text of a script; with `tenant` it begins with what all scripts in a tenant's slot share."""
    folder = files("wecom_bot.adapters.redis.scripts")
    text = (folder / f"{name}.lua").read_text()
    if not tenant:
        return text
    prologue = (folder / "_prologue.lua").read_text()
    first, _, rest = text.partition("\n")
    # a shebang must stay the first line
    return f"{first}\n{prologue}\n{rest}" if first.startswith("#!") else f"{prologue}\n{text}"


class Scripts:
    """The scripts on one server; each is sent once and then called by its hash."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._loaded: dict[str, Any] = {}

    def _run(self, name: str, script_keys: Sequence[str], args: Sequence[Arg], *, tenant: bool) -> Any:  # noqa: ANN401 - a script answers what it likes
        if name not in self._loaded:
            self._loaded[name] = self._client.register_script(source(name, tenant=tenant))
        with translated():
            return self._loaded[name](keys=list(script_keys), args=list(args))

    def tenant(self, name: str, corp_id: CorpId, *args: Arg) -> Any:  # noqa: ANN401 - as above
        """Run a script in a tenant's slot."""
        prefix = keys.tenant(corp_id)
        return self._run(name, [prefix + "ready"], [prefix, *args], tenant=True)

    def shared(self, name: str, *args: Arg) -> Any:  # noqa: ANN401 - as above
        """Run a script on what all tenants share."""
        return self._run(name, [keys.DUE, keys.PUTS, keys.WAKE, keys.SERVED], args, tenant=False)
