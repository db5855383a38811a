"""The JSON form of a card under study: the keys that scripts rely on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studycli.model.note import Note, note_data
from studycli.model.review import Review, StudyCard


def card_data(study: StudyCard, history: Sequence[Review] | None = None, note: Note | None = None) -> dict[str, Any]:
    """`id`, `deck`, every field of the card, `state` with its `status`, and if given `history`, oldest first.

    With a history comes the learner's `note`: its `text`, `created_at` and `updated_at`, or null where there is none.
    Days and instants are ISO 8601 text. A review's `before` and `after` are states without a status.
    """
    data = study.model_dump(mode="json")
    card, state = data.pop("card"), data.pop("state")
    data |= card | {"state": state | {"status": study.status.value}}
    if history is not None:
        data["history"] = [review.model_dump(mode="json", exclude={"card_id"}) for review in history]
        data["note"] = note_data(note) if note is not None else None
    return data
