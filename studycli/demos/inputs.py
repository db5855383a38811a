"""What a demo is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studycli.demos.demo import DEFAULT_TEXT
from studycli.demos.parameter import Value
from studycli.errors import UsageError

if TYPE_CHECKING:
    from studycli.demos.edits import Edits
    from studycli.engine.trace import Trace

__all__ = ["DEFAULT_TEXT", "Inputs"]


@dataclass(frozen=True)
class Inputs:
    """The text to compute on, the device (auto, cpu or cuda), the seed, and what the learner chose.

    `layer` and `head` count from 0 and are None where none was chosen. `parameters` are those of the demo, whole once
    the registry has filled in the defaults. `edits` change values on their way; `trace` applies them.
    """

    text: str = DEFAULT_TEXT
    device: str = "auto"
    seed: int = 0
    layer: int | None = None
    head: int | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict)
    edits: Edits | None = None

    def trace(self, only: str | None = None) -> Trace:
        """A trace for a pass that the demo shows, with the learner's edits. `only` is a glob, as a Trace takes it."""
        from studycli.engine.trace import Trace

        return Trace(only) if self.edits is None else self.edits.trace(only)

    def integer(self, name: str) -> int:
        """A parameter that is a whole number."""
        return int(self.parameters[name])

    def number(self, name: str) -> float:
        """A parameter that is a number."""
        return float(self.parameters[name])

    def word(self, name: str) -> str:
        """A parameter that is a text."""
        return str(self.parameters[name])

    def chosen_layer(self, default: int, count: int) -> int:
        """The layer that was chosen, else the default. Raises UsageError where there are only `count`."""
        return _chosen("layer", self.layer, default, count)

    def chosen_head(self, default: int, count: int) -> int:
        """The head that was chosen, else the default. Raises UsageError where there are only `count`."""
        return _chosen("head", self.head, default, count)


def _chosen(what: str, chosen: int | None, default: int, count: int) -> int:
    if chosen is None:
        return default
    if not 0 <= chosen < count:
        there = f"the only one is {what} 0" if count == 1 else f"there are {what}s 0 to {count - 1}"
        raise UsageError(f"there is no {what} {chosen}", hint=there)
    return chosen
