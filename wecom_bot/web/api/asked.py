"""What a caller of the API may say behind the `?`."""

from collections.abc import Mapping

from flask import request
from werkzeug.exceptions import UnprocessableEntity

MANY = 1000
"""Of a list at once."""

FLAGS = {"1": True, "true": True, "0": False, "false": False}


def choice(name: str, default: str, choices: Mapping[str, bool]) -> bool:
    """Which of these is asked for. Raises UnprocessableEntity."""
    given = request.args.get(name, default).lower()
    if given not in choices:
        raise UnprocessableEntity(
            f"{name} 应是其中之一：{'、'.join(choices)} / {name} should be one of {', '.join(choices)}"
        )
    return choices[given]


def cursor() -> str | None:
    """The id to go on from. An empty one is refused: it would begin again for ever, and nobody would notice."""
    given = request.args.get("after")
    if given == "":
        raise UnprocessableEntity("after 应是一条的编号 / after should be the id of an entry")
    return given


def number(name: str, default: int) -> int:
    """How many are asked for. Raises UnprocessableEntity."""
    given = request.args.get(name, str(default))
    if not (given.isascii() and given.isdecimal() and len(given) <= len(str(MANY)) and 1 <= int(given) <= MANY):
        raise UnprocessableEntity(f"{name} 应是 1 到 {MANY} 的整数 / {name} should be a whole number from 1 to {MANY}")
    return int(given)
