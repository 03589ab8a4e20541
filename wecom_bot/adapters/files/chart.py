"""A line chart as SVG: shares of 0..1 by a threshold of 0..1."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT, _LEFT, _TOP, _LEGEND = 640, 360, 48, 24, 150
_COLORS = ("#1f6feb", "#2da44e", "#8250df", "#bf8700", "#cf222e")

Line = tuple[str, Sequence[tuple[float, float]]]
"""A name and the points, both coordinates in 0..1."""


def chart(title: str, lines: Sequence[Line], marks: Sequence[tuple[str, float]]) -> str:
    """The lines in colours with a legend, and a dashed upright at each mark."""
    parts = [*_frame(title), *(part for name, at in marks for part in _mark(name, at))]
    for place, ((name, points), color) in enumerate(zip(lines, _COLORS, strict=False)):
        path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
        row = _TOP + 12 + 20 * place
        parts += [
            f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>',
            f'<line x1="{_x(1) + 16}" y1="{row}" x2="{_x(1) + 40}" y2="{row}" stroke="{color}" stroke-width="3"/>',
            f'<text x="{_x(1) + 46}" y="{row + 4}">{escape(name)}</text>',
        ]
    whole = f'viewBox="0 0 {_LEFT + _WIDTH + _LEGEND} {_TOP + _HEIGHT + 48}"'
    style = 'font-family="sans-serif" font-size="12" fill="#24292f"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {whole} {style}>\n' + "\n".join(parts) + "\n</svg>\n"


def _frame(title: str) -> list[str]:
    parts = [
        f'<rect width="100%" height="100%" fill="white"/><text x="{_LEFT}" y="16" font-size="14">{escape(title)}</text>'
    ]
    for step in range(6):
        at = step / 5
        parts += [
            f'<line x1="{_x(0)}" y1="{_y(at)}" x2="{_x(1)}" y2="{_y(at)}" stroke="#d0d7de"/>',
            f'<text x="{_x(0) - 8}" y="{_y(at) + 4}" text-anchor="end">{at:.1f}</text>',
            f'<text x="{_x(at)}" y="{_y(0) + 18}" text-anchor="middle">{at:.1f}</text>',
        ]
    return parts


def _mark(name: str, at: float) -> list[str]:
    return [
        f'<line x1="{_x(at)}" y1="{_y(0)}" x2="{_x(at)}" y2="{_y(1)}" stroke="#57606a" stroke-dasharray="4 4"/>',
        f'<text x="{_x(at)}" y="{_y(0) + 36}" text-anchor="middle">{escape(name)} {at:.3f}</text>',
    ]


def _x(share: float) -> float:
    return _LEFT + share * _WIDTH


def _y(share: float) -> float:
    return _TOP + (1 - share) * _HEIGHT
