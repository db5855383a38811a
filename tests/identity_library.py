"""A pretend store for identity: documents are read, matched, and remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from studycli.documents.identity import Arriving, Known, arriving
from studycli.documents.matching import Match, match
from studycli.model.card import Card

Cards = Sequence[Card]


def card(number: int, front: str, back: str = "", explicit: str | None = None) -> Card:
    return Card(number=number, front=front, back=back or f"the answer to {front}", explicit_id=explicit)


class PretendStore:
    """What a sync does with identity, without files or a database."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}

    def read(self, documents: Mapping[str, Cards], gone: Sequence[str] = ()) -> list[Match]:
        """Read documents by name; the matches are in the order of their cards."""
        cards = [arriving(name, name.rpartition("/")[2], item) for name, items in documents.items() for item in items]
        scope = {*documents, *gone, *(known.document for known in self.known.values() if known.gone)}
        absent = scope - set(documents)
        pool = [
            replace(known, gone=known.document in absent)
            for known in self.known.values()
            if known.document in scope or known.archived
        ]
        others = {known.id: known for known in self.known.values()}
        for known in pool:
            del others[known.id]
        taken = [key for known in others.values() for key in (known.id, known.explicit) if key]
        matches = match(pool, cards, taken)
        for known in pool:
            archived = known.archived or known.document in documents
            self.known[known.id] = replace(known, archived=archived)
        for found, item in zip(matches, cards, strict=True):
            self.known[found.id] = _remembered(found.id, item)
        return matches

    def ids(self, documents: Mapping[str, Cards], gone: Sequence[str] = ()) -> list[str]:
        return [found.id for found in self.read(documents, gone)]


def _remembered(card_id: str, item: Arriving) -> Known:
    return Known(
        card_id, item.document, item.slug, item.number, item.content, item.front, item.explicit, back=item.back
    )
