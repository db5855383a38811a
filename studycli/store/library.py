"""Sources, documents and cards as the store keeps them; used within one transaction of the repository."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Executable, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from studycli.model.card import Card
from studycli.model.concept import ConceptMap
from studycli.store import bulk, places, rows
from studycli.store.schema import cards, concepts, documents, reviews, sources


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document: where it is, and what its file looked like when it was read last.

    `source` is the name of its source, None where that was removed; `slug` is unique among the decks that are there.
    `reader` is the version of studycli that read it, `problem` why it could not be read (a Problem as JSON), `gone`
    true when the file left its source.
    """

    path: str
    source: str | None
    slug: str
    title: str
    kind: str
    sha256: str
    size: int
    mtime_ns: int
    read_at_ns: int
    reader: str
    problem: str | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as it is identified; `document` is a path, `back` as it was read. `archived`: it left its document.

    `variant` is the way it is asked, as in `Card`.
    """

    id: str
    document: str
    number: int
    content_hash: str
    front: str
    explicit_id: str | None
    archived: bool
    back: str
    variant: str = ""


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """A card to store: its place in its document (from 0), what identifies it, and the card itself.

    `initial_ease` is the ease factor that it starts with, within the scheduler's bounds.
    """

    id: str
    document: str
    position: int
    content_hash: str
    front: str
    explicit_id: str | None
    initial_ease: float
    card: Card


class Library:
    """What the learner studies from. Paths go in and come out as they are on this machine."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sources(self) -> list[str]:
        """The names of the sources, in the order they were added: 'bundled', or an absolute path."""
        return list(self._connection.execute(select(sources.c.path).order_by(sources.c.id)).scalars())

    def add_source(self, name: str) -> None:
        """Add a source, if it is not there yet."""
        self._connection.execute(upsert(sources).values(path=name).on_conflict_do_nothing())

    def remove_source(self, name: str) -> None:
        """Take a source away; its documents stay known."""
        self._connection.execute(delete(sources).where(sources.c.path == name))

    def documents(self) -> list[DocumentRow]:
        """Every document that was ever seen, in document order."""
        statement = (
            select(documents, sources.c.path.label("source"))
            .select_from(documents.outerjoin(sources))
            .order_by(documents.c.source_id, documents.c.path)
        )
        return [
            DocumentRow(
                path=places.actual(row["path"]),
                source=row["source"],
                slug=row["slug"],
                title=row["title"],
                kind=row["kind"],
                sha256=row["sha256"],
                size=row["size"],
                mtime_ns=row["mtime_ns"],
                read_at_ns=row["read_at_ns"],
                reader=row["reader"],
                problem=row["problem"],
                gone=row["gone_at"] is not None,
            )
            for row in self._connection.execute(statement).mappings()
        ]

    def save_document(self, row: DocumentRow) -> None:
        """Store a document that is there, new or changed."""
        values = {
            "source_id": select(sources.c.id).where(sources.c.path == row.source).scalar_subquery(),
            "slug": row.slug,
            "title": row.title,
            "kind": row.kind,
            "sha256": row.sha256,
            "size": row.size,
            "mtime_ns": row.mtime_ns,
            "read_at_ns": row.read_at_ns,
            "reader": row.reader,
            "problem": row.problem,
            "gone_at": None,
        }
        statement = upsert(documents).values(path=places.stored(row.path), **values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=values))

    def mark_gone(self, paths: Iterable[str], at: datetime) -> None:
        """Note that documents left their source; their cards count as archived until they come back."""
        statement = (
            update(documents).where(documents.c.path == bindparam("gone_path")).values(gone_at=rows.instant_text(at))
        )
        self._run(statement, [{"gone_path": places.stored(path)} for path in paths])

    def cards(self) -> list[CardRow]:
        """Every card that was ever seen."""
        statement = select(
            cards.c.id,
            documents.c.path,
            cards.c.number,
            cards.c.content_hash,
            cards.c.front,
            cards.c.explicit_id,
            cards.c.archived_at.is_not(None),
            func.json_extract(cards.c.payload, "$.back"),
            func.coalesce(func.json_extract(cards.c.payload, "$.variant"), ""),
        ).select_from(cards.join(documents))
        actual = {path: places.actual(path) for path in self._connection.execute(select(documents.c.path)).scalars()}
        return [CardRow(row[0], actual[row[1]], *row[2:]) for row in self._connection.execute(statement)]

    def save_cards(self, updates: Collection[CardUpdate]) -> None:
        """Store cards where they are now, new or known; their states, suspension and first fronts stay."""
        documents_by_path = {
            row.path: row.id for row in self._connection.execute(select(documents.c.path, documents.c.id))
        }
        values = [_values(card, documents_by_path[places.stored(card.document)]) for card in updates]
        bulk.save(self._connection, cards, values, kept=("first_front", "suspended"))

    def save_concepts(self, path: str, concept_map: ConceptMap | None) -> None:
        """Store the concepts of a document that was read, in place of those it had; None where it is no map."""
        document = select(documents.c.id).where(documents.c.path == places.stored(path)).scalar_subquery()
        self._connection.execute(delete(concepts).where(concepts.c.document_id == document))
        if concept_map is None:
            return
        document_id = self._connection.execute(select(document)).scalar_one()
        rows_of_map = [
            {
                "document_id": document_id,
                "position": position,
                "slug": concept.id,
                "map": concept_map.slug,
                "name": concept.name,
                "aliases": json.dumps(concept.aliases),
                "definition": concept.definition,
            }
            for position, concept in enumerate(concept_map.concepts)
        ]
        self._run(insert(concepts), rows_of_map)

    def archive(self, ids: Iterable[str], at: datetime) -> None:
        """Archive cards: they are asked no more, their states and history stay."""
        statement = update(cards).where(cards.c.id == bindparam("card_id")).values(archived_at=rows.instant_text(at))
        self._run(statement, [{"card_id": card_id} for card_id in ids])

    def fronts(self, ids: Collection[str]) -> dict[str, str]:
        """The fronts of cards as they were read last, by id."""
        front = func.json_extract(cards.c.payload, "$.front")
        statement = select(cards.c.id, front).where(cards.c.id == bindparam("card_id"))
        return {card_id: self._connection.execute(statement, {"card_id": card_id}).one()[1] for card_id in ids}

    def reviewed(self, ids: Collection[str]) -> set[str]:
        """Those of the cards that the review log names."""
        statement = select(reviews.c.card_id).where(reviews.c.card_id == bindparam("id")).limit(1)
        return {card_id for card_id in ids if self._connection.execute(statement, {"id": card_id}).first()}

    def counts(self) -> dict[str, int]:
        """How many cards each document has that are not archived, by path."""
        statement = (
            select(documents.c.path, func.count(cards.c.id))
            .select_from(documents.join(cards))
            .where(cards.c.archived_at.is_(None))
            .group_by(documents.c.path)
        )
        return {places.actual(path): count for path, count in self._connection.execute(statement)}

    def _run(self, statement: Executable, values: list[dict[str, object]]) -> None:
        if values:
            self._connection.execute(statement, values)


def _values(card: CardUpdate, document_id: int) -> dict[str, object]:
    return {
        "id": card.id,
        "document_id": document_id,
        "position": card.position,
        "number": card.card.number,
        "line": card.card.line,
        "after": json.dumps(card.card.after),
        "initial_interval_days": card.card.initial_interval_days,
        "initial_ease": card.initial_ease,
        "content_hash": card.content_hash,
        "front": card.front,
        "first_front": card.front,
        "explicit_id": card.explicit_id,
        "payload": card.card.model_dump_json(),
        "suspended": False,
        "archived_at": None,
    }
