"""Which new cards wait for which."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from studycli.scheduler import gates
from tests.memory_ledger import study_card

DAY = date(2026, 3, 1)


def test_a_new_card_waits_for_every_card_it_should_follow() -> None:
    assert gates.build([study_card(1), study_card(2), study_card(3, after=(1, 2))]) == {"deck:3": ("deck:1", "deck:2")}


def test_a_card_that_was_answered_well_holds_nothing_back() -> None:
    cards = [study_card(1, answered_well=True), study_card(2, after=(1,))]
    assert gates.build(cards) == {}


def test_a_card_in_review_that_was_never_answered_well_still_holds_back() -> None:
    cards = [study_card(1, due=DAY, answered_well=False), study_card(2, after=(1,))]
    assert gates.build(cards) == {"deck:2": ("deck:1",)}


def test_a_card_that_was_started_waits_for_nobody() -> None:
    assert gates.build([study_card(1), study_card(2, due=DAY, after=(1,))]) == {}


def test_a_number_that_no_active_card_has_is_ignored() -> None:
    assert gates.build([study_card(1, after=(9,))]) == {}


def test_a_number_that_two_cards_have_means_both() -> None:
    twin = study_card(1).model_copy(update={"id": "twin"})
    assert gates.build([study_card(1), twin, study_card(2, after=(1, 1))]) == {"deck:2": ("deck:1", "twin")}


@pytest.mark.parametrize(
    ("after", "gates_left"),
    [
        pytest.param({1: (1,)}, {}, id="itself"),
        pytest.param({1: (2,), 2: (1,)}, {}, id="each other"),
        pytest.param({1: (3,), 2: (1,), 3: (2,)}, {}, id="a circle of three"),
        pytest.param({1: (2,), 2: (1,), 3: (2,)}, {3: (2,)}, id="one behind a circle still waits"),
        pytest.param({2: (1, 3), 3: (2,)}, {2: (1,)}, id="one before a circle still holds back"),
        pytest.param({1: (2,), 2: (1,), 3: (2,), 4: (3, 5), 5: (4,)}, {}, id="between two circles"),
        pytest.param({2: (1,), 3: (1,), 4: (2, 3)}, {2: (1,), 3: (1,), 4: (2, 3)}, id="a diamond is no circle"),
    ],
)
def test_cards_in_a_circle_do_not_wait_for_each_other(
    after: dict[int, tuple[int, ...]], gates_left: dict[int, tuple[int, ...]]
) -> None:
    cards = [study_card(number, after=after.get(number, ())) for number in range(1, 6)]
    expected = {f"deck:{card}": {f"deck:{other}" for other in others} for card, others in gates_left.items()}
    for order in itertools.permutations(cards):
        assert {card: set(leaders) for card, leaders in gates.build(order).items()} == expected


def test_a_long_chain_needs_no_recursion() -> None:
    cards = [study_card(number, after=(number - 1,)) for number in range(1, 3001)]
    assert len(gates.build(cards)) == 2999
