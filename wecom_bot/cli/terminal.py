"""What a terminal can show: our texts are Chinese, and some terminals know no letter of it."""

import codecs
import json
import sys
from io import TextIOWrapper


def forgive() -> None:
    """From here on a character that the terminal cannot show comes out as an escape, and ends no command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def as_json(value: object, indent: int | None = None) -> str:
    """JSON that arrives whole: in ASCII where the terminal speaks another encoding than JSON's."""
    return json.dumps(value, ensure_ascii=not is_utf8(sys.stdout.encoding), indent=indent)


def is_utf8(encoding: str | None) -> bool:
    """Whether it is UTF-8, however it is written."""
    try:
        return codecs.lookup(encoding or "ascii").name == "utf-8"
    except LookupError:
        return False
