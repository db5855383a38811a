"""What the browse screen changes about a card: suspended, buried, flagged, each turned round. Done in a thread."""

from __future__ import annotations

from dataclasses import dataclass

from studycli import clock
from studycli.collection import Collection
from studycli.model.review import StudyCard
from studycli.review import wording


@dataclass(frozen=True)
class Changed:
    """The card as it is then, and what to say."""

    card: StudyCard
    message: str


def suspend(collection: Collection, card_id: str) -> Changed:
    """Suspend a card, or bring it back. Raises StoreError."""
    suspended = not _card(collection, card_id).suspended
    collection.repository.suspend(card_id, suspended)
    return _changed(collection, card_id, "suspended; s brings it back" if suspended else "no longer suspended")


def bury(collection: Collection, card_id: str) -> Changed:
    """Bury a card until the next study day, or bring it back. Raises StoreError."""
    buried = not _card(collection, card_id).buried
    today = clock.study_day(clock.now(), collection.settings.day_start_hour)
    collection.repository.bury(card_id, today if buried else None)
    return _changed(collection, card_id, "buried until tomorrow; b brings it back" if buried else "no longer buried")


def flag(collection: Collection, card_id: str) -> Changed:
    """Put the learner's flag on a card, or take it off. Raises StoreError."""
    flagged = not _card(collection, card_id).flagged
    collection.repository.flag(card_id, flagged)
    return _changed(collection, card_id, "flagged" if flagged else "no longer flagged")


def _card(collection: Collection, card_id: str) -> StudyCard:
    return collection.repository.card(card_id, collection.today)


def _changed(collection: Collection, card_id: str, words: str) -> Changed:
    card = _card(collection, card_id)
    return Changed(card, f"{wording.place(card)} {words}")
