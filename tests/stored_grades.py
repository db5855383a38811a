"""What a review that ran in another process left in the store."""

from __future__ import annotations

from studycli import clock, config
from studycli.store.repository import Repository


def grades(deck: str) -> dict[int, list[int | None]]:
    """The qualities in the log, by the cards' numbers; None took one back."""
    with Repository.open(config.load().database) as repository:
        cards = repository.cards(today=clock.study_day(clock.now()), decks=[deck])
        return {card.card.number: [row.quality for row in repository.history(card.id)] for card in cards}
