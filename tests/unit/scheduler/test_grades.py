"""Grades, their buttons and their keys."""

from __future__ import annotations

import pytest

from studycli.scheduler import grades


@pytest.mark.parametrize(
    ("grading", "key", "quality"),
    [
        ("buttons", "1", 2),
        ("buttons", "2", 3),
        ("buttons", "3", 4),
        ("buttons", "4", 5),
        ("buttons", " 3\n", 4),
        ("buttons", "0", None),
        ("buttons", "5", None),
        ("buttons", "", None),
        ("buttons", "33", None),
        ("buttons", "q", None),
        ("sm2", "0", 0),
        ("sm2", "3", 3),
        ("sm2", "5", 5),
        ("sm2", "6", None),
        ("sm2", "-1", None),
        ("sm2", "²", None),
    ],
)
def test_a_key_gives_the_quality_of_its_grading(grading: str, key: str, quality: int | None) -> None:
    assert grades.parse_key(key, grading) == quality


def test_the_buttons_are_the_four_of_the_design() -> None:
    assert grades.BUTTONS == {1: ("Again", 2), 2: ("Hard", 3), 3: ("Good", 4), 4: ("Easy", 5)}


def test_every_key_has_a_label() -> None:
    assert {key: label for key, (label, _) in grades.keys("buttons").items()} == {
        "1": "Again", "2": "Hard", "3": "Good", "4": "Easy",
    }  # fmt: skip
    assert list(grades.keys("sm2")) == ["0", "1", "2", "3", "4", "5"]


def test_every_quality_belongs_to_a_button() -> None:
    assert [grades.button(quality) for quality in range(6)] == ["Again", "Again", "Again", "Hard", "Good", "Easy"]
