"""Cells: a cell of a step by its text, `pattern[0,2,1]`, and what stands there."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from studycli.demos.echo import brief
from studycli.errors import UsageError
from studycli.model.trace import DemoResult, Step

_FORM = re.compile(r"\s*([^\[\]]*[^\[\]\s])\s*(?:\[([^\[\]]*)\])?\s*")
_HINT = "name a step and a place in it, such as pattern[0,2,1]"
_MANY_DIGITS = 9
_LONGEST = 80


class Cell(NamedTuple):
    """A place in a step: an index for each of its axes, from 0."""

    step: Step
    place: tuple[int, ...]

    @property
    def value(self) -> float | str:
        """What stands there."""
        value = self.step.values
        for index in self.place:
            value = value[index]
        return value if isinstance(value, str) else float(value)

    @property
    def text(self) -> str:
        """The cell as it is asked for: `pattern[0, 2, 1]`."""
        return f"{self.step.name}[{', '.join(map(str, self.place))}]" if self.place else self.step.name

    @property
    def names(self) -> tuple[str, ...]:
        """What each index stands for: `query 2 'drank'`."""
        return tuple(name(self.step, axis, index) for axis, index in enumerate(self.place))

    def row(self) -> list[float | str]:
        """The numbers of its row: those that differ in the last index alone."""
        values: Any = self.step.values
        for index in self.place[:-1]:
            values = values[index]
        return [value if isinstance(value, str) else float(value) for value in values]


def parse(text: str, result: DemoResult) -> Cell:
    """The cell that a text means. Raises UsageError for a step, an axis or an index that the result lacks."""
    wanted, indices = parts(text)
    step = _step(wanted, result)
    return Cell(step, _place(text, step, indices))


def parts(text: str) -> tuple[str, list[str]]:
    """The name and the indices in a cell's text, as written. Raises UsageError for what can be no cell of any step."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise UsageError(f"'{brief(text)}' is no cell", hint=_HINT)
    return form[1], [part.strip() for part in (form[2] or "").split(",") if part.strip()]


def aligned(place: Sequence[int], shape: Sequence[int]) -> tuple[int, ...] | None:
    """The same place in a shape that may lack the first axes, or have one of size 1; None where there is none."""
    if len(shape) > len(place):
        return None
    own = place[len(place) - len(shape) :]
    found = tuple(0 if size == 1 else index for index, size in zip(own, shape, strict=True))
    return found if all(index < size for index, size in zip(found, shape, strict=True)) else None


def name(step: Step, axis: int, index: int) -> str:
    """An index in words: the axis, the number, and its label where it has one."""
    of = step.axes[axis] if axis < len(step.axes) else "index"
    labels = step.labels.get(of, ())
    label = labels[index] if index < len(labels) else ""
    if label[:1].isdecimal() and step.shape[axis] == 1:  # one of several, picked out, which says its own number
        return f"{of} {label}"
    return f"{of} {index} '{label}'" if label and label != str(index) else f"{of} {index}"


def _step(wanted: str, result: DemoResult) -> Step:
    steps = {step.name: step for step in result.steps}
    if wanted in steps:
        return steps[wanted]
    close = get_close_matches(wanted[:_LONGEST], steps, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else f"its steps are {', '.join(steps)}"
    raise UsageError(f"the demo '{result.demo}' has no step '{brief(wanted)}'", hint=hint)


def _place(text: str, step: Step, indices: list[str]) -> tuple[int, ...]:
    axes = ", ".join(
        f"{step.axes[axis] if axis < len(step.axes) else 'index'} 0 to {size - 1}"
        for axis, size in enumerate(step.shape)
    )
    wanted = {0: "no index", 1: "one index"}.get(len(step.shape), f"{len(step.shape)} indices")
    hint = f"{step.name} takes {wanted}{f': {axes}' if axes else ''}"
    if any(not index.isascii() or not index.isdecimal() or len(index) > _MANY_DIGITS for index in indices):
        raise UsageError(f"'{brief(text)}' is no cell: an index is a whole number from 0 up", hint=hint)
    place = tuple(map(int, indices))
    if len(place) != len(step.shape):
        raise UsageError(f"'{brief(text)}' has {len(place)} of {len(step.shape)} indices", hint=hint)
    for index, size in zip(place, step.shape, strict=True):
        if index >= size:
            raise UsageError(f"'{brief(text)}' is outside of {step.name}", hint=hint)
    return place


def number(value: float | str) -> float:
    """A number of a step, `inf`, `-inf` and `nan` among them; what is a word is not a number."""
    try:
        return float(value)
    except ValueError:
        return math.nan
