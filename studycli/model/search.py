"""What a search finds: cards, notes and concepts, each with an excerpt around the found words."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from studycli.model.card_data import card_data
from studycli.model.review import StudyCard
from studycli.model.search_query import SearchQuery
from studycli.model.value import Value


class HitKind(StrEnum):
    """What was found."""

    CARD = "card"
    NOTE = "note"
    CONCEPT = "concept"


class Segment(Value):
    """A stretch of text; `found` where the query's words stand."""

    text: str
    found: bool = False


class SearchHit(Value):
    """One thing found. `title` names it: a card's question, a concept's name, what a note is about.

    `deck` and `card` belong to cards and to notes on cards; `concept` is the name of a concept, of a note's concept,
    or that of the card; `map_slug` and `concept_id` say where a concept is drawn, `other_maps` how many other maps
    have it too, `note_id` which note it is.
    """

    kind: HitKind
    title: tuple[Segment, ...]
    excerpt: tuple[Segment, ...] = ()
    deck: str | None = None
    concept: str | None = None
    card: StudyCard | None = None
    map_slug: str | None = None
    concept_id: str | None = None
    other_maps: int = 0
    note_id: int | None = None


class SearchResult(Value):
    """The hits of one page, the best first or in document order; `total` counts those of all pages."""

    hits: tuple[SearchHit, ...]
    total: int
    query: SearchQuery


def plain_text(segments: tuple[Segment, ...]) -> str:
    """The text of segments, without what is marked in it."""
    return "".join(segment.text for segment in segments)


def hit_data(hit: SearchHit) -> dict[str, Any]:
    """A hit in JSON form. `found` holds the found words of the excerpt as [start, end) in characters.

    A card, or the card of a note, is there whole under `card`.
    """
    data: dict[str, Any] = {
        "kind": hit.kind.value,
        "title": plain_text(hit.title),
        "excerpt": plain_text(hit.excerpt),
        "found": _spans(hit.excerpt),
        "deck": hit.deck,
        "concept": hit.concept,
        "map": hit.map_slug,
        "concept_id": hit.concept_id,
        "other_maps": hit.other_maps if hit.kind is HitKind.CONCEPT else None,
        "card": card_data(hit.card) if hit.card is not None else None,
    }
    return data


def _spans(segments: tuple[Segment, ...]) -> list[tuple[int, int]]:
    spans, start = [], 0
    for segment in segments:
        end = start + len(segment.text)
        if segment.found:
            spans.append((start, end))
        start = end
    return spans
