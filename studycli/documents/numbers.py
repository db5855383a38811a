"""Numbers in the words of a document: card numbers, ranges, days, multipliers."""

from __future__ import annotations

import math
import re

_RANGE = re.compile(r"(\d{1,6})\s*(?:-|–|—|to|through)\s*(?:cards?\s*)?(\d{1,6})|(\d{1,6})", re.IGNORECASE)
_CARDS = re.compile(
    r"\bcards?\s*#?\s*((?:\d{1,6}(?:\s*(?:-|–|—|,|&|/|\+|to|through|and)+\s*)*(?:cards?\s*)?)+)", re.IGNORECASE
)
_DAYS = re.compile(
    r"(\d{1,6}(?:[.,]\d{1,3})?)(?:\s*[-–—]\s*\d{1,6})?\s*\+?\s*(hour|day|week|month|year|h|d|w|m|y)?", re.IGNORECASE
)
_DAYS_PER = {"h": 1 / 24, "d": 1.0, "w": 7.0, "m": 30.0, "y": 365.0}
_NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,6})?")
_WIDEST_RANGE = 10_000


def first_integer(text: str) -> int | None:
    """The first whole number in the text, or None."""
    match = re.search(r"\d{1,9}", text)
    return int(match[0]) if match else None


def integers(text: str) -> tuple[int, ...]:
    """All whole numbers in the text, ranges such as `1-3` written out, in order, each once."""
    found: dict[int, None] = {}
    for match in _RANGE.finditer(text):
        if match[3]:
            found[int(match[3])] = None
        else:
            low, high = int(match[1]), int(match[2])
            found.update(dict.fromkeys(range(low, min(high, low + _WIDEST_RANGE) + 1)))
    return tuple(found)


def card_numbers(text: str) -> tuple[int, ...]:
    """The numbers that follow the word 'card' or 'cards' in the text."""
    found: dict[int, None] = {}
    for match in _CARDS.finditer(text):
        found.update(dict.fromkeys(integers(match[1])))
    return tuple(found)


def days(text: str) -> int | None:
    """A duration such as '3 days' or '2 weeks' in whole days, rounded up, or None. A bare number is days,
    and of a range the shorter counts."""
    match = _DAYS.search(text)
    if not match:
        return None
    unit = (match[2] or "d")[0].lower()
    return math.ceil(float(match[1].replace(",", ".")) * _DAYS_PER[unit])


def multiplier(text: str) -> float | None:
    """A factor such as '2.5x', '×2,5' or '2.5', or None."""
    match = _NUMBER.search(text)
    return float(match[0].replace(",", ".")) if match else None
