"""The demo's companies, what they know, and what their customers say."""

import secrets
import string
import tomllib
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

_FOLDER = files(__name__)
_KEY_LENGTH = 43

COZE_TOKEN = "pat_" + secrets.token_hex(24)  # made anew in each process, like all secrets of the demo

ORDERS = {"ww_huamao_demo": "huamao_orders.jsonl", "ww_yunshang_demo": "yunshang_orders.jsonl"}
FAQ = {"ww_huamao_demo": ("retail_faq.jsonl",), "ww_yunshang_demo": ("retail_faq.jsonl", "yunshang_faq.jsonl")}


class ScriptLine(BaseModel):
    """A customer says something; `sees` are regular expressions for what the bot answers, none for silence.

    `first` is what happens just before. With `needs_model` it is said only where an embedding model is installed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tenant: str
    customer: str
    says: str
    sees: tuple[str, ...]
    shows: str
    door: Literal["kf", "app"] = "kf"
    first: Literal["", "coze_dies", "coze_returns"] = ""
    needs_model: bool = False


def conversation(*, with_model: bool) -> tuple[ScriptLine, ...]:
    """The scripted conversation, with or without what only an embedding model understands."""
    document = tomllib.loads((_FOLDER / "conversation.toml").read_text("utf-8"))
    lines = tuple(ScriptLine.model_validate(line) for line in document["lines"])
    return tuple(line for line in lines if with_model or not line.needs_model)


def tenants() -> dict[str, Any]:
    """The companies, as a document for service.operation.tenants, with secrets made this moment."""
    document = tomllib.loads((_FOLDER / "tenants.toml").read_text("utf-8"))
    for tenant in document["tenants"]:
        tenant["coze"]["token"] = COZE_TOKEN
        for app in tenant["apps"]:
            app |= {"secret": secrets.token_urlsafe(32), "token": _alphanumeric(24)}
            # 43 characters encode 32 bytes and two bits more, which a strict decoder wants to be zero
            app["encoding_aes_key"] = _alphanumeric(_KEY_LENGTH - 1) + secrets.choice("AEIMQUYcgkosw048")
    return document


def coze() -> dict[str, Any]:
    """What the simulated Coze holds: bots with their answers, workflows with their predictions."""
    return tomllib.loads((_FOLDER / "coze.toml").read_text("utf-8"))


def faq(corp_id: str) -> tuple[Path, ...]:
    """The files with what a company knows; later ones replace articles of earlier ones."""
    return tuple(map(_path, FAQ[corp_id]))


def orders(corp_id: str) -> Path:
    """The file with the orders of a company's customers."""
    return _path(ORDERS[corp_id])


def _path(name: str) -> Path:
    with as_file(_FOLDER / name) as path:
        return path


def _alphanumeric(length: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))
