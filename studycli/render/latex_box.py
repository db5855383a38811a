"""Text of several lines that stands within a line: matrices, cases, rows of equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

MAX_AREA = 20_000
_BRACKETS = {
    "(": "⎛⎜⎝", ")": "⎞⎟⎠", "[": "⎡⎢⎣", "]": "⎤⎥⎦", "|": "│││", "‖": "║║║", "⌊": "⎢⎢⎣", "⌋": "⎥⎥⎦",
    "⌈": "⎡⎢⎢", "⌉": "⎤⎥⎥",
}  # fmt: skip
_BRACES = {"{": "⎧⎪⎨⎩", "}": "⎫⎪⎬⎭"}


class TooLargeError(Exception):
    """A layout that would take more room than any formula needs."""


@dataclass(frozen=True, slots=True)
class Box:
    """Lines of text; the `baseline`-th (from 0) stands on the line around it."""

    lines: tuple[str, ...]
    baseline: int = 0

    @property
    def width(self) -> int:
        """The cells of its widest line."""
        return max(map(cell_len, self.lines))


def beside(boxes: Sequence[Box]) -> Box:
    """Boxes side by side on one baseline. Raises TooLargeError."""
    if all(len(box.lines) == 1 for box in boxes):
        return Box(("".join(box.lines[0] for box in boxes),))
    above = max(box.baseline for box in boxes)
    below = max(len(box.lines) - box.baseline for box in boxes)
    widths = [box.width for box in boxes]
    _check(sum(widths), above + below)
    lines = []
    for number in range(-above, below):
        parts = [_line(box, box.baseline + number, width) for box, width in zip(boxes, widths, strict=True)]
        lines.append("".join(parts).rstrip())
    return Box(tuple(lines), above)


def table(rows: Sequence[Sequence[Box]], align: str, gap: str) -> Box:
    """Rows of cells in columns. `align` holds an l, c or r for each column, over again where there are more.

    Raises TooLargeError.
    """
    columns = max(map(len, rows))
    widths = [max((row[column].width for row in rows if column < len(row)), default=0) for column in range(columns)]
    height = sum(max(len(box.lines) for box in row) for row in rows)
    _check(sum(widths) + len(gap) * columns, max(height, len(rows)))
    lines: list[str] = []
    for row in rows:
        cells: list[Box] = []
        for column, box in enumerate(row):
            cells += [Box((gap,))] if column else []
            cells.append(_aligned(box, widths[column], align[column % len(align)]))
        lines += beside(cells).lines
    return Box(tuple(lines), (len(lines) - 1) // 2)


def fenced(box: Box, left: str, right: str) -> Box:
    """A box between brackets of its height; "" is no bracket."""
    return beside([*_bracket(left, box), box, *_bracket(right, box)])


def _bracket(sign: str, box: Box) -> list[Box]:
    if not sign:
        return []
    height = len(box.lines)
    if height == 1:
        return [Box((sign,))]
    marks = _BRACES.get(sign) or _BRACKETS.get(sign, sign * 3)
    column = [marks[0], *marks[1] * (height - 2), marks[-1]]
    if sign in _BRACES and height > 2:
        column[height // 2] = marks[2]
    lines = [f"{piece} " if sign == "{" else piece for piece in column]
    return [Box(tuple(lines), box.baseline)]


def _aligned(box: Box, width: int, where: str) -> Box:
    spare = width - box.width
    left = {"l": 0, "c": spare // 2, "r": spare}[where]
    return Box(tuple(f"{' ' * left}{line}{' ' * (width - left - cell_len(line))}" for line in box.lines), box.baseline)


def _line(box: Box, number: int, width: int) -> str:
    line = box.lines[number] if 0 <= number < len(box.lines) else ""
    return line + " " * (width - cell_len(line))


def _check(width: int, height: int) -> None:
    if width * height > MAX_AREA:
        raise TooLargeError
