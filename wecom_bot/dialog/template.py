"""Texts with {names} in them, as tenants write them."""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*+)[^{}]*+\}")


def render(template: str, values: Mapping[str, str]) -> str:
    """The template with each {name} replaced by its value, once, and {{ }} by braces.

    Not str.format: a value is never read as a template, nothing of a value can be reached but its text, and a brace
    too many or a name that nobody knows stays as it is written instead of leaving the customer without an answer.
    """

    def put(place: re.Match[str]) -> str:
        return values.get(place[1], place[0]) if place[1] else place[0][0]

    return _PLACE.sub(put, template)
