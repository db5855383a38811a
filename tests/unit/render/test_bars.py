"""Bars: their lengths, and what is left out where there is no room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.render.bars import Row, lying, standing

VALUES = st.lists(st.integers(0, 10**6), min_size=1, max_size=30)


def test_rows_are_as_long_as_their_values_to_an_eighth() -> None:
    rows = [Row("a", 8, ("8",)), Row("bb", 3, ("3",)), Row("", 0, ("0",)), Row("c", 0.001, ("0",))]
    assert lying(rows, 17).plain.split("\n") == [
        " a  ██████████  8",
        "bb  ███▊        3",
        "                0",
        " c  ▏           0",
    ]


def test_heads_stand_over_their_figures_and_narrow_rows_have_no_bars() -> None:
    rows = [Row("a", 1, ("1,000", "5 %"))]
    assert lying(rows, 22, ("n", "share")).plain.split("\n") == [
        "              n  share",
        "a  █████  1,000    5 %",
    ]
    assert lying(rows, 18, ("n", "share")).plain.split("\n") == ["         n  share", "a    1,000    5 %"]


def test_columns_stand_on_an_axis() -> None:
    assert standing([4, 2, 0, 1], ["Mon", "", "", ""], 12, height=2).plain.split("\n") == [
        "4 │█",
        "  │█ █   ▄",
        "0 └────────",
        "   Mon",
    ]


@given(VALUES, st.integers(20, 200))
def test_no_line_is_wider_than_the_room(values: list[int], width: int) -> None:
    labels = [f"{place} Nov" for place in range(len(values))]
    rows = [Row(label, value, (f"{value:,}",)) for label, value in zip(labels, values, strict=True)]
    for text in (standing(values, labels, width), lying(rows, width)):
        assert max(map(len, text.plain.split("\n"))) <= width


@pytest.mark.parametrize("values", [[], [0], [0, 0]])
def test_nothing_is_drawn_of_nothing(values: list[int]) -> None:
    drawn = standing(values, [""] * len(values), 40).plain + lying([Row("", value, ()) for value in values], 40).plain
    assert not set(drawn) & set("▁▂▃▄▅▆▇█▏▎▍▌▋▊▉")
