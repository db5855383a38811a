"""Siblings are kept apart where other cards are there to stand between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.scheduler.siblings import apart
from tests.export_cards import study_card


def order(letters: str) -> str:
    """The cards of a text of letters, siblings having one letter, in the order they are asked."""
    cards = [study_card(letter, number=ord(letter), line=ord(letter)) for letter in letters]
    return "".join(card.card.front for card in apart(cards))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ""),
        ("abc", "abc"),
        ("aab", "aba"),
        ("aaabcd", "abacad"),
        ("abaab", "ababa"),
        ("aaa", "aaa"),
        ("aabbcc", "ababcc"),
        ("baa", "baa"),
    ],
)
def test_orders(given: str, expected: str) -> None:
    assert order(given) == expected


@given(st.text("abcd", max_size=20))
def test_nothing_is_lost_and_siblings_only_meet_at_the_end(letters: str) -> None:
    asked = order(letters)
    assert sorted(asked) == sorted(letters)
    meeting = next((at for at in range(1, len(asked)) if asked[at] == asked[at - 1]), len(asked))
    assert len(set(asked[meeting:])) <= 1
