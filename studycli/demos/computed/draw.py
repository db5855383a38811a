"""Draw: a value that a card draws, as its text describes it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from studycli.demos.quantities.quantity import Argument
from studycli.errors import UsageError

LARGEST = 10**9
MOST_INTEGERS = 16
_FORM = re.compile(r"(integers|integer|choice)\s*\((.*)\)", re.DOTALL)
_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")
_Described = tuple[Callable[[Random], Argument], tuple[Argument, ...]]
"""What takes a value, and the values at the edges."""
_HINT = "a draw is integer(low, high), integers(count, low, high) or choice(a, b, c)"


@dataclass(frozen=True)
class Draw:
    """One of the draws: it takes a value out of what `text` describes.

    `edges` are the values to try, where one may be out of an argument's bounds: every choice, or the ends of the range
    and its 0.
    """

    text: str
    take: Callable[[Random], Argument]
    edges: tuple[Argument, ...]


def parse(text: str) -> Draw:
    """The draw that a text such as `integers(3, -2, 3)` describes. Raises UsageError."""
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise UsageError(f"'{text.strip()}' is no draw", hint=_HINT)
    arguments = [argument.strip() for argument in form[2].split(",")]
    kind = {"integer": _integer, "integers": _integers, "choice": _choice}[form[1]]
    return Draw(text, *kind(arguments))


def _integer(arguments: list[str]) -> _Described:
    if len(arguments) != 2:
        raise UsageError("integer takes a lowest and a highest value", hint="for example integer(1, 9)")
    low, high = _range(*arguments)
    return lambda random: random.randint(low, high), tuple(_ends(low, high))


def _integers(arguments: list[str]) -> _Described:
    if len(arguments) != 3:
        raise UsageError("integers takes a count, a lowest and a highest value", hint="for example integers(3, -2, 3)")
    count = _whole(arguments[0])
    if not 1 <= count <= MOST_INTEGERS:
        raise UsageError(f"{count} integers cannot be drawn", hint=f"draw 1 to {MOST_INTEGERS}")
    low, high = _range(*arguments[1:])
    return lambda random: [random.randint(low, high) for _ in range(count)], tuple(
        [end] * count for end in _ends(low, high)
    )


def _choice(arguments: list[str]) -> _Described:
    if len(arguments) < 2 or not all(arguments):
        raise UsageError("choice takes two values or more", hint="for example choice(1, 4, 16)")
    values = [_value(argument) for argument in arguments]
    return lambda random: random.choice(values), tuple(values)


def _ends(low: int, high: int) -> list[int]:
    return sorted({low, high, min(max(low, 0), high)})


def _range(lowest: str, highest: str) -> tuple[int, int]:
    low, high = _whole(lowest), _whole(highest)
    if low > high:
        raise UsageError(f"there is no number from {low} to {high}", hint="write the lowest first")
    return low, high


def _whole(text: str) -> int:
    if _INTEGER.fullmatch(text) is None or abs(int(text)) > LARGEST:
        raise UsageError(f"'{text}' is no whole number", hint=f"it lies between -{LARGEST:,} and {LARGEST:,}")
    return int(text)


def _value(text: str) -> Argument:
    """A whole number, a number, or else a word."""
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return text.strip("\"'")
    return number if math.isfinite(number) else text
