"""SM-2, the spaced repetition algorithm of 1990: a state and a grade in, the next state out.

Source: P. A. Woźniak, "Optimization of learning" (1990), chapter 3.2, with these choices where it is silent or the
house differs: I(1) may come from the deck; I(2) is max(6, ceil(I(1) * EF)), the original's 6 days for I(1) = 1; a
failure counts a lapse and is due after one day; intervals end at 36,500 days. They count from the day of the review.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, timedelta

from studycli.errors import StudyError, UsageError
from studycli.model.review import CardState, Review, ReviewKind

NAME = "sm2"
VERSION = 1
QUALITIES = (0, 1, 2, 3, 4, 5)
PASSING = 3
"""The lowest grade that counts as remembered."""
SETTLED = 4
"""The lowest grade that does not come back in the same session."""
MIN_EASE = 1.3
MAX_INTERVAL_DAYS = 36_500
_SECOND_INTERVAL_DAYS = 6
_DECIMALS = 9


def new(initial_ease: float = 2.5) -> CardState:
    """The state of a card that was never answered; EF(0) is `initial_ease`, or 1.3 where that is lower."""
    return CardState(ease_factor=max(MIN_EASE, initial_ease))


def review(state: CardState, quality: int, today: date, *, initial_interval: int = 1) -> CardState:
    """The state after an answer of `quality` (0 to 5) on the study day `today`; I(1) is `initial_interval` days.

    A quality under 3 starts the repetitions anew: n = 0, one day, the ease factor as it was, one lapse more.
    Raises UsageError for a quality that is none, and for a due day beyond the calendar.
    """
    check_quality(quality)
    if quality < PASSING:
        repetitions, ease, interval, lapses = 0, state.ease_factor, 1, state.lapses + 1
    else:
        repetitions, ease, lapses = state.repetitions + 1, _next_ease(state.ease_factor, quality), state.lapses
        interval = _next_interval(repetitions, state.interval_days, ease, initial_interval)
    return CardState(
        repetitions=repetitions, interval_days=interval, ease_factor=ease, due=_due(today, interval), lapses=lapses
    )


def preview(state: CardState, today: date, *, initial_interval: int = 1) -> dict[int, CardState]:
    """The next state for each of the six qualities. Raises as `review` does."""
    return {quality: review(state, quality, today, initial_interval=initial_interval) for quality in QUALITIES}


def replay(reviews: Iterable[Review]) -> CardState:
    """The state that one card's log leads to, rows in the order they were written.

    A row taken back by an undo counts for nothing, and a repeat changes no schedule. The start is the state before
    the first row that counts. Raises StudyError for a row of another scheduler or without a quality.
    """
    rows = list(reviews)
    undone = {row.undoes for row in rows if row.kind is ReviewKind.UNDO}
    standing = [row for row in rows if row.kind is not ReviewKind.UNDO and row.id not in undone]
    if not standing:
        return rows[0].before if rows else new()
    state = standing[0].before
    for row in standing:
        if row.kind is ReviewKind.REVIEW:
            state = review(state, _quality_of(row), row.study_day, initial_interval=row.initial_interval_days)
    return state


def check_quality(quality: int) -> None:
    """Raise UsageError unless `quality` is a whole number from 0 to 5."""
    if isinstance(quality, bool) or not isinstance(quality, int) or quality not in QUALITIES:
        raise UsageError(f"{quality!r} is no quality", hint="it is a whole number from 0 (forgotten) to 5 (perfect)")


def _next_ease(ease: float, quality: int) -> float:
    miss = 5 - quality
    return max(MIN_EASE, ease + 0.1 - miss * (0.08 + miss * 0.02))


def _next_interval(repetitions: int, interval: int, ease: float, initial_interval: int) -> int:
    if repetitions == 1:
        days = initial_interval
    elif repetitions == 2:
        days = max(_SECOND_INTERVAL_DAYS, _whole_days(initial_interval * ease))
    else:
        days = _whole_days(interval * ease)
    return max(1, min(days, MAX_INTERVAL_DAYS))


def _whole_days(days: float) -> int:
    # Rounded first: 6 * 2.1 may come out a hair over 12.6, and a product that is whole must not gain a day.
    return math.ceil(round(min(days, MAX_INTERVAL_DAYS), _DECIMALS))


def _due(today: date, interval: int) -> date:
    try:
        return today + timedelta(days=interval)
    except OverflowError as error:
        raise UsageError(f"{interval} days after {today} is beyond the calendar") from error


def _quality_of(row: Review) -> int:
    if (row.scheduler, row.scheduler_version) != (NAME, VERSION):
        raise StudyError(
            f"this row is of the scheduler {row.scheduler} {row.scheduler_version}",
            where=f"review {row.id}",
            hint=f"only {NAME} {VERSION} can be replayed",
        )
    if row.quality is None:
        raise StudyError("this row has no quality", where=f"review {row.id}")
    return row.quality
