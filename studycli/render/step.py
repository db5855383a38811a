"""A step of a demo for the terminal: its name and shape, what to look at, and its picture."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from studycli.model.trace import Step
from studycli.render.grid import Grid
from studycli.render.heatmap import (
    Heatmap,
    Matrix,
    Plan,
    fitting,
    header_height,
    left_out,
    legend,
    part_shown,
    plans,
    ramp,
    shorten,
)
from studycli.render.panels import Panel, comparable, panels
from studycli.render.safe import one_line
from studycli.render.step_table import TOKEN_AXES, is_table, table

INDENT = 2
_MAX_ROWS = 40
_MAX_PANELS = 16
_PREVIEW_ROWS = 8
_WEIGHT_ROWS = 4
_LEAST_ROWS = 4
_MEASURING = Console(file=io.StringIO())
_TOKEN_WIDTH = 24


@dataclass(frozen=True)
class Shown:
    """A step, and the one beside it that it is compared with."""

    step: Step
    partner: Step | None = None

    def owner(self, panel: int) -> Step:
        """The step whose matrix is the panel with this number."""
        own = 1
        for size in self.step.shape[:-2]:
            own *= size
        return self.partner if self.partner is not None and panel >= own else self.step


@dataclass(frozen=True)
class Window:
    """Which part of large matrices to draw: as many rows as the step has room for in its `lines`, from where on."""

    lines: int
    row: int = 0
    column: int = 0

    def below(self, lines: int) -> Window:
        """What is left of it below so many lines."""
        return replace(self, lines=self.lines - lines)

    def first(self, matrix: Matrix, plan: Plan) -> tuple[int, int]:
        """The first row and column that a plan shows of a matrix, which never ends within the window."""
        columns = max((len(row) for row in matrix), default=0)
        return max(min(self.row, len(matrix) - plan.rows), 0), max(min(self.column, columns - plan.columns), 0)


@dataclass(frozen=True)
class Drawing:
    """A drawn step: what stands above its grid of cells, the grid where it has one, and what stands below."""

    above: tuple[RenderableType, ...]
    grid: Grid | None = None
    below: tuple[RenderableType, ...] = ()

    @property
    def parts(self) -> Iterator[RenderableType]:
        """All of it, from top to bottom."""
        yield from self.above
        yield from (picture.indented(INDENT) for picture in (self.grid.pictures() if self.grid is not None else ()))
        yield from self.below


def shown(steps: Sequence[Step]) -> list[Shown]:
    """The steps in their order; one that another is compared with stands beside that one."""
    by_name: Mapping[str, Step] = {step.name: step for step in steps}
    pairs = [Shown(step, comparable(step, by_name)) for step in steps]
    beside = {pair.partner.name for pair in pairs if pair.partner is not None}
    return [pair for pair in pairs if pair.step.name not in beside]


def draw(pair: Shown, width: int, window: Window | None = None) -> Drawing:
    """A step within `width` terminal cells. Of large matrices it shows what the window says, else their beginning."""
    step, partner = pair.step, pair.partner
    both = [each for each in (step, partner) if each is not None]
    heading = [part for each in both for part in _heading(each)]
    if window is not None:
        window = window.below(sum(1 + _lines_of_note(each, width - INDENT) for each in both))
    above, grid, below = _picture(step, partner, width - INDENT, window)
    return Drawing((*heading, *map(_indented, above)), grid, tuple(map(_indented, below)))


def number(value: object) -> str:
    """A value by itself, with three significant digits."""
    return f"{value:.3g}" if isinstance(value, float) else one_line(str(value))


_Picture = tuple[Sequence[RenderableType], Grid | None, Sequence[RenderableType]]


def _indented(part: RenderableType) -> RenderableType:
    return part.indented(INDENT) if isinstance(part, Heatmap) else Padding(part, (0, 0, 0, INDENT))


def _heading(step: Step) -> Iterator[RenderableType]:
    axes = one_line(" x ".join(step.axes))
    yield Text.assemble((one_line(step.name), "bold"), f"  {step.shape}", (f"  {axes}", "dim"))
    yield _indented(Text(one_line(step.note)))


def _lines_of_note(step: Step, width: int) -> int:
    return len(Text(one_line(step.note)).wrap(_MEASURING, max(width, 1)))


def _picture(step: Step, partner: Step | None, width: int, window: Window | None) -> _Picture:
    if not step.shape:
        return [Text(number(step.values))], None, []
    if 0 in step.shape:
        return [Text("(empty)", "dim")], None, []
    if len(step.shape) == 1 and all(isinstance(value, str) for value in step.values):
        return [_numbered(step.values, width)], None, []
    if is_table(step):
        return [part for each in (step, partner) if each is not None for part in _tables(each, width)], None, []
    if step.preview and window is None:
        return _preview(step, width)
    laid = [*_laid(step, width), *(_laid(partner, width) if partner is not None else ())]
    return _pictures(laid, width, window, whole=not step.preview)


def _laid(step: Step, width: int) -> Iterator[Panel]:
    """The panels of a step; a vector whose names or numbers are wider than the terminal stands upright."""
    for panel in panels(step):
        lies = len(step.shape) > 1 or plans(panel.matrix, (), 1, panel.columns)[0].width <= width
        yield panel if lies or (step.preview and not panel.columns) else panel.upright


def _tables(step: Step, width: int) -> Iterator[RenderableType]:
    found = list(_laid(step, width))
    most_rows = _PREVIEW_ROWS if step.preview else _MAX_ROWS
    for panel in found[:_MAX_PANELS]:
        if len(found) > 1 or panel.lead:
            yield Text(one_line(panel.caption), "bold")
        drawn, part = table(panel.matrix, panel.rows, panel.columns, width, most_rows)
        yield drawn
        if part:
            yield Text(part, "dim")
    if len(found) > _MAX_PANELS:
        yield Text(f"shown: the first {_MAX_PANELS} of {len(found)} tables", "dim")


def _numbered(tokens: Sequence[str], width: int) -> Text:
    """Tokens with their numbers, in lines that part no token from its number."""
    lines: list[str] = []
    for index, token in enumerate(tokens):
        item = f"{index} {shorten(token, _TOKEN_WIDTH)}"
        if lines and cell_len(lines[-1]) + 2 + cell_len(item) <= width:
            lines[-1] += f"  {item}"
        else:
            lines.append(item)
    return Text("\n".join(lines))


def _preview(step: Step, width: int) -> _Picture:
    """The first rows of the first matrix, in numbers; of weights, which are all alike, the fewest."""
    found = list(_laid(step, width))
    first = found[0]
    caption = [Text(one_line(first.caption), "bold")] if len(found) == 1 and first.lead else []
    is_weight = step.origin is not None and step.origin.kind == "given" and not TOKEN_AXES & set(step.axes)
    most_rows = _WEIGHT_ROWS if is_weight else _PREVIEW_ROWS
    plan = fitting(first.matrix, first.rows, width, max_rows=most_rows, whole=False, named=first.named)
    visible = [row[: plan.columns] for row in first.matrix[: plan.rows]]
    part = left_out(first.matrix, plan, *first.axes)
    only = f"of {first.caption}, the first of {len(found)}" if len(found) > 1 else ""
    note = [Text(" ".join((part or "shown: all", only)).strip(), "dim")] if part or only else []
    return caption, Grid((first,), plan, ramp([visible])), note


def _pictures(found: Sequence[Panel], width: int, window: Window | None, *, whole: bool) -> _Picture:
    """All matrices on one ramp, as many beside each other as there is room for; numbers unless the `whole` matters."""
    visible = found[:_MAX_PANELS]
    captioned = len(found) > 1 or bool(found[0].lead)
    matrix, axes = visible[0].matrix, visible[0].axes
    plan, first = _common_plan(visible, width, _MAX_ROWS if window is None else len(matrix), whole=whole), (0, 0)
    part = left_out(matrix, plan, *axes)
    if window is not None:
        room = _MAX_ROWS if whole else window.lines - captioned - header_height(visible[0].columns, plan) - 1
        plan = replace(plan, rows=min(plan.rows, max(room, _LEAST_ROWS)))
        first = window.first(matrix, plan)
        part = part_shown(matrix, plan, first, *axes)
    shades = ramp([panel.matrix for panel in visible])
    grid = Grid.within(visible, plan, shades, width, captioned=captioned, first=first)
    notes = [
        legend(shades, plan) if plan.glyphs and whole else "",
        part,
        f"shown: the first {len(visible)} of {len(found)} pictures" if len(visible) < len(found) else "",
    ]
    return [], grid, [Text(note, "dim") for note in notes if note]


def _common_plan(found: Sequence[Panel], width: int, max_rows: int, *, whole: bool) -> Plan:
    """One plan for all pictures: numbers rather than glyphs, then as many beside each other as possible."""
    widest = max(found, key=lambda panel: plans(panel.matrix, panel.rows, max_rows)[0].cell)
    return fitting(widest.matrix, widest.rows, width, max_rows=max_rows, whole=whole, named=widest.named)
