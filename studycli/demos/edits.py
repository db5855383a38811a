"""Edits: values that a learner sets in the middle of a computation, such as a head's output at 0."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from studycli.demos.echo import brief
from studycli.engine.trace import Trace
from studycli.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

_FORM = re.compile(r"\s*(?P<name>[A-Za-z_][\w.]*)\s*(?:\[(?P<places>[^\]]*)\])?\s*=\s*(?P<value>[^=]+?)\s*")
_PLACE = re.compile(r"\s*(head|query|key|token|feature)\s*=\s*([0-9]{1,9})\s*")
_AXES = {"head": -3, "query": -2, "token": -2, "key": -1, "feature": -1}
_LONGEST = 80
_NAMED = 8
_HINT = "an edit reads NAME[head=H,query=Q]=NUMBER, for example decoder.blocks.0.attn.z[head=3]=0"


@dataclass(frozen=True)
class Edit:
    """One edit: the value's name, the places in it by axis, and the number that they get."""

    name: str
    places: tuple[tuple[str, int], ...]
    value: float

    def __call__(self, x: Tensor) -> Tensor:
        """A copy of x with the places set. Raises UsageError for one that it hasn't."""
        changed = x.clone()
        at: list[slice | int] = [slice(None)] * x.dim()
        for axis, index in self.places:
            dimension = _AXES[axis]
            if x.dim() < -dimension:
                raise UsageError(f"{self.name} has no axis '{axis}'", hint=f"its shape is {tuple(x.shape)}")
            if index >= x.shape[dimension]:
                there = f"{axis}s count from 0 to {x.shape[dimension] - 1}"
                raise UsageError(f"{self.name} has no {axis} {index}", hint=there)
            at[dimension] = index
        changed[tuple(at)] = self.value
        return changed


def parse(text: str) -> Edit:
    """The edit that a text such as `pattern[head=0,query=2]=0` means. Raises UsageError."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise UsageError(f"'{brief(text)}' is no edit", hint=_HINT)
    places = tuple(_place(place, text) for place in (form["places"] or "").split(",") if place.strip())
    return Edit(form["name"], places, _number(form["value"], text))


def _place(text: str, edit: str) -> tuple[str, int]:
    found = _PLACE.fullmatch(text)
    if found is None:
        hint = f"a place reads head=3; axes are {', '.join(_AXES)}, and each counts from 0"
        raise UsageError(f"'{brief(text)}' is no place", where=brief(edit), hint=hint)
    return found[1], int(found[2])


def _number(text: str, edit: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise UsageError(f"'{brief(text)}' is no number", where=brief(edit), hint=_HINT) from error
    if not math.isfinite(value):
        hint = "give a finite one, such as 0; -1e9 is enough to leave a key out of a softmax"
        raise UsageError(f"{brief(text)} is no finite number", where=brief(edit), hint=hint)
    return value


@dataclass
class Edits:
    """The edits of one run, with the names that its traces saw, so that an edit that met nothing can be told."""

    edits: Sequence[Edit]
    seen: dict[str, None] = field(default_factory=dict)

    def trace(self, only: str | None = None) -> Trace:
        """A trace that applies the edits."""
        by_name: dict[str, Callable[[Tensor], Tensor]] = {}
        for edit in self.edits:
            before = by_name.get(edit.name)
            by_name[edit.name] = edit if before is None else _both(before, edit)
        return _Watched(only, by_name, self.seen)

    def check(self) -> None:
        """Raise UsageError for an edit whose name none of the traces saw."""
        for edit in self.edits:
            if edit.name not in self.seen:
                raise UsageError(f"there is no value '{brief(edit.name)}' in this demo", hint=self._there(edit.name))

    def _there(self, name: str) -> str:
        """What can be edited instead."""
        close = get_close_matches(name[:_LONGEST], self.seen, n=3, cutoff=0.5)
        if close:
            return f"did you mean {' or '.join(close)}?"
        names = list(self.seen)
        more = ", …" if len(names) > _NAMED else ""
        return f"it has {', '.join(names[:_NAMED])}{more}" if names else "this demo computes nothing that can be edited"


def _both(first: Callable[[Tensor], Tensor], second: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda x: second(first(x))


class _Watched(Trace):
    """A trace that notes every name put on it. A model that lacks an edited name is no error: another may have it."""

    def __init__(self, only: str | None, edits: dict[str, Callable[[Tensor], Tensor]], seen: dict[str, None]) -> None:
        super().__init__(only, edits)
        self._seen = seen

    def put(self, name: str, x: Tensor) -> Tensor:
        self._seen[self._prefix + name] = None
        return super().put(name, x)

    def check_edits(self) -> None:
        return None
