"""Concepts found by the names that cards and learners use."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli.documents.load import load
from studycli.knowledge.aliases import concept_lookup
from studycli.model.concept import ConceptMap
from tests.concept_maps import GARDEN, read


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("Root Network", "root-network"), ("root networks", "root-network"), ("RN", "root-network"),
        ("Nitrogen Fixation (NF)", "nitrogen-fixation"), ("LC", "leaf-canopy"), ("Compost", "compost-ripe"),
        ("Root Networks (Deep)", "root-network"),
        ("lc", None), ("Root", None), ("Leaf Canopy Selection", None), ("Bean Plant/Leaf Canopy", None), ("", None),
    ],
)  # fmt: skip
def test_names(name: str, concept: str | None) -> None:
    garden = read(GARDEN)
    found = concept_lookup([garden])(name)
    assert found == (None if concept is None else (garden, concept))


def test_the_strictest_rule_wins_over_the_order_of_maps() -> None:
    first = read("# Concept Map: A\n| From | To | Type |\n|--|--|--|\n| Signal Network | B | t |\n", "a.md")
    second = read("# Concept Map: B\n| From | To | Type |\n|--|--|--|\n| Signal | B | t |\n", "b.md")
    find = concept_lookup([first, second])
    assert find("Signal") == (second, "signal")
    assert find("Signal Network") == (first, "signal-network")
    assert find("B") == (first, "b")
    assert concept_lookup([])("B") is None


def test_concepts_of_the_real_cards(samples: Path) -> None:
    sample = load(samples / "lesson-4-transformers-concept-map.md")
    assert isinstance(sample, ConceptMap)
    find = concept_lookup([sample])
    found = {name: match[1] if (match := find(name)) else None for name in (
        "Scaled Dot-Product Attention", "Multi-Head Attention", "Positional Encoding Selection",
        "Architecture Variant Selection", "Complete Transformer System Design", "Encoder",
    )}  # fmt: skip
    assert found == {
        "Scaled Dot-Product Attention": "scaled-dot-product-attention",
        "Multi-Head Attention": "multi-head-attention",
        "Positional Encoding Selection": None,
        "Architecture Variant Selection": None,
        "Complete Transformer System Design": None,
        "Encoder": "encoder",
    }
