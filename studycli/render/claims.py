"""Claims of cards for the terminal: which hold, what was measured; and all that a card can claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from studycli.model.trace import Claim
from studycli.render.safe import one_line

_MARKS = {"holds": "green", "FAILS": "bold red", "ERROR": "bold red"}


def render_card(title: str, claims: Sequence[tuple[str, Claim]]) -> RenderableType:
    """A card's claims under its title, each with its mark: holds, FAILS, or ERROR where nothing was measured."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for mark, claim in claims:
        measured = one_line(_number(claim.measured))
        below = measured if mark == "ERROR" else f"measured: {measured}"
        grid.add_row(Text(mark, _MARKS[mark]), Group(Text(one_line(claim.statement)), Text(below, "dim")))
    return Group(Text(one_line(title), no_wrap=True, overflow="ellipsis"), Padding(grid, (0, 0, 0, 2)))


def render_choice(
    demos: Iterable[tuple[str, Sequence[str]]], quantities: Iterable[tuple[str, str, Sequence[str]]]
) -> RenderableType:
    """All that can be claimed: the names that each demo makes, and each quantity's form, meaning and arguments."""
    parts: list[RenderableType] = [Text("Claims of demos, to name as they are", "bold")]
    for demo, names in demos:
        parts += [Text(f"  {demo}"), *(Text(f"    {name}", "dim") for name in names)]
    parts += [Text(), Text("Quantities, to state: call = value, or ~, <, >, <=, >=", "bold")]
    for form, summary, arguments in quantities:
        parts += [Text(f"  {form}"), Padding(Text(summary), (0, 0, 0, 4))]
        parts += [Padding(Text(argument, "dim"), (0, 0, 0, 6)) for argument in arguments]
    return Group(*parts)


def _number(value: float | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else value
