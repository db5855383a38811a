"""Stated: a quantity and what a deck says its value is, such as `softmax(scores=[2, 1]) = [0.73, 0.27]`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studycli.demos.echo import brief
from studycli.demos.quantities import call, units
from studycli.demos.quantities.call import Call
from studycli.demos.quantities.quantity import Result
from studycli.demos.quantities.sentence import sentence
from studycli.demos.quantities.units import Stated
from studycli.errors import UsageError

if TYPE_CHECKING:
    from studycli.model.trace import Claim

_OPERATOR = re.compile(r"\s*(<=|>=|==|[=<>~≈≤≥])\s*(.*)", re.DOTALL)
_SPELLED = {"==": "=", "≈": "~", "≤": "<=", "≥": ">="}
_ORDERS = ("<", ">", "<=", ">=")
_NEARLY = 0.1
_CLOSE = 1e-6
"""Relative distance at which a number counts as the stated one for <= and >=."""
_EDGE = 1.0001
"""How far a rounding may reach, in halves of the last digit: a float at the edge may lie on its other side."""
_HINT = "end it with an operator and a value, such as = 2.15 GB, ~ 0.5, < 1% or = [0.51, 0.31]"


@dataclass(frozen=True)
class Statement:
    """A call, an operator, and a value or a row of values, which are `written` so."""

    text: str
    call: Call
    operator: str
    written: str
    values: tuple[Stated, ...]
    is_row: bool

    def sentence(self, *, of_each: bool = False) -> str:
        """What is stated, in words; with `of_each`, of each number of a row."""
        return sentence(self.call, self.operator, self.written, of_each=of_each)

    def measure(self) -> Claim:
        """The claim with the measured value. Raises StudyError where the quantity cannot be computed."""
        from studycli.model.trace import Claim

        measured = self.call.value()
        if isinstance(measured, list) != self.is_row and not (isinstance(measured, list) and self.operator in _ORDERS):
            kind = "a row of numbers" if isinstance(measured, list) else "one number"
            raise UsageError(f"{self.call.quantity.name} gives {kind}", hint=f"it gives {shown(measured, self.values)}")
        is_so = holds(measured, self.operator, self.values)
        return Claim(
            name=self.text,
            statement=self.sentence(of_each=isinstance(measured, list) and not self.is_row),
            measured=shown(measured, self.values, precise=not is_so),
            holds=is_so,
        )


def parse(text: str) -> Statement:
    """The statement that a text makes. Raises UsageError."""
    _, rest = call.split(text)
    found = _OPERATOR.fullmatch(rest)
    if found is None:
        raise UsageError(f"'{brief(text)}' states no value", hint=_HINT)
    of = call.parse(text[: len(text) - len(rest)])
    right = found[2].strip()
    is_row = right.startswith("[") and right.endswith("]")
    written = right[1:-1].split(",") if is_row else [right]
    values = tuple(units.parse(value, of.quantity.unit) for value in written)
    operator = _SPELLED.get(found[1], found[1])
    return Statement(" ".join(text.split()), of, operator, " ".join(right.split()), values, is_row)


def holds(measured: Result, op: str, stated: Sequence[Stated]) -> bool:
    """Whether each measured number is so to the stated one; rows of unequal lengths are not.

    `=` asks that it rounds to the digits that were stated, `~` that it is within a tenth. For the others, one number
    may be stated of a whole row.
    """
    row = measured if isinstance(measured, list) else [measured]
    if len(stated) == 1 and op in _ORDERS:
        stated = [stated[0]] * len(row)
    return len(row) == len(stated) and all(_holds(number, op, one) for number, one in zip(row, stated, strict=True))


def shown(measured: Result, stated: Sequence[Stated], *, precise: bool = False) -> str:
    """The measured value in the units that were stated, with a digit more; a `precise` one with four at least."""
    if not isinstance(measured, list):
        return units.shown(measured, stated[0], precise=precise)
    fitting = stated if len(stated) == len(measured) else [stated[0]] * len(measured)
    numbers = (units.shown(number, one, precise=precise) for number, one in zip(measured, fitting, strict=True))
    return f"[{', '.join(numbers)}]"


def _holds(measured: int | float, op: str, stated: Stated) -> bool:
    value = stated.value
    if op == "=":
        return abs(measured - value) <= stated.half_digit * _EDGE
    if op == "~":
        return abs(measured - value) <= _NEARLY * abs(value)
    if op in ("<=", ">=") and math.isclose(measured, value, rel_tol=_CLOSE):
        return True
    return measured < value if op in ("<", "<=") else measured > value
