"""Cards are recognised after every kind of edit, and what is ambiguous is reported."""

from __future__ import annotations

import time
import uuid

import pytest

from studycli.documents.matching import How
from studycli.model.card import Card
from tests.identity_library import PretendStore, card

Q = card(1, "What does the query vector of a token stand for?")
K = card(2, "Why are the scores divided by the square root of the key width?")
V = card(3, "How does a causal mask change the attention pattern?")
EDITED_K = "Why are the raw scores divided by the square root of the key width d_k?"


@pytest.fixture
def store() -> PretendStore:
    return PretendStore()


def test_unchanged(store: PretendStore) -> None:
    assert store.ids({"a": [Q, K, V]}) == store.ids({"a": [Q, K, V]})


def test_two_machines_agree(store: PretendStore) -> None:
    assert store.ids({"here/a": [Q, K, V]}) == PretendStore().ids({"over/there/a": [Q, K, V]})


def test_edited_back(store: PretendStore) -> None:
    before = store.ids({"a": [Q, K, V]})
    matches = store.read({"a": [Q, card(2, K.front, "another answer"), V]})
    assert [found.id for found in matches] == before
    assert matches[1].how is How.FRONT


def test_edited_front_and_back(store: PretendStore) -> None:
    before = store.ids({"a": [Q, K, V]})
    matches = store.read({"a": [Q, card(2, EDITED_K, "another answer"), V]})
    assert [found.id for found in matches] == before
    assert matches[1].how is How.SIMILAR


def test_edited_again_and_again_until_nothing_is_left_of_the_first_text(store: PretendStore) -> None:
    (first,) = store.ids({"a": [K]})
    texts = [
        EDITED_K,
        "Why are raw attention scores divided by the root of d_k?",
        "Why divide attention scores by sqrt d_k?",
    ]
    assert [store.ids({"a": [card(2, text)]}) for text in texts] == [[first]] * 3


def test_renumbered(store: PretendStore) -> None:
    q, k, v = store.ids({"a": [Q, K, V]})
    new = card(1, "What is an embedding?")
    matches = store.read({"a": [new, card(2, Q.front), card(3, K.front), card(4, V.front)]})
    assert [found.id for found in matches][1:] == [q, k, v]
    assert matches[0].how is How.NEW


def test_renumbered_and_edited_at_once(store: PretendStore) -> None:
    q, k, v = store.ids({"a": [Q, K, V]})
    matches = store.read(
        {"a": [card(1, "What is an embedding?"), card(2, Q.front), card(3, EDITED_K), card(4, V.front)]}
    )
    assert [found.id for found in matches][1:] == [q, k, v]


def test_two_cards_swapped(store: PretendStore) -> None:
    q, k = store.ids({"a": [Q, K]})
    assert store.ids({"a": [card(1, K.front), card(2, Q.front)]}) == [k, q]


def test_two_cards_swapped_and_both_backs_edited(store: PretendStore) -> None:
    q, k = store.ids({"a": [Q, K]})
    assert store.ids({"a": [card(1, K.front, "new"), card(2, Q.front, "newer")]}) == [k, q]


def test_two_cards_of_one_template_swapped_and_both_fronts_edited(store: PretendStore) -> None:
    one = card(1, "What is the role of the encoder in a translation model?")
    two = card(2, "What is the role of the softmax in a translation model?")
    first, second = store.ids({"a": [one, two]})
    swapped = [
        card(1, "What is the role of the softmax in any translation model?"),
        card(2, "What is the role of the encoder in any translation model?"),
    ]
    assert store.ids({"a": swapped}) == [second, first]


def test_moved_to_another_deck(store: PretendStore) -> None:
    _, k, _ = store.ids({"a": [Q, K, V]})
    moved = store.read({"a": [Q, V], "b": [card(7, K.front, K.back)]})
    assert moved[2].id == k


def test_moved_by_cutting_first(store: PretendStore) -> None:
    _, k, _ = store.ids({"a": [Q, K, V]})
    store.read({"a": [Q, V]})
    assert store.known[k].archived
    assert store.ids({"b": [card(7, K.front, K.back)]}) == [k]


def test_copied_to_another_deck_is_another_card(store: PretendStore) -> None:
    _, k = store.ids({"a": [Q, K]})
    copied = store.read({"b": [K]})
    assert copied[0].how is How.NEW
    assert copied[0].id != k


