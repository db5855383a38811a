"""Near lines: which lines hold some words, and which stand near them, so that costly patterns are tried there alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def near(places: Iterable[int], above: int, below: int, total: int) -> list[int]:
    """The lines up to `above` lines before one of the places, and up to `below` behind it, in order; 0-based."""
    found: list[int] = []
    reached = 0
    for place in places:
        start, end = max(place - above, reached), min(place + below + 1, total)
        found.extend(range(start, end))
        reached = max(reached, end)
    return found


def holding(lines: Sequence[str], *words: str) -> list[int]:
    """The lines that hold any of the words, which are in lower case, in order; 0-based."""
    text = "\n".join(lines).lower()
    found: set[int] = set()
    for word in words:
        line, since, at = 0, 0, text.find(word)
        while at >= 0:
            line += text.count("\n", since, at)
            since = at
            found.add(line)
            end = text.find("\n", at)
            at = text.find(word, end) if end >= 0 else -1
    return sorted(found)
