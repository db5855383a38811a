"""The head of a deck: source, subject, date, and how many cards of which difficulty it declares."""

from __future__ import annotations

import re

from studycli.documents import card_heading, numbers
from studycli.documents.deck_draft import Draft
from studycli.model.card import Difficulty

_COUNTED = re.compile(r"(\d{1,6})\s*(?:x\s*)?(?:cards?\s*)?(easy|medium|moderate|hard|difficult)\b", re.IGNORECASE)
_COUNTS = re.compile(r"\b(easy|medium|moderate|hard|difficult)\b\W{0,6}(\d{1,6})", re.IGNORECASE)
_TOTAL_FIELDS = ("total cards", "number of cards", "card count", "cards")
_DISTRIBUTION_FIELDS = ("distribution", "difficulty distribution", "card distribution", "difficulty breakdown")
_HEADER_FIELDS = {
    "source": "source",
    "source material": "source",
    "source lesson": "source",
    "subject area": "subject_area",
    "subject": "subject_area",
    "topic": "subject_area",
    "date generated": "date",
    "date created": "date",
    "generated": "date",
    "created": "date",
    "date": "date",
}


def read(draft: Draft, end: int) -> None:
    """The fields above the first section or card."""
    outline = draft.outline
    first_section = next((line for line, level, _ in outline.headings if level > 1), len(outline.lines))
    for item in outline.fields(0, min(first_section, end) - 1):
        if item.key in _TOTAL_FIELDS:
            total = numbers.first_integer(item.value)
            draft.total = (total, item.line + 1) if total is not None else draft.total
        elif item.key in _DISTRIBUTION_FIELDS:
            draft.distribution = (distribution(item.value), item.line + 1)
        elif level := card_heading.difficulty(item.name):
            counts = {**(draft.distribution[0] if draft.distribution else {})}
            counts[level] = numbers.first_integer(item.value) or 0
            draft.distribution = (counts, item.line + 1)
        elif item.key in _HEADER_FIELDS:
            draft.header.setdefault(_HEADER_FIELDS[item.key], item.value)
        draft.fields[item.name] = item.value


def distribution(text: str) -> dict[Difficulty, int]:
    """Cards of each difficulty in `2 Easy | 2 Medium | 1 Hard`, or `Easy: 2, Medium: 2, Hard: 1`."""
    counts: dict[Difficulty, int] = {}
    bare = text.replace("*", "")
    pairs = [(match[2], match[1]) for match in _COUNTED.finditer(bare)]
    named_first = [(match[1], match[2]) for match in _COUNTS.finditer(bare)]
    starts_with_number = bool(re.match(r"\W*\d", bare))
    for word, count in pairs if starts_with_number and pairs else named_first or pairs:
        level = card_heading.difficulty(word)
        if level:
            counts[level] = counts.get(level, 0) + int(count)
    return counts
