"""The append-only review log: rows in, the state that follows them, and what stands after undos."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, Select, exists, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from studycli.errors import ConflictError, StoreError
from studycli.model.library import DayCounts
from studycli.model.review import Review, ReviewKind
from studycli.store import rows
from studycli.store.schema import reviews, states

PASSING = 3
_undos = reviews.alias("undos")
_STANDS = (reviews.c.kind != ReviewKind.UNDO.value) & ~exists().where(_undos.c.undoes == reviews.c.id)


def append(connection: Connection, review: Review) -> Review:
    """Write a row and the card's state after it; returns the row with its id."""
    result = connection.execute(insert(reviews).values(rows.review_columns(review)))
    row = review.model_copy(update={"id": result.lastrowid})
    values = {**rows.state_columns(review.after), **_standing(connection, review.card_id)}
    statement = upsert(states).values(card_id=review.card_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["card_id"], set_=values))
    return row


def undo_of(connection: Connection, review_id: int, at: datetime, study_day: date) -> Review:
    """The row that would take back `review_id`. Raises ConflictError unless it is its card's newest that stands."""
    row = connection.execute(select(reviews).where(reviews.c.id == review_id)).mappings().one_or_none()
    if row is None:
        raise StoreError(f"the log has no row {review_id}", hint="studycli card CARD --history shows the rows")
    newest = connection.execute(_newest().where(reviews.c.card_id == row["card_id"])).mappings().one_or_none()
    if newest is None or newest["id"] != review_id:
        raise ConflictError(
            "only the last grade of a card can be taken back",
            where=row["card_id"],
            hint="studycli undo takes back the last",
        )
    undone = rows.review(row)
    return undone.model_copy(
        update={
            "id": None,
            "kind": ReviewKind.UNDO,
            "reviewed_at": at,
            "study_day": study_day,
            "quality": None,
            "seconds": 0.0,
            "before": undone.after,
            "after": undone.before,
            "undoes": review_id,
        }
    )


def history(connection: Connection, card_id: str) -> list[Review]:
    """All rows of one card, oldest first."""
    found = connection.execute(select(reviews).where(reviews.c.card_id == card_id).order_by(reviews.c.id))
    return [rows.review(row) for row in found.mappings()]


def card_ids(connection: Connection) -> list[str]:
    """The cards that the log names."""
    return list(connection.execute(select(reviews.c.card_id).distinct().order_by(reviews.c.card_id)).scalars())


def last(connection: Connection) -> Review | None:
    """The newest row that stands."""
    row = connection.execute(_newest()).mappings().one_or_none()
    return rows.review(row) if row is not None else None


def counts_on(connection: Connection, study_day: date) -> DayCounts:
    """First answers and reviews of a study day that stand."""
    first = reviews.c.before_due.is_(None)
    statement = select(func.count().filter(first), func.count().filter(~first)).where(
        _STANDS, reviews.c.kind == ReviewKind.REVIEW.value, reviews.c.study_day == study_day.isoformat()
    )
    new, repeated = connection.execute(statement).one()
    return DayCounts(new=new, reviews=repeated)


def _newest() -> Select[tuple[object, ...]]:
    return select(reviews).where(_STANDS).order_by(reviews.c.id.desc()).limit(1)


def _standing(connection: Connection, card_id: str) -> dict[str, object]:
    """What the grades of a card that stand say about it: its last one, and whether any was good."""
    newest = connection.execute(_newest().where(reviews.c.card_id == card_id)).mappings().one_or_none()
    well = select(exists().where(reviews.c.card_id == card_id, reviews.c.quality >= PASSING, _STANDS))
    return {
        "last_quality": newest["quality"] if newest is not None else None,
        "last_study_day": newest["study_day"] if newest is not None else None,
        "answered_well": bool(connection.execute(well).scalar()),
    }
