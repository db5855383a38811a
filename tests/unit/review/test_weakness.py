"""How weak a concept is, when some were asked once and others a hundred times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.review.weakness import Tally, average, weakest_first, weakness

COUNTS = st.integers(0, 500).flatmap(lambda answers: st.tuples(st.integers(0, answers), st.just(answers)))
SHARES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("misses", "answers", "expected"),
    [(0, 0, 0.1), (1, 1, 2 / 11), (0, 10, 0.05), (5, 10, 0.3), (50, 100, 51 / 110)],
)
def test_known_values(misses: int, answers: int, expected: float) -> None:
    assert weakness(misses, answers, 0.1) == pytest.approx(expected)


@given(COUNTS, SHARES)
def test_it_lies_between_the_average_and_the_share_of_misses(counts: tuple[int, int], usual: float) -> None:
    misses, answers = counts
    own = misses / answers if answers else usual
    assert min(own, usual) - 1e-12 <= weakness(misses, answers, usual) <= max(own, usual) + 1e-12


@given(COUNTS, SHARES)
def test_a_miss_more_makes_it_larger_and_a_hit_more_no_larger(counts: tuple[int, int], usual: float) -> None:
    misses, answers = counts
    now = weakness(misses, answers, usual)
    assert weakness(misses + 1, answers + 1, usual) >= now >= weakness(misses, answers + 1, usual)


def test_one_slip_does_not_top_the_list() -> None:
    slip, weak, good = Tally("Slip", 1, 1), Tally("Weak", 12, 30), Tally("Good", 2, 60)
    assert [tally for tally, _ in weakest_first([good, slip, weak])] == [weak, slip, good]


def test_the_average_is_of_all_answers() -> None:
    assert average([Tally("a", 1, 1), Tally("b", 0, 9)]) == pytest.approx(0.1)
    assert average([]) == 0


def test_equals_stand_by_answers_and_by_name() -> None:
    listed = weakest_first([Tally("b", 0, 0), Tally("A", 0, 0), Tally("c", 1, 2)])
    assert [tally.name for tally, _ in listed] == ["c", "A", "b"]
