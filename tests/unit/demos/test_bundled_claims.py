"""Every claim of every bundled deck, measured; and every demo makes exactly the claims that the catalogue promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli import paths
from studycli.demos import field_check, registry
from studycli.demos.catalogue import ALL
from studycli.demos.claims.running import Runner
from studycli.demos.computed import filling
from studycli.demos.demo import Demo
from studycli.demos.inputs import Inputs
from studycli.documents.load import load
from studycli.model.concept import ConceptMap
from studycli.model.deck import Deck
from studycli.model.review import CardState, StudyCard


def documents(folder: str) -> list[Path]:
    return [path for place in paths.bundled_folders() if place.name == folder for path in sorted(place.glob("*.md"))]


def deck_at(path: Path) -> Deck:
    deck = load(path)
    assert isinstance(deck, Deck)
    return deck


def maps() -> list[ConceptMap]:
    return [found for path in documents("concept_maps") if isinstance(found := load(path), ConceptMap)]


DECKS = documents("decks")


def test_there_are_decks() -> None:
    assert DECKS


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_every_claim_of_a_bundled_deck_holds(path: Path) -> None:
    runner = Runner(maps)
    wrong = [
        f"card {card.number}: {outcome.claim.statement} (measured: {outcome.claim.measured})"
        for card in deck_at(path).cards
        for outcome in runner.run(card)
        if not outcome.claim.holds
    ]
    assert wrong == []


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_everything_in_a_bundled_deck_can_be_run(path: Path) -> None:
    assert field_check.problems([deck_at(path)]) == []


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_every_computed_card_of_a_bundled_deck_has_its_answer(path: Path) -> None:
    for card in filter(filling.is_computed, deck_at(path).cards):
        study = StudyCard(id=f"card {card.number}", deck="d", deck_title="D", path="d.md", card=card, state=CardState())
        for given in range(10):
            shown = filling.answered(study, given).card
            texts = [shown.front, shown.back, shown.brief_front or "", shown.brief_back or ""]
            assert not any("not computed" in text or "{{" in text for text in texts)


@pytest.mark.parametrize("demo", ALL, ids=lambda demo: demo.name)
def test_a_demo_makes_exactly_the_claims_of_its_catalogue_entry(demo: Demo) -> None:
    made = registry.run(demo.name, Inputs(demo.text)).claims
    assert sorted(claim.name for claim in made) == sorted(demo.claims)
    assert all(claim.holds for claim in made)
