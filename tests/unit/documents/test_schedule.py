"""The schedule of a deck: intervals, ease factors, and the order of introduction."""

from __future__ import annotations

import pytest

from studycli.documents import flashcards, schedule
from studycli.documents.outline import Outline
from studycli.documents.schedule import CardKey
from studycli.model.card import Difficulty
from studycli.model.deck import Deck

KEYS = [
    CardKey(1, Difficulty.EASY),
    CardKey(2, Difficulty.EASY),
    CardKey(3, Difficulty.MEDIUM),
    CardKey(4, Difficulty.HARD),
]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Foundation - review first", ()),
        ("Review with Card 1", ()),
        ("After mastering Cards 1-2", (1, 2)),
        ("after card 1, card 2 and card 3", (1, 2, 3)),
        ("Review after all others mastered", (1, 2, 3)),
        ("Once all easy cards are known", (1, 2)),
        ("After the previous cards", (1, 2, 3)),
        ("Requires Card 2", (2,)),
        ("After Card 4", ()),
        ("Architecture decision skill", ()),
        ("", ()),
    ],
)
def test_predecessors_of_card_4(text: str, after: tuple[int, ...]) -> None:
    assert schedule.predecessors(text, 4, KEYS) == after


def deck_with(table: str) -> Deck:
    cards = "".join(
        f"### Card {n} | {d}\n**FRONT:** Q{n}\n**BACK:** A\n\n" for n, d in ((1, "Easy"), (2, "Easy"), (3, "Hard"))
    )
    return flashcards.parse(Outline(f"# Flashcards: X\n\n{cards}\n## Spaced Repetition Schedule\n\n{table}\n"), "x.md")


def test_columns_are_found_by_name_in_any_order() -> None:
    table = "| Difficulty Multiplier | Recommended Review | Card | Initial Interval |\n|---|---|---|---|\n"
    table += "| 1.5x | After Cards 1-2 | 3 (Hard) | 1 week |\n| 2.5x | | 1 | 2 days |\n"
    cards = deck_with(table).cards
    assert [(card.initial_interval_days, card.initial_ease, card.after) for card in cards] == [
        (2, 2.5, ()),
        (1, 2.5, ()),
        (7, 1.5, (1, 2)),
    ]


def test_a_row_may_name_a_difficulty_or_several_cards() -> None:
    cards = deck_with("| Difficulty | Initial Interval |\n|---|---|\n| Easy | 4 days |\n| Hard | 9 days |\n").cards
    assert [card.initial_interval_days for card in cards] == [4, 4, 9]
    cards = deck_with("| Cards | Initial Interval |\n|---|---|\n| 1-2 | 5 days |\n").cards
    assert [card.initial_interval_days for card in cards] == [5, 5, 1]


def test_figures_that_are_none_are_reported_with_their_line() -> None:
    table = "| Card | Initial Interval | Difficulty Multiplier |\n|---|---|---|\n"
    table += "| 1 | soon | 0.5x |\n| none | 1 day | 2x |\n"
    found = deck_with(table)
    assert (found.cards[0].initial_interval_days, found.cards[0].initial_ease) == (1, 1.3)
    assert [problem.line for problem in found.problems] == [20, 20, 21]


def test_a_plan_by_day() -> None:
    found = deck_with("| Day | Cards to Review |\n|---|---|\n| Day 1 | 1, 2 |\n| Day 3 | Cards 1-3, then rest |\n")
    assert [(row.day, row.cards) for row in found.review_days] == [("Day 1", (1, 2)), ("Day 3", (1, 2, 3))]
    assert found.schedule == ()
