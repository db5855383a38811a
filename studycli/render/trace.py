"""What a demo computed, for the terminal: its inputs, each step with its shape and picture, then its claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from studycli.model.trace import Claim, DemoResult, Step
from studycli.render.heatmap import (
    RISING,
    Heatmap,
    Plan,
    Ramp,
    beside,
    fitting,
    heatmap,
    left_out,
    legend,
    plans,
    ramp,
    shorten,
)
from studycli.render.panels import Panel, comparable, panels
from studycli.render.safe import one_line
from studycli.render.step_table import TOKEN_AXES, is_table, table

_INDENT = 2
_GAP = 4
_MAX_ROWS = 40
_MAX_PANELS = 16
_PREVIEW_ROWS = 8
_WEIGHT_ROWS = 4
_TOKEN_WIDTH = 24
_LONG_INPUT = 40
_NOTHING_LEFT_OUT = ("tokens_left_out", "0")


def render(result: DemoResult, width: int) -> RenderableType:
    """The whole result within `width` terminal cells."""
    steps = {step.name: step for step in result.steps}
    partners = {step.name: other for step in result.steps if (other := comparable(step, steps)) is not None}
    compared = {other.name for other in partners.values()}
    parts: list[RenderableType] = [Text(one_line(result.title), "bold"), *_inputs(result)]
    if result.claims:
        parts.append(_verdict(result.claims, "; they stand at the end"))
    parts.append(Text())
    for step in result.steps:
        if step.name not in compared:
            parts += [*_step(step, partners.get(step.name), width), Text()]
    return Group(*parts, *(_claims(result.claims) if result.claims else ()))


def _inputs(result: DemoResult) -> Iterator[RenderableType]:
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


def _step(step: Step, partner: Step | None, width: int) -> Iterator[RenderableType]:
    yield from _heading(step)
    if partner is not None:
        yield from _heading(partner)
    for part in _picture(step, partner, width - _INDENT):
        yield part.indented(_INDENT) if isinstance(part, Heatmap) else Padding(part, (0, 0, 0, _INDENT))


def _heading(step: Step) -> Iterator[RenderableType]:
    axes = one_line(" x ".join(step.axes))
    yield Text.assemble((one_line(step.name), "bold"), f"  {step.shape}", (f"  {axes}", "dim"))
    yield Padding(Text(one_line(step.note)), (0, 0, 0, _INDENT))


def _picture(step: Step, partner: Step | None, width: int) -> Iterator[RenderableType]:
    if not step.shape:
        yield Text(_number(step.values))
    elif 0 in step.shape:
        yield Text("(empty)", "dim")
    elif len(step.shape) == 1 and all(isinstance(value, str) for value in step.values):
        yield _numbered(step.values, width)
    elif is_table(step):
        for each in (step, partner):
            yield from _tables(each, width) if each is not None else ()
    elif step.preview:
        yield from _preview(step, width)
    else:
        found = [*_laid(step, width), *(_laid(partner, width) if partner is not None else ())]
        yield from _pictures(found, width)


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


def _preview(step: Step, width: int) -> Iterator[RenderableType]:
    """The first rows of the first matrix, in numbers; of weights, which are all alike, the fewest."""
    found = list(_laid(step, width))
    first = found[0]
    if len(found) == 1 and first.lead:
        yield Text(one_line(first.caption), "bold")
    is_weight = step.origin is not None and step.origin.kind == "given" and not TOKEN_AXES & set(step.axes)
    most_rows = _WEIGHT_ROWS if is_weight else _PREVIEW_ROWS
    plan = fitting(first.matrix, first.rows, width, max_rows=most_rows, whole=False, named=first.named)
    shown = [row[: plan.columns] for row in first.matrix[: plan.rows]]
    yield _drawn(first, plan, ramp([shown]))
    part = left_out(first.matrix, plan, *first.axes)
    only = f"of {first.caption}, the first of {len(found)}" if len(found) > 1 else ""
    if part or only:
        yield Text(" ".join((part or "shown: all", only)).strip(), "dim")


def _pictures(found: Sequence[Panel], width: int) -> Iterator[RenderableType]:
    """All matrices on one ramp, as many beside each other as there is room for."""
    shown = found[:_MAX_PANELS]
    plan = _common_plan(shown, width)
    shades = ramp([panel.matrix for panel in shown])
    broadest = max(plan.width, *(cell_len(one_line(panel.caption)) for panel in shown))
    columns = max(min((width + _GAP) // (broadest + _GAP), len(shown)), 1)
    for start in range(0, len(shown), columns):
        row = [(panel.caption, _drawn(panel, plan, shades)) for panel in shown[start : start + columns]]
        yield beside(row, _GAP) if len(found) > 1 or found[0].lead else row[0][1]
    if plan.glyphs:
        yield Text(legend(shades, plan), "dim")
    part = left_out(shown[0].matrix, plan, *shown[0].axes)
    if part:
        yield Text(part, "dim")
    if len(shown) < len(found):
        yield Text(f"shown: the first {len(shown)} of {len(found)} pictures", "dim")


def _common_plan(found: Sequence[Panel], width: int) -> Plan:
    """One plan for all pictures: numbers rather than glyphs, then as many beside each other as possible."""
    widest = max(found, key=lambda panel: plans(panel.matrix, panel.rows, _MAX_ROWS)[0].cell)
    return fitting(widest.matrix, widest.rows, width, max_rows=_MAX_ROWS, whole=True, named=widest.named)


def _drawn(panel: Panel, plan: Plan, shades: Ramp) -> Heatmap:
    return heatmap(panel.matrix, panel.rows, panel.columns, plan, shades)


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
