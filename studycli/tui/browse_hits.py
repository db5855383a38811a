"""What the browse screen lists: pages of hits, read with their questions as they are asked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studycli.collection import Collection
from studycli.demos.computed import filling
from studycli.model.review import StudyCard
from studycli.model.search import HitKind, SearchHit, Segment
from studycli.render.card import gist
from studycli.render.search import place
from studycli.review import wording
from studycli.review.excerpt import marked
from studycli.tui.secret import ANOTHER_WAY, Secret

PAGE = 50
"""So many hits are read at once."""


@dataclass(frozen=True)
class Entry:
    """A hit as it is listed: where it is, and its title with the found words marked."""

    hit: SearchHit
    place: str
    title: tuple[Segment, ...]

    @property
    def card(self) -> StudyCard | None:
        """The card that the keys act on: the one found, or the one that a note is on."""
        return self.hit.card

    @property
    def name(self) -> str:
        """What tells it from all others."""
        hit = self.hit
        return f"{hit.kind} {hit.card.id if hit.card is not None else self.place} {hit.concept_id or hit.note_id}"

    def with_card(self, card: StudyCard) -> Entry:
        """The same with the card as it is now."""
        return replace(self, hit=self.hit.model_copy(update={"card": card}))


@dataclass(frozen=True)
class Page:
    """The entries from `start` on of all `total` that the text finds."""

    text: str
    start: int
    entries: tuple[Entry, ...]
    total: int


def read(collection: Collection, text: str, start: int, secret: Secret) -> Page:
    """A page of what a text finds while it is being typed. Raises UsageError and StoreError."""
    found = collection.search(text, limit=PAGE, offset=start, partial=True)
    entries = []
    for hit in found.hits:
        title = hit.title
        if hit.card is not None:
            question = Segment(text=ANOTHER_WAY) if secret.hides_question(hit.card) else None
            title = (question,) if question else marked(gist(asked(collection, hit.card)), found.query)
        entries.append(Entry(hit, _place(hit), title))
    return Page(text, start, tuple(entries), found.total)


def _place(hit: SearchHit) -> str:
    """Where a hit is, in the few words that a row has room for."""
    if hit.kind is HitKind.CONCEPT:
        return f"{hit.map_slug} +{wording.count(hit.other_maps, 'map')}" if hit.other_maps else hit.map_slug or ""
    if hit.kind is HitKind.NOTE and hit.card is None:
        return hit.concept or ""
    return place(hit).removeprefix("note on ")


def asked(collection: Collection, card: StudyCard) -> StudyCard:
    """The card as it is asked: the numbers of a computed one are drawn."""
    if not filling.is_computed(card.card):
        return card
    return filling.asked(card, collection.answers(card.id) if card.state.due is not None else 0)
