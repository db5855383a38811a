"""Quantity: a named function of a few numbers or words that decks can state the value of, listed without torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from studycli.errors import UsageError

Argument = int | float | str | bool | Sequence[float]
"""What an argument may be."""

Result = int | float | list[float]
"""What a quantity gives: a number, or a row of numbers."""

Kind = Literal["integer", "number", "numbers", "word", "switch"]


@dataclass(frozen=True)
class Slot:
    """One argument of a quantity: its kind, what it means, and its default, None where it must be given.

    Numbers, and the entries of rows, lie from `low` to `high`; a row may hold -inf where `masks` says so. A word is
    one of the `choices`, if there are any.
    """

    name: str
    kind: Kind
    meaning: str
    default: Argument | None = None
    low: float = -1e30
    high: float = 1e30
    masks: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quantity:
    """A quantity: `summary` says what it is, as in 'bytes of the key/value cache'; `target` is its `module:function`.

    The function takes the slots as keyword arguments and raises StudyError for values that make no sense.
    """

    name: str
    summary: str
    target: str
    slots: tuple[Slot, ...]
    unit: str = ""

    def compute(self, **arguments: Argument) -> Result:
        """The value for these arguments, all of them given. Raises StudyError."""
        module, name = self.target.split(":")
        try:
            result: Result = getattr(import_module(module), name)(**arguments)
            finite = all(map(math.isfinite, result if isinstance(result, list) else [result]))
        except (OverflowError, ZeroDivisionError) as error:
            raise UsageError(f"{self.name} of these is no number", hint="give other values") from error
        if not finite:
            raise UsageError(f"{self.name} of these is not finite", hint="give other values")
        return result
