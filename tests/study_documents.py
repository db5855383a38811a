"""Documents written for a test, in the format of the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def deck_text(cards: Sequence[tuple[str, str]], title: str = "Testing", ids: dict[int, str] | None = None) -> str:
    """A deck of (front, back) pairs, numbered from 1; `ids` are explicit ids by number."""
    parts = [f"# Flashcard Set: {title}\n"]
    for number, (front, back) in enumerate(cards, start=1):
        explicit = f"<!-- id: {ids[number]} -->\n" if ids and number in ids else ""
        parts.append(f"### Card {number} | Easy\n{explicit}**Concept:** Testing\n")
        parts.append(f"**FRONT (Question):**\n{front}\n\n**BACK (Answer):**\n{back}\n\n---\n")
    return "\n".join(parts)


def write_deck(
    path: Path, cards: Sequence[tuple[str, str]], title: str = "Testing", ids: dict[int, str] | None = None
) -> Path:
    """Write such a deck; its folder is made when missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(deck_text(cards, title, ids), "utf-8")
    return path
