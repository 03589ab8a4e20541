"""Formulas of substances and reactions, as mhchem writes them: 2H2 + O2 -> 2H2O."""

import re

from wecom_bot.text.latex.arithmetic import lowered, raised

_ARROWS = {"<=>": "⇌", "<->": "↔", "->": "→", "<-": "←"}
_ARROW = re.compile(r"<=>|<->|->|<-")
_COUNT = re.compile(r"(?<=[A-Za-z)\]])_?\{?(\d{1,3})\}?")
_CHARGE = re.compile(r"\^\{?(\d{0,2}[+-])\}?")
_GAS = re.compile(r"(?<= )\^|\^(?=\s|\Z)")


def reaction(source: str) -> str:
    """The formula with small numbers: 2H₂ + O₂ → 2H₂O, SO₄²⁻, CO₂↑."""
    text = _ARROW.sub(lambda found: _ARROWS[found[0]], source)
    text = _CHARGE.sub(lambda found: raised(found[1]), text)
    return _GAS.sub("↑", _COUNT.sub(lambda found: lowered(found[1]), text))
