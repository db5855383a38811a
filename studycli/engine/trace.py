"""Trace: records named intermediate values, and edits them on their way."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from studycli.errors import EngineError

if TYPE_CHECKING:
    from torch import Tensor

Edit = Callable[["Tensor"], "Tensor"]


class Trace(Mapping[str, "Tensor"]):
    """A mapping from dotted names, such as `decoder.blocks.0.attn.pattern`, to the tensors put under them.

    `only` is a glob: names that don't match it pass through unrecorded. `edits` maps full names to functions from
    a tensor to one of the same shape; the edited value is recorded and computed on. A name put twice keeps its
    last value. Recorded tensors are detached, not copied.
    """

    def __init__(self, only: str | None = None, edits: Mapping[str, Edit] | None = None) -> None:
        self._only = only
        self._edits = dict(edits or {})
        self._values: dict[str, Tensor] = {}
        self._prefix = ""

    def scope(self, name: str) -> Trace:
        """The same trace seen from within `name`: what is put as `x` there is `name.x` here."""
        inner = copy.copy(self)
        inner._prefix = f"{self._prefix}{name}."
        return inner

    def put(self, name: str, x: Tensor) -> Tensor:
        """Record `x` and return it, after the edit of this name if there is one.

        Raises EngineError where an edit changes the shape.
        """
        full = self._prefix + name
        edit = self._edits.get(full)
        if edit is not None:
            edited = edit(x)
            if edited.shape != x.shape:
                message = f"the edit turns shape {tuple(x.shape)} into {tuple(edited.shape)}"
                raise EngineError(message, where=full, hint="an edit keeps the shape of what it edits")
            x = edited
        if self._records(full):
            self._values[full] = x.detach()
        return x

    def wants(self, *names: str) -> bool:
        """Whether any of these names would be recorded or edited, so that the value has to exist."""
        return any(self._records(full) or full in self._edits for full in (self._prefix + name for name in names))

    def _records(self, full: str) -> bool:
        return self._only is None or fnmatchcase(full, self._only)

    def __getitem__(self, name: str) -> Tensor:
        return self._values[self._prefix + name]

    def __iter__(self) -> Iterator[str]:
        start = len(self._prefix)
        return (name[start:] for name in self._values if name.startswith(self._prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _NoTrace(Trace):
    """The trace that wants nothing; computing with it takes the fast path."""

    def scope(self, name: str) -> Trace:
        return self

    def put(self, name: str, x: Tensor) -> Tensor:
        return x

    def wants(self, *names: str) -> bool:
        return False


NO_TRACE: Trace = _NoTrace()
