"""What a demo computed, for the terminal: its inputs, each step with its shape and picture, then its claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from studycli.model.trace import Claim, DemoResult
from studycli.render import step
from studycli.render.heatmap import RISING
from studycli.render.safe import one_line

_LONG_INPUT = 40
_NOTHING_LEFT_OUT = ("tokens_left_out", "0")


def render(result: DemoResult, width: int) -> RenderableType:
    """The whole result within `width` terminal cells."""
    parts: list[RenderableType] = [Text(one_line(result.title), "bold"), *inputs(result)]
    if result.claims:
        parts.append(_verdict(result.claims, "; they stand at the end"))
    parts.append(Text())
    for pair in step.shown(result.steps):
        parts += [*step.draw(pair, width).parts, Text()]
    return Group(*parts, *claims(result.claims))


def inputs(result: DemoResult) -> Iterator[Text]:
    """What a demo computed on, line by line."""
    if "text" in result.inputs:
        cut = " …" if result.inputs.get("tokens_left_out") else ""
        yield Text(f"on: {one_line(str(result.inputs['text']))}{cut}")
    others = [(name, one_line(str(value))) for name, value in result.inputs.items() if name != "text"]
    for name, value in others:
        if len(value) > _LONG_INPUT:
            yield Text(f"{one_line(name)}: {value}")
    short = [
        f"{one_line(name)} = {value}"
        for name, value in others
        if len(value) <= _LONG_INPUT and (name, value) != _NOTHING_LEFT_OUT
    ]
    if short:
        yield Text(f"with: {'; '.join(short)}")
    yield Text(f"shades: {' '.join(RISING)} grow with a number's distance from zero", "dim")


def _verdict(claims: Sequence[Claim], more: str = "") -> Text:
    held = sum(claim.holds for claim in claims)
    style = "bold" if held == len(claims) else "bold red"
    hold = "claim holds" if len(claims) == 1 else "claims hold"
    return Text.assemble((f"{held} of {len(claims)} {hold}", style), (more, "dim"))


def claims(measured: Sequence[Claim]) -> Iterator[RenderableType]:
    """How many claims hold, then each with what was measured; nothing where there are none."""
    if not measured:
        return
    yield _verdict(measured)
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for claim in measured:
        mark = Text("  holds", "green") if claim.holds else Text("  FAILS", "bold red")
        value = Text(f"measured: {step.number(claim.measured)}", "dim")
        grid.add_row(mark, Group(Text(one_line(claim.statement)), value))
    yield grid
