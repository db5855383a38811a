"""Sparkline: a row of numbers as one row of bars."""

from __future__ import annotations

from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int, top: float | None = None) -> str:
    """Numbers from 0 to `top`, or to the largest, in at most `width` cells; each cell is the mean of its share.

    What is not a number is a blank.
    """
    shown = [_mean(values[start:end]) for start, end in _shares(len(values), width)]
    known = [value for value in shown if value == value]
    highest = max(known, default=0.0) if top is None else top
    return "".join(_bar(value, highest) for value in shown)


def _bar(value: float, highest: float) -> str:
    if value != value:
        return " "
    share = value / highest if 0 < highest < float("inf") else float(value == highest > 0)
    return BARS[min(max(int(share * len(BARS)), 0), len(BARS) - 1)]


def _shares(count: int, width: int) -> list[tuple[int, int]]:
    cells = min(count, max(width, 0))
    return [(count * cell // cells, count * (cell + 1) // cells) for cell in range(cells)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
