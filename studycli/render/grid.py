"""A grid: matrices drawn on one plan, as many beside each other as there is room for, and where each cell stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rich.cells import cell_len

from studycli.render.heatmap import Heatmap, Plan, Ramp, beside, header_height, heatmap
from studycli.render.panels import Panel
from studycli.render.safe import one_line

GAP = 4
"""So many blank terminal cells part pictures that stand beside each other."""


class Spot(NamedTuple):
    """A cell of a grid: its panel, and its row and column there."""

    panel: int
    row: int
    column: int


class Box(NamedTuple):
    """A place on one line of a grid, in terminal cells."""

    line: int
    start: int
    width: int


@dataclass(frozen=True)
class Grid:
    """Panels of the same shape on one plan and one ramp, `across` of them in a row, each under its caption or none.

    What is shown of each begins at its `first` row and column. A `Spot` counts from the matrix's own beginning.
    """

    panels: tuple[Panel, ...]
    plan: Plan
    shades: Ramp
    across: int = 1
    captioned: bool = False
    first: tuple[int, int] = (0, 0)

    @classmethod
    def within(
        cls, panels: Sequence[Panel], plan: Plan, shades: Ramp, width: int, *, captioned: bool,
        first: tuple[int, int] = (0, 0),
    ) -> Grid:  # fmt: skip
        """As many panels in a row as `width` terminal cells have room for."""
        broadest = max(plan.width, *(cell_len(one_line(panel.caption)) for panel in panels))
        across = max(min((width + GAP) // (broadest + GAP), len(panels)), 1)
        return cls(tuple(panels), plan, shades, across, captioned, first)

    def pictures(self) -> Iterator[Heatmap]:
        """The rows of pictures from top to bottom."""
        for start in range(0, len(self.panels), self.across):
            row = [(panel.caption, self._drawn(panel)) for panel in self.panels[start : start + self.across]]
            yield beside(row, GAP) if self.captioned else row[0][1]

    def size(self, panel: int) -> tuple[int, int]:
        """How many rows and columns of a panel are shown."""
        rows, columns = self.extent(panel)
        return min(self.plan.rows, rows), min(self.plan.columns, columns)

    def extent(self, panel: int) -> tuple[int, int]:
        """How many rows and columns a panel has."""
        matrix = self.panels[panel].matrix
        return len(matrix), len(matrix[0]) if matrix else 0

    def box(self, spot: Spot) -> Box:
        """Where a cell that is shown stands, without the blank part after it."""
        line, start = self._corner(spot.panel)
        row, column, cell = spot.row - self.first[0], spot.column - self.first[1], self.plan.cell
        return Box(line + row, start + self.plan.label + column * cell, max(cell - self.plan.gap, 1))

    def row_box(self, panel: int, row: int) -> Box:
        """Where the label of a row that is shown stands."""
        line, start = self._corner(panel)
        return Box(line + row - self.first[0], start, max(self.plan.label - 1, 1))

    def spot(self, line: int, x: int) -> Spot | None:
        """The cell at a place of the grid, in terminal cells, if one stands there."""
        for panel in range(len(self.panels)):
            top, start = self._corner(panel)
            rows, columns = self.size(panel)
            row, column = line - top, (x - start - self.plan.label) // self.plan.cell
            if 0 <= row < rows and 0 <= column < columns:
                return Spot(panel, row + self.first[0], column + self.first[1])
        return None

    def _corner(self, panel: int) -> tuple[int, int]:
        """The line of a panel's first row of numbers, and where its labels start."""
        return self._corners[panel]

    @cached_property
    def _corners(self) -> tuple[tuple[int, int], ...]:
        found, line = [], 0
        for first in range(0, len(self.panels), self.across):
            row = self.panels[first : first + self.across]
            heads = [self.captioned + header_height(panel.columns, self.plan) for panel in row]
            start = 0
            for panel, head in zip(row, heads, strict=True):
                found.append((line + head, start))
                start += max(self.plan.width, cell_len(one_line(panel.caption))) + GAP
            line += max(head + min(self.plan.rows, len(panel.matrix)) for panel, head in zip(row, heads, strict=True))
        return tuple(found)

    def _drawn(self, panel: Panel) -> Heatmap:
        return heatmap(panel.matrix, panel.rows, panel.columns, self.plan, self.shades, self.first)
