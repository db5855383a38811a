"""Teaching: which card names which concept, with its state, read without the cards' texts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, func, select

from studycli.model.review import CardState
from studycli.model.teaching import Teaching
from studycli.store import rows
from studycli.store.lazy import unchecked
from studycli.store.schema import cards, documents, reviews, states

_HERE = cards.c.archived_at.is_(None) & documents.c.gone_at.is_(None)


def read(connection: Connection, since: int | None) -> tuple[int, list[Teaching]]:
    """The number of the newest row of the log, and every card that names a concept and is not archived.

    With `since`, only the cards that rows of the log after that number are about.
    """
    newest = connection.execute(select(func.coalesce(func.max(reviews.c.id), 0))).scalar_one()
    # SQLite reads the one field that counts out of each payload; parsing 100,000 texts here would take seconds.
    concept = func.json_extract(cards.c.payload, "$.concept")
    statement = select(
        cards.c.id, concept, cards.c.suspended, cards.c.initial_ease, *(states.c[name] for name in rows.STATE_FIELDS)
    ).select_from(cards.join(documents).outerjoin(states)).where(_HERE)  # fmt: skip
    if since is not None:
        graded = select(reviews.c.card_id).where(reviews.c.id > since)
        statement = statement.where(cards.c.id.in_(graded))
    found, new = [], cache(_new)
    for card_id, name, suspended, ease, *values in connection.execute(statement):
        if name:
            found.append(Teaching(card_id, name, bool(suspended), _state(values) or new(ease)))
    return newest, found


def _new(initial_ease: float) -> CardState:
    return CardState(ease_factor=initial_ease)


def _state(values: Sequence[object]) -> CardState | None:
    known = dict(zip(rows.STATE_FIELDS, values, strict=True))
    return unchecked(CardState, {**known, "due": rows.day(str(known["due"]))}) if known["due"] else None
