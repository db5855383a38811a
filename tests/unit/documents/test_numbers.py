"""Numbers in the words of a document."""

from __future__ import annotations

import pytest

from studycli.documents import numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cards 1, 2, 5 (fundamental, 2017)", (1, 2, 5)),
        ("After mastering Cards 1-3 and 7", (1, 2, 3, 7)),
        ("card 4, then Card #6", (4, 6)),
        ("Cards 1 through 3", (1, 2, 3)),
        ("the 3 cards", ()),
    ],
)
def test_card_numbers(text: str, found: tuple[int, ...]) -> None:
    assert numbers.card_numbers(text) == found


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1 day", 1),
        ("3 days", 3),
        ("2 weeks", 14),
        ("1 month", 30),
        ("12 hours", 1),
        ("7", 7),
        ("1-2 weeks", 7),
        ("soon", None),
    ],
)
def test_days(text: str, days: int | None) -> None:
    assert numbers.days(text) == days


@pytest.mark.parametrize(("text", "factor"), [("2.5x", 2.5), ("×2,0", 2.0), ("1.5", 1.5), ("high", None)])
def test_multiplier(text: str, factor: float | None) -> None:
    assert numbers.multiplier(text) == factor
