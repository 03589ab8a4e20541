"""NDJSON: what a bulk and a msearch are made of."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

_ESCAPED = json.JSONEncoder(separators=(",", ":"))


def line(part: Mapping[str, Any]) -> bytes:
    """One line, with its end."""
    try:
        return b"%s\n" % to_json(part)
    except PydanticSerializationError:  # half a character: escaped it can be sent, whatever becomes of it there
        return f"{_ESCAPED.encode(part)}\n".encode()
