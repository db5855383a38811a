"""What a demo computed, for the terminal: its inputs, each step with its shape and picture, then its claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from studycli.model.trace import Claim, DemoResult, Step
from studycli.render.heatmap import (
    RISING,
    Matrix,
    Plan,
    Ramp,
    fitting,
    heatmap,
    left_out,
    legend,
    plans,
    ramp,
    shorten,
)
from studycli.render.safe import one_line

_INDENT = 2
_GAP = 4
_MAX_ROWS = 40
_MAX_PANELS = 16
_PREVIEW_ROWS = 8
_TOKEN_WIDTH = 24


class Panel(NamedTuple):
    """One matrix of a step, under a caption."""

    caption: str
    matrix: Matrix
    step: Step


def render(result: DemoResult, width: int) -> RenderableType:
    """The whole result within `width` terminal cells."""
    steps = {step.name: step for step in result.steps}
    beside = {step.name: other for step in result.steps if (other := _comparable(step, steps)) is not None}
    compared = {other.name for other in beside.values()}
    parts: list[RenderableType] = [Text(one_line(result.title), "bold"), *_inputs(result)]
    if result.claims:
        parts.append(_verdict(result.claims, "; they stand at the end"))
    parts.append(Text())
    for step in result.steps:
        if step.name not in compared:
            parts += [*_step(step, beside.get(step.name), width), Text()]
    return Group(*parts, *(_claims(result.claims) if result.claims else ()))


def _comparable(step: Step, steps: Mapping[str, Step]) -> Step | None:
    """The step to draw beside this one: one of the same shape, that is shown whole."""
    other = steps.get(step.compare or "")
    fits = other is not None and other is not step and other.shape == step.shape and not step.preview
    return other if fits else None


def _inputs(result: DemoResult) -> Iterator[RenderableType]:
    if "text" in result.inputs:
        cut = " …" if result.inputs.get("tokens_left_out") else ""
        yield Text(f"on: {one_line(str(result.inputs['text']))}{cut}")
    others = [f"{one_line(name)} = {one_line(str(value))}" for name, value in result.inputs.items() if name != "text"]
    if others:
        yield Text(f"with: {'; '.join(others)}")
    yield Text(f"shades: {' '.join(RISING)} grow with a number's distance from zero", "dim")


def _step(step: Step, beside: Step | None, width: int) -> Iterator[RenderableType]:
    yield from _heading(step)
    if beside is not None:
        yield from _heading(beside)
    yield from (Padding(part, (0, 0, 0, _INDENT)) for part in _picture(step, beside, width - _INDENT))


def _heading(step: Step) -> Iterator[RenderableType]:
    axes = one_line(" x ".join(step.axes))
    yield Text.assemble((one_line(step.name), "bold"), f"  {step.shape}", (f"  {axes}", "dim"))
    yield Padding(Text(one_line(step.note)), (0, 0, 0, _INDENT))


def _picture(step: Step, beside: Step | None, width: int) -> Iterator[RenderableType]:
    if not step.shape:
        yield Text(_number(step.values))
    elif len(step.shape) == 1 and all(isinstance(value, str) for value in step.values):
        yield _numbered(step.values, width)
    elif step.preview:
        yield from _preview(step, width)
    else:
        panels = [*_panels(step), *(_panels(beside) if beside is not None else ())]
        yield from _pictures(panels, width)


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


def _preview(step: Step, width: int) -> Iterator[RenderableType]:
    """The first rows of the first matrix, in numbers."""
    panels = list(_panels(step))
    first = panels[0]
    rows, columns = _labels(step)
    plan = fitting(first.matrix, rows, width, max_rows=_PREVIEW_ROWS, whole=False)
    yield heatmap(first.matrix, rows, columns, plan, ramp([first.matrix]))
    part = left_out(first.matrix, plan, *_axes(step))
    only = f"of {first.caption}, the first of {len(panels)}" if len(panels) > 1 else ""
    if part or only:
        yield Text(" ".join((part or "shown: all", only)).strip(), "dim")


def _pictures(panels: Sequence[Panel], width: int) -> Iterator[RenderableType]:
    """All matrices on one ramp, as many beside each other as there is room for."""
    shown = panels[:_MAX_PANELS]
    plan = _common_plan(shown, width)
    shades = ramp([panel.matrix for panel in shown])
    broadest = max(plan.width, *(cell_len(one_line(panel.caption)) for panel in shown))
    beside = max(min((width + _GAP) // (broadest + _GAP), len(shown)), 1)
    for start in range(0, len(shown), beside):
        grid = Table.grid(padding=(0, _GAP, 0, 0))
        row = shown[start : start + beside]
        grid.add_row(*(_drawn(panel, plan, shades, captioned=len(panels) > 1) for panel in row))
        yield grid
    yield Text(legend(shades, plan), "dim")
    part = left_out(shown[0].matrix, plan, *_axes(shown[0].step))
    if part:
        yield Text(part, "dim")
    if len(shown) < len(panels):
        yield Text(f"shown: the first {len(shown)} of {len(panels)} pictures", "dim")


def _common_plan(panels: Sequence[Panel], width: int) -> Plan:
    """One plan for all panels: numbers rather than glyphs, then as many beside each other as possible."""
    widest = max(panels, key=lambda panel: plans(panel.matrix, _labels(panel.step)[0], _MAX_ROWS)[0].cell)
    rows, _ = _labels(widest.step)
    for plan in plans(widest.matrix, rows, _MAX_ROWS):
        if plan.width <= width:
            return plan
    return fitting(widest.matrix, rows, width, max_rows=_MAX_ROWS, whole=True)


def _drawn(panel: Panel, plan: Plan, shades: Ramp, *, captioned: bool) -> RenderableType:
    rows, columns = _labels(panel.step)
    picture = heatmap(panel.matrix, rows, columns, plan, shades)
    return Group(Text(one_line(panel.caption), "bold"), picture) if captioned else picture


def _panels(step: Step) -> Iterator[Panel]:
    """A step's matrices: the last two axes are rows and columns, the others become captions."""

    def walk(values: Any, axes: tuple[str, ...], depth: int, caption: str) -> Iterator[Panel]:  # noqa: ANN401
        if depth == 2:
            yield Panel(caption or step.name, values, step)
            return
        for index, inner in enumerate(values):
            yield from walk(inner, axes[1:], depth - 1, f"{caption} {axes[0] if axes else 'part'} {index}".strip())

    values = [step.values] if len(step.shape) == 1 else step.values
    return walk(values, step.axes, max(len(step.shape), 2), "")


def _labels(step: Step) -> tuple[tuple[str, ...], tuple[str, ...]]:
    row_axis, column_axis = _axes(step)
    return step.labels.get(row_axis, ()), step.labels.get(column_axis, ())


def _axes(step: Step) -> tuple[str, str]:
    """The names of the rows' and of the columns' axis."""
    row_axis, column_axis = ("", "", *step.axes)[-2:]
    return row_axis, column_axis


def _verdict(claims: Sequence[Claim], more: str = "") -> Text:
    held = sum(claim.holds for claim in claims)
    style = "bold" if held == len(claims) else "bold red"
    hold = "claim holds" if len(claims) == 1 else "claims hold"
    return Text.assemble((f"{held} of {len(claims)} {hold}", style), (more, "dim"))


def _claims(claims: Sequence[Claim]) -> Iterator[RenderableType]:
    yield _verdict(claims)
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for claim in claims:
        mark = Text("  holds", "green") if claim.holds else Text("  FAILS", "bold red")
        measured = Text(f"measured: {_number(claim.measured)}", "dim")
        grid.add_row(mark, Group(Text(one_line(claim.statement)), measured))
    yield grid


def _number(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else one_line(str(value))
