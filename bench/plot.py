"""A plot as SVG, by hand: one row of bars a measure, each with its own scale. Readable on light and on dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

WIDTH: Final = 760
LEFT: Final = 250
VALUE: Final = 160
BAR_HEIGHT: Final = 20
GAP: Final = 6
COLOURS: Final = ("#2f7d5b", "#b4623a", "#8a8f98", "#5b6fb5")
STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#222}.h{font-weight:600;font-size:14px}.n{fill:#666}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.n{fill:#999}}"
)


@dataclass(frozen=True)
class Panel:
    """`bars` are (name, value, value as text); `note` says which way is better."""

    title: str
    note: str
    bars: Sequence[tuple[str, float, str]]


def draw(panels: Sequence[Panel]) -> str:
    """Return the SVG. The same name has the same colour in every panel."""
    names: list[str] = []
    for panel in panels:
        names += [name for name, _, _ in panel.bars if name not in names]
    parts: list[str] = []
    y = 8
    for panel in panels:
        y += 22
        parts.append(f'<text class="h" x="12" y="{y}">{escape(panel.title)}</text>')
        parts.append(f'<text class="n" x="{WIDTH - 12}" y="{y}" text-anchor="end">{escape(panel.note)}</text>')
        y += 10
        most = max(value for _, value, _ in panel.bars) or 1
        for name, value, text in panel.bars:
            length = max(2, round((WIDTH - LEFT - VALUE) * value / most))
            colour = COLOURS[names.index(name) % len(COLOURS)]
            middle = y + BAR_HEIGHT - 5
            parts.append(f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end">{escape(name)}</text>')
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{length}" height="{BAR_HEIGHT}" rx="3" fill="{colour}"/>')
            parts.append(f'<text x="{LEFT + length + 6}" y="{middle}">{escape(text)}</text>')
            y += BAR_HEIGHT + GAP
        y += 8
    size = f'width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}"'
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n<style>{STYLE}</style>\n{body}\n</svg>\n'


def write(path: Path, panels: Sequence[Panel]) -> None:
    path.write_text(draw([panel for panel in panels if panel.bars]))
