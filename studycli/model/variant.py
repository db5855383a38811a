"""Variant: the way in which a document's card is asked, and how a study card is named by it."""

from __future__ import annotations

REVERSED = "reversed"
"""The variant of a card that is asked from its back."""


def card_place(number: int, variant: str) -> str:
    """What names a study card within its deck: '4', '4/c2', '4/reversed'."""
    return f"{number}/{variant}" if variant else str(number)
