"""What a card's identity rests on."""

from __future__ import annotations

import uuid

import pytest

from studycli.documents.identity import arriving, content_hash, explicit_key, new_id, normalise
from studycli.model.card import Card


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("What is **softmax**?", "what is softmax?"),
        ("  What\n is\t`softmax`? ", "what is softmax?"),
        ("d_k and d_model", "d_k and d_model"),
        ("Cafe\u0301", "caf\u00e9"),
        ("", ""),
    ],
)
def test_normalised_fronts(front: str, expected: str) -> None:
    assert normalise(front) == expected


def test_derived_ids_never_change() -> None:
    assert new_id("deck", "what is softmax?") == "38d885da-c0d0-50a4-9769-00056518e658"
    assert new_id("deck", "what is softmax?", 1) == "4471ec8e-f16f-5a4e-9719-5e13f478be23"


def test_derived_ids_depend_on_deck_front_and_occurrence() -> None:
    ids = [new_id("a", "f"), new_id("b", "f"), new_id("a", "g"), new_id("a", "f", 1)]
    assert len(set(ids)) == 4
    assert all(uuid.UUID(text).version == 5 for text in ids)


def test_explicit_ids() -> None:
    given = "0F8FAD5B-D9CB-469F-A165-70867728950E"
    assert explicit_key(given) == given.lower()
    assert explicit_key(" my card ") == explicit_key("my card") == "120be628-dfc4-5caf-9285-a7b5db75f853"
    assert explicit_key(None) is explicit_key("  ") is None


def test_content_ignores_white_space_and_nothing_else() -> None:
    card = Card(number=1, front="A  b", back="c\nd")
    same = Card(number=9, front="A b", back="c d ", title="t", tags=("x",))
    others = [Card(number=1, front="a b", back="c d"), Card(number=1, front="A b c", back="d")]
    assert content_hash(card) == content_hash(same)
    assert len({content_hash(other) for other in [card, *others]}) == 3


def test_arriving_takes_what_matters() -> None:
    card = Card(number=4, front="**Q**", back="a", explicit_id="x")
    seen = arriving("/d/deck.md", "deck", card)
    assert (seen.document, seen.slug, seen.number, seen.front) == ("/d/deck.md", "deck", 4, "q")
    assert (seen.content, seen.explicit) == (content_hash(card), explicit_key("x"))
