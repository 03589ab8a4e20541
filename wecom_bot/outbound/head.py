"""The head of an answer, read without the parser for mail that http.client hands it to: that takes a call's tenth."""

import re
from http.client import HTTPResponse

_HEAD = re.compile(rb"HTTP/1\.1 ([2-5][0-9]{2})(?: [ -~]*+)?\r\n((?:[A-Za-z0-9-]++:[ -~]*+\r\n){1,50}+)\r\n")
_BODILESS = {204, 304}
_DIGITS = 15  # of a length; more is nobody's, and http.client's to judge


class Head(dict[str, str]):
    """Headers by their names in any case."""

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override] # there is always a text
        """The value, or `default`."""
        return super().get(name.lower(), default)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())


class PromptResponse(HTTPResponse):
    """http.client's answer, which reads the heads that nearly all answers have by one pattern.

    Where a head has a second reading (a repeated header, a line that goes on, what is not ASCII, a length that is none)
    or has not come in one piece, or answers a HEAD, http.client reads it, as it does the body of all.
    """

    def begin(self) -> None:
        if self.headers is not None:
            return
        found = None if self._method == "HEAD" else _HEAD.match(self.fp.peek())
        if found is None or not self._take(int(found[1]), found[2].decode("ascii")):
            super().begin()
            return
        self.fp.read(found.end())

    def _take(self, status: int, lines: str) -> bool:
        """Whether this head is one that we read; then it is taken."""
        named = [line.partition(":") for line in lines.splitlines()]
        head = Head((name.lower(), value.strip(" ")) for name, _, value in named)
        length, coding = head.get("content-length"), head.get("transfer-encoding")
        plain = (coding == "chunked") is not bool(length) and (not length or _is_length(length))
        if len(head) < len(named) or status in _BODILESS or not plain or (coding and coding != "chunked"):
            return False
        self.code = self.status = status
        self.reason, self.version = "", 11
        self.headers = self.msg = head  # type: ignore[assignment] # what is asked of them it answers
        self.chunked, self.chunk_left = bool(coding), None
        self.length = int(length) if length else None
        self.will_close = "close" in head.get("connection").lower()
        return True


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS
