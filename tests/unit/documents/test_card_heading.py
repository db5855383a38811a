"""The heading of a card in every dialect."""

from __future__ import annotations

import pytest

from studycli.documents.card_heading import CardHeading, difficulty, parse
from studycli.model.card import Difficulty

EASY, MEDIUM, HARD = Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Card 1 | Easy", CardHeading(1, None, EASY, "")),
        ("Card 2 of 10 | Hard", CardHeading(2, 10, HARD, "")),
        ("Card 3: Why scaling?", CardHeading(3, None, None, "Why scaling?")),
        ("CARD 4 (Medium)", CardHeading(4, None, MEDIUM, "")),
        ("Card 5 - Easy: The softmax", CardHeading(5, None, EASY, "The softmax")),
        ("**Card 6** | 🟢 Easy", CardHeading(6, None, EASY, "")),
        ("Card 7 | Medium | Its title", CardHeading(7, None, MEDIUM, "Its title")),
        ("Card 8: A | B | hard", CardHeading(8, None, HARD, "A | B")),
        ("Card 9: Hard cases of x", CardHeading(9, None, None, "Hard cases of x")),
        ("Flashcard 10 — Title (easy)", CardHeading(10, None, EASY, "Title")),
        ("Card 11", CardHeading(11, None, None, "")),
    ],
)
def test_card_headings(title: str, expected: CardHeading) -> None:
    assert parse(title) == expected


@pytest.mark.parametrize("title", ["Cardinality 3", "Cards", "Card", "Card games", "The Card 1", "Easy Cards"])
def test_other_headings(title: str) -> None:
    assert parse(title) is None


@pytest.mark.parametrize(
    ("text", "level"),
    [("Easy Cards", EASY), ("Hard", HARD), ("Easy and Hard Cards", None), ("Easy wins", None), ("", None)],
)
def test_difficulty(text: str, level: Difficulty | None) -> None:
    assert difficulty(text) == level
