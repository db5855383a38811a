"""The bundled decks and maps, and the examples in the guide to the format: what they say is so."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from studycli import paths
from studycli.demos import field_check
from studycli.documents import check
from studycli.documents.load import kind_of, load, load_text
from studycli.model.card import Difficulty
from studycli.model.concept import ConceptMap
from studycli.model.deck import Deck

BLOOM = {"Remember", "Understand", "Apply", "Analyze", "Evaluate", "Create"}
GUIDE = Path(__file__).parents[3] / "docs" / "document-format.md"


FOLDERS = {folder.name: folder for folder in paths.bundled_folders()}
NAMES = sorted(file.stem for file in FOLDERS["decks"].glob("*.md"))
MAPS = sorted(file.stem for file in FOLDERS["concept_maps"].glob("*.md"))
JOINING = "curriculum"


@cache
def deck_of(name: str) -> Deck:
    document = load(FOLDERS["decks"] / f"{name}.md")
    assert isinstance(document, Deck)
    return document


@cache
def map_of(name: str) -> ConceptMap:
    document = load(FOLDERS["concept_maps"] / f"{name}.md")
    assert isinstance(document, ConceptMap)
    return document


def test_there_are_enough_decks_and_cards_with_a_map_each_and_one_for_all() -> None:
    assert len(NAMES) >= 9
    assert sum(len(deck_of(name).cards) for name in NAMES) >= 125
    assert sorted([*NAMES, JOINING]) == MAPS
    assert all(map_of(name).title == deck_of(name).title for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_check_finds_nothing_in_a_deck(name: str) -> None:
    assert check.problems_of(deck_of(name)) == []
    assert field_check.problems([deck_of(name)]) == []


@pytest.mark.parametrize("name", MAPS)
def test_check_finds_nothing_in_a_map(name: str) -> None:
    assert check.problems_of(map_of(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_deck_is_whole(name: str) -> None:
    deck = deck_of(name)
    assert [card.number for card in deck.cards] == [*range(1, len(deck.cards) + 1)]
    assert all(number < card.number for card in deck.cards for number in card.after)
    assert all(card.brief_front and card.brief_back and card.tags for card in deck.cards)
    assert sum(bool(card.critical_reason) for card in deck.cards) >= 4
    assert {card.difficulty for card in deck.cards} == {*Difficulty}
    assert {card.cognitive_level for card in deck.cards} <= BLOOM
    assert len({card.cognitive_level for card in deck.cards}) >= 4
    assert deck.other_sections == ()
    parts = [part.title for card in deck.cards for part in card.parts]
    assert {*parts} == {"Mnemonic", "Common Misconceptions"}
    assert 2 * parts.count("Common Misconceptions") > len(deck.cards)


def test_three_quarters_of_the_cards_have_a_demo_of_their_own_and_a_claim() -> None:
    cards = [card for name in NAMES for card in deck_of(name).cards]
    # The arithmetic of a card's own figures alone would be no claim about the subject.
    claimed = [card for card in cards if any(not claim.startswith("calculation(") for claim in card.claims)]
    assert 4 * sum(card.demo is not None for card in claimed) >= 3 * len(cards)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "transformers"])
def test_a_part_of_each_new_deck_asks_with_numbers_drawn_anew(name: str) -> None:
    asked = [card for card in deck_of(name).cards if "{{compute:" in card.front]
    assert asked
    assert all("{{compute:" in card.back for card in asked)


@pytest.mark.parametrize("name", MAPS)
def test_a_map_is_large_enough_and_uses_one_name_for_one_concept(name: str) -> None:
    concept_map = map_of(name)
    assert len(concept_map.concepts) >= 14
    assert len(concept_map.relationships) >= 20
    assert {join.rule for join in concept_map.joins} <= {
        "node id and its label",
        "same name but for case, hyphens or plural",
    }
    assert all(concept.definition for concept in concept_map.concepts)
    named = {identifier for path in concept_map.pathways for step in path.step_concepts for identifier in step}
    assert named == {concept.id for concept in concept_map.concepts}


def test_the_joining_map_holds_concepts_of_every_deck() -> None:
    joined = {concept.name for concept in map_of(JOINING).concepts}
    known = {name: {concept.name for concept in map_of(name).concepts} for name in NAMES}
    assert joined <= set().union(*known.values())
    assert all(len(joined & names) >= 4 for names in known.values())


@pytest.mark.parametrize("name", MAPS)
def test_pathways_teach_what_is_required_first(name: str) -> None:
    concept_map = map_of(name)
    needs = [(row.source, row.target) for row in concept_map.relationships if row.requires]
    assert needs
    for path in concept_map.pathways:
        order = [identifier for step in path.step_concepts for identifier in step]
        for source, target in needs:
            if source in order and target in order:
                assert order.index(target) < order.index(source), (path.title, source, target)


@pytest.mark.parametrize("name", NAMES)
def test_names_in_a_deck_are_those_of_its_map(name: str) -> None:
    deck = deck_of(name)
    names = {concept.name for concept in map_of(name).concepts}
    used = {named for card in deck.cards for named in (card.concept, *card.related_concepts)}
    used |= {item.concept for item in deck.critical_knowledge}
    assert used <= names


@pytest.mark.parametrize("name", NAMES)
def test_no_table_of_a_card_is_wider_than_a_terminal(name: str) -> None:
    for card in deck_of(name).cards:
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
