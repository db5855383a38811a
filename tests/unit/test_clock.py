"""The clock and the study day."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest

from studycli import clock
from studycli.errors import UsageError


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("instant", "hour", "day"),
    [
        ("2026-03-02T02:59:59+00:00", 4, date(2026, 3, 1)),
        ("2026-03-02T03:00:00+00:00", 4, date(2026, 3, 2)),
        ("2026-03-01T23:30:00+00:00", 0, date(2026, 3, 2)),
        ("2026-07-01T01:59:59+00:00", 4, date(2026, 6, 30)),
        ("2026-07-01T02:00:00+00:00", 4, date(2026, 7, 1)),
        ("2026-03-29T01:30:00+00:00", 4, date(2026, 3, 28)),
        ("2026-03-29T02:00:00+00:00", 4, date(2026, 3, 29)),
        ("2026-10-25T02:59:59+00:00", 4, date(2026, 10, 24)),
        ("2026-10-25T03:00:00+00:00", 4, date(2026, 10, 25)),
    ],
)
def test_the_study_day_turns_over_on_the_wall_clock(instant: str, hour: int, day: date) -> None:
    assert clock.study_day(datetime.fromisoformat(instant), hour) == day


def test_now_is_fixed_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYCLI_NOW", "2026-03-01T09:30Z")
    assert clock.now() == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.mark.usefixtures("berlin")
def test_a_time_without_a_zone_is_local() -> None:
    assert clock.parse_instant("2026-01-05T10:00") == datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "", "0001-01-01T00:00+14:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a time"):
        clock.parse_instant(text)


@pytest.mark.usefixtures("berlin")
def test_a_day_without_a_time_is_that_study_day() -> None:
    assert clock.parse_instant("2026-01-05") == datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
    assert clock.study_day(clock.parse_instant("2026-01-05")) == date(2026, 1, 5)
