"""Durations in the words of a document, in whole minutes, as (shortest, longest)."""

from __future__ import annotations

import re

_NUMBER = r"\d{1,5}(?:[.,]\d{1,2})?"
_UNIT = r"(hours?|hrs?|h|minutes?|mins?)\b"
_DURATION = re.compile(
    rf"(?<![\w.])({_NUMBER})\s*+(?:(?:-|–|—|to)\s*+({_NUMBER})\s*+)?\+?\s*+{_UNIT}"
    rf"(?:\s*+(?:,|and)?\s*+(\d{{1,2}})\s*+(?:minutes?|mins?|m)\b)?",
    re.IGNORECASE,
)
_TITLE = re.compile(r"[(\[][^()\[\]]*[)\]]|[-–—:|·][^-–—:|·]*$")
_AT_END = re.compile(r"[(\[][^()\[\]]*[)\]]$|(?<=\s)[-–—·][^-–—:|·()\[\]]*$")
_ALONE = re.compile(rf"\W*(?:about |approx\w* |~ ?)?{_DURATION.pattern}\W*", re.IGNORECASE)


def minutes(text: str) -> tuple[int, int] | None:
    """The first duration in the text: '10-15 min', '2-2.5 hours', '1 hour 30 min', or None."""
    match = _DURATION.search(text)
    if not match:
        return None
    unit = 60 if match[3][0] in "hH" else 1
    low, high = (float((match[group] or match[1]).replace(",", ".")) * unit for group in (1, 2))
    extra = int(match[4] or 0)
    return round(low) + extra, max(round(low), round(high)) + extra


def of_title(title: str) -> tuple[int, int] | None:
    """The duration that a heading states, in brackets or after a dash at its end."""
    found = (minutes(match[0]) for match in _TITLE.finditer(title))
    return next((duration for duration in found if duration), None)


def without(title: str) -> str:
    """The heading without the duration at its end: in brackets, or alone after a dash."""
    match = _AT_END.search(title)
    if match is None or not (minutes(match[0]) if match[0][0] in "([" else _ALONE.fullmatch(match[0])):
        return title
    return title[: match.start()].rstrip()
