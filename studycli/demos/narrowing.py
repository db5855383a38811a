"""Narrowing: of a demo's result, one step, one layer or one head."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from studycli.demos.demo import Demo
from studycli.demos.echo import brief
from studycli.demos.parameter import Value
from studycli.errors import UsageError
from studycli.model.trace import DemoResult, Step

_LONGEST = 80
_CHOSEN = ("layer", "head")


def one_step(result: DemoResult, name: str) -> DemoResult:
    """The result with this step alone, by its name or its number from 0. Raises UsageError where there is none."""
    names = [step.name for step in result.steps]
    wanted = names[int(name)] if name.isdecimal() and len(name) < 4 and int(name) < len(names) else name
    if wanted not in names:
        close = get_close_matches(wanted[:_LONGEST], names, n=3, cutoff=0.5)
        numbered = ", ".join(f"{number} {step}" for number, step in enumerate(names))
        hint = f"did you mean {' or '.join(close)}?" if close else f"its steps are {numbered}"
        raise UsageError(f"this demo has no step '{brief(name)}'", hint=hint)
    kept = tuple(step for step in result.steps if step.name == wanted)
    return result.model_copy(update={"steps": kept})


def check(demo: Demo, settings: Mapping[str, Value], layer: int | None, head: int | None) -> None:
    """Raise UsageError, before anything is computed, for a layer or a head of which it is known that it isn't there.

    How many there are is known of the demo with its default settings alone.
    """
    for axis, index, count in zip(_CHOSEN, (layer, head), (demo.layers, demo.heads), strict=True):
        if index is not None and not count:
            raise _nothing_to_choose(demo.name, axis)
        if index is not None and index >= count and demo.settings({}) == demo.settings({}) | dict(settings):
            raise _not_there(axis, index, count)


def _nothing_to_choose(demo: str, axis: str) -> UsageError:
    return UsageError(f"the demo '{demo}' has no {axis}s to choose from", hint=f"leave --{axis} out")


def _not_there(axis: str, index: int, count: int) -> UsageError:
    there = f"the only one is {axis} 0" if count == 1 else f"{axis}s count from 0 to {count - 1}"
    return UsageError(f"there is no {axis} {index}", hint=there)


def chosen(result: DemoResult, demo: Demo, layer: int | None, head: int | None) -> DemoResult:
    """The result at a layer and a head, where these were chosen and the demo leaves them to its steps.

    Raises UsageError for one that isn't there.
    """
    for axis, index in zip(_CHOSEN, (layer, head), strict=True):
        if index is not None and axis not in demo.chooses:
            result = at(result, axis, index)
    return result


def at(result: DemoResult, axis: str, index: int) -> DemoResult:
    """The result with one index of an axis, `layer` or `head`, in every step that has it.

    Raises UsageError where no step has the axis, or none has so many.
    """
    sizes = [step.shape[step.axes.index(axis)] for step in result.steps if axis in step.axes]
    if not sizes:
        raise _nothing_to_choose(result.demo, axis)
    if index >= max(sizes):
        raise _not_there(axis, index, max(sizes))
    steps = tuple(narrowed(step, axis, index) for step in result.steps)
    return result.model_copy(update={"inputs": result.inputs | {axis: index}, "steps": steps})


def narrowed(step: Step, axis: str, index: int) -> Step:
    """The step at one index of an axis, if it has that; the axis stays, with one entry that says which it is.

    Its note begins with that too.
    """
    if axis not in step.axes or index >= step.shape[step.axes.index(axis)] or taken(step, axis) is not None:
        return step
    dimension = step.axes.index(axis)
    known = step.labels.get(axis, ())[index : index + 1]
    label = f"{index} {known[0]}" if known and known[0] != str(index) else str(index)
    shape = (*step.shape[:dimension], 1, *step.shape[dimension + 1 :])
    labels = step.labels | {axis: (label,)}
    note = f"{axis.capitalize()} {label} of {step.shape[dimension]} alone. {step.note}"
    values = _take(step.values, dimension, index)
    return step.model_copy(update={"values": values, "shape": shape, "labels": labels, "note": note})


def taken(step: Step, axis: str) -> int | None:
    """The index that `narrowed` took along an axis; None where all entries are there."""
    labels = step.labels.get(axis, ())
    number = labels[0].partition(" ")[0] if axis in _CHOSEN and len(labels) == 1 else ""
    return int(number) if number.isdecimal() else None


def _take(values: Any, dimension: int, index: int) -> Any:  # noqa: ANN401 - lists as deep as the step's shape
    return [values[index]] if dimension == 0 else [_take(inner, dimension - 1, index) for inner in values]
