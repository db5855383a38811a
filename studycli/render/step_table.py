"""A step as a table: words, or numbers of several kinds that no common scale of shades would tell apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from studycli.model.trace import Step
from studycli.render.heatmap import shorten
from studycli.render.safe import one_line

TOKEN_AXES = frozenset(("token", "query", "key"))
"""Axes whose labels are the words of a text."""

_NOT_FINITE = frozenset(("inf", "-inf", "nan"))
_FAR_APART = 1e4
_LARGEST_SHARE = 1.001
_PROBED_ROWS = 40
_WIDEST = 28
_GAP = 2
_LEAST = 3
_LONGEST = 1e9


def is_table(step: Step) -> bool:
    """Whether a matrix holds words, or named quantities whose sizes differ by a factor of 10,000 and more.

    Shares of 1 are none of these: the least of them may as well be shown as 0.00.
    """
    if len(step.shape) < 2:
        return False
    row_axis, column_axis = ("", "", *step.axes)[-2:]
    named = bool(step.labels.get(column_axis)) and not {row_axis, column_axis} & TOKEN_AXES
    sizes = []
    for value in _first_matrix(step):
        if isinstance(value, str):
            if value not in _NOT_FINITE:
                return True
        elif named and value and math.isfinite(value):
            sizes.append(abs(value))
    return named and bool(sizes) and max(sizes) >= max(_FAR_APART * min(sizes), _LARGEST_SHARE)


def table(
    matrix: Sequence[Sequence[float | str]], rows: Sequence[str], columns: Sequence[str], width: int, most_rows: int
) -> tuple[Table, str]:
    """The table within `width` terminal cells, and what part of the matrix it shows where that isn't all."""
    shown = matrix[:most_rows]
    count = max((len(row) for row in matrix), default=0)
    heads = [columns[index] if index < len(columns) else str(index) for index in range(count)]
    cells = [[_text(value) for value in row] for row in shown]
    labels = [f"{index} {one_line(rows[index])}" if index < len(rows) else str(index) for index in range(len(shown))]
    label = min(max(map(cell_len, labels), default=1), _WIDEST, max(width // 3, 1))
    widths = _widths(heads, cells, width - label)
    drawn = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    drawn.add_column("", width=label, no_wrap=True, style="dim")
    for head, each in zip(heads, widths, strict=False):
        drawn.add_column(Text(shorten(head, each)), width=each, justify=_justify(matrix, len(drawn.columns) - 1))
    for name, row in zip(labels, cells, strict=True):
        drawn.add_row(Text(shorten(name, label)), *(Text(cell, overflow="fold") for cell in row[: len(widths)]))
    parts = [
        f"{some} of {all_} {what}"
        for some, all_, what in ((len(shown), len(matrix), "rows"), (len(widths), count, "columns"))
        if some < all_
    ]
    return drawn, f"shown: the first {' and '.join(parts)}" if parts else ""


def figure(value: float) -> str:
    """A number by itself: whole ones in full as far as they are readable, others with four significant digits."""
    if abs(value) < _LONGEST and value == int(value):
        return f"{int(value):,}"
    if 1e4 <= abs(value) < _LONGEST:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _text(value: float | str) -> str:
    return one_line(value) if isinstance(value, str) else figure(value)


def _widths(heads: Sequence[str], cells: Sequence[Sequence[str]], room: int) -> list[int]:
    """The width of each column that there is room for: what it wants, or for long texts its share."""
    wants = [
        min(max([_LEAST, cell_len(one_line(head)), *(cell_len(row[index]) for row in cells)]), max(_WIDEST, room // 2))
        for index, head in enumerate(heads)
    ]
    while wants and sum(wants) + _GAP * len(wants) > room:
        widest = max(wants)
        if widest <= 2 * _LEAST:
            wants.pop()
        else:
            wants[wants.index(widest)] -= 1
    return wants or [max(room - _GAP, 1)] * min(len(heads), 1)


def _justify(matrix: Sequence[Sequence[float | str]], column: int) -> JustifyMethod:
    words = any(isinstance(row[column], str) and row[column] not in _NOT_FINITE for row in matrix if column < len(row))
    return "left" if words else "right"


def _first_matrix(step: Step) -> Iterator[float | str]:
    """The first rows of a step's first matrix; the others are of the same kind."""
    matrix = step.values
    for _ in step.shape[:-2]:
        matrix = matrix[0] if matrix else ()
    for row in matrix[:_PROBED_ROWS]:
        yield from row
