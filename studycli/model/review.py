"""A card under study: its scheduling state, and the reviews that led there."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from studycli.model.card import Card
from studycli.model.value import Value


class Status(StrEnum):
    """Where a card stands: never answered, failed last time, in review, set aside for a day or for good, or gone."""

    NEW = "new"
    LEARNING = "learning"
    REVIEW = "review"
    BURIED = "buried"
    SUSPENDED = "suspended"
    ARCHIVED = "archived"


class CardState(Value):
    """SM-2's state: repetition count n, interval in whole days, ease factor, due study day, lapses."""

    repetitions: int = 0
    interval_days: int = 0
    ease_factor: float = 2.5
    due: date | None = None
    lapses: int = 0


class ReviewKind(StrEnum):
    """What a row of the log records."""

    REVIEW = "review"
    REPEAT = "repeat"
    UNDO = "undo"


class Review(Value):
    """One row of the append-only review log. `reviewed_at` is UTC; `seconds` is thinking time.

    A `repeat` is an extra pass in the same session: its `after` has the schedule of its `before`.
    An `undo` takes back the row `undoes` and restores that row's `before`.
    `initial_interval_days` is the I(1) in force, so that replaying the log gives the same states.
    """

    id: int | None = None
    card_id: str
    kind: ReviewKind = ReviewKind.REVIEW
    reviewed_at: datetime
    study_day: date
    quality: int | None
    seconds: float = 0.0
    before: CardState
    after: CardState
    initial_interval_days: int = 1
    scheduler: str = "sm2"
    scheduler_version: int = 1
    undoes: int | None = None


class StudyCard(Value):
    """A card with its identity, its place and its schedule.

    `id` is a uuid string; `deck` the deck's slug and `deck_title` its title; `path` the document.
    `pending_repeat` is true when its last grade on the current study day was below 4, `answered_well` when it ever
    got a grade of 3 or more. `flagged` is the learner's mark; `buried` sets the card aside for the current study day.
    """

    id: str
    deck: str
    deck_title: str
    path: str
    card: Card
    state: CardState
    suspended: bool = False
    archived: bool = False
    pending_repeat: bool = False
    answered_well: bool = False
    flagged: bool = False
    buried: bool = False

    @property
    def set_aside(self) -> bool:
        """True where no review asks the card today, whatever its schedule says."""
        return self.suspended or self.buried or self.archived

    @property
    def status(self) -> Status:
        """The one word for where the card stands."""
        if self.archived:
            return Status.ARCHIVED
        if self.suspended:
            return Status.SUSPENDED
        if self.buried:
            return Status.BURIED
        if self.state.due is None:
            return Status.NEW
        return Status.LEARNING if self.state.repetitions == 0 else Status.REVIEW
