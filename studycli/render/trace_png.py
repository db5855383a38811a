"""What a demo computed as a PNG picture: a row of matrices for each step, then its claims."""

from __future__ import annotations

import math
import textwrap
import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from studycli.model.trace import DemoResult, Step
from studycli.render.heatmap import Matrix, plans
from studycli.render.panels import Panel, comparable, panels
from studycli.render.safe import one_line
from studycli.render.step_table import figure, is_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH, _DPI = 12.0, 100
_BESIDE = 4
_MOST_PANELS = 16
_MOST_ROWS, _MOST_COLUMNS = 40, 64
_MOST_NAMES = 40
_MOST_NUMBERS = 150
_LINE = 0.22
_LETTERS = 150
_WIDEST_CELL = 1.5
_PREVIEW_ROWS = 8
_MARKS = {True: "holds", False: "FAILS"}
_SETTINGS: dict[Any, Any] = {"text.parse_math": False, "font.family": "sans-serif", "font.size": 9.0}


class _Block(NamedTuple):
    """What is drawn under each other: lines of text, then rows of panels, in inches high."""

    text: str
    bold: bool
    rows: tuple[tuple[Panel, ...], ...]
    height_of_row: float

    @property
    def text_height(self) -> float:
        """The height of its text."""
        return _LINE * (self.text.count("\n") + 1) + 0.1

    @property
    def height(self) -> float:
        """The height of the whole."""
        return self.text_height + self.height_of_row * len(self.rows)


def draw(result: DemoResult) -> bytes:
    """The picture. matplotlib must be there."""
    import matplotlib as mpl

    blocks = [_Block(one_line(result.title), True, (), 0), *_inputs(result), *_steps(result), *_claims(result)]
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about letters that no font here has: they become boxes
        return _drawn(blocks)


def _drawn(blocks: Sequence[_Block]) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height = sum(block.height for block in blocks) + 0.4
    figure_ = Figure(figsize=(_WIDTH, height), dpi=_DPI)
    FigureCanvasAgg(figure_)
    top = height - 0.2
    for block in blocks:
        weight = "bold" if block.bold else "normal"
        figure_.text(0.03, top / height, block.text, va="top", fontweight=weight)
        below = top - block.text_height
        scale = _scale([panel for row in block.rows for panel in row])
        for row in block.rows:
            _row(figure_, row, scale, below, block.height_of_row, height)
            below -= block.height_of_row
        top -= block.height
    buffer = BytesIO()
    figure_.savefig(buffer, format="png")
    return buffer.getvalue()


class _Scale(NamedTuple):
    """The colours that the panels of a block share: up to `top`, on both sides of zero where some are below."""

    top: float
    signed: bool

    def is_dark(self, value: float) -> bool:
        """Whether white can be read on the colour of this number."""
        if not math.isfinite(value):
            return False
        return abs(value) > 0.6 * self.top if self.signed else value < 0.5 * self.top


def _scale(found: Sequence[Panel]) -> _Scale:
    numbers = [x for panel in found for row in panel.matrix for value in row if math.isfinite(x := _number(value))]
    return _Scale(max(map(abs, numbers), default=0.0) or 1.0, min(numbers, default=0.0) < 0)


def _row(figure_: Figure, row: Sequence[Panel], scale: _Scale, top: float, high: float, height: float) -> None:
    """Panels beside each other; measures in inches from the bottom."""
    share = (_WIDTH - 0.5) / max(len(row), 1)
    for index, panel in enumerate(row):
        labels = 0.25 + 0.075 * min(max(map(len, _names(panel.rows, len(panel.matrix))), default=1), 22)
        left = 0.4 + index * share + labels
        wide = min(share - labels - 0.25, _WIDEST_CELL * len(panel.matrix[0]))
        box = (left / _WIDTH, (top - high + 0.75) / height, wide / _WIDTH, (high - 1.15) / height)
        _panel(figure_.add_axes(box), panel, scale)


def _panel(axes: Any, panel: Panel, scale: _Scale) -> None:  # noqa: ANN401 - matplotlib's Axes, which is there only when it is
    matrix = [row[:_MOST_COLUMNS] for row in panel.matrix[:_MOST_ROWS]]
    numbers = [[_number(value) for value in row] for row in matrix]
    least, colours = (-scale.top, "RdBu_r") if scale.signed else (0.0, "viridis")
    axes.imshow(numbers, aspect="auto", interpolation="nearest", cmap=colours, vmin=least, vmax=scale.top)
    axes.set_title(one_line(panel.caption)[:60], fontsize=9, loc="left")
    for axis, names in (
        (axes.xaxis, _names(panel.columns, len(matrix[0]))),
        (axes.yaxis, _names(panel.rows, len(matrix))),
    ):
        if len(names) <= _MOST_NAMES:
            axis.set_ticks(range(len(names)), labels=names, fontsize=7)
    axes.tick_params(axis="x", rotation=90 if len(matrix[0]) > _BESIDE else 0)
    if sum(map(len, matrix)) <= _MOST_NUMBERS:
        _write_numbers(axes, matrix, scale)


