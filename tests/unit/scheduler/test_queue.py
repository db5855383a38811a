"""Which cards a session asks, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from studycli.model.review import StudyCard
from studycli.scheduler import queue
from tests.memory_ledger import study_card

TODAY = date(2026, 3, 1)


def late(number: int, days: int, interval: int = 6, **fields: object) -> StudyCard:
    return study_card(number, due=TODAY - timedelta(days=days), interval=interval, **fields)


def build(cards: Sequence[StudyCard], **options: object) -> queue.Queue:
    return queue.build(cards, TODAY, **{"new_left": 20, "reviews_left": 200, **options})


def names(cards: Sequence[StudyCard]) -> list[str]:
    return [card.id.removeprefix("deck:") for card in cards]


def test_due_cards_come_first_then_new_ones_then_passes_left_over() -> None:
    cards = [late(5, -1, pending_repeat=True), late(1, -1, pending_repeat=True), study_card(2), late(3, 0)]
    assert names(build(cards).cards) == ["3", "2", "1", "5"]


def test_the_most_overdue_relative_to_its_interval_is_first() -> None:
    cards = [late(1, 10, interval=100), late(2, 0, interval=1), late(3, 2, interval=1), late(4, 5, interval=10)]
    assert names(build(cards).due) == ["3", "4", "1", "2"]


def test_ties_go_by_deck_then_by_number() -> None:
    cards = [late(2, 1, deck="b"), late(2, 1, deck="a"), late(1, 1, deck="b"), late(1, 2, 12, deck="a")]
    assert names(build(cards).due) == ["b:1", "b:2", "a:1", "a:2"]


def test_new_cards_come_in_document_order() -> None:
    cards = [study_card(2), study_card(1), study_card(3)]
    assert names(build(cards).new) == ["1", "2", "3"]
    moved = [
        card.model_copy(update={"card": card.card.model_copy(update={"line": 9 - card.card.number})}) for card in cards
    ]
    assert names(build(moved).new) == ["3", "2", "1"]


@pytest.mark.parametrize("field", ["suspended", "buried", "archived"])
def test_cards_that_are_set_aside_are_not_asked(field: str) -> None:
    cards = [
        late(1, 3, **{field: True}),
        study_card(2, **{field: True}),
        late(3, -1, pending_repeat=True, **{field: True}),
    ]
    assert build(cards).cards == ()
    assert build(cards, cram=True).cards == ()


def test_a_card_is_due_on_its_day_and_not_before() -> None:
    assert names(build([late(1, 0), late(2, -1)]).due) == ["1"]


def test_ahead_counts_cards_that_are_due_within_so_many_days() -> None:
    cards = [late(1, -1), late(2, -3), late(3, -4), late(4, 0)]
    assert names(build(cards, ahead=3).due) == ["4", "1", "2"]
    assert len(build(cards, ahead=10**9).due) == 4


def test_a_pass_left_over_from_today_is_a_repeat_even_when_looking_ahead() -> None:
    built = build([late(1, -1, pending_repeat=True)], ahead=5)
    assert (names(built.due), names(built.repeats)) == ([], ["1"])


def test_a_card_that_is_due_is_asked_in_full_whatever_pass_is_pending() -> None:
    built = build([late(1, 0, pending_repeat=True), study_card(2, pending_repeat=True)])
    assert (names(built.due), names(built.new), names(built.repeats)) == (["1"], ["2"], [])


@pytest.mark.parametrize(
    ("options", "due", "new"),
    [
        ({}, ["1", "2"], ["4", "5"]),
        ({"reviews_left": 1}, ["1"], ["4", "5"]),
        ({"new_left": 1}, ["1", "2"], ["4"]),
        ({"new_left": 0, "reviews_left": 0}, [], []),
        ({"new_left": -1, "reviews_left": -1}, [], []),
        ({"limit": 3}, ["1", "2"], ["4"]),
        ({"limit": 9, "reviews_left": 1, "new_left": 1}, ["1"], ["4"]),
        ({"limit": 1}, ["1"], []),
        ({"limit": 0}, [], []),
    ],
)
def test_limits(options: dict[str, int], due: list[str], new: list[str]) -> None:
    built = build([late(1, 4), late(2, 2), late(3, -1, pending_repeat=True), study_card(4), study_card(5)], **options)
    assert (names(built.due), names(built.new), names(built.repeats)) == (due, new, ["3"])


def test_cram_asks_every_card_as_an_extra_pass_in_document_order() -> None:
    cards = [late(3, -50), study_card(2, after=(3,)), late(1, 2)]
    built = build(cards, cram=True, new_left=0, reviews_left=0)
    assert (names(built.repeats), built.due, built.new) == (["1", "2", "3"], (), ())
    assert names(build(cards, cram=True, limit=2).cards) == ["1", "2"]


def test_a_gated_card_comes_after_the_cards_it_follows() -> None:
    cards = [study_card(1, after=(3,)), study_card(2), study_card(3)]
    assert names(build(cards).new) == ["2", "3", "1"]
    assert names(build(cards, gating=False).new) == ["1", "2", "3"]


def test_numbers_mean_cards_of_the_same_document_even_where_two_decks_have_one_name() -> None:
    cards = [study_card(number, after=after) for number, after in ((1, ()), (1, (2,)), (2, ()), (2, ()))]
    paths = ("a.md", "b.md", "b.md", "a.md")
    cards = [
        card.model_copy(update={"path": path, "id": f"{path}:{card.id}"})
        for card, path in zip(cards, paths, strict=True)
    ]
    assert names(build(cards).new) == ["a.md:deck:1", "a.md:deck:2", "b.md:deck:2", "b.md:deck:1"]


def test_a_gated_card_stays_out_when_a_card_it_follows_is_not_asked() -> None:
    failed = late(1, -1, answered_well=False)
    assert names(build([failed, study_card(2, after=(1,)), study_card(3, after=(2,)), study_card(4)]).new) == ["4"]


def test_a_gated_card_may_follow_a_due_card_or_a_pass_left_over() -> None:
    cards = [
        late(1, 0, answered_well=False),
        late(2, -1, answered_well=False, pending_repeat=True),
        study_card(3, after=(1, 2)),
    ]
    assert names(build(cards).new) == ["3"]
    assert names(build(cards, reviews_left=0).new) == []


def test_a_card_that_follows_a_pass_left_over_comes_after_the_open_ones() -> None:
    left_over = late(1, -1, answered_well=False, pending_repeat=True)
    cards = [left_over, study_card(2, after=(1,)), study_card(3), study_card(4)]
    assert names(build(cards).new) == ["3", "4", "2"]
    assert names(build(cards, new_left=2).new) == ["3", "4"]


@pytest.mark.parametrize("field", ["suspended", "buried", "archived"])
def test_a_card_that_is_set_aside_holds_nothing_back(field: str) -> None:
    assert names(build([study_card(1, **{field: True}), study_card(2, after=(1,))]).new) == ["2"]
