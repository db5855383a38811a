"""Statistics out of facts written by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.model.review import Status
from studycli.model.statistics import Retention
from studycli.model.study_facts import GroupCounts, SlotCounts, Standing, StudyFacts
from studycli.review.statistics import first_day, statistics, streaks, weakest

TODAY = date(2026, 3, 10)
LEARNED = Standing(False, False, 2, "2026-03-12", 6, 2.5)


def facts(**values: object) -> StudyFacts:
    empty: dict[str, object] = dict.fromkeys(("standings", "groups", "slots", "latest_seconds", "study_days"), ())
    return StudyFacts(since=first_day(TODAY), **{**empty, **values})  # type: ignore[arg-type]


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The time zone that the test names."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


def test_an_empty_log() -> None:
    found = statistics(facts(), TODAY)
    assert (found.answers, found.median_seconds, found.current_streak, found.longest_streak) == (0, None, 0, 0)
    assert found.retention.share is None
    assert len(found.forecast) == 30
    assert sum(day.cards for day in found.forecast) == 0


def test_the_period_has_365_days_with_today() -> None:
    assert first_day(TODAY) == date(2025, 3, 11)


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        ([], (0, 0)),
        ([0], (1, 1)),
        ([1], (1, 1)),
        ([2], (0, 1)),
        ([3, 2, 1, 0], (4, 4)),
        ([9, 8, 7, 6, 2, 1], (2, 4)),
        ([9, 8, 7, 3], (0, 3)),
    ],
)
def test_streaks(days_ago: list[int], expected: tuple[int, int]) -> None:
    assert streaks([TODAY - timedelta(days=ago) for ago in days_ago], TODAY) == expected


@given(st.sets(st.integers(0, 60)))
def test_a_streak_is_a_run_of_days(days_ago: set[int]) -> None:
    current, longest = streaks([TODAY - timedelta(days=ago) for ago in sorted(days_ago, reverse=True)], TODAY)
    runs = [length for length in range(61) if any(set(range(a, a + length)) <= days_ago for a in range(61))]
    assert longest == max(runs)
    begins = 0 if 0 in days_ago else 1
    assert current == next(length for length in range(62) if begins + length not in days_ago)


SLOTS = [
    # Summer time begins in Berlin on 29 March 2026: 01:45 UTC is 02:45 the day before, 03:45 that day.
    SlotCounts("2026-03-27", "2026-03-28T01:45", 4, 3, 30.0, 2),
    SlotCounts("2026-03-28", "2026-03-29T01:45", 2, 1, 5.0, 1),
    SlotCounts("2026-03-28", "2026-03-28T10:00", 5, 2, 8.0, 1),
]


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("Europe/Berlin", {2: (3, 2, 2), 3: (1, 1, 0), 11: (2, 1, 1)}),
        ("UTC", {1: (4, 3, 2), 10: (2, 1, 1)}),
        ("Asia/Kathmandu", {7: (4, 3, 2), 15: (2, 1, 1)}),
    ],
    indirect=["zone"],
)
@pytest.mark.usefixtures("zone")
def test_hours_are_local(hours: dict[int, tuple[int, int, int]]) -> None:
    found = statistics(facts(slots=SLOTS), TODAY).hours
    seen = {hour.hour: (hour.answers, hour.retention.reviews, hour.retention.passed) for hour in found if hour.answers}
    assert seen == hours
    assert [hour.hour for hour in found] == list(range(24))


def test_days_go_by_study_day_whatever_the_clock_says() -> None:
    found = statistics(facts(slots=SLOTS), TODAY)
    assert [(str(day.day), day.answers, day.seconds) for day in found.days] == [
        ("2026-03-27", 3, 30.0),
        ("2026-03-28", 3, 13.0),
    ]
    assert (found.answers, found.seconds) == (6, 43.0)
    assert found.by_quality == (0, 0, 1, 0, 3, 2)
    assert found.by_button == {"Again": 1, "Hard": 0, "Good": 3, "Easy": 2}


def test_the_median_stands_between_the_middle_two() -> None:
    assert statistics(facts(latest_seconds=[9.0, 1.0, 2.0, 4.0]), TODAY).median_seconds == 3.0


GROUPS = [
    GroupCounts("deck-a", "Self-Attention", 2, 10, 7, 4, 4),
    GroupCounts("deck-b", "self attention", 1, 2, 1, 0, 0),
    GroupCounts("deck-b", "Softmax", 1, 0, 0, 8, 8),
    GroupCounts("deck-b", None, 3, 1, 1, 1, 0),
    GroupCounts("deck-b", " ", 1, 1, 1, 0, 0),
]


def test_retention_by_deck_concept_and_interval() -> None:
    found = statistics(facts(groups=GROUPS), TODAY)
    assert found.retention == Retention(reviews=27, passed=22)
    assert (found.young, found.mature) == (Retention(reviews=14, passed=10), Retention(reviews=13, passed=12))
    assert found.retention.share == pytest.approx(22 / 27)
    assert [(deck.name, deck.cards, deck.retention.lapses) for deck in found.decks] == [
        ("deck-a", 2, 3),
        ("deck-b", 6, 2),
    ]
    assert [(concept.name, concept.cards, concept.retention) for concept in found.concepts] == [
        ("Self-Attention", 3, Retention(reviews=16, passed=12)),
        ("Softmax", 1, Retention(reviews=8, passed=8)),
    ]
    assert [concept.name for concept in weakest(found.concepts)] == ["Self-Attention"]
    assert weakest(found.concepts, 0) == []


def test_the_forecast_counts_what_is_overdue_today() -> None:
    due = {-400: 1, -1: 2, 0: 3, 1: 4, 29: 5, 30: 6}
    cards = [
        LEARNED._replace(due=str(TODAY + timedelta(days=ahead))) for ahead, number in due.items() for _ in range(number)
    ]
    aside = [LEARNED._replace(suspended=True), LEARNED._replace(archived=True), LEARNED._replace(due=None)]
    found = statistics(facts(standings=cards + aside), TODAY)
    assert {(day.day - TODAY).days: day.cards for day in found.forecast if day.cards} == {0: 6, 1: 4, 29: 5}
    assert (found.overdue, found.later) == (3, 6)


@pytest.mark.parametrize(
    ("ease", "lower"), [(1.3, 1.3), (1.4999999999, 1.5), (1.3 + 0.1 + 0.1, 1.5), (1.49, 1.3), (2.5, 2.5), (3.9, 2.9)]
)
def test_ease_factors_fall_into_bins(ease: float, lower: float) -> None:
    found = statistics(facts(standings=[LEARNED._replace(ease_factor=ease)]), TODAY)
    assert [span.lower for span in found.eases if span.cards] == [lower]


@pytest.mark.parametrize(
    ("days", "lower"), [(1, 1), (2, 2), (3, 2), (20, 14), (21, 21), (364, 180), (365, 365), (36_500, 365)]
)
def test_intervals_fall_into_bins(days: int, lower: int) -> None:
    found = statistics(facts(standings=[LEARNED._replace(interval_days=days)]), TODAY)
    assert [span.lower for span in found.intervals if span.cards] == [lower]


def test_cards_by_status() -> None:
    cards = [
        LEARNED,
        LEARNED._replace(repetitions=0),
        LEARNED._replace(due=None),
        LEARNED._replace(suspended=True),
        LEARNED._replace(suspended=True, archived=True),
    ]
    assert statistics(facts(standings=cards), TODAY).by_status == dict.fromkeys(
        (Status.NEW, Status.LEARNING, Status.REVIEW, Status.SUSPENDED, Status.ARCHIVED), 1
    )


STANDINGS = st.builds(
    Standing,
    st.booleans(),
    st.booleans(),
    st.integers(0, 9),
    st.none() | st.dates(TODAY - timedelta(days=99), TODAY + timedelta(days=99)).map(str),
    st.integers(1, 36_500),
    st.floats(1.3, 5),
)


@given(st.lists(STANDINGS, max_size=30))
def test_every_card_in_review_is_in_the_forecast_and_in_both_distributions(cards: list[Standing]) -> None:
    found = statistics(facts(standings=cards), TODAY)
    learned = sum(card.due is not None and not (card.suspended or card.archived) for card in cards)
    assert sum(day.cards for day in found.forecast) + found.later == learned
    assert sum(span.cards for span in found.eases) == sum(span.cards for span in found.intervals) == learned
    assert sum(found.by_status.values()) == len(cards)


NAMES = st.sampled_from(["Softmax", "softmax", "***", "RoPE", "KV cache", None])


@st.composite
def group_counts(draw: st.DrawFn) -> GroupCounts:
    young, mature = draw(st.integers(0, 9)), draw(st.integers(1, 9))
    passed = draw(st.integers(0, young)), draw(st.integers(0, mature))
    deck = draw(st.sampled_from("abc"))
    return GroupCounts(deck, draw(NAMES), draw(st.integers(1, 5)), young, passed[0], mature, passed[1])


@given(st.lists(group_counts(), max_size=20))
def test_the_sums_of_decks_are_the_whole_and_each_name_stands_once(groups: list[GroupCounts]) -> None:
    found = statistics(facts(groups=groups), TODAY)
    assert sum(deck.retention.reviews for deck in found.decks) == found.retention.reviews
    assert sum(deck.retention.passed for deck in found.decks) == found.retention.passed
    named = [group for group in groups if group.concept]
    assert sum(concept.cards for concept in found.concepts) == sum(group.cards for group in named)
    assert len({concept.name.casefold() for concept in found.concepts}) == len(found.concepts)
    assert [deck.weakness for deck in found.decks] == sorted((deck.weakness for deck in found.decks), reverse=True)
