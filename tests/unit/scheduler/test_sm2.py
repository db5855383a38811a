"""SM-2 against the tables of the 1990 publication and the house's own choices."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from studycli.errors import StudyError, UsageError
from studycli.model.review import CardState, Review, ReviewKind
from studycli.scheduler import sm2

TODAY = date(2026, 3, 1)


def run(qualities: list[int], *, ease: float = 2.5, initial_interval: int = 1) -> list[CardState]:
    """The states after each of `qualities`, every review on its due day."""
    state, day, states = sm2.new(ease), TODAY, []
    for quality in qualities:
        state = sm2.review(state, quality, day, initial_interval=initial_interval)
        states.append(state)
        day = state.due or day
    return states


@pytest.mark.parametrize(("quality", "change"), [(5, 0.10), (4, 0.00), (3, -0.14)])
def test_ease_changes_as_the_formula_of_1990_says(quality: int, change: float) -> None:
    assert sm2.review(sm2.new(), quality, TODAY).ease_factor == pytest.approx(2.5 + change, abs=1e-12)


@pytest.mark.parametrize("quality", [0, 1, 2])
def test_a_failure_leaves_the_ease_as_it_is(quality: int) -> None:
    assert sm2.review(CardState(ease_factor=1.96), quality, TODAY).ease_factor == 1.96


def test_the_ease_never_goes_under_its_floor() -> None:
    assert run([3] * 9)[-1].ease_factor == 1.3
    assert sm2.new(1.1).ease_factor == 1.3


@pytest.mark.parametrize(
    ("qualities", "ease", "initial_interval", "intervals"),
    [
        pytest.param([4] * 6, 2.5, 1, [1, 6, 15, 38, 95, 238], id="1990: 1, 6, then times 2.5, rounded up"),
        pytest.param([5] * 5, 2.5, 1, [1, 6, 17, 50, 150], id="a perfect answer lengthens each step"),
        pytest.param([3] * 5, 2.5, 1, [1, 6, 13, 26, 47], id="an effort shortens each step"),
        pytest.param([3] * 6, 1.3, 1, [1, 6, 8, 11, 15, 20], id="at the floor of the ease"),
        pytest.param([4] * 3, 2.0, 3, [3, 6, 12], id="I(1) = 3: the second is 3 * 2"),
        pytest.param([4] * 3, 1.5, 3, [3, 6, 9], id="I(1) = 3: the second is never under 6"),
        pytest.param([4] * 3, 1.5, 7, [7, 11, 17], id="I(1) = 7: 10.5 and 16.5, rounded up"),
        pytest.param([4, 4, 4, 2, 4, 4, 4], 2.5, 1, [1, 6, 15, 1, 1, 6, 15], id="a failure starts anew"),
        pytest.param([2, 4, 4], 2.0, 7, [1, 7, 14], id="after a failure I(1) is the deck's again"),
    ],
)
def test_intervals(qualities: list[int], ease: float, initial_interval: int, intervals: list[int]) -> None:
    states = run(qualities, ease=ease, initial_interval=initial_interval)
    assert [state.interval_days for state in states] == intervals


def test_intervals_stop_at_36500_days() -> None:
    states = run([4] * 13)
    assert [state.interval_days for state in states[-4:]] == [9300, 23250, 36500, 36500]
    assert sm2.review(sm2.new(), 4, TODAY, initial_interval=40_000).interval_days == 36_500
    assert sm2.review(CardState(repetitions=5, interval_days=9, ease_factor=1e308), 4, TODAY).interval_days == 36_500


def test_an_interval_is_at_least_a_day() -> None:
    assert sm2.review(sm2.new(), 4, TODAY, initial_interval=0).interval_days == 1


def test_the_second_interval_counts_from_the_first_interval_in_force() -> None:
    learned_before_the_deck_changed = CardState(repetitions=1, interval_days=1, due=TODAY)
    assert sm2.review(learned_before_the_deck_changed, 4, TODAY, initial_interval=5).interval_days == 13


@pytest.mark.parametrize(
    ("interval", "ease", "product"),
    [(25, 2.2, 55), (50, 2.18, 109), (45, 2.2, 99)],
)
def test_float_dust_adds_no_day(interval: int, ease: float, product: int) -> None:
    assert interval * ease > product  # the premise: binary floats overshoot here
    assert (
        sm2.review(CardState(repetitions=4, interval_days=interval, ease_factor=ease), 4, TODAY).interval_days
        == product
    )


def test_a_failure_starts_the_repetitions_anew_and_counts_a_lapse() -> None:
    state = CardState(repetitions=7, interval_days=90, ease_factor=2.1, due=TODAY, lapses=2)
    assert sm2.review(state, 2, TODAY) == CardState(
        repetitions=0, interval_days=1, ease_factor=2.1, due=date(2026, 3, 2), lapses=3
    )


def test_a_new_card_that_fails_counts_a_lapse_too() -> None:
    assert sm2.review(sm2.new(), 0, TODAY).lapses == 1


def test_only_failures_count_lapses() -> None:
    assert [state.lapses for state in run([3, 4, 5, 2, 1, 0, 4])] == [0, 0, 0, 1, 2, 3, 3]


def test_the_due_day_counts_from_the_review_not_from_the_due_day() -> None:
    late = CardState(repetitions=2, interval_days=6, due=TODAY - timedelta(days=30))
    assert sm2.review(late, 4, TODAY).due == TODAY + timedelta(days=15)


@pytest.mark.parametrize("quality", [-1, 6, 3.0, True, "4", None])
def test_what_is_no_quality_is_refused(quality: int) -> None:
    with pytest.raises(UsageError, match="is no quality"):
        sm2.review(sm2.new(), quality, TODAY)


def test_a_due_day_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(UsageError, match="beyond the calendar"):
        sm2.review(sm2.new(), 4, date(9999, 12, 31))


def test_preview_gives_all_six_next_states() -> None:
    state = CardState(repetitions=2, interval_days=6)
    assert {quality: next_state.interval_days for quality, next_state in sm2.preview(state, TODAY).items()} == {
        0: 1, 1: 1, 2: 1, 3: 15, 4: 15, 5: 16,
    }  # fmt: skip


def row(number: int, before: CardState, after: CardState, **fields: object) -> Review:
    values = {"reviewed_at": datetime(2026, 3, 1, tzinfo=UTC), "study_day": TODAY, "quality": 4, **fields}
    return Review(id=number, card_id="card", before=before, after=after, **values)


def test_replay_of_nothing_is_a_new_card() -> None:
    assert sm2.replay([]) == sm2.new()


def test_replay_starts_from_the_state_before_the_first_row_and_uses_the_intervals_in_force() -> None:
    start = sm2.new(1.5)
    first = sm2.review(start, 4, TODAY, initial_interval=7)
    rows = [
        row(1, start, first, initial_interval_days=7),
        row(2, first, first, kind=ReviewKind.REPEAT, quality=0),
        row(3, first, CardState(), study_day=first.due, initial_interval_days=7),
    ]
    assert sm2.replay(rows) == CardState(repetitions=2, interval_days=11, ease_factor=1.5, due=date(2026, 3, 19))


def test_replay_leaves_out_what_was_undone() -> None:
    start = sm2.new()
    failed, learned = sm2.review(start, 0, TODAY), sm2.review(start, 5, TODAY)
    rows = [
        row(1, start, failed, quality=0),
        row(2, failed, start, kind=ReviewKind.UNDO, quality=None, undoes=1),
    ]
    assert sm2.replay(rows) == start
    assert sm2.replay([*rows, row(3, start, learned, quality=5)]) == learned


def test_replay_after_an_undo_of_everything_is_the_state_before() -> None:
    start = CardState(repetitions=3, interval_days=15, due=TODAY)
    done = sm2.review(start, 4, TODAY)
    assert sm2.replay([row(1, start, done), row(2, done, start, kind=ReviewKind.UNDO, quality=None, undoes=1)]) == start


@pytest.mark.parametrize(
    "fields", [{"scheduler": "fsrs"}, {"scheduler_version": 2}, {"quality": None}], ids=["name", "version", "quality"]
)
def test_replay_refuses_rows_that_it_cannot_compute(fields: dict[str, object]) -> None:
    with pytest.raises(StudyError, match="this row"):
        sm2.replay([row(1, sm2.new(), sm2.new(), **fields)])
