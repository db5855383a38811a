"""The source library: the sections of the learner's lessons, maps and decks that a card may come from."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import TYPE_CHECKING

from studycli.documents.load import Document
from studycli.documents.passages import Passage, Shelf
from studycli.errors import DocumentError, UsageError
from studycli.model.concept_name import key, split_parentheses

if TYPE_CHECKING:
    from studycli.model.card import Card
    from studycli.model.review import StudyCard
    from studycli.tui.desk import Desk


class SourceLibrary:
    """Reads and indexes everything once, when it is first asked: ask it in a thread. Safe to share."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = Lock()
        self._shelf: Shelf | None = None
        self._sources: dict[str, str] = {}

    def passages(self, card: StudyCard) -> tuple[Passage, ...]:
        """The sections that a card's source and concept point to, the best first. Raises StoreError."""
        with self._lock:
            if self._shelf is None:
                self._shelf = Shelf(self._documents())
            near = [card.deck_title, card.deck, self._sources.get(card.deck, "")]
            return self._shelf.passages(card.card, near=near)

    def names(self, card: Card) -> list[str]:
        """What the text of a passage may call what the card is about: its concepts and the parts of its source."""
        concepts = [name for name in (card.concept, *card.related_concepts) if name]
        wanted = {key(name) for concept in concepts for name in (concept, *(split_parentheses(concept) or ()))}
        aliases = (
            name
            for concept_map in self._desk.maps
            for concept in concept_map.concepts
            if any(key(name) in wanted for name in (concept.name, *concept.aliases))
            for name in (concept.name, *concept.aliases)
        )
        return list(dict.fromkeys([*concepts, *aliases]))

    def _documents(self) -> Iterator[Document]:
        collection = self._desk.collection
        yield from collection.lessons()
        yield from self._desk.maps
        for summary in collection.decks():
            try:
                deck = collection.document_deck(summary.slug)
            except (DocumentError, UsageError):
                continue  # a sync tells of it; what is read of the others counts
            self._sources[deck.slug] = deck.source or ""
            if deck.other_sections:
                yield deck.model_copy(update={"cards": ()})
