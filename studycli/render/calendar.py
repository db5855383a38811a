"""A year of days: weeks as columns, with glyphs beside colours, so that colour alone says nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from rich.text import Text

from studycli.render.heatmap import ABOVE, RISING

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LABEL = 4
_WIDEST_CELL = 3
_LEVELS = len(RISING)
_MOST = 0.9
"""The strongest shade begins at three quarters, about, of what this share of the days with answers stays within."""


def step(counts: Sequence[int]) -> int:
    """The answers between two shades, at least 1: one busy day must not make all the others faint."""
    some = sorted(count for count in counts if count)
    usual = some[math.ceil(_MOST * len(some)) - 1] if some else 1
    return max(1, usual // (_LEVELS - 1))


def level(count: int, by: int) -> int:
    """The shade of a day, 0 for one without answers to 4 for the strongest; `by` is from `step`."""
    return min(math.ceil(count / by), _LEVELS - 1)


def ranges(by: int) -> list[str]:
    """What each shade means, as text."""
    between = [
        f"{by * (shade - 1) + 1:,}–{by * shade:,}" if by > 1 else f"{shade:,}" for shade in range(1, _LEVELS - 1)
    ]
    return ["none", *between, f"{by * (_LEVELS - 2) + 1:,} or more"]


def weeks(first: date, last: date) -> list[date]:
    """The Mondays of the weeks that hold the days from `first` to `last`."""
    start = first - timedelta(days=first.weekday())
    return [start + timedelta(days=ahead) for ahead in range(0, (last - start).days + 1, 7)]


def month_labels(mondays: Sequence[date]) -> dict[int, str]:
    """The place of the first week of each month, and its name; a first month with less than two weeks has none."""
    labels = {}
    for place, monday in enumerate(mondays):
        week = [monday + timedelta(days=day) for day in range(7)]
        begins = next((day for day in week if day.day == 1), None)
        if begins is not None or place == 0:
            labels[place] = MONTHS[(begins or monday).month - 1]
    if len(labels) > 1 and sorted(labels)[1] < 2:
        del labels[0]
    return labels


def calendar(counts: Mapping[date, int], first: date, last: date, width: int) -> Text:
    """The days from `first` to `last`, or as many of the latest weeks as there is room for, and what the shades mean.

    `counts` are answers by day.
    """
    mondays = weeks(first, last)
    room = max(width - _LABEL, 1)
    cell = max(1, min(_WIDEST_CELL, room // len(mondays)))
    mondays = mondays[-(room // cell) :]
    by = step([count for day, count in counts.items() if day >= mondays[0]])
    text = Text(no_wrap=True, overflow="ignore")
    text.append(" " * _LABEL + _header(mondays, cell), "dim")
    for weekday, name in enumerate(WEEKDAYS):
        text.append(f"\n{name} ", "dim")
        for monday in mondays:
            day = monday + timedelta(days=weekday)
            _add(text, counts.get(day, 0) if first <= day <= last else None, by, cell)
    text.append("\n\n")
    return text.append_text(_legend(by, width))


def _add(text: Text, count: int | None, by: int, cell: int) -> None:
    wide = min(cell, 2)
    if count is None:
        text.append(" " * cell)
        return
    shade = level(count, by)
    ground, _, tint = ABOVE[shade]
    text.append(RISING[shade] * wide, f"{tint} on {ground}").append(" " * (cell - wide))


def _header(mondays: Sequence[date], cell: int) -> str:
    line = ""
    for place, name in month_labels(mondays).items():
        if place * cell + len(name) <= len(mondays) * cell and (not line or place * cell > len(line)):
            line = line.ljust(place * cell) + name
    return line


def _legend(by: int, width: int) -> Text:
    """The shades with their answers, in as many lines as they need."""
    text, used = Text(no_wrap=True, overflow="ignore"), 0
    for shade, words in enumerate(["answers: none", *ranges(by)[1:]]):
        ground, _, tint = ABOVE[shade]
        needed = 2 + len(words)
        if used and used + 2 + needed > width:
            text.append("\n")
            used = 0
        elif used:
            text.append("  ")
            used += 2
        text.append(RISING[shade], f"{tint} on {ground}").append(" " + words)
        used += needed
    return text
