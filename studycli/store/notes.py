"""The learner's notes: one a card at most, and one a concept."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, exists, select
from sqlalchemy.dialects.sqlite import insert as upsert

from studycli.errors import StoreError, UsageError
from studycli.model.concept_name import key
from studycli.model.note import Note
from studycli.store import rows
from studycli.store.schema import cards, documents, notes

_LINE_ENDS = re.compile(r"\r\n?")
# What SQLite's own functions end a text at, and what UTF-8 cannot hold.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def read(connection: Connection, card_id: str | None, concept: str | None) -> Note | None:
    """The note on a card or a concept. Raises UsageError unless it is one of the two."""
    row = connection.execute(select(notes).where(_is_about(card_id, concept))).mappings().one_or_none()
    return _note(row) if row is not None else None


def save(connection: Connection, text: str, card_id: str | None, concept: str | None, at: datetime) -> Note | None:
    """Write a note, new or in place of the one there is; a blank text takes it away.

    A concept keeps the name that its note was first given. Raises UsageError as `read` does, and StoreError for an
    unknown card.
    """
    about = _is_about(card_id, concept)
    kept = _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", _LINE_ENDS.sub("\n", text)).strip("\n").rstrip()
    if card_id is not None and not connection.execute(select(exists().where(cards.c.id == card_id))).scalar():
        raise StoreError("there is no such card", where=card_id, hint="studycli cards lists them")
    if not kept:
        connection.execute(delete(notes).where(about))
        return None
    instant = rows.instant_text(at)
    values = {
        "card_id": card_id,
        "concept": concept.strip() if concept is not None else None,
        "concept_key": key(concept) if concept is not None else None,
    }
    statement = upsert(notes).values(**values, text=kept, created_at=instant, updated_at=instant)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["card_id" if card_id is not None else "concept_key"],
            set_={"text": kept, "updated_at": instant},
        )
    )
    return read(connection, card_id, concept)


def listed(connection: Connection) -> list[Note]:
    """Every note: those on cards in document order, then those on concepts by name."""
    statement = (
        select(notes)
        .select_from(notes.outerjoin(cards).outerjoin(documents))
        .order_by(
            notes.c.card_id.is_(None), documents.c.source_id, documents.c.path, cards.c.position, notes.c.concept_key
        )
    )
    return [_note(row) for row in connection.execute(statement).mappings()]


def _is_about(card_id: str | None, concept: str | None) -> ColumnElement[bool]:
    if card_id is not None and concept is None:
        return notes.c.card_id == card_id
    if concept is not None and concept.strip() and card_id is None:
        return notes.c.concept_key == key(concept)
    raise UsageError("a note is about one card, or about one concept", hint="studycli note -h shows how to name it")


def _note(row: RowMapping) -> Note:
    return Note(
        id=row["id"],
        card_id=row["card_id"],
        concept=row["concept"],
        text=row["text"],
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
    )
