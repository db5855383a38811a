"""The view of a demo: which of its steps is looked at, at which row, and at which cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from studycli.demos.cells import Cell
from studycli.render.grid import Box, Spot
from studycli.render.heatmap import shorten
from studycli.render.step import Window
from studycli.render.step_table import TOKEN_AXES
from studycli.tui import demo_numbers
from studycli.tui.demo_drawing import Drawn, Page

if TYPE_CHECKING:
    from studycli.model.trace import DemoResult

_LONGEST_NAME = 24
_EDITED = "changes"
"""The step that a demo with an edit begins with."""


class DemoView:
    """What the learner looks at. Rows of tokens are the same row in every step.

    Of a large matrix, the part is shown that the row and the cursor are in.
    """

    def __init__(self, drawn: Drawn, width: int, lines: int) -> None:
        """A step has room within `width` terminal cells and so many `lines`."""
        self.drawn = drawn
        self.width = width
        self._lines = lines
        self.index = 0
        self.spot: Spot | None = None
        self.changed: frozenset[str] = frozenset()
        self._before: DemoResult | None = None
        self._rows: dict[str, int] = {}
        self._firsts: dict[str, tuple[int, int]] = {}

    def resize(self, width: int, lines: int) -> bool:
        """Use other room; whether the step has to be drawn anew."""
        is_other = width != self.width or (lines != self._lines and self.page.grid is not None)
        self.width, self._lines = width, lines
        self._bring_in_sight()
        return is_other

    def follow(self, before: DemoView) -> None:
        """Look at the same place as in another result, as far as there is one."""
        self._rows, self._firsts = before._rows, before._firsts
        self.go_to(before.name)
        self.spot = self.inside(before.spot) if self.name == before.name else None
        self._bring_in_sight()

    def compare(self, before: DemoView) -> None:
        """Mark the steps that have other values than in another result."""
        if not any(_EDITED in drawn.names for drawn in (before.drawn, self.drawn)):
            self._before = before.drawn.result
            self.changed = frozenset(demo_numbers.changed(self._before, self.drawn.result))

    @property
    def change(self) -> str:
        """What changed since the result before, above all in this step; "" where nothing is compared."""
        if self._before is None:
            return ""
        return demo_numbers.change_words(self._before, self.drawn.result, self.name)

    @property
    def name(self) -> str:
        """The name of the step, or `claims`."""
        return self.drawn.names[self.index]

    @property
    def page(self) -> Page:
        """The step as it is drawn."""
        return self.drawn.page(self.index, self.width, Window(self._lines, *self._firsts.get(self.name, (0, 0))))

    @property
    def row(self) -> int | None:
        """The row that is looked at, if the step has it."""
        row, grid = self._rows.get(self._kind()), self.page.grid
        return row if row is not None and grid is not None and row < grid.extent(0)[0] else None

    @property
    def cell(self) -> Cell | None:
        """The cell under the cursor."""
        return self.cell_at(self.spot) if self.spot is not None else None

    def cell_at(self, spot: Spot) -> Cell | None:
        """The cell at a spot of the page."""
        shown, grid = self.drawn.shown(self.index), self.page.grid
        return demo_numbers.cell(shown, grid, spot) if shown is not None and grid is not None else None

    def inside(self, spot: Spot | None) -> Spot | None:
        """A spot, or the nearest one that the step has; None where there are no cells."""
        grid = self.page.grid
        if spot is None or grid is None:
            return None
        panel = min(spot.panel, len(grid.panels) - 1)
        rows, columns = grid.extent(panel)
        return Spot(panel, min(spot.row, rows - 1), min(spot.column, columns - 1)) if rows and columns else None

    def go_to(self, name: str) -> None:
        """Go to a step by its name, where there is one."""
        if name in self.drawn.names:
            self.go(self.drawn.names.index(name))

    def go(self, index: int) -> bool:
        """Go to a step by its number, or the nearest; whether that is another one."""
        before, self.index = self.index, max(0, min(index, len(self.drawn.names) - 1))
        self.spot = None
        self._bring_in_sight()
        return self.index != before

    def move_row(self, by: int) -> bool:
        """Look at the next row or the one before; whether there is one."""
        grid = self.page.grid
        if grid is None:
            return False
        rows, row = grid.extent(0)[0], self.row
        wanted = (0 if by > 0 else rows - 1) if row is None else row + by
        if not 0 <= wanted < rows:
            return False
        self._rows[self._kind()] = wanted
        self._bring_in_sight()
        return True

    def point(self) -> bool:
        """Put the cursor on a cell of the row that is looked at, else on the first in sight; whether there is one."""
        row, first = self.row, self.page.grid.first if self.page.grid is not None else (0, 0)
        self.spot = self.inside(Spot(0, first[0] if row is None else row, first[1]))
        return self.spot is not None

    def move_spot(self, down: int, right: int) -> None:
        """Move the cursor, at an edge into the picture beside it, if there is one."""
        grid, spot = self.page.grid, self.spot
        if grid is None or spot is None:
            return
        rows, columns = grid.extent(spot.panel)
        row, column = spot.row + down, spot.column + right
        panel = spot.panel + right + down * grid.across
        if 0 <= row < rows and 0 <= column < columns:
            self.spot = Spot(spot.panel, row, column)
        elif 0 <= panel < len(grid.panels):
            self.spot = self.inside(Spot(panel, row % rows, column % columns))
        self._bring_in_sight()

    def marks(self) -> list[Box]:
        """What is marked on the page: the cell under the cursor, or the labels of the row."""
        page = self.page
        if self.spot is not None:
            return [page.cell(self.spot), page.row(self.spot.panel, self.spot.row)]
        row = self.row
        if row is None or page.grid is None:
            return []
        return [page.row(panel, row) for panel in range(len(page.grid.panels)) if row < page.grid.extent(panel)[0]]

    def numbers(self) -> Text:
        """The numbers of the cell or the row that is looked at."""
        shown, grid, row = self.drawn.shown(self.index), self.page.grid, self.row
        if (found := self.cell) is not None:
            return demo_numbers.cell_words(found, self.width)
        if row is None or shown is None or grid is None:
            return Text()
        return demo_numbers.row_words(shown, grid, row, self.width)

    def bar(self, width: int) -> Text:
        """The names of the steps on one line, as many as fit around the one that is looked at."""
        count = f"step {self.index + 1} of {len(self.drawn.names)}  "
        names = [shorten(name, _LONGEST_NAME) + ("*" if name in self.changed else "") for name in self.drawn.names]
        first, last = _window([cell_len(name) for name in names], self.index, width - len(count) - 4)
        said = Text(count, "dim", no_wrap=True, overflow="ellipsis", end="")
        said.append("… " if first else "")
        for index in range(first, last):
            said.append(names[index], "bold reverse" if index == self.index else "")
            said.append(" ")
        return said.append("…" if last < len(names) else "")

    def _bring_in_sight(self) -> None:
        """Move the window as little as shows the row or the cell that is looked at."""
        grid, row = self.page.grid, self.row
        if grid is None or (row is None and self.spot is None):
            return
        wanted = (row or 0, grid.first[1]) if self.spot is None else (self.spot.row, self.spot.column)
        shown = grid.size(self.spot.panel if self.spot is not None else 0)
        top, left = (
            min(max(first, place - count + 1), place)
            for first, place, count in zip(grid.first, wanted, shown, strict=True)
        )
        self._firsts[self.name] = top, left

    def _kind(self) -> str:
        """What counts the rows: tokens, or a step's own."""
        shown, grid = self.drawn.shown(self.index), self.page.grid
        if shown is None or grid is None:
            return ""
        return "token" if grid.panels[0].axes[0] in TOKEN_AXES else shown.step.name


def _window(widths: list[int], chosen: int, room: int) -> tuple[int, int]:
    """The part of a row around the chosen one that there is room for."""
    first, last, taken = chosen, chosen + 1, widths[chosen]
    while True:
        after = last < len(widths) and taken + widths[last] + 1 <= room
        if after:
            taken += widths[last] + 1
            last += 1
        before = first > 0 and taken + widths[first - 1] + 1 <= room
        if before:
            first -= 1
            taken += widths[first] + 1
        if not after and not before:
            return first, last