def _write_numbers(axes: Any, matrix: Matrix, scale: _Scale) -> None:  # noqa: ANN401
    spec = plans(matrix, (), len(matrix))[0].spec or ".3g"
    for i, row in enumerate(matrix):
        for j, value in enumerate(row):
            text = one_line(value)[:12] if isinstance(value, str) else f"{value:{spec}}"
            colour = "white" if scale.is_dark(_number(value)) else "black"
            axes.text(j, i, text, ha="center", va="center", fontsize=6, color=colour)


def _inputs(result: DemoResult) -> list[_Block]:
    facts = [f"{one_line(name)}: {one_line(str(value))}" for name, value in result.inputs.items()]
    return [_Block(_wrapped("; ".join(facts)), False, (), 0)] if facts else []


def _steps(result: DemoResult) -> list[_Block]:
    steps = {step.name: step for step in result.steps}
    beside = {step.name: other for step in result.steps if (other := comparable(step, steps)) is not None}
    compared = {other.name for other in beside.values()}
    return [block for step in result.steps if step.name not in compared for block in _step(step, beside.get(step.name))]


def _step(step: Step, beside: Step | None) -> list[_Block]:
    parts = [step] if beside is None else [step, beside]
    heading = [
        _Block(f"{one_line(each.name)}  {each.shape}  {one_line(' x '.join(each.axes))}", True, (), 0) for each in parts
    ]
    notes = "\n".join(_wrapped(one_line(each.note)) for each in parts)
    if not step.shape or 0 in step.shape or is_table(step) or _is_words(step):
        values = "" if 0 in step.shape else _as_text(step)
        return [*heading, _Block(f"{notes}\n{values}", False, (), 0)]
    found = [panel for each in parts for panel in panels(each)][:_MOST_PANELS]
    if step.preview:
        found = [found[0]._replace(matrix=found[0].matrix[:_PREVIEW_ROWS])]
    if len(step.shape) == 1 and found[0].columns:
        found = [panel.upright for panel in found]
    rows = tuple(tuple(found[start : start + _BESIDE]) for start in range(0, len(found), _BESIDE))
    high = 1.5 + 0.17 * min(max(len(panel.matrix) for panel in found), _MOST_ROWS)
    return [*heading, _Block(notes, False, rows, high)]


def _is_words(step: Step) -> bool:
    return len(step.shape) == 1 and all(isinstance(value, str) for value in step.values)


def _as_text(step: Step) -> str:
    """A number, words, or a table, in lines."""
    if not step.shape:
        return figure(step.values) if isinstance(step.values, int | float) else one_line(str(step.values))
    if len(step.shape) == 1:
        return _wrapped("  ".join(f"{index} {one_line(value)}" for index, value in enumerate(step.values)))
    lines = []
    for panel in list(panels(step))[:_MOST_PANELS]:
        lines.append(one_line(panel.caption))
        for index, row in enumerate(panel.matrix[:_MOST_ROWS]):
            named = zip(_names(panel.columns, len(row)), row, strict=True)
            cells = "; ".join(f"{name}: {one_line(x) if isinstance(x, str) else figure(x)}" for name, x in named)
            lines.append(_wrapped(f"{_names(panel.rows, len(panel.matrix))[index]}  {cells}"))
    return "\n".join(lines)


def _claims(result: DemoResult) -> list[_Block]:
    return [
        _Block(
            _wrapped(f"{_MARKS[claim.holds]}: {one_line(claim.statement)} ({_measured(claim.measured)})"),
            not claim.holds,
            (),
            0,
        )
        for claim in result.claims
    ]


def _measured(value: float | str) -> str:
    return f"measured: {one_line(value) if isinstance(value, str) else format(value, '.3g')}"


def _names(labels: Sequence[str], count: int) -> list[str]:
    return [one_line(labels[index])[:22] if index < len(labels) else str(index) for index in range(count)]


def _number(value: float | str) -> float:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return math.nan
    return float(value)


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, _LETTERS)) or " "
