"""The JSON form of a card under study: the keys that scripts rely on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studycli.model.review import Review, StudyCard


def card_data(study: StudyCard, history: Sequence[Review] | None = None) -> dict[str, Any]:
    """`id`, `deck`, every field of the card, `state` with its `status`, and `history` if given, oldest first.

    Days and instants are ISO 8601 text. A review's `before` and `after` are states without a status.
    """
    data = study.model_dump(mode="json")
    card, state = data.pop("card"), data.pop("state")
    data |= card | {"state": state | {"status": study.status.value}}
    if history is not None:
        data["history"] = [review.model_dump(mode="json", exclude={"card_id"}) for review in history]
    return data
