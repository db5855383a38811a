"""A matrix as a heatmap: numbers where they fit, and glyphs beside colours, so that colour alone says nothing."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, zip_longest
from operator import itemgetter

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.segment import Segment

from studycli.render.safe import one_line

Number = float | str
Matrix = Sequence[Sequence[Number]]

RISING = "·░▒▓█"
FALLING = "·-=≡#"
_LABEL_WIDTH = 10
_NAME_WIDTH = 22
_NAME_SHARE = 4
"""A name takes at most this part of a wide terminal."""
_NAMED_CELL = 5
_TEXT_WIDTH = 8
# By strength: the ground of a cell, its number and its glyph. All cells have a ground, so that the picture is the same
# on dark and on light terminals, and on a page.
ABOVE = (
    ("#16161c", "#c8c8d0", "#6b6b78"),
    ("#1f3f77", "#ffffff", "#6f95d6"),
    ("#1b6e91", "#ffffff", "#63bcdf"),
    ("#2fa38c", "#000000", "#93e3d2"),
    ("#f2c744", "#000000", "#ffe9a0"),
)
BELOW = (
    ABOVE[0],
    ("#4b2a55", "#ffffff", "#bd92cc"),
    ("#7d3363", "#ffffff", "#e79fcb"),
    ("#cf6a80", "#000000", "#3a0d18"),
    ("#ee7f59", "#000000", "#3a1408"),
)


@dataclass(frozen=True)
class Plan:
    """How matrices are drawn: the rows and columns there is room for, and the cells.

    `label` and `cell` are widths in terminal cells, `gap` the blank part of a cell. `spec` is the format
    of the numbers, `digits` their width; it is None for cells that hold glyphs alone. A cell without room for both has
    the number alone.
    """

    rows: int
    columns: int
    label: int
    cell: int
    gap: int
    spec: str | None
    digits: int = 0

    @property
    def glyphs(self) -> bool:
        """Whether the cells have glyphs, beside numbers or alone."""
        return self.spec is None or self.cell - self.gap > self.digits

    @property
    def width(self) -> int:
        """The width of the heatmap in terminal cells."""
        return self.label + self.columns * self.cell - self.gap


@dataclass(frozen=True)
class Ramp:
    """Which shade a number gets, by its distance from zero: fifths of `top`, or their squares.

    Squares leave room for small numbers, where none is below zero, such as the weights of a pattern.
    """

    top: float
    squared: bool

    @cached_property
    def starts(self) -> tuple[float, ...]:
        """Where each of the shades begins."""
        return tuple(self.top * (level / 5) ** (2 if self.squared else 1) for level in range(5))

    def level(self, value: float) -> int:
        """0 for the faintest shade to 4 for the strongest."""
        return bisect_right(self.starts, abs(value)) - 1 if self.top > 0 else 0


def ramp(matrices: Sequence[Matrix]) -> Ramp:
    """The ramp that all these matrices share."""
    finite = [
        x for matrix in matrices for row in matrix for x in row if isinstance(x, int | float) and math.isfinite(x)
    ]
    return Ramp(max(map(abs, finite), default=0.0), squared=min(finite, default=0.0) >= 0)


def plans(
    matrix: Matrix,
    rows: Sequence[str],
    max_rows: int,
    named: Sequence[str] | None = None,
    name_width: int = _NAME_WIDTH,
) -> list[Plan]:
    """The ways to draw a whole matrix, the most telling first: numbers and glyphs, numbers alone, glyphs alone.

    Where there is room, the names of `named` columns, and of their rows, stand in full up to `name_width`; None asks
    for no room.
    """
    shown = min(len(matrix), max_rows)
    columns = max((len(row) for row in matrix), default=0)
    longest = max((cell_len(one_line(name)) for name in rows[:shown]), default=0)
    label = len(str(max(len(matrix) - 1, 0))) + 1 + (min(longest, _LABEL_WIDTH) + 1 if longest else 0)
    spec, number = _numbers(matrix[:shown])
    roomy = Plan(shown, columns, label, number + 2, 1, spec, number)
    packed = replace(roomy, cell=number + 1)
    glyphs = replace(roomy, gap=0, spec=None)
    wide = _with_names(roomy, longest, named, name_width)
    return [*([wide] if wide != roomy else []), roomy, packed, replace(glyphs, cell=2), replace(glyphs, cell=1)]


def _with_names(plan: Plan, longest: int, named: Sequence[str] | None, most: int) -> Plan:
    """The plan with room for the names of columns, and of rows, the longest of which is `longest` cells wide."""
    if named is None:
        return plan
    column = min(max((cell_len(one_line(name)) for name in named), default=0), most)
    missing = min(longest, most) - min(longest, _LABEL_WIDTH)
    return replace(plan, cell=max(plan.cell, column + 2), label=plan.label + missing)


def fitting(
    matrix: Matrix, rows: Sequence[str], width: int, *, max_rows: int, whole: bool, named: Sequence[str] | None = None
) -> Plan:
    """The most telling plan within `width` terminal cells, with the names of `named` columns in full where they fit.

    Where no plan fits, as many columns as do: of glyphs where the `whole` picture matters, else of numbers.
    """
    choices = plans(matrix, rows, max_rows, named, max(_NAME_WIDTH, width // _NAME_SHARE))
    for plan in choices:
        if plan.width <= width and (whole or plan.spec is not None):
            return plan
    plan = choices[-1] if whole else choices[-4]
    label = min(plan.label, max(width // 2, 1))
    columns = max(min(plan.columns, (width - label + plan.gap) // plan.cell), 1)
    return replace(plan, label=label, columns=columns)


@dataclass(frozen=True)
class Heatmap:
    """A picture of styled lines. (Rich's Text takes several times as long for as many styles.)"""

    lines: tuple[tuple[tuple[str, str], ...], ...]
    width: int

    @property
    def plain(self) -> str:
        """The picture without colours."""
        return "\n".join("".join(text for text, _ in line) for line in self.lines)

    def indented(self, by: int) -> Heatmap:
        """The picture, moved to the right."""
        margin = (" " * by, "")
        return Heatmap(tuple((margin, *line) for line in self.lines), self.width + by)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        styles = {style: console.get_style(style) for style in {style for line in self.lines for _, style in line}}
        for line in self.lines:
            yield from [Segment(text, styles[style]) for text, style in line]
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(self.width, self.width)


def heatmap(
    matrix: Matrix, rows: Sequence[str], columns: Sequence[str], plan: Plan, shades: Ramp,
    first: tuple[int, int] = (0, 0),
) -> Heatmap:  # fmt: skip
    """The picture of a matrix, from its `first` row and column on. `rows` and `columns` are all labels, or empty."""
    top, left = first
    lines: list[tuple[tuple[str, str], ...]] = [((line, "dim"),) for line in _header(columns, plan, left)]
    for index, row in enumerate(matrix[top : top + plan.rows], start=top):
        parts = [part for value in row[left : left + plan.columns] for part in _cell(value, plan, shades)]
        parts = parts[:-1] if plan.gap else parts
        runs = (("".join(text for text, _ in run), style) for style, run in groupby(parts, key=itemgetter(1)))
        lines.append(((_row_label(index, rows, len(matrix), plan), "dim"), *runs))
    return Heatmap(tuple(lines), plan.width)


def beside(pictures: Sequence[tuple[str, Heatmap]], gap: int) -> Heatmap:
    """Pictures beside each other, each under its caption. (Rich's tables take several times as long.)"""
    columns = [((((one_line(caption), "bold"),), *picture.lines)) for caption, picture in pictures]
    widths = [max(picture.width, cell_len(one_line(caption))) for caption, picture in pictures]
    lines = []
    for parts in zip_longest(*columns, fillvalue=()):
        line: list[tuple[str, str]] = []
        for part, width in zip(parts, widths, strict=True):
            missing = width - sum(cell_len(text) for text, _ in part)
            line += [*part, (" " * (missing + gap), "")]
        lines.append(tuple(line[:-1]))
    return Heatmap(tuple(lines), sum(widths) + gap * (len(pictures) - 1))


def legend(shades: Ramp, plan: Plan) -> str:
    """Where each shade begins. Without numbers, there are others below zero."""
    below = plan.spec is None and not shades.squared
    steps = "  ".join(
        f"{glyph}{f' {minus}' if below else ''} {_short(start)}"
        for glyph, minus, start in zip(RISING[1:], FALLING[1:], shades.starts[1:], strict=True)
    )
    return f"shades from: {steps}  up to {_short(shades.top)}" + (
        "; the second of each pair below zero" if below else ""
    )


def left_out(matrix: Matrix, plan: Plan, row_axis: str, column_axis: str) -> str:
    """Which part of a matrix is shown, or "" where it is all of it."""
    columns = max((len(row) for row in matrix), default=0)
    counts = ((plan.rows, len(matrix), f"rows ({row_axis})"), (plan.columns, columns, f"columns ({column_axis})"))
    parts = [f"{shown} of {total} {what}" for shown, total, what in counts if shown < total]
    return f"shown: the first {' and '.join(parts)}" if parts else ""


def part_shown(matrix: Matrix, plan: Plan, first: tuple[int, int], row_axis: str, column_axis: str) -> str:
    """Which rows and columns of a matrix are shown from its `first` ones on, or "" where it is all of it."""
    columns = max((len(row) for row in matrix), default=0)
    axes = ((plan.rows, len(matrix), f"rows ({row_axis})"), (plan.columns, columns, f"columns ({column_axis})"))
    parts = [
        f"{start} to {start + shown - 1} of {total} {what}"
        for start, (shown, total, what) in zip(first, axes, strict=True)
        if shown < total
    ]
    return f"shown: {' and '.join(parts)}" if parts else ""


def shorten(text: str, width: int) -> str:
    """Text on one line, cut with an ellipsis where it is wider than `width` terminal cells."""
    line = one_line(text)
    if cell_len(line) <= width:
        return line
    return chop_cells(line, width - 1)[0] + "…" if width > 1 else "…"[:width]


def header_height(columns: Sequence[str], plan: Plan) -> int:
    """How many lines stand above the first row: the columns' numbers, and their names where there is room."""
    return 2 if columns and plan.cell - plan.gap >= _NAMED_CELL else 1


def _header(columns: Sequence[str], plan: Plan, first: int) -> list[str]:
    margin = " " * plan.label
    lines = [margin + _column_numbers(plan, first)]
    if header_height(columns, plan) > 1:
        names = (" " * plan.gap).join(_column_name(name, plan) for name in columns[first : first + plan.columns])
        lines.append(margin + names)
    return lines


def _column_numbers(plan: Plan, first: int) -> str:
    """The columns' numbers over their cells; every second or fifth where there is no room for all."""
    shown = range(first, first + plan.columns)
    if plan.cell > len(str(shown[-1])):
        return (" " * plan.gap).join(str(index).rjust(plan.cell - plan.gap) for index in shown)
    step = 5 if plan.cell == 1 else 2
    numbers = "".join(str(index).ljust(step * plan.cell) for index in shown[::step]).rstrip()
    fits = len(numbers) <= plan.columns * plan.cell
    return numbers if fits else numbers.rpartition(" ")[0].rstrip()


def _column_name(name: str, plan: Plan) -> str:
    short = shorten(name, plan.cell - max(plan.gap, 1))
    return " " * (plan.cell - plan.gap - cell_len(short)) + short


def _row_label(index: int, rows: Sequence[str], total: int, plan: Plan) -> str:
    number = str(index).rjust(len(str(total - 1)))
    name = shorten(rows[index], plan.label - len(number) - 2) if index < len(rows) else ""
    return set_cell_size(f"{number} {name}", plan.label)


def _cell(value: Number, plan: Plan, shades: Ramp) -> Iterator[tuple[str, str]]:
    """The text and the style of each part of a cell."""
    width = plan.cell - plan.gap
    if isinstance(value, str) or not math.isfinite(value):
        yield shorten(str(value), width).rjust(width), ""
    else:
        level = shades.level(value)
        ground, ink, tint = (BELOW if value < 0 else ABOVE)[level]
        if plan.spec is None:
            yield (FALLING if value < 0 else RISING)[level] * width, f"{tint} on {ground}"
        else:  # the number shows its sign itself
            if plan.glyphs:
                yield " " * (width - 1 - plan.digits) + RISING[level], f"{tint} on {ground}"
            yield f"{value:{plan.spec}}".rjust(plan.digits), f"{ink} on {ground}"
    if plan.gap:
        yield " " * plan.gap, ""


def _numbers(matrix: Matrix) -> tuple[str, int]:
    """The format of a matrix's numbers, without a minus before zero, and the width of the widest."""
    top = ramp([matrix]).top
    specs = ((0.01, "z.1e"), (10, "z.2f"), (1_000, "z.1f"), (1_000_000, "z.0f"))
    spec = "z.2f" if top == 0 else next((spec for limit, spec in specs if top < limit), "z.1e")
    if top < 1_000_000 and all(isinstance(x, int | str) for row in matrix for x in row):
        spec = "z.0f"
    widths = (min(len(x), _TEXT_WIDTH) if isinstance(x, str) else len(f"{x:{spec}}") for x in _longest(matrix))
    return spec, max(widths, default=1)


def _longest(matrix: Matrix) -> Iterator[Number]:
    """Numbers and words among which the longest is: of each sign those furthest from zero and nearest to it."""
    numbers: list[float] = []
    for row in matrix:
        for x in row:
            if isinstance(x, str) or not math.isfinite(x):
                yield x
            else:
                numbers.append(x)
    for part in ([x for x in numbers if x >= 0], [x for x in numbers if x < 0], [x for x in numbers if x > 0]):
        if part:
            yield from (min(part), max(part))


def _short(value: float) -> str:
    return f"{value:.2g}" if value < 100 else f"{value:.0f}"
