"""Drawing: the steps of a demo's result as lines of a sheet, each drawn once for a width."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.text import Text
from textual.strip import Strip

from studycli.demos import wire
from studycli.model.trace import DemoResult
from studycli.render import step, trace
from studycli.render.grid import Box, Grid, Spot
from studycli.render.step import Shown, Window

_LEAST = 20
_KEPT = 64


@dataclass(frozen=True)
class Page:
    """Lines, and where the grid of cells stands on them, if there is one."""

    lines: tuple[Strip, ...]
    grid: Grid | None = None
    top: int = 0

    def cell(self, spot: Spot) -> Box:
        """Where a cell stands on the page."""
        return self._moved(self.grid.box(spot)) if self.grid is not None else Box(0, 0, 0)

    def row(self, panel: int, row: int) -> Box:
        """Where the label of a row stands on the page."""
        return self._moved(self.grid.row_box(panel, row)) if self.grid is not None else Box(0, 0, 0)

    def spot(self, line: int, x: int) -> Spot | None:
        """The cell at a place of the page."""
        return self.grid.spot(line - self.top, x - step.INDENT) if self.grid is not None else None

    def _moved(self, box: Box) -> Box:
        return Box(box.line + self.top, box.start + step.INDENT, box.width)


class Drawn:
    """A result with its pages. The last page holds the claims, where there are any."""

    def __init__(self, result: DemoResult) -> None:
        self.result = result
        self.steps = step.shown(result.steps)
        self._pages: dict[tuple[int, int, Window | None], Page] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the pages."""
        return (*(pair.step.name for pair in self.steps), *(("claims",) if self.result.claims else ()))

    def shown(self, index: int) -> Shown | None:
        """The step of a page, and the one beside it; None for the claims."""
        return self.steps[index] if index < len(self.steps) else None

    def page(self, index: int, width: int, window: Window | None = None) -> Page:
        """A page within `width` terminal cells; with a window, that part of large matrices."""
        key = index, width, window
        if key not in self._pages:
            if len(self._pages) > _KEPT:
                self._pages.clear()  # drawn for another width, or for places that were scrolled past
            self._pages[key] = self._page(index, width, window)
        return self._pages[key]

    def _page(self, index: int, width: int, window: Window | None) -> Page:
        try:
            return self._drawn(index, width, window)
        except Exception as error:
            # Whatever a demo's values are, the review goes on.
            return Page(lines([Text(f"this step cannot be drawn: {wire.named(error)}")], max(width, _LEAST)))

    def _drawn(self, index: int, width: int, window: Window | None) -> Page:
        pair = self.shown(index)
        if pair is None:
            return Page(lines([*trace.claims(self.result.claims), Text(), *trace.inputs(self.result)], width))
        drawing = step.draw(pair, max(width, _LEAST), window)
        top = len(lines(drawing.above, width))
        return Page(lines(drawing.parts, width), drawing.grid, top)


def together(pages: Iterable[Page]) -> Page:
    """Pages below each other, without cells to point at."""
    found: list[Strip] = []
    for page in pages:
        found += [*page.lines, Strip([])]
    return Page(tuple(found))


def lines(parts: Iterable[RenderableType], width: int) -> tuple[Strip, ...]:
    """What Rich draws, as lines."""
    console = Console(
        width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False
    )
    return tuple(Strip(line) for line in console.render_lines(Group(*parts), pad=False))
