"""The facts that statistics are made of: rows that the store has counted, as plain tuples."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Standing(NamedTuple):
    """Where one card stands. `due` is ISO 8601 text, or None for a card that was never answered."""

    suspended: bool
    archived: bool
    repetitions: int
    due: str | None
    interval_days: int
    ease_factor: float


class GroupCounts(NamedTuple):
    """Reviews of the known cards of one deck that have one concept, by the interval before them."""

    deck: str
    concept: str | None
    cards: int
    young: int
    young_passed: int
    mature: int
    mature_passed: int


class SlotCounts(NamedTuple):
    """The answers of one grade in a quarter of an hour; `slot` is the UTC minute that it began, ISO 8601 text.

    `reviews` are the answers that were reviews of known cards.
    """

    study_day: str
    slot: str
    quality: int
    answers: int
    seconds: float
    reviews: int


class StudyFacts(NamedTuple):
    """All of them, without what was taken back: answers since the study day `since`, and every day of study before.

    `latest_seconds` are the thinking times of the latest answers, without those of scripts, which took no time.
    `study_days` are the days with an answer of the whole log, ISO 8601 text, oldest first.
    """

    since: date
    standings: list[Standing]
    groups: list[GroupCounts]
    slots: list[SlotCounts]
    latest_seconds: list[float]
    study_days: list[str]
