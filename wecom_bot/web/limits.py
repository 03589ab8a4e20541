"""What a stranger gets before they are known. A file of its own: gunicorn's master must load no app."""

from dataclasses import dataclass

MOST_BYTES = 64 * 1024  # of a body; WeCom's callbacks have a few kilobytes, an article by the API is seldom longer
LONGEST_LOGGED = 64  # characters of anything that a stranger wrote
TOLD = "wecom_bot.told"  # in a request's WSGI environment: the app wrote a line about it


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes of one connection. The seconds are for the whole, however many pieces it comes in."""

    head: float = 5.0  # from the connection, or from a later request's first byte; WeCom itself waits 5 s
    body: float = 5.0
    send: float = 5.0  # of an answer that nobody takes
    linger: float = 1.0  # for who still sends when they have been refused
    head_bytes: int = 32 * 1024  # WeCom's have one kilobyte; nginx takes no longer ones either
    wire_bytes: int = 2 * MOST_BYTES  # of a body as it stands on the wire, in chunks
    linger_bytes: int = 1024 * 1024
