"""Argument: the value of one slot, read from a text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from studycli.demos.echo import brief
from studycli.demos.quantities.quantity import Argument, Slot
from studycli.errors import UsageError

MOST = 64
"""Entries of a row."""
LONGEST_WORD = 400
_NUMBER = re.compile(r"[+-]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def read(slot: Slot, text: str, bindings: Mapping[str, Argument]) -> Argument:
    """The value of a slot: a number, a row in brackets, a word with or without quotes, true or false, or a bound name.

    Raises UsageError for another kind, and for what is out of the slot's bounds.
    """
    if slot.kind == "numbers":
        return _row(slot, text, bindings)
    if slot.kind == "word":
        return _word(slot, str(bindings.get(text, text)))
    value = bindings.get(text, text)
    if slot.kind == "switch":
        return _switch(slot, value)
    found = _number(slot, value)
    return _whole(slot, found) if slot.kind == "integer" else found


def _row(slot: Slot, text: str, bindings: Mapping[str, Argument]) -> list[float]:
    bound = bindings.get(text)
    if isinstance(bound, Sequence) and not isinstance(bound, str):
        entries: list[Argument] = list(bound)
    elif text.startswith("[") and text.endswith("]"):
        written = [entry.strip() for entry in text[1:-1].split(",")]
        entries = [bindings.get(entry, entry) for entry in written]
    else:
        raise UsageError(f"{slot.name} is '{brief(text)}', no row", hint=f"write {slot.name}=[2, 1, 0]")
    if not 1 <= len(entries) <= MOST or entries == [""]:
        raise UsageError(f"{slot.name} has {len(entries) if entries != [''] else 0} entries", hint=f"give 1 to {MOST}")
    return [-math.inf if slot.masks and entry in ("-inf", "−inf") else _number(slot, entry) for entry in entries]


def _number(slot: Slot, value: Argument) -> int | float:
    """A number inside the slot's bounds, an int wherever it was written as one."""
    if isinstance(value, str):
        value = _parsed(slot, value.replace("−", "-"))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"{slot.name} is '{brief(str(value))}', no number", hint=f"write {slot.name}=2")
    if not slot.low <= value <= slot.high:
        hint = f"it lies between {slot.low:,.15g} and {slot.high:,.15g}"
        raise UsageError(f"{slot.name} is {brief(str(value))}", hint=hint)
    return value


def _parsed(slot: Slot, text: str) -> int | float:
    if _NUMBER.fullmatch(text) is None:
        hint = f"write {slot.name}=4096, {slot.name}=1e9 or {slot.name}=0.5, without commas"
        raise UsageError(f"{slot.name} is '{brief(text)}', no number", hint=hint)
    plain = text.replace("_", "")
    return int(plain) if plain.lstrip("+-").isdigit() else float(plain)


def _whole(slot: Slot, value: float) -> int:
    if not float(value).is_integer():
        raise UsageError(f"{slot.name} is {value}, no whole number", hint=f"write {slot.name}={round(value)}")
    return int(value)


def _word(slot: Slot, text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if len(text) > LONGEST_WORD:
        raise UsageError(f"{slot.name} has {len(text)} characters", hint=f"{LONGEST_WORD} at most")
    if slot.choices and text not in slot.choices:
        raise UsageError(f"{slot.name} is '{brief(text)}'", hint=f"it is one of {', '.join(slot.choices)}")
    return text


def _switch(slot: Slot, value: Argument) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() not in _SWITCHES:
        raise UsageError(f"{slot.name} is '{brief(str(value))}'", hint="it is true or false")
    return _SWITCHES[str(value).lower()]
