"""Teaching: a card by the concept that it teaches, with the state that shows how well it is known."""

from __future__ import annotations

from typing import NamedTuple

from studycli.model.review import CardState


class Teaching(NamedTuple):
    """One card that names a concept; `concept` is the name as the deck writes it."""

    card_id: str
    concept: str
    suspended: bool
    state: CardState
