"""Trace: records named intermediate values, and edits them on their way."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from fnmatch import translate
from typing import TYPE_CHECKING

from studycli.errors import EngineError

if TYPE_CHECKING:
    from torch import Tensor

Edit = Callable[["Tensor"], "Tensor"]

_OF_HEADS = frozenset(
    ("q", "k", "v", "q_rotated", "k_rotated", "scores", "scaled", "biased", "masked", "pattern", "z", "phi_q", "phi_k",
     "state", "normaliser", "maximum", "denominator")
)  # fmt: skip
"""Names of values with a dimension of heads, third from the end."""

_HEAD = re.compile(r"(.*)\[head=(\d+)\]")


class NotRecordedError(EngineError, KeyError):
    """A name that a trace has no value of."""


class Trace(Mapping[str, "Tensor"]):
    """A mapping from dotted names, such as `decoder.blocks.0.attn.pattern`, to the tensors put under them.

    `only` is a glob: names that don't match it pass through unrecorded. It may end in `[head=3]`: then only values of
    heads are kept, and of these that head (of keys and values the one that serves it), in a dimension of size 1;
    scores and patterns of other heads are not even made. `edits` maps full names to functions from a tensor to one of
    the same shape; the edited value is recorded and computed on. A name put twice keeps its last value. Recorded
    tensors are detached, and copied only where `only` is given and they would keep a larger tensor alive.
    """

    def __init__(self, only: str | None = None, edits: Mapping[str, Edit] | None = None) -> None:
        selected = _HEAD.fullmatch(only or "")
        self.head = int(selected[2]) if selected else None
        glob = selected[1] if selected else only
        self._only = re.compile(translate(glob)) if glob is not None else None
        self._edits = dict(edits or {})
        self._values: dict[str, Tensor] = {}
        self._edited: set[str] = set()
        self._prefix = ""

    def scope(self, name: str) -> Trace:
        """The same trace seen from within `name`: what is put as `x` there is `name.x` here."""
        inner = copy.copy(self)
        inner._prefix = f"{self._prefix}{name}."
        return inner

    def of_one_head(self) -> Trace:
        """The same trace for values that hold the selected head alone."""
        inner = copy.copy(self)
        inner.head = None
        return inner

    def of_groups(self, size: int) -> Trace:
        """The same trace for keys and values, each of which serves `size` query heads."""
        if self.head is None or size == 1:
            return self
        inner = copy.copy(self)
        inner.head = self.head // size
        return inner

    def put(self, name: str, x: Tensor) -> Tensor:
        """Record `x` and return it, after the edit of this name if there is one.

        Raises EngineError where an edit changes the shape, and where a selected head does not exist.
        """
        full = self._prefix + name
        if self._edits and full in self._edits:
            x = _edited(self._edits[full], x, full)
            self._edited.add(full)
        if self._only is None:
            self._values[full] = x.detach()
        elif self._only.match(full) and (self.head is None or name.rpartition(".")[2] in _OF_HEADS):
            kept = x.detach() if self.head is None else _one_head(x.detach(), self.head, full)
            shared = kept.untyped_storage().nbytes() > kept.nbytes
            self._values[full] = kept.clone() if shared else kept
        return x

    def wants(self, *names: str) -> bool:
        """Whether any of these names would be recorded or edited, so that the value has to exist."""
        if self._only is None:
            return True
        full = [self._prefix + name for name in names]
        return any(self._only.match(name) or name in self._edits for name in full)

    def edits_any(self, *names: str) -> bool:
        """Whether any of these names has an edit."""
        return bool(self._edits) and any(self._prefix + name in self._edits for name in names)

    def check_edits(self) -> None:
        """Raise EngineError where an edit found no value of its name so far."""
        for name in self._edits:
            if name not in self._edited:
                hint = "a Trace() without edits lists the names there are"
                raise EngineError("there is no such value to edit", where=name, hint=hint)

    def __getitem__(self, name: str) -> Tensor:
        full = self._prefix + name
        if full not in self._values:
            close = get_close_matches(full, self._values, n=3, cutoff=0.6)
            hint = f"did you mean {' or '.join(close)}?" if close else "list(trace) gives the names there are"
            raise NotRecordedError("the trace has no such value", where=full, hint=hint)
        return self._values[full]

    def __iter__(self) -> Iterator[str]:
        start = len(self._prefix)
        return (name[start:] for name in self._values if name.startswith(self._prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _edited(edit: Edit, x: Tensor, full: str) -> Tensor:
    edited = edit(x)
    if not hasattr(edited, "shape"):
        message = f"the edit gives {type(edited).__name__}"
        raise EngineError(message, where=full, hint="an edit gives a tensor of the shape it got")
    if edited.shape != x.shape:
        message = f"the edit turns shape {tuple(x.shape)} into {tuple(edited.shape)}"
        raise EngineError(message, where=full, hint="an edit keeps the shape of what it edits")
    return edited


def _one_head(x: Tensor, head: int, full: str) -> Tensor:
    if x.dim() < 3 or head >= x.shape[-3]:
        there = f"there are {x.shape[-3]}" if x.dim() > 2 else f"its shape is {tuple(x.shape)}"
        raise EngineError(f"there is no head {head}", where=full, hint=f"{there}; heads count from 0")
    return x.narrow(-3, head, 1)  # (..., 1, seq, d)


class _NoTrace(Trace):
    """The trace that wants nothing; computing with it takes the fast path."""

    def scope(self, name: str) -> Trace:
        return self

    def put(self, name: str, x: Tensor) -> Tensor:
        return x

    def wants(self, *names: str) -> bool:
        return False

    def check_edits(self) -> None:
        return None


NO_TRACE: Trace = _NoTrace()
