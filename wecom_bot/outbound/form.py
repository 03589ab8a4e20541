"""Forms with files in them."""

from collections.abc import Mapping
from typing import Any


def form(files: Mapping[str, Any]) -> tuple[bytes, str]:
    """The bytes of a form and its type; `files` as requests takes them: a name, content and kind for each field."""
    from requests import Request  # noqa: PLC0415 - large, and few are sent a file

    made = Request("POST", "http://form.invalid", files=files).prepare()
    content = made.body if isinstance(made.body, bytes) else b""
    return content, made.headers["Content-Type"]
