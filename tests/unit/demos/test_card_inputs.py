"""A card's demo: what its field means, which demo its concept gets, and what that computes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli.demos import card_inputs, registry
from studycli.demos.card_inputs import Choice, choose, inputs_for, parse_field
from studycli.documents.load import load_text
from studycli.errors import UsageError
from studycli.model.card import Card
from tests.concept_maps import read

MAP = read(
    """# Concept Map: Words

## Relationship Matrix

| From Concept | To Concept | Relationship Type |
|--|--|--|
| Reading | Looking Back | uses |
| Looking Back | Multi-Head Attention | uses |
| Multi-Head Attention | Tokenization | requires |
| Island | Reef | near |

## Concept Definitions

| Concept | Definition |
|--|--|
| Reading Aids (RA) | Marks |
"""
)


def card(concept: str | None = None, front: str = "Why?", back: str = "So.", title: str = "", **more: str) -> Card:
    return Card(number=1, front=front, back=back, concept=concept, title=title, **more)


@pytest.mark.parametrize(
    ("field", "name", "parameters", "common"),
    [
        ("multi-head", "multi-head", {}, (None, None, None, None)),
        ("`kv-cache tokens=8`", "kv-cache", {"tokens": "8"}, (None, None, None, None)),
        ('tokenization text="a b" seed=3', "tokenization", {}, ("a b", 3, None, None)),
        ("multi-head layer=1 head=2", "multi-head", {}, (None, None, 1, 2)),
    ],
)
def test_a_field(field: str, name: str, parameters: dict[str, str], common: tuple) -> None:
    named = parse_field(field)
    assert (named.demo.name, named.parameters) == (name, parameters)
    assert (named.text, named.seed, named.layer, named.head) == common


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("", "there is no demo ''"),
        ("multihead", "there is no demo 'multihead'"),
        ('tokenization text="a b', "open quotation mark"),
        ("kv-cache 8", "'8' is no setting"),
        ("kv-cache =8", "'=8' is no setting"),
        ("kv-cache token=8", "no parameter 'token'"),
        ("kv-cache tokens=many", "tokens cannot be 'many'"),
        ("multi-head seed=x", "seed cannot be 'x'"),
        ("multi-head head=-1", "head cannot be '-1'"),
        ("scaling-laws text=x", "reads no text"),
    ],
)
def test_a_wrong_field(field: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        choose(card(demo=field))
    assert said in caught.value.message and caught.value.hint


def test_a_field_that_looks_where_nothing_is() -> None:
    card_inputs.check_place(choose(card(demo="multi-head head=3")))
    card_inputs.check_place(choose(card()))
    with pytest.raises(UsageError, match="there is no head 4"):
        card_inputs.check_place(choose(card(demo="multi-head head=4")))


def test_a_card_names_its_demo() -> None:
    choice = choose(card("Tokenization", demo="kv-cache tokens=8 seed=2 text='a b'"))
    assert choice.demo.name == "kv-cache" and choice.reason is None
    inputs = inputs_for(card(demo="x"), choice, "cpu", 5)
    assert (inputs.text, inputs.device, inputs.seed, inputs.parameters) == ("a b", "cpu", 2, {"tokens": 8})


@pytest.mark.parametrize(
    ("concept", "demo", "reason"),
    [
        ("Multi-Head Attention", "multi-head", None),
        ("Looking Back", "multi-head", "the one for 'Multi-Head Attention', the nearest on the concept map"),
        ("Reading", "multi-head", "the one for 'Multi-Head Attention', the nearest on the concept map"),
        ("Island", "scaled-dot-product", "There is no demo for 'Island'"),
        ("Unheard Of", "scaled-dot-product", "attention over its own text"),
        (None, "scaled-dot-product", "The card names no concept"),
    ],
)
def test_a_concept(concept: str | None, demo: str, reason: str | None) -> None:
    choice = choose(card(concept), [MAP])
    assert choice.demo.name == demo
    assert choice.reason is None if reason is None else reason in str(choice.reason)


def test_a_concept_by_another_of_its_names_is_no_other_concept() -> None:
    named = read(
        "# Concept Map: X\n\n| From | To | Type |\n|--|--|--|\n| Several Looks (Multi-Head Attention) | B | has |\n"
    )
    choice = choose(card("Several Looks"), [named])
    assert (choice.demo.name, choice.reason) == ("multi-head", None)


def test_the_text_of_a_card_is_its_question_or_what_else_it_has() -> None:
    choice = Choice(registry.DEMOS["multi-head"])
    assert inputs_for(card(front="**Why?**"), choice, "cpu", 3).text == "Why?"
    assert inputs_for(card(front=" "), choice).text == "So."
    assert inputs_for(card(front="", back="---", title="Title"), choice).text == "Title"
    assert inputs_for(card("A concept", front="", back=""), choice).text == "A concept"


def test_a_demo_in_the_words_of_its_model_keeps_its_own_text() -> None:
    demo = registry.DEMOS["syntax"]
    assert inputs_for(card(front="Why?"), Choice(demo)).text == demo.text


def test_a_demo_chosen_by_the_learner_takes_the_settings_of_the_same_demo_alone() -> None:
    own = card(demo="kv-cache tokens=8")
    same, other = (card_inputs.for_demo(own, registry.DEMOS[name]) for name in ("kv-cache", "multi-head"))
    assert same.named is not None and inputs_for(own, same).parameters == {"tokens": 8}
    assert other.named is None and inputs_for(own, other).parameters == {}


def test_the_cards_of_the_sample_deck_reach_demos_that_compute_what_they_ask(samples: Path) -> None:
    files = ("lesson-4-transformers-flashcards.md", "lesson-4-transformers-concept-map.md")
    deck, concept_map = (load_text((samples / name).read_text("utf-8"), name) for name in files)
    found = [choose(each, [concept_map]) for each in deck.cards]
    assert [choice.demo.name for choice in found] == [
        "scaled-dot-product",
        "multi-head",
        "length-extrapolation",
        "architectures",
        "retrieval",
    ]
    assert all(choice.reason is None for choice in found)
    for each, choice in zip(deck.cards, found, strict=True):
        result = registry.run(choice.demo.name, inputs_for(each, choice, "cpu"))
        assert result.steps and all(claim.holds for claim in result.claims)
