"""Which sides of a card are exported: the full ones, or the brief ones that its document gives."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from studycli.model.card import Card
from studycli.model.review import StudyCard


class Form(StrEnum):
    """The full card, or the short form from the document's Anki or CSV block."""

    BRIEF = "brief"
    FULL = "full"


def sides(card: Card, form: Form) -> tuple[str, str]:
    """Front and back as Markdown. A card without a brief form gives its full sides."""
    if form is Form.BRIEF and card.brief_front and card.brief_back:
        return card.brief_front, card.brief_back
    return card.front, card.back


def without_brief_form(cards: Iterable[StudyCard]) -> int:
    """How many cards have no brief form."""
    return sum(not (item.card.brief_front and item.card.brief_back) for item in cards)
