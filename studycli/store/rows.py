"""Rows of the database made into model values, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import RowMapping

from studycli.model.review import CardState, Review, ReviewKind

STATE_FIELDS = ("repetitions", "interval_days", "ease_factor", "due", "lapses")


def day(text: str | None) -> date | None:
    """A stored day."""
    return date.fromisoformat(text) if text else None


def instant_text(instant: datetime) -> str:
    """A UTC instant as text that sorts by time."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def state_columns(state: CardState, prefix: str = "") -> dict[str, Any]:
    """The columns of a state; `prefix` is 'before_' or 'after_' in the log."""
    values = {name: getattr(state, name) for name in STATE_FIELDS}
    values["due"] = state.due.isoformat() if state.due else None
    return {prefix + name: value for name, value in values.items()}


def state(row: RowMapping, prefix: str = "") -> CardState:
    """The state in a row; the inverse of `state_columns`."""
    values = {name: row[prefix + name] for name in STATE_FIELDS}
    return CardState(**{**values, "due": day(values["due"])})


def review_columns(review: Review) -> dict[str, Any]:
    """The columns of a row of the log, without its id."""
    return {
        "card_id": review.card_id,
        "kind": review.kind.value,
        "reviewed_at": instant_text(review.reviewed_at),
        "study_day": review.study_day.isoformat(),
        "quality": review.quality,
        "seconds": review.seconds,
        **state_columns(review.before, "before_"),
        **state_columns(review.after, "after_"),
        "initial_interval_days": review.initial_interval_days,
        "scheduler": review.scheduler,
        "scheduler_version": review.scheduler_version,
        "undoes": review.undoes,
    }


def review(row: RowMapping) -> Review:
    """The row of the log that a database row holds."""
    return Review(
        id=row["id"],
        card_id=row["card_id"],
        kind=ReviewKind(row["kind"]),
        reviewed_at=datetime.fromisoformat(row["reviewed_at"]),
        study_day=date.fromisoformat(row["study_day"]),
        quality=row["quality"],
        seconds=row["seconds"],
        before=state(row, "before_"),
        after=state(row, "after_"),
        initial_interval_days=row["initial_interval_days"],
        scheduler=row["scheduler"],
        scheduler_version=row["scheduler_version"],
        undoes=row["undoes"],
    )
