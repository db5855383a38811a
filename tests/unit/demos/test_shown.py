"""Values as learners read them."""

from __future__ import annotations

import pytest

from studycli.demos.computed import shown
from studycli.demos.quantities.quantity import Argument, Result


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"), (-2, "-2"), (0.5, "0.5"), (9999, "9999"), (10_000, "10,000"), (-12345, "-12,345"), (1024.0, "1024"),
        (7e9, "7,000,000,000"), (12345.678, "12345.678"), ([2, 1, 0], "[2, 1, 0]"), ("causal", "causal"),
    ],
)  # fmt: skip
def test_what_was_drawn_is_shown_as_written_with_commas_in_large_whole_numbers(value: Argument, text: str) -> None:
    assert shown.given(value) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        ([0.50648, 0.30720, 0.18632], None, "[0.51, 0.31, 0.19]"),
        ([0.9959, 0.0041, 0.0], None, "[0.996, 0.004, 0.000]"),
        ([0.50648, 0.30720, 0.18632], 4, "[0.5065, 0.3072, 0.1863]"),
        ([-0.001, 1.0], 2, "[0.00, 1.00]"),
        ([3, 1], None, "[3, 1]"),
        (0.35355, None, "0.354"),
        (2.5, None, "2.50"),
        (96.0, None, "96"),
        (4.0, 1, "4.0"),
        (2048, None, "2048"),
        (2147483648, None, "2,147,483,648"),
        (2147483648, 2, "2,147,483,648"),
        (1024, None, "1024"),
        (98_304_000, None, "98,304,000"),
        (98_304_000.0, None, "98,304,000"),
        (98_304_000.5, None, "9.83 × 10^7"),
        (12345.678, None, "12,345.68"),
        (5.76e23, None, "5.76 × 10^23"),
        (576 * 10**21, None, "5.76 × 10^23"),
        (0.00012, None, "1.20 × 10^-4"),
        (0.00012, 5, "0.00012"),
        (0.0, None, "0"),
        (-1e-9, 2, "0.00"),
    ],
)
def test_what_was_computed_is_shown_with_what_tells_something(value: Result, decimals: int | None, text: str) -> None:
    assert shown.computed(value, decimals) == text
