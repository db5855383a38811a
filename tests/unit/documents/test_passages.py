"""The passages that a card points to: by its source, by its concept in titles, by mention; nothing guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli.documents.load import Document, load, load_text
from studycli.documents.passages import Passage, Shelf, Why, passages
from studycli.model.card import Card
from studycli.model.deck import Deck

LESSON = """# Lesson 3: Attention from Scratch

What this is about: the softmax.

## 1. Motivation (10 min)

Recurrence takes a step at a time.

## 2. Multi-Head Attention (25-30 min)

### Three projections

Each head has queries, keys and values.

### Masks

A causal mask hides what comes later. Masks are added.

## 3. Positional Encodings

Sines and cosines. Attention itself has no order.

## 4. Softmax

Shares that sum to one.
"""
OTHER = """# Notes

## Masks

Of another kind: paper masks.

## 3. Glue

For the causal mask of paper, see the causal mask.
"""
MAP = """# Concept Map: Attention

## Concept Definitions

| Concept | Definition |
|---------|------------|
| Multi-Head Attention (MHA) | Several heads side by side. |
| Softmax | Turns scores into shares. |

## Relationship Matrix

| Source | Relationship | Target |
|--------|--------------|--------|
| Multi-Head Attention (MHA) | uses | Softmax |
"""
DECK = """# Flashcards: Attention

### Card 1 | Easy
**Front:**
What is a causal mask?

