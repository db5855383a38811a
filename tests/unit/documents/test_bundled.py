"""The bundled deck and map, and the examples in the guide to the format: what they say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studycli import paths
from studycli.documents import check
from studycli.documents.load import kind_of, load, load_text
from studycli.model.concept import ConceptMap
from studycli.model.deck import Deck

GUIDE = Path(__file__).parents[3] / "docs" / "document-format.md"


def bundled(kind: type[Deck] | type[ConceptMap]) -> Deck | ConceptMap:
    name = "decks" if kind is Deck else "concept_maps"
    folder = next(folder for folder in paths.bundled_folders() if folder.name == name)
    document = load(folder / "transformers.md")
    assert isinstance(document, kind)
    return document


@pytest.mark.parametrize("kind", [Deck, ConceptMap])
def test_check_finds_nothing(kind: type[Deck] | type[ConceptMap]) -> None:
    assert check.problems_of(bundled(kind)) == []


def test_deck_is_whole() -> None:
    deck = bundled(Deck)
    assert isinstance(deck, Deck)
    assert [card.number for card in deck.cards] == [1, 2, 3, 4, 5]
    assert [card.after for card in deck.cards] == [(), (1,), (1, 2), (1, 2), (1, 2, 3, 4)]
    assert all(card.brief_front and card.brief_back and card.tags and card.critical_reason for card in deck.cards)
    assert all([part.title for part in card.parts] == ["Mnemonic", "Common Misconceptions"] for card in deck.cards)
    assert deck.other_sections == ()


def test_map_is_large_enough_and_uses_one_name_for_one_concept() -> None:
    concept_map = bundled(ConceptMap)
    assert isinstance(concept_map, ConceptMap)
    assert len(concept_map.concepts) >= 28
    assert len(concept_map.relationships) >= 42
    assert {join.rule for join in concept_map.joins} == {"node id and its label"}
    assert all(concept.definition for concept in concept_map.concepts)
    named = {identifier for path in concept_map.pathways for step in path.step_concepts for identifier in step}
    assert named == {concept.id for concept in concept_map.concepts}


def test_pathways_teach_what_is_required_first() -> None:
    concept_map = bundled(ConceptMap)
    assert isinstance(concept_map, ConceptMap)
    needs = [(row.source, row.target) for row in concept_map.relationships if row.requires]
    assert needs
    for path in concept_map.pathways:
        order = [identifier for step in path.step_concepts for identifier in step]
        for source, target in needs:
            if source in order and target in order:
                assert order.index(target) < order.index(source), (path.title, source, target)


def test_names_in_the_deck_are_those_of_the_map() -> None:
    deck, concept_map = bundled(Deck), bundled(ConceptMap)
    assert isinstance(deck, Deck)
    assert isinstance(concept_map, ConceptMap)
    names = {concept.name for concept in concept_map.concepts}
    used = {name for card in deck.cards for name in (card.concept, *card.related_concepts)}
    used |= {item.concept for item in deck.critical_knowledge}
    assert used <= names


def test_no_table_of_a_card_is_wider_than_a_terminal() -> None:
    deck = bundled(Deck)
    assert isinstance(deck, Deck)
    for card in deck.cards:
        for block in re.findall(r"(?:^\|.*\|\n?)+", card.back, re.MULTILINE):
            rows = [[cell.strip("* ") for cell in line.strip("|").split("|")] for line in block.splitlines()]
            widths = [
                max(map(len, column)) for column in zip(*(row for row in rows if set(row[0]) != {"-"}), strict=True)
            ]
            assert sum(widths) + 3 * len(widths) + 1 <= 80, (card.number, block)


@pytest.mark.skipif(not GUIDE.is_file(), reason="the guide is not part of an installed package")
def test_examples_of_the_guide() -> None:
    examples = [
        match[2] for match in re.finditer(r"^(`{3,})markdown\n(.*?)^\1$", GUIDE.read_text("utf-8"), re.M | re.S)
    ]
    documents = [load_text(text, "example.md") for text in examples if text.startswith("# ")]
    assert [kind_of(document) for document in documents] == ["flashcards", "flashcards", "concept_map"]
    minimal, _, concept_map = documents
    assert check.problems_of(minimal) == []
    assert check.problems_of(concept_map) == []
    assert isinstance(minimal, Deck)
    assert [(card.front, card.back[:4]) for card in minimal.cards] == [("What is 1/2 + 1/3?", "5/6.")]
