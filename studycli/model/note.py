"""A note: what the learner wrote about a card or a concept, in Markdown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from studycli.model.value import Value


class Note(Value):
    """One note, on the card `card_id` or on the concept of that name: one of the two is None. Instants are UTC."""

    id: int | None = None
    card_id: str | None = None
    concept: str | None = None
    text: str
    created_at: datetime
    updated_at: datetime


def note_data(note: Note) -> dict[str, Any]:
    """A note in JSON form: its `text`, `created_at` and `updated_at`, without what it is about."""
    return note.model_dump(mode="json", include={"text", "created_at", "updated_at"})
