"""Controls of a demo: the layer, the head, and a slider for each parameter, as values and as lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from studycli.demos.parameter import Parameter, Value
from studycli.render.safe import one_line

_EACH = 32
"""A whole number with so many values at most is set in steps of one."""
_DOUBLED = 8
_SPANS = 100
"""Where the largest value is more than so many times the least, steps grow with the value."""
_STEPS = 20
_DECADE = (1, 1.5, 2, 3, 5, 7)


@dataclass(frozen=True)
class Place:
    """A layer or a head: the one that is looked at, or None for all of them, and how many there are."""

    axis: str
    index: int | None
    count: int
    keys: str
    silenced: bool = False

    def moved(self, by: int) -> int | None:
        """The next or the one before; after the last and before the first come all, unless one is silenced."""
        if self.silenced:
            return ((self.index or 0) + by) % self.count
        place = -1 if self.index is None else self.index
        found = (place + 1 + by) % (self.count + 1) - 1
        return None if found < 0 else found

    @property
    def text(self) -> Text:
        """The place in words, with its keys."""
        which = "all" if self.index is None else str(self.index)
        there = f"of 0 to {self.count - 1}" if self.count > 1 else "of 0"
        said = Text.assemble(f"{self.axis} ", (which, "bold"), f" {there}")
        if self.silenced:
            said.append(" silenced", "bold reverse")
        return said.append(f"  {self.keys}", "dim")


def stops(parameter: Parameter) -> tuple[Value, ...]:
    """The values that a slider goes through; nothing for a text, or a number without bounds."""
    if parameter.choices:
        return parameter.choices
    if isinstance(parameter.default, str) or math.isinf(parameter.least) or math.isinf(parameter.most):
        return ()
    whole = isinstance(parameter.default, int)
    numbers = [parameter.least, *_between(parameter, whole), parameter.most]
    return tuple(sorted({round(number) if whole else _rounded(number) for number in numbers}))


def moved(parameter: Parameter, value: Value, by: int) -> Value:
    """The next value of a slider, or the one before; at the ends it stays."""
    there = stops(parameter)
    if parameter.choices:
        index = there.index(value) if value in there else 0
        return there[(index + by) % len(there)]
    numbers = [float(stop) for stop in there]
    beyond = [index for index, number in enumerate(numbers) if (number - float(value)) * by > 0]
    return (there[beyond[0] if by > 0 else beyond[-1]]) if beyond else value


def settings(values: Sequence[tuple[str, Value]], chosen: int) -> list[Text]:
    """The parameters, the chosen one marked."""
    said = [f"{one_line(name)} {shown(value)}" for name, value in values]
    return [Text(f"‹{text}›", "bold") if index == chosen else Text(text) for index, text in enumerate(said)]


def packed(parts: Sequence[Text], width: int, gap: str) -> Text:
    """Parts in lines of `width` terminal cells, as many in a line as fit."""
    said, taken = Text(), 0
    for part in parts:
        fits = taken + len(gap) + part.cell_len <= width
        said.append((gap if fits else "\n") if taken else "").append_text(part)
        taken = taken + len(gap) + part.cell_len if taken and fits else part.cell_len
    return said


def slider(parameter: Parameter, value: Value, width: int) -> Text:
    """Where a value lies between its bounds, within `width` terminal cells, and what it means below."""
    meaning = Text(one_line(parameter.meaning), "dim")
    there = stops(parameter)
    if parameter.choices or not there:
        return Text(f"{parameter.allowed}: ", "dim").append_text(meaning)
    ends = f"{shown(there[0])} ", f" {shown(there[-1])}"
    room = max(min(width - sum(map(len, ends)) - 2, 40), 5)
    below = sum(float(stop) < float(value) for stop in there)
    knob = round(below / max(len(there) - 1, 1) * (room - 1))
    line = f"├{'─' * knob}●{'─' * (room - 1 - knob)}┤"
    return Text.assemble((ends[0], "dim"), line, (ends[1], "dim"), "\n").append_text(meaning)


def shown(value: Value) -> str:
    """A parameter's value as it is read and typed."""
    return one_line(value) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def _between(parameter: Parameter, whole: bool) -> list[float]:
    least, most, span = parameter.least, parameter.most, parameter.most - parameter.least
    if whole and span < _EACH:
        return [least + index for index in range(round(span))]
    if whole and _is_power(parameter.default) and most >= _DOUBLED * max(least, 1):
        return _inside([2.0**exponent for exponent in range(31)], least, most)
    if least > 0 and most > _SPANS * least:
        decades = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
        return _inside([digit * 10.0**decade for decade in decades for digit in _DECADE], least, most)
    step = _round_step(span / _STEPS)
    return _inside([step * index for index in range(math.floor(least / step), math.ceil(most / step))], least, most)


def _inside(numbers: Sequence[float], least: float, most: float) -> list[float]:
    return [number for number in numbers if least < number < most]


def _is_power(value: Value) -> bool:
    return isinstance(value, int) and value >= 4 and value & (value - 1) == 0


def _round_step(step: float) -> float:
    """The next larger of 1, 2 and 5 times a power of ten."""
    decade = 10.0 ** math.floor(math.log10(step))
    return next(digit * decade for digit in (1, 2, 5, 10) if digit * decade >= step * (1 - 1e-9))


def _rounded(number: float) -> float:
    return float(f"{number:.6g}")
