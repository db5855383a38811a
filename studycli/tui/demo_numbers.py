"""Numbers of a demo in words: a cell with its names, a row with its largest, and what a change moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from studycli.demos import narrowing
from studycli.demos.cells import Cell, name, number
from studycli.model.trace import DemoResult, Step
from studycli.render.grid import Grid, Spot
from studycli.render.safe import one_line
from studycli.render.step import Shown
from studycli.tui.demo_controls import packed

_LARGEST = 5
_PANELS = 3
_NAMED = 4
_BETWEEN = " · "


class Moved(NamedTuple):
    """Where a step changed most, and from what to what."""

    place: tuple[int, ...]
    before: float
    after: float


def cell(shown: Shown, grid: Grid, spot: Spot) -> Cell:
    """The cell of a step that stands at a spot of its grid."""
    step, lead = shown.owner(spot.panel), grid.panels[spot.panel].lead
    place = (spot.row + spot.column,) if len(step.shape) == 1 else (*lead, spot.row, spot.column)
    return Cell(step, place)


def address(found: Cell) -> str:
    """A cell as `explain` takes it in the whole result, in which no layer or head is picked out."""
    return Cell(found.step, _of_whole(found.step, found.place)).text


def cell_words(found: Cell, width: int) -> Text:
    """A cell's address, its exact number, and what its row and column are, in lines of `width` terminal cells."""
    value = found.value if isinstance(found.value, str) else repr(found.value)
    parts = [Text(f"{one_line(address(found))} = {one_line(value)}", "bold")]
    return packed([*parts, *(Text(one_line(each), "not bold") for each in found.names)], width, "  ")


def row_words(shown: Shown, grid: Grid, row: int, width: int) -> Text:
    """A row's largest numbers with the names of their columns: a line for each panel that it crosses."""
    found = [panel for panel in range(len(grid.panels)) if row < grid.extent(panel)[0]]
    said = [_row(shown, grid, Spot(panel, row, 0), width) for panel in found[:_PANELS]]
    more = [Text(f"and {len(found) - _PANELS} more pictures", "dim")] if len(found) > _PANELS else []
    return Text("\n").join([*said, *more])


def _row(shown: Shown, grid: Grid, spot: Spot, width: int) -> Text:
    at = cell(shown, grid, spot)
    if len(at.step.shape) < 2:  # a vector has no rows
        return cell_words(at, width)
    values = at.row()
    sizes = [abs(number(value)) for value in values]
    order = sorted((index for index, size in enumerate(sizes) if size), key=lambda index: -sizes[index])
    axis = len(at.step.shape) - 1
    parts = [f"{_label(at.step, axis, index)} {_short(values[index])}" for index in order[:_LARGEST]] or ["all 0"]
    said = Text(f"{one_line(at.step.name)} {one_line(', '.join(at.names[:-1]))}: ", "bold")
    for index, part in enumerate(map(one_line, parts)):
        if index and said.cell_len + cell_len(part) + len(_BETWEEN) > width:
            break
        said.append(_BETWEEN if index else "", "not bold").append(part, "not bold")
    return said


def _label(step: Step, axis: int, index: int) -> str:
    return name(step, axis, index).partition(" ")[2]


def _of_whole(step: Step, place: Sequence[int]) -> tuple[int, ...]:
    picked = [narrowing.taken(step, axis) for axis in step.axes] if step.axes else [None] * len(place)
    return tuple(index if number is None else number for index, number in zip(place, picked, strict=True))


def changed(before: DemoResult, after: DemoResult) -> tuple[str, ...]:
    """The names of the steps that both results have, with other values."""
    earlier = {step.name: step.values for step in before.steps}
    return tuple(step.name for step in after.steps if step.name in earlier and earlier[step.name] != step.values)


def change_words(before: DemoResult, after: DemoResult, looked_at: str) -> str:
    """What a change did: where the step that is looked at moved most, and which steps have other values."""
    names = changed(before, after)
    if not names:
        return "nothing that is shown changed"
    listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    old, new = _step(before, looked_at), _step(after, looked_at)
    if old is None or new is None or looked_at not in names:
        return f"changed: {listed}"
    if old.shape != new.shape:
        return f"{looked_at} is {new.shape} now, was {old.shape}; changed: {listed}"
    moved = largest(old, new)
    if moved is None:
        return f"changed: {listed}"
    where = Cell(new, _of_whole(new, moved.place)).text
    return f"{where} moved most: {_short(moved.before)} → {_short(moved.after)}; changed: {listed}"


def largest(before: Step, after: Step) -> Moved | None:
    """Where two steps of one shape are furthest apart; None for words."""
    pairs = zip(_flat(before.values, ()), _flat(after.values, ()), strict=True)
    apart = [Moved(place, number(x), number(y)) for (place, x), (_, y) in pairs if x != y]
    numbers = [move for move in apart if move.before == move.before and move.after == move.after]
    return max(numbers, key=lambda move: abs(move.after - move.before), default=None)


def _flat(values: Any, place: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], float | str]]:  # noqa: ANN401
    if isinstance(values, str | int | float):
        yield place, values
        return
    for index, inner in enumerate(values):
        yield from _flat(inner, (*place, index))


def _step(result: DemoResult, wanted: str) -> Step | None:
    return next((step for step in result.steps if step.name == wanted), None)


def _short(value: float | str) -> str:
    return one_line(value) if isinstance(value, str) else f"{value:.3g}"
