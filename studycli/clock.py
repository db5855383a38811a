"""The clock and the study day."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta

from studycli.errors import UsageError

DAY_START_HOUR = 4


def now() -> datetime:
    """The present instant in UTC; `STUDYCLI_NOW` (ISO 8601) fixes it, for scripts and pictures."""
    fixed = os.environ.get("STUDYCLI_NOW")
    return parse_instant(fixed) if fixed else datetime.now(UTC)


def parse_instant(text: str) -> datetime:
    """ISO 8601 text to a UTC instant; a time without a zone is local, a day without a time its noon. Raises UsageError.

    Midnight would belong to the study day before.
    """
    day = parse_day(text)
    try:
        instant = datetime.fromisoformat(text) if day is None else datetime.combine(day, time(12))
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        hint = "write it like 2026-03-01T09:30 or 2026-03-01T09:30Z"
        raise UsageError(f"'{text}' is not a time", hint=hint) from error


def parse_day(text: str) -> date | None:
    """ISO 8601 text that is a day without a time; None for any other."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def study_day(instant: datetime, day_start_hour: int = DAY_START_HOUR) -> date:
    """The study day of an instant: the local date, turning over at `day_start_hour` (hours, local time).

    The shift is made on the wall clock, so a change to or from summer time moves no review to another day.
    """
    return (instant.astimezone().replace(tzinfo=None) - timedelta(hours=day_start_hour)).date()
