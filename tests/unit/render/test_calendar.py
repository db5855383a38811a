"""The calendar: every day in its place, whatever the width."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.render.calendar import calendar, level, month_labels, ranges, step, weeks

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 10)  # a Thursday and a Tuesday


def test_a_small_calendar() -> None:
    counts = {date(2026, 1, 1): 1, date(2026, 2, 2): 2, date(2026, 3, 9): 4, date(2026, 3, 10): 9}
    assert calendar(counts, FIRST, LAST, 16).plain.split("\n") == [
        "    Jan Feb Mar",
        "Mon  ····░····▒",
        "Tue  ·········█",
        "Wed  ········· ",
        "Thu ░········· ",
        "Fri ·········· ",
        "Sat ·········· ",
        "Sun ·········· ",
        "",
        "· answers: none",
        "░ 1–2  ▒ 3–4",
        "▓ 5–6",
        "█ 7 or more",
    ]


@pytest.mark.parametrize(
    ("counts", "by"), [([], 1), ([0, 0], 1), ([1], 1), ([4, 4, 4], 1), ([50] * 9, 12), ([10] * 9 + [1000], 2)]
)
def test_one_busy_day_makes_the_others_no_fainter(counts: list[int], by: int) -> None:
    assert step(counts) == by


@given(st.integers(0, 10_000), st.integers(1, 500))
def test_a_shade_says_what_it_means(count: int, by: int) -> None:
    words = ranges(by)[level(count, by)].replace(",", "")
    if words == "none":
        assert count == 0
    elif words.endswith(" or more"):
        assert count >= int(words.removesuffix(" or more"))
    else:
        low, _, high = words.partition("–")
        assert int(low) <= count <= int(high or low)


def test_weeks_begin_on_monday() -> None:
    mondays = weeks(FIRST, LAST)
    assert (mondays[0], mondays[-1], len(mondays)) == (date(2025, 12, 29), date(2026, 3, 9), 11)


def test_a_month_stands_over_the_week_of_its_first_day() -> None:
    assert month_labels(weeks(FIRST, LAST)) == {0: "Jan", 4: "Feb", 8: "Mar"}
    assert month_labels(weeks(date(2026, 1, 27), LAST)) == {0: "Feb", 4: "Mar"}
    assert month_labels(weeks(date(2026, 1, 20), LAST)) == {1: "Feb", 5: "Mar"}


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400), st.integers(20, 200))
def test_the_latest_weeks_are_drawn_whole(last: date, before: int, width: int) -> None:
    first = last - timedelta(days=before)
    lines = calendar({last: 4}, first, last, width).plain.split("\n")
    assert max(map(len, lines)) <= width
    rows = lines[1:8]
    assert [row[:3] for row in rows] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert rows[last.weekday()].rstrip().endswith("█")
    assert sum(row.count("█") for row in rows) in (1, 2)
    assert len({len(row) for row in rows}) == 1
    days = sum(len(row[4:].replace(" ", "")) for row in rows)
    cell = rows[last.weekday()].rstrip().count("█")
    assert days // cell == before + 1 or len(rows[0]) + max(cell, 1) > width
