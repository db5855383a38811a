"""Draws: what they take, and what they refuse."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.demos.computed import draw
from studycli.errors import UsageError


@given(st.integers(-(10**9), 10**9), st.integers(0, 50), st.integers(0, 10_000))
def test_an_integer_lies_in_its_range(low: int, more: int, seed: int) -> None:
    value = draw.parse(f"integer({low}, {min(low + more, 10**9)})").take(Random(seed))
    assert isinstance(value, int)
    assert low <= value <= low + more


def test_integers_come_as_a_row_and_reach_both_ends() -> None:
    parsed = draw.parse("integers(3, -2, 3)")
    rows = [parsed.take(Random(seed)) for seed in range(200)]
    assert all(isinstance(row, list) and len(row) == 3 for row in rows)
    assert {value for row in rows if isinstance(row, list) for value in row} == {-2, -1, 0, 1, 2, 3}


def test_a_choice_gives_each_of_its_values_as_they_are_written() -> None:
    parsed = draw.parse("choice(1, 0.5, causal, 'two words')")
    values = [parsed.take(Random(seed)) for seed in range(100)]
    assert set(values) == {1, 0.5, "causal", "two words"}
    assert any(type(value) is int for value in values) and any(type(value) is float for value in values)


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("integer(-5, 5)", (-5, 0, 5)),
        ("integer(2, 2)", (2,)),
        ("integer(-9, -1)", (-9, -1)),
        ("integers(2, 0, 3)", ([0, 0], [3, 3])),
        ("choice(1, 0.5, causal)", (1, 0.5, "causal")),
    ],
)
def test_the_edges_are_the_ends_and_every_choice(text: str, edges: tuple[object, ...]) -> None:
    assert draw.parse(text).edges == edges


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no draw"),
        ("normal(0, 1)", "is no draw"),
        ("integer(1)", "a lowest and a highest"),
        ("integer(1, 2, 3)", "a lowest and a highest"),
        ("integer(a, 2)", "'a' is no whole number"),
        ("integer(1.5, 2)", "'1.5' is no whole number"),
        ("integer(3, 2)", "no number from 3 to 2"),
        ("integer(0, 99999999999)", "is no whole number"),
        ("integer(0, ٣)", "is no whole number"),
        ("integers(3, 0)", "a count"),
        ("integers(0, 1, 2)", "0 integers cannot be drawn"),
        ("integers(17, 1, 2)", "17 integers cannot be drawn"),
        ("choice(1)", "two values or more"),
        ("choice(1,,2)", "two values or more"),
        ("__import__('os')", "is no draw"),
    ],
)
def test_what_is_no_draw_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        draw.parse(text)
    assert refused.value.hint
