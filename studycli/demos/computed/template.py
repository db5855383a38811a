"""Template: a place in a card's text where a drawn or a computed value is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studycli.demos.computed import draw
from studycli.demos.computed.draw import Draw
from studycli.errors import UsageError

LONGEST = 400
"""How many characters a template may have; the end of an open one is not looked for any further."""

NOT_COMPUTED = "(not computed: "
"""How the place of a template begins that could not be filled; why follows."""

_OPEN = re.compile(r"\{\{ ?compute ?:")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_DRAWN = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,39}) ?=(?!=)(.*)")
_DECIMALS = re.compile(r" to ([0-9]) decimals?$")
_HINT = "write {{compute: name = integer(1, 9)}}, {{compute: name}} or {{compute: quantity(argument=name)}}"


@dataclass(frozen=True)
class Template:
    """What to show: a value by its name, drawn here where there is a `draw`, or the value of a call of a quantity."""

    name: str | None = None
    draw: Draw | None = None
    call: str | None = None
    decimals: int | None = None


@dataclass(frozen=True)
class Place:
    """Where a template stands in a text, and what is inside its braces; None where they never close."""

    start: int
    end: int
    inside: str | None


def is_in(text: str) -> bool:
    """Whether the text has a template."""
    return _OPEN.search(text) is not None


def places(text: str) -> Iterator[Place]:
    """The templates of a text, in order; one pass over it."""
    at = 0
    while (opening := _OPEN.search(text, at)) is not None:
        close = text.find("}}", opening.end(), opening.end() + LONGEST)
        if _OPEN.search(text, opening.end(), max(close, 0)):
            close = -1  # what closes there is the next one
        at = opening.end() if close < 0 else close + 2
        yield Place(opening.start(), at, None if close < 0 else text[opening.end() : close])


def parse(place: Place) -> Template:
    """What a template means. Raises UsageError."""
    if place.inside is None:
        raise UsageError("a {{compute: …}} is not closed", hint=f"end it with }}}} within {LONGEST} characters")
    inside = " ".join(place.inside.split())
    if _NAME.fullmatch(inside):
        return Template(name=inside)
    if (drawn := _DRAWN.fullmatch(inside)) is not None:
        return Template(name=drawn[1], draw=draw.parse(drawn[2]))
    decimals = _DECIMALS.search(inside)
    call = inside if decimals is None else inside[: decimals.start()]
    if not call.endswith(")"):
        raise UsageError(f"'{inside}' is nothing to compute", hint=_HINT)
    return Template(call=call, decimals=None if decimals is None else int(decimals[1]))


def filled(text: str, show: Callable[[Template], str]) -> str:
    """The text with what `show` gives in place of each template, or, where it fails, why."""
    parts, at = [], 0
    for place in places(text):
        parts += [text[at : place.start], _shown(place, show)]
        at = place.end
    return "".join([*parts, text[at:]])


def _shown(place: Place, show: Callable[[Template], str]) -> str:
    try:
        return show(parse(place))
    except Exception as error:  # whatever a computation runs into, the card can be read
        return f"{NOT_COMPUTED}{getattr(error, 'message', str(error)) or type(error).__name__})"
