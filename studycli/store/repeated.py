"""Repeated concepts: of one that several maps have, only the best row is found; the others are counted."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, select, true

from studycli.model.concept_name import key
from studycli.store.schema import concepts, documents, search_entries

_DECK = "flashcards"


class Again(NamedTuple):
    """An entry of the index that stands for a concept which another entry stands for better."""

    entry: int
    document: int


def entries(connection: Connection, ids: Iterable[str | None]) -> list[Again]:
    """The entries to leave out where these concepts are found; `ids` are lists as SQL's `group_concat` makes them.

    A concept goes by its name, whatever its spelling. The row with a definition stays, of several the one on the map
    that has a deck's name, then that on the smallest map, then that which its map names first.
    """
    found = ",".join(filter(None, ids))
    if "," not in found:
        return []
    sizes = select(concepts.c.document_id, func.count().label("size")).group_by(concepts.c.document_id).subquery()
    decks = select(documents.c.slug).where(documents.c.kind == _DECK, documents.c.gone_at.is_(None))
    has_definition = func.trim(func.coalesce(concepts.c.definition, "")) != ""
    statement = (
        select(concepts.c.name, search_entries.c.id, concepts.c.document_id)
        .join(search_entries, search_entries.c.concept_id == concepts.c.id)
        .join(documents, documents.c.id == concepts.c.document_id)
        .join(sizes, sizes.c.document_id == concepts.c.document_id)
        .where(concepts.c.id.in_(_values(json.loads(f"[{found}]"))))
        .order_by(
            has_definition.desc(),
            concepts.c.map.in_(decks).desc(),
            sizes.c.size,
            concepts.c.position,
            documents.c.path,
            concepts.c.id,
        )
    )
    seen, again = set(), []
    for name, entry, document in connection.execute(statement):
        if (same := key(name)) in seen:
            again.append(Again(entry, document))
        seen.add(same)
    return again


def is_none_of(entry: ColumnElement[int], again: Sequence[Again]) -> ColumnElement[bool]:
    """That an entry is left in."""
    return entry.not_in(_values([one.entry for one in again])) if again else true()


def maps_of(connection: Connection) -> dict[str, set[int]]:
    """The maps that are there, as documents, of each concept by the key of its name."""
    statement = select(concepts.c.name, concepts.c.document_id).join(documents).where(documents.c.gone_at.is_(None))
    maps: dict[str, set[int]] = defaultdict(set)
    for name, document in connection.execute(statement):
        maps[key(name)].add(document)
    return maps


def _values(ids: Sequence[int]) -> Select[tuple[int]]:
    """As a selection, since a statement holds only so many values."""
    return select(func.json_each(json.dumps(ids)).table_valued("value").c.value)
