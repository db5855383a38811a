"""The head of a card: where it stands and what kind it is, from plain values, so that no model is loaded for it."""

from __future__ import annotations

from studycli.model.variant import REVERSED, card_place
from studycli.render.safe import one_line


def place(deck_title: str, number: int, variant: str, title: str) -> str:
    """The deck, the number and the title of a card."""
    named = f": {one_line(title)}" if title else ""
    return f"{one_line(deck_title)} · card {card_place(number, variant)}{named}"


def facts(
    *, concept: str | None, difficulty: str | None, cognitive_level: str | None, variant: str, new: bool, critical: bool
) -> list[str]:
    """What kind of card it is, a few words each."""
    # In the reverse direction the concept is often the very word that is asked for.
    words = [concept if variant != REVERSED else None, difficulty, cognitive_level, "new" if new else None]
    return [one_line(word) for word in words if word] + (["critical"] if critical else [])
