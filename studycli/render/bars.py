"""Bars for counts: rows that lie, one under the other, and columns that stand side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_STEPS = " ▁▂▃▄▅▆▇█"
_LONGEST_BAR = 60
_SHORTEST_BAR = 4
_WIDEST_COLUMN = 4
_BAR = "#3f8fd2"


class Row(NamedTuple):
    """One bar: what it is of, its length, and what stands behind it, in columns."""

    label: str
    value: float
    figures: tuple[str, ...]


def lying(rows: Sequence[Row], width: int, heads: tuple[str, ...] = ()) -> Text:
    """A bar a row, and its figures in columns aligned right, under `heads` if given; within `width` terminal cells.

    Where there is no room for bars, there are none: the figures say it all.
    """
    label = max((len(row.label) for row in rows), default=0)
    table = [row.figures for row in rows] + ([heads] if heads else [])
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    room = min(width - label - 2 - sum(widths) - 2 * len(widths), _LONGEST_BAR)
    longest = room if room >= _SHORTEST_BAR else 0
    top = max((row.value for row in rows), default=0)
    text = Text(no_wrap=True, overflow="ignore")
    if heads:
        blank = " " * (label + 2 + longest)
        text.append(blank + _figures(heads, widths) + "\n", "dim")
    for number, row in enumerate(rows):
        bar = _lying(row.value / top if top else 0.0, longest)
        text.append("\n" if number else "").append(row.label.rjust(label) + "  ").append(bar, _BAR)
        text.append(_figures(row.figures, widths))
    return text


def standing(values: Sequence[float], labels: Sequence[str], width: int, height: int = 6) -> Text:
    """Columns from 0 to the largest value, with an axis to their left, and `labels` below where there is room for them.

    `labels` may be empty strings; one that would run into the next or off the edge is left out.
    """
    top = max(values, default=0)
    axis = len(f"{top:,.0f}") + 1
    cell = max(1, min(_WIDEST_COLUMN, (width - axis - 1) // max(len(values), 1)))
    shown = values[: max(width - axis - 1, 0) // cell]
    text = Text(no_wrap=True, overflow="ignore")
    for line in range(height, 0, -1):
        mark = f"{top:,.0f}" if line == height else ""
        text.append(mark.rjust(axis - 1) + " │", "dim")
        text.append("".join(_standing(value, top, line, height, cell) for value in shown).rstrip() + "\n", _BAR)
    text.append("0".rjust(axis - 1) + " └" + "─" * (cell * len(shown)), "dim")
    text.append("\n" + " " * (axis + 1) + _labels(labels[: len(shown)], cell), "dim")
    return text


def _lying(share: float, longest: int) -> str:
    """A bar to an eighth of a cell; what is not nothing shows."""
    eighths = max(round(share * longest * 8), int(share > 0))
    bar = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
    return bar[:longest].ljust(longest)


def _standing(value: float, top: float, line: int, height: int, cell: int) -> str:
    eighths = max(round(value / top * height * 8), int(value > 0)) if top else 0
    here = min(max(eighths - 8 * (line - 1), 0), 8)
    return _STEPS[here] * max(cell - 1, 1) + " " * (cell > 1)


def _figures(figures: Sequence[str], widths: Sequence[int]) -> str:
    return "".join("  " + figure.rjust(width) for figure, width in zip(figures, widths, strict=True))


def _labels(labels: Sequence[str], cell: int) -> str:
    line, room = "", cell * len(labels)
    for place, label in enumerate(labels):
        start = place * cell
        if label and start + len(label) <= room and (not line or start > len(line)):
            line = line.ljust(start) + label
    return line
