"""The line numbers of places in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SHOWN = 12


def line_numbers(text: str, places: Iterable[int] | re.Pattern[str]) -> list[int]:
    """The 1-based lines of ascending offsets, or of everything that a pattern finds."""
    offsets = (match.start() for match in places.finditer(text)) if isinstance(places, re.Pattern) else places
    lines: list[int] = []
    line, position = 1, 0
    for offset in offsets:
        line += text.count("\n", position, offset)
        position = offset
        lines.append(line)
    return lines


def listed(lines: Iterable[int]) -> str:
    """Ascending line numbers as words: 'line 3', 'lines 3, 5 and 8', 'lines 3, 5, ... and 20 more'."""
    numbers = list(dict.fromkeys(lines))
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    shown, more = numbers[:_SHOWN], len(numbers) - _SHOWN
    last = f"{more} more" if more > 0 else str(shown.pop())
    return f"lines {', '.join(map(str, shown))} and {last}"
