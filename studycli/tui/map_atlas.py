"""The atlas: the learner's maps, and how well the concepts on them are known; everything here is read in a thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from rich.cells import cell_len

from studycli.demos.computed import filling
from studycli.knowledge import graph, mastery
from studycli.knowledge.aliases import concept_lookup
from studycli.knowledge.mastery import Level
from studycli.model.concept import Concept, ConceptMap
from studycli.model.review import StudyCard
from studycli.model.teaching import Teaching
from studycli.render.card import gist
from studycli.render.safe import one_line
from studycli.tui.desk import Desk

MOST_CARDS = 40
"""So many cards of a concept are listed."""
_FIRST_CHOICE = "curriculum"


class Place(NamedTuple):
    """One concept, by its id, on one map."""

    concept_map: ConceptMap
    concept: str


@dataclass(frozen=True)
class Listed:
    """A card of a concept: the beginning of its question, and how well it is known."""

    card: StudyCard
    gist: str
    level: Level


@dataclass(frozen=True)
class Sheet:
    """A concept with all that is known of it: the levels of all concepts around it, by id, and its cards.

    `widest` is the width of the longest of their names in cells; `cards` are at most MOST_CARDS of the `card_count`
    there are.
    """

    place: Place
    concept: Concept
    names: dict[str, str]
    levels: dict[str, Level]
    widest: int
    cards: tuple[Listed, ...] = ()
    card_count: int = 0


class Atlas:
    """What is read stays read; only the states of cards that were graded since are read again. Safe to share.

    So a card that is suspended meanwhile still counts, and an edited one is found where it was.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = Lock()
        self._newest: int | None = None
        self._cards: dict[str, Teaching] = {}
        self._taught: dict[str, dict[str, list[str]]] = {}

    @property
    def maps(self) -> Sequence[ConceptMap]:
        """Every map of the sources."""
        return self._desk.maps

    def find(self, card: StudyCard) -> Place | None:
        """Where a card's concept is: on the map that is named like its deck, else on the one nearest to its document.

        Among maps equally near, the curriculum comes first. None where no map knows the concept.
        """
        if not card.card.concept:
            return None
        own = [found for found in self.maps if found.slug == card.deck]
        for maps in (own, self.maps):
            ordered = sorted(maps, key=lambda found: (-_shared(found.path, card.path), found.slug != _FIRST_CHOICE))
            if (found := concept_lookup(ordered)(card.card.concept)) is not None:
                return Place(*found)
        return None

    def sheet(self, place: Place) -> Sheet:
        """Everything about one concept. Raises StoreError."""
        with self._lock:
            self._refresh()
            taught = self._cards_of(place.concept_map)
            levels = {
                other: mastery.concept_level(self._cards[card_id] for card_id in taught.get(other, ()))
                for other in {place.concept, *_around(place)}
            }
        ids = taught.get(place.concept, [])
        concepts = {concept.id: concept for concept in place.concept_map.concepts}
        listed = sorted((self._listed(card_id) for card_id in ids[:MOST_CARDS]), key=_document_order)
        names = {concept.id: one_line(concept.name) for concept in concepts.values()}
        widest = max(cell_len(names[other]) for other in levels)
        return Sheet(place, concepts[place.concept], names, levels, widest, tuple(listed), len(ids))

    def card(self, card_id: str) -> StudyCard:
        """One card as it is now, its question filled where it is computed. Raises StoreError."""
        collection = self._desk.collection
        card = collection.repository.card(card_id, collection.today)
        return filling.asked(card, collection.answers(card_id)) if filling.is_computed(card.card) else card

    def _refresh(self) -> None:
        self._newest, fresh = self._desk.collection.repository.teaching(self._newest)
        self._cards.update((card.card_id, card) for card in fresh)

    def _cards_of(self, concept_map: ConceptMap) -> dict[str, list[str]]:
        if concept_map.path not in self._taught:
            self._taught[concept_map.path] = mastery.taught(concept_map, self._cards.values())
        return self._taught[concept_map.path]

    def _listed(self, card_id: str) -> Listed:
        card = self.card(card_id)
        return Listed(card, gist(card), mastery.card_level(card.state))


def _shared(one: str, other: str) -> int:
    """How many folders two paths have in common from the top."""
    pairs = zip(Path(one).parent.parts, Path(other).parent.parts, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _around(place: Place) -> Iterator[str]:
    """The ids of every concept that a sheet names."""
    concept_map, concept = place
    around = graph.neighbours(concept_map, concept)
    for row in (*around.incoming, *around.outgoing):
        yield from (row.source, row.target)
    for edge in around.drawn:
        yield from (edge.source, edge.target)
    yield from graph.prerequisites(concept_map, concept)
    for path, position in graph.pathways_through(concept_map, concept):
        for step in path.step_concepts[max(position - 1, 0) : position + 2]:
            yield from step


def _document_order(listed: Listed) -> tuple[str, int]:
    return listed.card.path, listed.card.card.number