def test_document_renamed(store: PretendStore) -> None:
    before = store.ids({"a": [Q, K, V]})
    assert store.ids({"b": [Q, K, V]}, gone=["a"]) == before


def test_document_renamed_and_a_card_edited(store: PretendStore) -> None:
    before = store.ids({"a": [Q, K, V]})
    assert store.ids({"b": [Q, card(2, EDITED_K, "new"), V]}, gone=["a"]) == before


def test_document_moved_to_another_folder_and_every_card_edited(store: PretendStore) -> None:
    before = store.ids({"here/a": [Q, K]})
    edited = [card(1, Q.front + " Say it in a sentence.", "x"), card(2, EDITED_K, "y")]
    assert store.ids({"there/a": edited}, gone=["here/a"]) == before


def test_split(store: PretendStore) -> None:
    both = card(1, "What do queries and keys stand for, and how are they compared?", "long")
    (old,) = store.ids({"a": [both]})
    parts = [
        card(1, "What do queries and keys stand for?", "short"),
        card(2, "By which operation is similarity found?"),
    ]
    matches = store.read({"a": parts})
    assert [(found.id == old, found.how) for found in matches] == [(True, How.SIMILAR), (False, How.NEW)]


def test_split_into_two_that_are_as_similar(store: PretendStore) -> None:
    (old,) = store.ids({"a": [card(1, "What do the query and the key of a token stand for?")]})
    matches = store.read(
        {
            "a": [
                card(2, "What does the query of a token stand for?"),
                card(3, "What does the key of a token stand for?"),
            ]
        }
    )
    assert [found.how for found in matches] == [How.NEW, How.NEW]
    assert [found.candidates for found in matches] == [(old,), (old,)]
    assert store.known[old].archived


def test_merged(store: PretendStore) -> None:
    one, two = card(1, "What is a query?", "x"), card(2, "What is a key?", "y")
    first, second = store.ids({"a": [one, two]})
    assert store.ids({"a": [card(1, "What is a query? And a key?", "x and y")]}) == [first]
    assert store.known[second].archived


def test_deleted_and_brought_back_edited(store: PretendStore) -> None:
    _, k, _ = store.ids({"a": [Q, K, V]})
    store.read({"a": [Q, V]})
    again = store.read({"a": [Q, card(2, EDITED_K, "new"), V]})
    assert (again[1].id, again[1].how) == (k, How.SIMILAR)
    assert not store.known[k].archived


def test_replaced_and_then_put_back_edited(store: PretendStore) -> None:
    (k,) = store.ids({"a": [K]})
    (other,) = store.ids({"a": [card(K.number, "Name three kinds of positional encoding.", "z")]})
    assert other != k
    assert store.ids({"a": [card(K.number, EDITED_K, "new")]}) == [k]
    assert store.known[other].archived


def test_deleted_and_restored(store: PretendStore) -> None:
    _, k, _ = store.ids({"a": [Q, K, V]})
    store.read({"a": [Q, V]})
    assert store.known[k].archived
    again = store.read({"a": [Q, V, card(3, K.front, K.back)]})
    assert again[2].id == k
    assert not store.known[k].archived


def test_restored_with_another_back(store: PretendStore) -> None:
    _, k = store.ids({"a": [Q, K]})
    store.read({"a": [Q]})
    assert store.ids({"a": [Q, card(2, K.front, "better")]})[1] == k


def test_whole_document_gone_and_back_edited(store: PretendStore) -> None:
    before = store.ids({"a": [Q, K]})
    store.read({}, gone=["a"])
    assert store.ids({"a": [Q, card(2, EDITED_K, "new")]}) == before


def test_replaced_card_does_not_inherit(store: PretendStore) -> None:
    _, k, _ = store.ids({"a": [Q, K, V]})
    matches = store.read({"a": [Q, card(2, "Name three positional encodings."), V]})
    assert (matches[1].how, matches[1].candidates) == (How.NEW, ())
    assert matches[1].id != k
    assert store.known[k].archived


def test_duplicate_fronts(store: PretendStore) -> None:
    cards = [card(1, "Translate:", "one"), card(2, "Translate:", "two"), card(3, "Translate:", "three")]
    ids = store.ids({"a": cards})
    assert len(set(ids)) == 3
    assert store.ids({"a": [cards[2], cards[0], cards[1]]}) == [ids[2], ids[0], ids[1]]
    assert PretendStore().ids({"a": cards}) == ids


