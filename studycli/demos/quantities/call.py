"""Call: a quantity with its arguments, read from a text such as `attention-weights(scores=[2, 1, 0], d_k=4)`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from studycli.demos.echo import brief
from studycli.demos.quantities import argument, catalogue
from studycli.demos.quantities.quantity import Argument, Quantity, Result
from studycli.errors import StudyError, UsageError

LONGEST = 2000
_HEAD = re.compile(r"\s*([A-Za-z][A-Za-z0-9_-]{0,60})\s*\(")
_NAMED = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]{0,40})\s*=(?!=)(.*)", re.DOTALL)
_FORM = "write it as in softmax(scores=[2, 1, 0])"
_OPEN, _CLOSE = "([", ")]"


@dataclass(frozen=True)
class Call:
    """A quantity and all of its arguments, defaults included."""

    quantity: Quantity
    arguments: Mapping[str, Argument]

    def value(self) -> Result:
        """What it gives. Raises StudyError."""
        return self.quantity.compute(**self.arguments)


def parse(text: str, bindings: Mapping[str, Argument] | None = None) -> Call:
    """The call that a text writes; an argument may be a name that `bindings` give the value of.

    Raises UsageError for a quantity or an argument that is not there or missing, and for a value of the wrong kind.
    """
    inside, rest = split(text)
    if rest.strip():
        raise UsageError(f"'{brief(rest.strip())}' follows the closing parenthesis", hint=_FORM)
    quantity = catalogue.find(_name(text))
    try:
        return Call(quantity, _arguments(quantity, inside, bindings or {}))
    except StudyError as error:
        raise UsageError(f"{quantity.name}: {error.message}", hint=error.hint) from error


def split(text: str) -> tuple[str, str]:
    """What stands between the parentheses of the call that a text begins with, and what follows them.

    Raises UsageError where there is none, or where it never closes.
    """
    if len(text) > LONGEST:
        raise UsageError(f"a call of {len(text):,} characters", hint=f"{LONGEST:,} at most")
    head = _HEAD.match(text)
    if head is None:
        raise UsageError(f"'{brief(text)}' calls no quantity", hint=_FORM)
    depth = 1
    for place, character in _outside_quotes(text, head.end()):
        depth += (character in _OPEN) - (character in _CLOSE)
        if depth == 0:
            return text[head.end() : place], text[place + 1 :]
    raise UsageError(f"'{brief(text)}' never closes its parenthesis", hint=_FORM)


def _name(text: str) -> str:
    head = _HEAD.match(text)
    return head[1] if head else ""


def _arguments(quantity: Quantity, inside: str, bindings: Mapping[str, Argument]) -> dict[str, Argument]:
    """All arguments by name. Raises UsageError."""
    slots = {slot.name: slot for slot in quantity.slots}
    given: dict[str, Argument] = {}
    for part in _parts(inside):
        named = _NAMED.fullmatch(part)
        if named is None:
            raise UsageError(f"'{brief(part.strip())}' names no argument", hint=_usage(quantity))
        name = named[1]
        if name not in slots:
            close = get_close_matches(name, slots, n=1, cutoff=0.5)
            hint = f"did you mean {close[0]}?" if close else _usage(quantity)
            raise UsageError(f"there is no argument '{name}'", hint=hint)
        if name in given:
            raise UsageError(f"{name} is given twice", hint="give each argument once")
        given[name] = argument.read(slots[name], named[2].strip(), bindings)
    for slot in quantity.slots:
        if slot.name not in given:
            if slot.default is None:
                raise UsageError(f"{slot.name} is missing", hint=f"{slot.name}: {slot.meaning}")
            given[slot.name] = slot.default
    return given


def _parts(inside: str) -> list[str]:
    """The text cut at the commas that stand outside of brackets and quotes."""
    parts, depth, start = [], 0, 0
    for place, character in _outside_quotes(inside, 0):
        depth += (character in _OPEN) - (character in _CLOSE)
        if character == "," and depth == 0:
            parts.append(inside[start:place])
            start = place + 1
    return [*parts, inside[start:]] if inside.strip() else []


def _outside_quotes(text: str, start: int) -> list[tuple[int, str]]:
    """The places and characters from `start` on that no double or single quotes enclose.

    A single quote opens only where a value begins, so that a word may have an apostrophe.
    """
    found: list[tuple[int, str]] = []
    quote = ""
    for place in range(start, len(text)):
        character = text[place]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and text[:place].rstrip().endswith("="):
            quote = character
        else:
            found.append((place, character))
    return found


def _usage(quantity: Quantity) -> str:
    return f"its arguments are {', '.join(slot.name for slot in quantity.slots)}"