**Back:**
A causal mask hides what comes later.
"""


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf(documents())


def documents() -> list[Document]:
    texts = {"lesson-3.md": LESSON, "notes.md": OTHER, "map.md": MAP, "deck.md": DECK}
    return [load_text(text, path) for path, text in texts.items()]


def card(concept: str | None = None, source: str | None = None, related: tuple[str, ...] = ()) -> Card:
    return Card(number=1, front="?", back="!", concept=concept, source_section=source, related_concepts=related)


def found(shelf: Shelf, asked: Card, near: tuple[str, ...] = ()) -> list[tuple[str, str, Why]]:
    return [(passage.path, passage.titles[-1], passage.why) for passage in shelf.passages(asked, near=near)]


POSITIONS = ("lesson-3.md", "3. Positional Encodings", Why.SOURCE)


@pytest.mark.parametrize(
    "source",
    [
        "Positional Encodings",
        "positional encoding",
        "3. Positional Encodings",
        "Section 3: Positional Encodings",
        "Part 3 - Positional Encodings (20 min)",
        "Lesson 3, Positional Encoding",
        "lesson-3.md, Section 3",
        "Lesson 3: Attention from Scratch, Section 3",
        "Positional Encodngs",
    ],
)
def test_a_source_by_its_title_its_number_or_nearly_so(shelf: Shelf, source: str) -> None:
    assert found(shelf, card(source=source)) == [POSITIONS]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "Section 3",
        "Exercise 2",
        "Section 9.4",
        "Chapter on fish",
        "Attention",
        "lesson-3.md",
        "-",
        "§",
        "All of it",
    ],
)
def test_a_source_that_says_too_little_finds_nothing(shelf: Shelf, source: str) -> None:
    assert found(shelf, card(source=source)) == []


def test_a_source_that_names_a_document_alone_finds_its_beginning(shelf: Shelf) -> None:
    for source in ("Lesson 3", "Attention from Scratch"):
        assert found(shelf, card(source=source)) == [("lesson-3.md", "Lesson 3: Attention from Scratch", Why.SOURCE)]


def test_a_section_below_the_one_that_the_source_names_too_comes_first(shelf: Shelf) -> None:
    assert found(shelf, card(source="Multi-Head Attention - Masks"))[0][:2] == ("lesson-3.md", "Masks")
    both = found(shelf, card(source="Masks"), near=("Notes",))
    assert [path for path, _, _ in both] == ["notes.md", "lesson-3.md"]


def test_a_concept_in_titles_and_the_definition_of_a_map(shelf: Shelf) -> None:
    assert found(shelf, card("Multi-head attentions")) == [
        ("lesson-3.md", "2. Multi-Head Attention (25-30 min)", Why.TITLE),
        ("map.md", "Multi-Head Attention", Why.TITLE),
    ]
    assert ("map.md", "Multi-Head Attention", Why.TITLE) in found(shelf, card("MHA"))
    assert found(shelf, card("Position Encoding Choice"))[0][1] == "3. Positional Encodings"


def test_one_word_of_a_longer_title_is_a_mention_at_most(shelf: Shelf) -> None:
    assert {why for _, _, why in found(shelf, card("Head"))} == {Why.TEXT}


def test_a_related_concept_comes_after_the_concept(shelf: Shelf) -> None:
    titles = [title for _, title, _ in found(shelf, card("Positional Encoding", related=("Softmax",)))]
    assert titles[:3] == ["3. Positional Encodings", "4. Softmax", "Softmax"]


def test_a_mention_by_how_much_of_the_text_it_is(shelf: Shelf) -> None:
    assert found(shelf, card("Causal Mask")) == [
        ("notes.md", "3. Glue", Why.TEXT),
        ("lesson-3.md", "Masks", Why.TEXT),
    ]


def test_other_cards_are_no_source_and_nothing_is_guessed(shelf: Shelf) -> None:
    assert all(path != "deck.md" for path, _, _ in found(shelf, card("Causal Mask")))
    assert found(shelf, card("Gradient Checkpointing", "Chapter 12", ("Adapters",))) == []
    assert found(shelf, card()) == []


def test_what_a_passage_holds(shelf: Shelf) -> None:
    (passage,) = shelf.passages(card(source="Three projections"))
    assert passage == Passage(
        path="lesson-3.md",
        titles=("Lesson 3: Attention from Scratch", "2. Multi-Head Attention (25-30 min)", "Three projections"),
        text="Each head has queries, keys and values.",
        line=11,
        why=Why.SOURCE,
    )


def test_a_section_without_text_of_its_own_shows_its_subsections(shelf: Shelf) -> None:
    (passage,) = shelf.passages(card(source="2. Multi-Head Attention"))
    assert passage.text.startswith("### Three projections\n\nEach head has")
    assert passage.text.endswith("Masks are added.")


def test_the_limit_and_the_order_of_reasons() -> None:
    asked = card("Softmax", "Masks", ("Attention",))
    everything = passages(asked, documents(), limit=50)
    assert passages(asked, documents(), limit=2) == everything[:2]
    order = [list(Why).index(passage.why) for passage in everything]
    assert order == sorted(order) and len(set(order)) == 3
    assert len({(passage.path, passage.line) for passage in everything}) == len(everything)


def test_no_documents() -> None:
    assert passages(card("Softmax", "Section 1"), []) == ()


def test_the_bundled_decks_find_their_definitions() -> None:
    root = Path(__file__).parents[3]
    loaded = [load(path) for folder in ("decks", "concept_maps") for path in sorted((root / folder).glob("0*.md"))]
    shelf = Shelf(loaded)
    without = [
        (deck.slug, asked.number)
        for deck in loaded
        if isinstance(deck, Deck)
        for asked in deck.cards
        if not any(passage.why is Why.TITLE for passage in shelf.passages(asked, near=(deck.slug,)))
    ]
    assert without == []


def test_the_sample_cards_find_their_lessons(samples: Path) -> None:
    loaded = [load(path) for path in sorted(samples.glob("*.md"))]
    shelf = Shelf(loaded)
    deck = next(document for document in loaded if isinstance(document, Deck))
    titles = [{passage.titles[-1] for passage in shelf.passages(asked)} for asked in deck.cards]
    assert "Scaled Dot-Product Attention" in titles[0]
    assert "3. Multi-Head Attention (25-30 min)" in titles[1]
    assert "2. Positional Encoding" in titles[2]
    assert "8. Architectural Variants: Encoder, Decoder, and Encoder-Decoder" in titles[3]
