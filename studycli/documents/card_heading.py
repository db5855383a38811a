"""The heading of a card: its number, of how many, its difficulty and its title."""

from __future__ import annotations

import re
from typing import NamedTuple

from studycli.documents.outline import plain
from studycli.model.card import Difficulty

_CARD = re.compile(r"^(?:flash)?card\s*#?\s*(\d{1,6})(?:\s*(?:of|/)\s*(\d{1,6}))?(?![\w])\s*(.*)$", re.IGNORECASE)
_SUFFIX = re.compile(r"^(.*?)[(\[]\s*([^()\[\]]{1,40})\s*[)\]]$")
_LEADING = "|:-–—. \t"
_WORDS = {
    "easy": Difficulty.EASY,
    "medium": Difficulty.MEDIUM,
    "moderate": Difficulty.MEDIUM,
    "hard": Difficulty.HARD,
    "difficult": Difficulty.HARD,
}


class CardHeading(NamedTuple):
    """What the heading of a card says."""

    number: int
    of: int | None
    difficulty: Difficulty | None
    title: str


def difficulty(text: str) -> Difficulty | None:
    """The difficulty that a word or a heading such as 'Easy Cards' names, or None."""
    words = plain(text).split()
    named = {_WORDS[word] for word in words if word in _WORDS}
    rest = [word for word in words if word not in _WORDS and word not in ("card", "cards", "flashcards", "level")]
    return named.pop() if len(named) == 1 and not any(word.isalpha() for word in rest) else None


def parse(title: str) -> CardHeading | None:
    """`Card 3 of 5 | Medium` or `Card 3: Title` understood; None when it is not the heading of a card."""
    match = _CARD.match(title.replace("**", "").strip())
    if not match:
        return None
    level: Difficulty | None = None
    titles: list[str] = []
    for segment in match[3].lstrip(_LEADING).split("|"):
        words = segment.strip().strip("–—- ")
        if level is None and (found := difficulty(words)):
            level = found
            continue
        before, colon, after = words.partition(":")
        if level is None and colon and (found := difficulty(before)):
            level, words = found, after.strip()
        suffix = _SUFFIX.match(words)
        if level is None and suffix and (found := difficulty(suffix[2])):
            level, words = found, suffix[1].rstrip(_LEADING)
        if words:
            titles.append(words)
    return CardHeading(int(match[1]), int(match[2]) if match[2] else None, level, " | ".join(titles))
