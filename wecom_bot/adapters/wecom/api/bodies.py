"""What goes into the body of a call."""

import json
from collections.abc import Mapping
from typing import Any


def encoded(data: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8, whatever the texts in it hold."""
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")


def printable(value: Any) -> Any:  # noqa: ANN401 - any JSON, and the same with plainer texts
    """The same with no characters in its texts but those that show; line breaks stay.

    It takes more than text.clean does, which is enough as a rule: emoji made of several fall apart. So it is only for
    what WeCom refused.
    """
    match value:
        case str():
            return "".join(each for each in value if each.isprintable() or each == "\n")
        case dict():
            return {name: printable(each) for name, each in value.items()}
        case list() | tuple():
            return [printable(each) for each in value]
        case _:
            return value