def test_identical_cards(store: PretendStore) -> None:
    ids = store.ids({"a": [Q, card(2, Q.front, Q.back)]})
    assert len(set(ids)) == 2
    assert store.ids({"a": [card(4, Q.front, Q.back), card(5, Q.front, Q.back)]}) == ids


def test_same_document_name_in_two_folders(store: PretendStore) -> None:
    ids = store.ids({"x/a": [Q], "y/a": [Q]})
    assert len(set(ids)) == 2
    assert store.ids({"x/a": [Q], "y/a": [Q]}) == ids


def test_the_same_content_left_two_documents(store: PretendStore) -> None:
    ids = store.ids({"a": [Q, K], "b": [Q, V]})
    matches = store.read({"a": [K], "b": [V], "c": [Q]})
    assert matches[2].how is How.NEW
    assert set(matches[2].candidates) == {ids[0], ids[2]}
    assert "more than one card" in matches[2].reason


def test_explicit_id_is_the_id(store: PretendStore) -> None:
    given = str(uuid.uuid4())
    assert store.ids({"a": [card(1, "f", explicit=given.upper())]}) == [given]


def test_explicit_id_survives_any_edit_and_move(store: PretendStore) -> None:
    (before,) = store.ids({"a": [card(1, "f", explicit="mine")]})
    assert store.ids({"b": [card(9, "Something else altogether", explicit="mine")]}, gone=["a"]) == [before]


def test_explicit_id_written_later_keeps_the_history(store: PretendStore) -> None:
    q, k = store.ids({"a": [Q, K]})
    store.read({"a": [card(1, Q.front, Q.back, explicit="mine"), K]})
    assert store.ids({"a": [card(1, "Something else altogether", explicit="mine"), K]}) == [q, k]


def test_explicit_id_chooses_among_candidates(store: PretendStore) -> None:
    q, _ = store.ids({"a": [Q, K]})
    store.read({"a": [card(1, "Nothing like it"), K]})
    assert store.ids({"a": [card(1, "Nothing like it", explicit=q), K]})[0] == q


def test_explicit_id_twice_goes_to_the_card_it_was(store: PretendStore) -> None:
    (before,) = store.ids({"a": [card(1, Q.front, Q.back, explicit="mine")]})
    pasted = [card(1, "A copy with another text", explicit="mine"), card(2, Q.front, Q.back, explicit="mine")]
    matches = store.read({"a": pasted})
    assert matches[1].id == before
    assert (matches[0].how, matches[0].candidates) == (How.NEW, (before,))


def test_explicit_id_of_a_card_in_an_unchanged_document(store: PretendStore) -> None:
    (before,) = store.ids({"a": [card(1, "f", explicit="mine")]})
    matches = store.read({"b": [card(1, "g", explicit="mine")]})
    assert matches[0].id != before
    assert matches[0].candidates == (before,)


def test_another_explicit_id_is_another_card(store: PretendStore) -> None:
    (before,) = store.ids({"a": [card(1, Q.front, Q.back, explicit="mine")]})
    assert store.ids({"a": [card(1, Q.front, Q.back, explicit="yours")]}) != [before]


def test_empty_fronts(store: PretendStore) -> None:
    ids = store.ids({"a": [card(1, "", "x"), card(2, "", "y")]})
    assert store.ids({"a": [card(1, "", "x"), card(2, "", "y")]}) == ids


def test_a_reworded_front_with_the_same_back(store: PretendStore) -> None:
    back = "It turns scores into weights that are positive and add up to one."
    before = store.ids({"a": [card(1, "What does softmax do?", back), Q]})
    reworded = card(1, "Explain the purpose of the softmax function in attention.", back)
    matches = store.read({"a": [reworded, Q]})
    assert ([found.id for found in matches], matches[0].how) == (before, How.BACK)


@pytest.mark.parametrize("back", ["Yes.", "7", "True", "---"])
def test_a_short_back_alone_is_no_evidence(store: PretendStore, back: str) -> None:
    (before,) = store.ids({"a": [card(1, "Is the softmax differentiable?", back)]})
    assert store.ids({"a": [card(1, "Who wrote of long range dependence in 1994?", back)]}) != [before]


