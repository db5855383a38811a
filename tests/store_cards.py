"""Cards and documents put into a store by hand."""

from __future__ import annotations

from studycli.model.card import Card, CardPart
from studycli.store.library import CardUpdate, DocumentRow

CARDS = [
    Card(number=1, line=5, front="What is a query?", back="What a position looks for."),
    Card(
        number=2,
        line=15,
        front="What is a key?",
        back="| a | b |",
        after=(1,),
        initial_interval_days=3,
        initial_ease=2.0,
        parts=(CardPart(title="Mnemonic", text="lock", line=19),),
        tags=("easy::x",),
        fields={"Colour": "grün"},
    ),
    Card(number=3, line=25, front="What is a value?", back="What it offers."),
]


def document(path: str, slug: str = "deck", source: str | None = "bundled") -> DocumentRow:
    return DocumentRow(path, source, slug, slug.title(), "flashcards", "00", 1, 1, 1, "0")


def update(card_id: str, place: int, card: Card, path: str = "/x/deck.md") -> CardUpdate:
    return CardUpdate(card_id, path, place, f"hash-{card.front}", card.front.casefold(), None, card.initial_ease, card)
