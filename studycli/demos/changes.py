"""Changes: two runs of a demo, without the learner's edits and with them, step by step."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from studycli.demos import narrowing
from studycli.demos.measure import Float64
from studycli.model.trace import Claim, DemoResult, Step

_WITHOUT = "before"


class _Change(NamedTuple):
    """The largest change of a step's numbers: how large, where, and what became what there; None for words."""

    size: float
    place: tuple[int, ...]
    before: float
    after: float


def compared(before: DemoResult, after: DemoResult) -> DemoResult:
    """A list of the steps that an edit changed, then each of them before and after it, and the claims with it."""
    earlier = {step.name: step for step in before.steps}
    pairs = [(earlier.get(step.name), step) for step in after.steps]
    changed = [(old, new, _largest(old, new)) for old, new in pairs if old is None or old.values != new.values]
    steps = [drawn for old, new, change in changed for drawn in _pair(old, new, change)]
    claims = _claims(before.claims, after.claims)
    title = f"{after.title}, edited"
    return after.model_copy(update={"title": title, "steps": (_list(changed), *steps), "claims": claims})


def _list(changed: list[tuple[Step | None, Step, _Change | None]]) -> Step:
    """The step `changes`: what each changed step went through where it changed most."""
    rows = [
        [f"{change.size:.3g}", _place(new, change), _number(change.before), _number(change.after)]
        if change is not None
        else ["other words", "", "", ""]
        for _, new, change in changed
    ]
    note = (
        "The steps that the edit changed, in the order in which they follow: how far the number moved that moved most, "
        "where, and from what to what. Steps that stayed as they were are left out."
    )
    if not rows:
        return Step(name="changes", shape=(1,), values=["none"], note="The edit changed nothing that is shown here.")
    return Step(
        name="changes",
        shape=(len(rows), 4),
        values=rows,
        note=note,
        axes=("step", "change"),
        labels={"step": tuple(new.name for _, new, _ in changed), "change": ("largest", "at", "without", "with")},
    )


def _pair(before: Step | None, after: Step, change: _Change | None) -> Iterator[Step]:
    if before is None or before.shape != after.shape:
        was = "" if before is None else f" Without the edit, its shape was {before.shape}."
        yield after.model_copy(update={"note": f"With the edit.{was} {after.note}"})
        return
    most = "" if change is None else f"; it moved most at {_place(after, change)}, by {change.size:.3g}"
    name = f"{before.name} {_WITHOUT}"
    old = before.model_copy(update={"name": name, "note": "Without the edit.", "compare": after.name})
    new = after.model_copy(update={"note": f"With the edit{most}. {after.note}", "compare": None})
    if change is not None and after.preview:
        old, new = (_at(step, change.place) for step in (old, new))
    yield old
    yield new


def _at(step: Step, place: tuple[int, ...]) -> Step:
    """A step of many matrices, of which a few rows are shown, with the one in which it changed most alone."""
    for axis, index in zip(step.axes[: max(len(step.shape) - 2, 0)], place, strict=False):
        step = narrowing.narrowed(step, axis, index)
    return step


def _claims(before: tuple[Claim, ...], after: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims with the edit; where one was measured otherwise without it, that stands beside it."""
    earlier = {claim.name: claim for claim in before}
    return tuple(_beside(earlier.get(claim.name), claim) for claim in after)


def _beside(before: Claim | None, after: Claim) -> Claim:
    if before is None or before.measured == after.measured:
        return after
    measured = f"{_measured(after)}; without the edit {_measured(before)}"
    return after.model_copy(update={"measured": measured})


def _largest(before: Step | None, after: Step) -> _Change | None:
    if before is None or before.shape != after.shape:
        return None
    try:
        x, y = (np.asarray(step.values, dtype=np.float64) for step in (before, after))
    except ValueError:  # words
        return None
    apart = _apart(x, y)
    place = tuple(int(index) for index in np.unravel_index(int(apart.argmax()), apart.shape))
    return _Change(float(apart[place]), place, float(x[place]), float(y[place]))


def _apart(x: Float64, y: Float64) -> Float64:
    """How far apart two arrays are, number by number; what became no number is so most."""
    same = (x == y) | (np.isnan(x) & np.isnan(y))
    apart = np.abs(np.subtract(x, y, out=np.zeros_like(x), where=~same))
    return np.where(np.isnan(apart), math.inf, apart)


def _place(step: Step, change: _Change) -> str:
    """The place as `--explain` takes it: with the number of a layer or head that was picked out."""
    picked = [narrowing.taken(step, axis) for axis in step.axes] or [None] * len(change.place)
    of_whole = [index if number is None else number for index, number in zip(change.place, picked, strict=True)]
    return f"[{', '.join(map(str, of_whole))}]"


def _number(value: float) -> str:
    return f"{value:.4g}"


def _measured(claim: Claim) -> str:
    return claim.measured if isinstance(claim.measured, str) else f"{claim.measured:.3g}"
