"""Durations in words, in minutes."""

from __future__ import annotations

import pytest

from studycli.documents import durations


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("10-15 min", (10, 15)),
        ("10–15 minutes", (10, 15)),
        ("2-2.5 hours", (120, 150)),
        ("about 1,5 h", (90, 90)),
        ("6 to 8 hours in all", (360, 480)),
        ("1 hour 30 min", (90, 90)),
        ("1 h and 5 minutes", (65, 65)),
        ("5 min", (5, 5)),
        ("2+ hours", (120, 120)),
        ("45mins", (45, 45)),
        ("3 weeks", None),
        ("12 heads", None),
        ("layer 4.2 h", (252, 252)),
        ("", None),
    ],
)
def test_minutes(text: str, minutes: tuple[int, int] | None) -> None:
    assert durations.minutes(text) == minutes


@pytest.mark.parametrize(
    ("title", "minutes", "bare"),
    [
        ("Masks (20-25 min)", (20, 25), "Masks"),
        ("Masks [1 hour]", (60, 60), "Masks"),
        ("Masks - 20 min", (20, 20), "Masks"),
        ("Masks – about 1 hour", (60, 60), "Masks"),
        ("Masks - the 20 min method", (20, 20), "Masks - the 20 min method"),
        ("Masks (optional) (20 min)", (20, 20), "Masks (optional)"),
        ("The 15 minute rule (optional)", None, "The 15 minute rule (optional)"),
        ("Masks", None, "Masks"),
    ],
)
def test_of_a_title(title: str, minutes: tuple[int, int] | None, bare: str) -> None:
    assert durations.of_title(title) == minutes
    assert durations.without(title) == bare
