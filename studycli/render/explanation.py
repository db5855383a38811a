"""Where a number comes from, for the terminal: a cell, its terms and their sum, then the cell before it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from studycli.model.explanation import Explanation, Stage
from studycli.render.heatmap import shorten
from studycli.render.safe import one_line

_INDENT = 2
_LABEL_WIDTH = 24
_HEADING_WIDTH = 22


def render(explanation: Explanation) -> RenderableType:
    """The stages in their order, and what to ask next."""
    parts: list[RenderableType] = []
    for stage in explanation.stages:
        parts += [*_stage(stage), Text()]
    if explanation.onward:
        names = ", ".join(f"'{one_line(cell)}'" for cell in explanation.onward)
        parts.append(Text(f"go on with --explain {names}", "dim"))
    return Group(*parts)


def _stage(stage: Stage) -> Iterator[RenderableType]:
    names = one_line(", ".join(stage.names))
    yield Text.assemble((f"{one_line(stage.cell)} = {_number(stage.value)}", "bold"), (f"  {names}", "dim"))
    yield _indented(Text(one_line(stage.sentence)))
    if stage.terms:
        yield _indented(_terms(stage))
    if stage.computed is not None:
        outcome = f"{one_line(stage.outcome)} = " if stage.outcome else "= "
        yield _indented(Text(f"{outcome}{_number(stage.computed)}"))


def _terms(stage: Stage) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for index, heading in enumerate(stage.columns):
        table.add_column(
            shorten(heading, _HEADING_WIDTH), justify="right" if index else "left", no_wrap=True, overflow="ellipsis"
        )
    for term in stage.terms:
        table.add_row(shorten(term.label, _LABEL_WIDTH), *map(_number, term.parts), _number(term.value))
    if stage.left_out:
        blanks = [""] * (len(stage.columns) - 2)
        table.add_row(f"{stage.left_out} smaller ones", *blanks, _number(stage.rest))
    return table


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, _INDENT))


def _number(value: float | str) -> str:
    return one_line(value) if isinstance(value, str) else f"{value:.4g}"
