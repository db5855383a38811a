"""Panels: the matrices of a step, each under a caption, whatever they are drawn on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from studycli.model.trace import Step
from studycli.render.heatmap import Matrix
from studycli.render.step_table import TOKEN_AXES

_COUNTED = frozenset(("head", "layer", "block"))
"""Axes whose entries are known by their numbers, whatever else they are called."""


class Panel(NamedTuple):
    """One matrix of a step, under a caption.

    `lead` holds the indices of the step's axes before the last two, `axes` the names of the rows' and the columns'
    axis, `rows` and `columns` their labels, or nothing.
    """

    caption: str
    matrix: Matrix
    lead: tuple[int, ...]
    axes: tuple[str, str]
    rows: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...] | None:
        """The names of columns that are no words of a text: they tell more than a picture that is smaller."""
        return None if self.axes[1] in TOKEN_AXES else self.columns

    @property
    def upright(self) -> Panel:
        """A vector, which is a single row, as a column."""
        column = [[value] for value in self.matrix[0]]
        return Panel(self.caption, column, self.lead, (self.axes[1], ""), self.columns, ())


def panels(step: Step) -> Iterator[Panel]:
    """A step's matrices: the last two axes are rows and columns, the others become captions. A vector is a row."""

    def walk(values: Any, lead: tuple[int, ...], caption: str) -> Iterator[Panel]:  # noqa: ANN401
        if len(lead) >= len(step.shape) - 2:
            yield Panel(caption or step.name, values, lead, axes, rows, columns)
            return
        for index, inner in enumerate(values):
            yield from walk(inner, (*lead, index), f"{caption} {_index_name(step, len(lead), index)}".strip())

    first, second = ("", "", *step.axes)[-2:]
    axes = (first, second)
    rows, columns = _names(step, first), _names(step, second)
    return walk([step.values] if len(step.shape) == 1 else step.values, (), "")


def _names(step: Step, axis: str) -> tuple[str, ...]:
    """The labels of an axis, unless they are the numbers that its entries have anyway."""
    labels = step.labels.get(axis, ())
    return () if labels == tuple(map(str, range(len(labels)))) else labels


def comparable(step: Step, steps: Mapping[str, Step]) -> Step | None:
    """The step to draw beside this one: one of the same shape, that is shown whole."""
    other = steps.get(step.compare or "")
    fits = other is not None and other is not step and other.shape == step.shape and not step.preview
    return other if fits else None


def _index_name(step: Step, axis: int, index: int) -> str:
    """An index of an axis in words: `head 2`, `head 2 previous-token`, or a label that says it all."""
    of = step.axes[axis] if axis < len(step.axes) else "part"
    labels = step.labels.get(of, ())
    label = labels[index] if index < len(labels) else str(index)
    if label[:1].isdecimal():
        return f"{of} {label}"
    return f"{of} {index} {label}" if of in _COUNTED else label
