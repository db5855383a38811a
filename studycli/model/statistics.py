"""Statistics: what a learner's log and cards say about a year of study."""

from __future__ import annotations

from datetime import date

from pydantic import computed_field

from studycli.model.review import Status
from studycli.model.value import Value


class Retention(Value):
    """How many reviews of known cards there were, and how many of them got a 3 or better."""

    reviews: int = 0
    passed: int = 0

    @property
    def lapses(self) -> int:
        """The reviews that got less than 3."""
        return self.reviews - self.passed

    @computed_field  # type: ignore[prop-decorator]
    @property
    def share(self) -> float | None:
        """The share that passed, 0 to 1; None where there was no review."""
        return self.passed / self.reviews if self.reviews else None


class GroupRetention(Value):
    """The retention of a deck or a concept. `cards` counts those with a review.

    `weakness` is the share of lapses to expect, 0 to 1, drawn towards the average where reviews are few
    (`review/weakness.py`).
    """

    name: str
    cards: int
    retention: Retention
    weakness: float


class DayActivity(Value):
    """The answers of one study day, extra passes among them, and the seconds of thought they took."""

    day: date
    answers: int
    seconds: float


class HourActivity(Value):
    """The answers given in one hour of the day, 0 to 23 in local time, and the retention of its reviews."""

    hour: int
    answers: int
    retention: Retention


class DueDay(Value):
    """How many cards are due on a study day."""

    day: date
    cards: int


class Bin(Value):
    """How many cards have a value from `lower` up to, but without, `upper`; None is without end."""

    lower: float
    upper: float | None
    cards: int


class Statistics(Value):
    """What is known on the study day `today`. Answers that were taken back count nowhere.

    Answers, retention, days and hours are those since the study day `since`; streaks look at the whole log and count
    study days in a row. `days` holds only days with answers, oldest first. `median_seconds` is the thinking time of the
    latest answers (10,000 at most), without those that took none, from a script. `by_quality` counts answers by grade
    0 to 5, `by_button` by button. Retention is of reviews of known cards: no first answers, no extra passes; a card is
    young while its interval before the review is under 21 days, else mature. `decks` and `concepts` come weakest first.
    `forecast` begins with today, which has the `overdue` cards too, and new cards are not in it; `later` are due after
    its last day. The bins of ease factors and of intervals in days count the same cards: those answered at least once,
    and neither suspended nor archived.
    """

    today: date
    since: date
    answers: int
    seconds: float
    median_seconds: float | None
    days: tuple[DayActivity, ...]
    current_streak: int
    longest_streak: int
    retention: Retention
    young: Retention
    mature: Retention
    decks: tuple[GroupRetention, ...]
    concepts: tuple[GroupRetention, ...]
    hours: tuple[HourActivity, ...]
    by_quality: tuple[int, ...]
    by_button: dict[str, int]
    forecast: tuple[DueDay, ...]
    overdue: int
    later: int
    eases: tuple[Bin, ...]
    intervals: tuple[Bin, ...]
    by_status: dict[Status, int]
