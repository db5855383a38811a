"""Sentence: a quantity, its arguments and what is stated of it, in words that stand alone."""

from __future__ import annotations

import re

from studycli.demos.quantities.call import Call
from studycli.demos.quantities.quantity import Argument, Slot

_VERBS = {
    "=": "",
    "~": "about ",
    "<": "less than ",
    ">": "more than ",
    "<=": "at most ",
    ">=": "at least ",
}
_HEAD_ENDS = re.compile(r",| (?:of|that|in|after|for|with|times|when|or|what|left)\b")
_GROUPED = 10**15
"""Up to here a whole number is written out, with commas."""


def sentence(call: Call, operator: str, stated: str, *, of_each: bool = False) -> str:
    """'The bytes of the key/value cache (n_layers 32, tokens 4,096) are 2.15 GB.'

    Defaults of 0 and off are left out: they ask for nothing. With `of_each` the value is stated of each number of a
    row.
    """
    subject = call.quantity.summary.partition(": ")[0]
    values = {slot: call.arguments[slot.name] for slot in call.quantity.slots}
    inside = ", ".join(
        f"{slot.name} {_written(slot, value)}" for slot, value in values.items() if value or value != slot.default
    )
    given = f" ({inside})" if inside else ""
    verb = "are" if _is_plural(subject) else "is"
    where = " in each place" if of_each else ""
    return f"{subject[:1].upper()}{subject[1:]}{given} {verb} {_VERBS[operator]}{stated}{where}."


def _is_plural(subject: str) -> bool:
    """Whether the noun that the subject is about, as in 'the training tokens for …', is one of several."""
    head = _HEAD_ENDS.split(subject, maxsplit=1)[0]
    return head.endswith("s") and not head.endswith("ss")


def _written(slot: Slot, value: Argument) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return value if slot.choices else f'"{value}"'
    if isinstance(value, int | float):
        return _number(value)
    return f"[{', '.join(map(_number, value))}]"


def _number(value: float) -> str:
    if float(value).is_integer() and abs(value) < _GROUPED:
        return f"{int(value):,}"
    return f"{value:.15g}"
