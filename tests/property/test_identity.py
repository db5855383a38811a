"""Laws of identity, whatever the cards are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studycli.documents.identity import Known, arriving
from studycli.documents.matching import How, match
from studycli.model.card import Card
from tests.identity_library import PretendStore, card

WORDS = st.sampled_from(
    ["query", "key", "value", "score", "mask", "head", "layer", "norm", "what", "is", "the", "of", "a", "why"]
)
FRONTS = st.lists(WORDS, min_size=0, max_size=8).map(" ".join)
DECKS = st.lists(st.tuples(FRONTS, st.sampled_from(["x", "y", "z"])), max_size=12)


def deck(sides: list[tuple[str, str]]) -> list[Card]:
    return [card(number, front, back) for number, (front, back) in enumerate(sides, 1)]


@given(DECKS, st.randoms(use_true_random=False))
def test_a_permutation_keeps_every_id_with_its_text(sides, random) -> None:
    store = PretendStore()
    before = store.ids({"a": deck(sides)})
    shuffled = random.sample(sides, len(sides))
    after = store.ids({"a": deck(shuffled)})
    assert sorted(zip(after, shuffled, strict=True)) == sorted(zip(before, sides, strict=True))


@given(DECKS, DECKS, DECKS)
def test_matching_is_one_to_one(first, second, third) -> None:
    store = PretendStore()
    store.read({"a": deck(first), "b": deck(second)})
    matches = store.read({"a": deck(third), "c": deck(first)}, gone=["b"])
    ids = [found.id for found in matches]
    assert len(set(ids)) == len(ids) == len(first) + len(third)


@given(DECKS, DECKS, st.randoms(use_true_random=False))
def test_matching_is_deterministic(first, second, random) -> None:
    known = [
        Known(found.id, found.document, found.slug, found.number, found.content, found.front)
        for found in _stored(first).known.values()
    ]
    cards = [arriving("a", "a", item) for item in deck(second)]
    assert match(known, cards) == match(random.sample(known, len(known)), cards)


@given(DECKS, DECKS)
def test_a_known_card_is_never_given_to_a_new_one(first, second) -> None:
    store = _stored(first)
    old = set(store.known)
    matches = store.read({"a": deck(second)})
    assert all((found.id in old) == (found.how is not How.NEW) for found in matches)


def _stored(sides: list[tuple[str, str]]) -> PretendStore:
    store = PretendStore()
    store.read({"a": deck(sides)})
    return store
