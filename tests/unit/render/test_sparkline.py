"""Sparklines: known rows, and what holds for any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.render.sparkline import BARS, sparkline


@pytest.mark.parametrize(
    ("values", "width", "top", "shown"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], 8, 8, "▁▂▃▄▅▆▇█"),
        ([0.0, 0.5, 1.0], 10, 1, "▁▅█"),
        ([1, 1, 3, 3], 2, 4, "▃▇"),
        ([2.0], 5, None, "█"),
        ([0, 0], 2, None, "▁▁"),
        ([5, -1], 2, 1, "█▁"),
        ([float("nan"), 1], 2, 1, " █"),
        ([], 5, None, ""),
        ([1, 2], 0, None, ""),
    ],
)
def test_known_rows(values: list[float], width: int, top: float | None, shown: str) -> None:
    assert sparkline(values, width, top) == shown


@given(st.lists(st.floats(0, 1e6), max_size=200), st.integers(0, 60))
def test_no_wider_than_asked_and_made_of_bars(values: list[float], width: int) -> None:
    shown = sparkline(values, width)
    assert len(shown) == min(len(values), width) and set(shown) <= set(BARS)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.integers(1, 30))
def test_what_rises_never_falls(values: list[float], width: int) -> None:
    shown = sparkline(sorted(values), width)
    assert list(shown) == sorted(shown, key=BARS.index)
