"""Statistics on a terminal: nothing too wide, no number cut, and all of it said in words and glyphs."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from studycli.model.statistics import Bin, Statistics
from studycli.render import statistics as drawn
from tests.study_statistics import EMPTY, LARGE, SMALL

WIDTHS = (40, 41, 57, 80, 120, 200)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("statistics", [EMPTY, SMALL, LARGE])
def test_no_line_is_wider_than_the_room(statistics: Statistics, width: int) -> None:
    for title, text in drawn.sections(statistics, width):
        assert max(cell_len(line) for line in text.plain.split("\n")) <= width, title


@pytest.mark.parametrize("width", WIDTHS)
def test_a_name_is_cut_and_a_number_never(width: int) -> None:
    text = drawn.decks(LARGE, width).plain
    assert not re.search(r"\d…|…\d", re.sub(r"^\d\d-a-deck", "", text, flags=re.MULTILINE))
    for deck in LARGE.decks:
        assert f"{deck.retention.reviews:,}" in text


def test_the_weakest_come_first_and_the_rest_is_counted() -> None:
    lines = drawn.concepts(SMALL, 100, most=2).plain.split("\n")
    names = [concept.name for concept in SMALL.concepts]
    assert lines[1].startswith(names[0].split()[0][:5])
    assert len(lines) == 4
    assert f"{len(names) - 2} more are in --json and --save." in lines[-1]


def test_a_hostile_name_is_text_on_one_line() -> None:
    text = drawn.everything(SMALL, 200).plain
    assert "<script>alert(1)</script>\"'&[31m[bold]" in text
    assert not set(text) & {"\x1b", "\u202e"}


def test_the_overview_in_words() -> None:
    assert drawn.overview(SMALL, 80).plain.split("\n") == [
        "Answers    510 since 2025-03-11, 1 h 10 min of thought, 4.2 s each (median)",
        "Buttons    Again 264 (52 %), Hard 65 (13 %), Good 82 (16 %), Easy 99 (19 %)",
        "Retention  62.5 % of 48 reviews (cards that were not new, no extra passes)",
        "  young    33.3 % of 18 reviews (interval under 21 days)",
        "  mature   80.0 % of 30 reviews (21 days or more)",
        "Streak     0 days now, 1 day at most",
        "Cards      13 learning, 25 in review, 1 suspended, 1 archived",
    ]


def test_an_empty_log_is_drawn_in_words() -> None:
    text = drawn.everything(EMPTY, 60).plain
    assert "no reviews yet" in text
    assert "no answers yet" in text
    assert "no cards yet" in text


def test_the_forecast_says_what_is_overdue_and_that_new_cards_are_not_in_it() -> None:
    words = " ".join(drawn.forecast(SMALL, 80).plain.split())
    assert "Today 4 (3 of them overdue), tomorrow 1, in 7 days 10, in 30 days 33, later 5." in words
    assert "New cards, which come by the daily limit," in words


def test_hours_run_from_the_first_with_answers_to_the_last() -> None:
    busy = [hour.hour for hour in SMALL.hours if hour.answers]
    lines = drawn.hours(SMALL, 80).plain.split("\n")
    assert (lines[1][:5], lines[-1][:5]) == (f"{busy[0]:02}:00", f"{busy[-1]:02}:00")
    assert len(lines) == busy[-1] - busy[0] + 2


def test_everything_is_all_sections_under_their_titles() -> None:
    text = drawn.everything(SMALL, 80, 3).plain
    for title, part in drawn.sections(SMALL, 80, 3):
        assert f"{title}\n{part.plain}" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (90, "2 min"),
        (3600, "1 h"),
        (12_000, "3 h 20 min"),
        (4e6, "1,111 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert drawn.duration(seconds) == words


@pytest.mark.parametrize(("lower", "upper", "interval"), [(1, 2, "1 d"), (2, 4, "2–3 d"), (365, None, "365 d or more")])
def test_intervals_in_words(lower: float, upper: float | None, interval: str) -> None:
    assert drawn.interval_range(Bin(lower=lower, upper=upper, cards=0)) == interval
