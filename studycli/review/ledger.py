"""The ledger: where a session writes down what was done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from studycli.model.review import Review, StudyCard


class Ledger(Protocol):
    """Where grades are written down; each call is one transaction, and raises without having changed anything."""

    def record(self, review: Review) -> Review:
        """Append a row to the log together with the card's new state; returns the row with its id."""
        ...

    def undo(self, review_id: int, at: datetime, study_day: date) -> Review:
        """Append a row that takes back another, and restore the state before it."""
        ...

    def suspend(self, card_id: str, suspended: bool = True) -> None:
        """Suspend a card, or bring it back."""
        ...

    def bury(self, card_id: str, study_day: date | None) -> None:
        """Set a card aside for a study day, or bring it back with None."""
        ...

    def flag(self, card_id: str, flagged: bool = True) -> None:
        """Put the learner's flag on a card, or take it off."""
        ...

    def card(self, card_id: str, today: date) -> StudyCard:
        """A card as it stands now."""
        ...
