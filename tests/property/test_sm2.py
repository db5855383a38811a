"""Laws of SM-2 that hold for every state and every log."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from studycli.model.review import CardState, Review, ReviewKind
from studycli.scheduler import sm2

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
qualities = st.integers(0, 5)
first_intervals = st.integers(1, 60)
eases = st.floats(1.3, 6.0)
states = st.builds(
    CardState,
    repetitions=st.integers(0, 60),
    interval_days=st.integers(0, sm2.MAX_INTERVAL_DAYS),
    ease_factor=eases,
    due=st.none() | days,
    lapses=st.integers(0, 99),
)


@given(states, qualities, days, first_intervals)
def test_every_next_state_is_a_sound_one(state: CardState, quality: int, today: date, first_interval: int) -> None:
    after = sm2.review(state, quality, today, initial_interval=first_interval)
    assert after.ease_factor >= 1.3
    assert 1 <= after.interval_days <= 36_500
    assert after.due is not None
    assert (after.due - today).days == after.interval_days
    assert after.repetitions == (state.repetitions + 1 if quality >= 3 else 0)
    assert after.lapses == state.lapses + (quality < 3)


@given(states, days, first_intervals)
def test_a_better_grade_never_gives_a_shorter_interval_or_a_lower_ease(
    state: CardState, today: date, first_interval: int
) -> None:
    choices = sm2.preview(state, today, initial_interval=first_interval)
    for better in (4, 5):
        assert choices[better].interval_days >= choices[better - 1].interval_days
        assert choices[better].ease_factor >= choices[better - 1].ease_factor


@given(states, days, first_intervals)
def test_a_preview_is_the_six_reviews_and_changes_nothing(state: CardState, today: date, first_interval: int) -> None:
    before = state.model_copy()
    choices = sm2.preview(state, today, initial_interval=first_interval)
    assert list(choices) == list(range(6))
    for _ in range(2):
        assert choices == {q: sm2.review(state, q, today, initial_interval=first_interval) for q in range(6)}
    assert state == before


@given(st.integers(130, 500), st.integers(1, 3000), st.integers(2, 9))
def test_an_interval_is_the_exact_product_rounded_up(hundredths: int, interval: int, repetitions: int) -> None:
    """With an ease of whole hundredths the product is exact in integers, so float dust would show as a day more."""
    state = CardState(repetitions=repetitions, interval_days=interval, ease_factor=hundredths / 100)
    exact = min(-(-interval * hundredths // 100), sm2.MAX_INTERVAL_DAYS)
    assert sm2.review(state, 4, date(2026, 3, 1)).interval_days == exact


@given(st.lists(st.integers(3, 5), max_size=40))
def test_the_ease_is_the_sum_of_its_changes_while_it_stays_above_the_floor(grades: list[int]) -> None:
    state, expected = sm2.new(), 2.5
    for grade in grades:
        state = sm2.review(state, grade, date(2026, 3, 1))
        expected = max(1.3, expected + {3: -0.14, 4: 0.0, 5: 0.1}[grade])
    assert math.isclose(state.ease_factor, expected, abs_tol=1e-9)


@given(
    eases,
    st.lists(st.tuples(st.sampled_from([*ReviewKind]), qualities, days, first_intervals), max_size=30),
)
def test_replaying_a_log_gives_the_state_it_led_to(
    ease: float, entries: list[tuple[ReviewKind, int, date, int]]
) -> None:
    state, rows, standing = sm2.new(ease), [], []
    for kind, quality, day, first_interval in entries:
        if kind is ReviewKind.UNDO and not standing:
            continue
        before, undone = state, standing.pop() if kind is ReviewKind.UNDO else None
        if undone is not None:
            state = undone.before
        elif kind is ReviewKind.REVIEW:
            state = sm2.review(state, quality, day, initial_interval=first_interval)
        row = Review(
            id=len(rows) + 1,
            card_id="card",
            kind=kind,
            reviewed_at=datetime(2026, 3, 1, tzinfo=UTC),
            study_day=day,
            quality=None if undone else quality,
            before=before,
            after=state,
            initial_interval_days=first_interval,
            undoes=undone.id if undone else None,
        )
        rows.append(row)
        if undone is None:
            standing.append(row)
    assert sm2.replay(rows) == (state if rows else sm2.new())
