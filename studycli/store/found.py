"""What a search found, read whole: cards, notes and concepts by their entries in the index."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from studycli.model.concept_name import key
from studycli.model.note import Note
from studycli.model.review import StudyCard
from studycli.store import listing, notes, repeated
from studycli.store.conditions import matching
from studycli.store.match import in_column
from studycli.store.schema import cards, concepts, documents, search_entries
from studycli.store.schema import notes as note_table

_BLOCK = 500  # a statement holds only so many values
_HERE = concepts.join(documents)


@dataclass(frozen=True, slots=True)
class ConceptRow:
    """A concept of a map that was read: `slug` is its id in the map whose slug is `map`.

    So many `other_maps` have a concept of its name.
    """

    slug: str
    map: str
    name: str
    aliases: tuple[str, ...]
    definition: str | None
    other_maps: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A card, a note with the card that it is on, if it is on one, or a concept."""

    card: StudyCard | None = None
    note: Note | None = None
    concept: ConceptRow | None = None


def read(connection: Connection, ids: Sequence[int], payloads: listing.ReadPayloads, today: date) -> list[Found]:
    """What entries stand for, in their order; `payloads` reads the text of cards."""
    blocks = [ids[start : start + _BLOCK] for start in range(0, len(ids), _BLOCK)]
    return [found for block in blocks for found in _read(connection, block, payloads, today)]


def _read(connection: Connection, ids: Sequence[int], payloads: listing.ReadPayloads, today: date) -> list[Found]:
    statement = (
        select(*search_entries.c["id", "card_id", "note_id", "concept_id"], *note_table.c["card_id", "concept"])
        .select_from(search_entries.outerjoin(note_table, note_table.c.id == search_entries.c.note_id))
        .where(search_entries.c.id.in_(ids))
    )
    rows = {row[0]: row for row in connection.execute(statement)}
    wanted = {card_id for row in rows.values() for card_id in (row[1], row[4]) if card_id is not None}
    chosen = listing.query(decks=None, archived=True).where(cards.c.id.in_(wanted))
    by_card = {card.id: card for card in listing.read(connection, chosen, payloads, today)}
    by_concept = _concepts(connection, [row[3] for row in rows.values() if row[3] is not None])
    found = []
    for _, card_id, note_id, concept_id, noted_card, noted_concept in (rows[entry] for entry in ids):
        if note_id is not None:
            note = notes.read(connection, noted_card, noted_concept)
            found.append(Found(card=by_card.get(noted_card), note=note))
        elif concept_id is not None:
            found.append(Found(concept=by_concept[concept_id]))
        else:
            found.append(Found(card=by_card[card_id]))
    return found


def concept_names(connection: Connection) -> list[tuple[str, ...]]:
    """The names of each concept of the maps that are there."""
    statement = select(concepts.c.name, concepts.c.aliases).select_from(_HERE).where(documents.c.gone_at.is_(None))
    return [(name, *json.loads(aliases)) for name, aliases in connection.execute(statement)]


def is_named(connection: Connection, names: Sequence[str]) -> bool:
    """Whether anything in the index names a concept so."""
    words = in_column("concept", names)
    return words is not None and connection.execute(matching(words).limit(1)).first() is not None


def card_concepts(connection: Connection) -> list[str]:
    """The concepts that cards name, each once."""
    concept = func.json_extract(cards.c.payload, "$.concept")
    return list(connection.execute(select(concept).distinct().where(concept.is_not(None))).scalars())


def _concepts(connection: Connection, ids: Sequence[int]) -> dict[int, ConceptRow]:
    if not ids:
        return {}
    rows = connection.execute(select(concepts).where(concepts.c.id.in_(ids)))
    maps = repeated.maps_of(connection)
    return {
        row.id: ConceptRow(
            row.slug, row.map, row.name, tuple(json.loads(row.aliases)), row.definition,
            other_maps=len(maps[key(row.name)] - {row.document_id}),
        )
        for row in rows
    }  # fmt: skip