def test_a_back_that_two_cards_have_is_no_evidence(store: PretendStore) -> None:
    back = "The softmax function."
    before = store.ids(
        {"a": [card(1, "What makes weights of scores?", back), card(2, "Name a map to a simplex.", back)]}
    )
    after = store.ids(
        {"a": [card(1, "Which step comes after scaling?", back), card(2, "Name a map to a simplex.", back)]}
    )
    assert after[1] == before[1]
    assert after[0] not in before


def test_a_back_of_another_document_is_no_evidence(store: PretendStore) -> None:
    (before,) = store.ids({"a": [card(1, "What does softmax do?", "It makes weights of scores.")]})
    matches = store.read({"a": [], "b": [card(1, "Which step comes after scaling?", "It makes weights of scores.")]})
    assert matches[0].id != before


def test_another_explicit_id_is_another_card_even_with_the_same_back(store: PretendStore) -> None:
    (before,) = store.ids({"a": [card(1, "What does softmax do?", "It makes weights of scores.", explicit="mine")]})
    after = card(1, "Which step comes after scaling?", "It makes weights of scores.", explicit="yours")
    assert store.ids({"a": [after]}) != [before]


def times(number: int, factor: int, text: str = "What is {} times 7?", back: str = "") -> Card:
    return card(number, text.format(factor), back or str(7 * factor))


def test_a_card_of_a_template_goes_before_the_others_that_are_reworded(store: PretendStore) -> None:
    before = store.ids({"a": [times(factor, factor) for factor in range(1, 6)]})
    reworded = [times(factor + 1, factor, "Compute {} times 7.") for factor in range(1, 6)]
    matches = store.read({"a": [times(1, 9), *reworded]})
    assert [found.id for found in matches[1:]] == before
    assert (matches[0].how, matches[0].candidates) == (How.NEW, ())


@pytest.mark.parametrize("factor", [9, 11])
def test_a_number_does_not_choose_among_cards_of_one_template(store: PretendStore, factor: int) -> None:
    before = store.ids({"a": [times(number, number) for number in range(1, 6)]})
    kept = [times(number, number) for number in range(2, 6)]
    matches = store.read({"a": [times(1, factor), *kept]})
    assert [found.id for found in matches[1:]] == before[1:]
    assert (matches[0].how, matches[0].candidates) == (How.NEW, (before[0],))


def test_a_number_does_not_choose_when_every_back_changed_too(store: PretendStore) -> None:
    before = store.ids({"a": [times(number, number) for number in range(1, 6)]})
    reworded = [times(number + 1, number, "Compute {} times 7.", f"about {number}") for number in range(1, 6)]
    matches = store.read({"a": [times(1, 9), *reworded]})
    assert matches[0].id not in before
    assert matches[0].candidates


def test_all_cards_that_it_may_be_are_candidates(store: PretendStore) -> None:
    before = store.ids({"a": [times(number, number) for number in range(1, 4)]})
    matches = store.read({"a": [times(1, 9)]})
    assert (matches[0].how, set(matches[0].candidates)) == (How.NEW, set(before))


def test_a_card_of_a_template_is_edited_on_both_sides(store: PretendStore) -> None:
    fronts = [f"What is the role of the {part} in a layer?" for part in ("query", "key", "value", "mask")]
    before = store.ids({"a": [card(number, front) for number, front in enumerate(fronts, 1)]})
    edited = [card(number, front) for number, front in enumerate(fronts, 1)]
    edited[2] = card(3, "What is the main role of the value in a layer?", "another answer")
    assert store.ids({"a": edited}) == before


def test_a_document_of_1000_cards_all_edited_takes_seconds(store: PretendStore) -> None:
    topics = [f"layer {number} of the {('encoder', 'decoder')[number % 2]} stack" for number in range(1000)]
    fronts = [f"What is the output shape of {topic}, and which weights does it use?" for topic in topics]
    before = store.ids({"a": [card(number, front) for number, front in enumerate(fronts, 1)]})
    edited = [card(number, front.replace("and which", "and what"), "x") for number, front in enumerate(fronts, 1)]
    start = time.perf_counter()
    after = store.ids({"a": edited})
    assert time.perf_counter() - start < 20
    assert after == before
