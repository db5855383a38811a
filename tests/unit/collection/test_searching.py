"""Search in a collection: documents read, names resolved, hits with their excerpts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from studycli.collection import Collection
from studycli.errors import UsageError
from studycli.model.search import HitKind, hit_data, plain_text
from studycli.render.search import place
from tests.study_documents import write_deck

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MAP = """# Concept Map: Looking

```mermaid
graph TD
    MHA[Multi-Head Attention] --> S[Softmax]
```

## Concept Definitions

| Concept | Definition |
|---|---|
| Multi-Head Attention (MHA) | Several heads beside each other |
| Softmax | Weights that sum to one |
"""


@pytest.fixture
def filled(collection: Collection, folder: Path) -> Collection:
    write_deck(
        folder / "04-vectors.md", [("What is a *query*?", "A **row** of Q."), ("A key?", "Another row.")], "Arrows"
    )
    write_deck(folder / "05-verbs.md", [("What is to row?", "To pull oars.")], "Verbs")
    (folder / "looking.md").write_text(MAP, "utf-8")
    collection.sync()
    return collection


def test_a_card_is_a_hit_with_an_excerpt(filled: Collection) -> None:
    result = filled.search("query row")
    (hit,) = result.hits
    assert (hit.kind, hit.deck, hit.concept, result.total) == (HitKind.CARD, "04-vectors", "Testing", 1)
    assert plain_text(hit.title) == "What is a query?"
    assert [part.text for part in hit.title if part.found] == ["query"]
    assert [(part.text, part.found) for part in hit.excerpt] == [("A ", False), ("row", True), (" of Q.", False)]
    assert hit.card == filled.card("04-vectors:1")


def test_concepts_and_notes(filled: Collection) -> None:
    (hit,) = filled.search("mha in:concepts").hits
    assert (hit.kind, hit.map_slug, plain_text(hit.title)) == (HitKind.CONCEPT, "looking", "Multi-Head Attention")
    assert hit.concept_id is not None
    filled.repository.save_note("Think of *oars*", card_id=filled.card("04-vectors:2").id, at=NOW)
    filled.repository.save_note("Sums to one, like oars", concept="Softmax", at=NOW)
    on_concept, on_card = sorted(filled.search("oars in:notes").hits, key=lambda hit: hit.card is not None)
    assert (plain_text(on_concept.title), on_concept.concept, on_concept.card) == ("Softmax", "Softmax", None)
    assert (plain_text(on_card.title), plain_text(on_card.excerpt)) == ("A key?", "Think of oars")
    assert on_card.card is not None


def test_a_concept_of_several_maps_is_one_hit(filled: Collection, folder: Path) -> None:
    (folder / "05-verbs-map.md").write_text(MAP.replace("Looking", "Verbs").replace("sum to one", "add up"), "utf-8")
    filled.sync()
    result = filled.search("softmax")
    (hit,) = (hit for hit in result.hits if hit.kind is HitKind.CONCEPT)
    assert (hit.concept, hit.other_maps, result.total) == ("Softmax", 1, len(result.hits))
    assert place(hit) == f"concept of {hit.map_slug} and 1 other map"
    assert hit_data(hit)["other_maps"] == 1
    assert [hit_data(hit)["other_maps"] for hit in filled.search("query").hits] == [None]


@pytest.mark.parametrize("name", ["04-vectors", "vectors", "arrows", "vec", '"Arrows"'])
def test_a_deck_goes_by_its_names(filled: Collection, name: str) -> None:
    assert {hit.deck for hit in filled.search(f"deck:{name}").hits} == {"04-vectors"}


def test_the_start_of_several_decks_means_all(filled: Collection) -> None:
    assert {hit.deck for hit in filled.search("deck:ve").hits} == {"04-vectors", "05-verbs"}


def test_a_concept_goes_by_its_names(filled: Collection, folder: Path) -> None:
    text = (
        (folder / "05-verbs.md").read_text("utf-8").replace("**Concept:** Testing", "**Concept:** Multi-head attention")
    )
    (folder / "05-verbs.md").write_text(text, "utf-8")
    filled.sync()
    for name in ("MHA", '"multi-head attention"', "multi"):
        assert [hit.deck for hit in filled.search(f"concept:{name}").hits] == ["05-verbs"]


@pytest.mark.parametrize(
    ("text", "piece", "hint"),
    [("x deck:vectros", "deck:vectros", "04-vectors"), ("-concept:Testign", "-concept:Testign", "concept:Testing")],
)
def test_unknown_names_are_refused_with_close_ones(filled: Collection, text: str, piece: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        filled.search(text)
    assert caught.value.where == piece
    assert hint in str(caught.value.hint)


def test_documents_that_change_and_go(filled: Collection, folder: Path) -> None:
    (folder / "looking.md").write_text(MAP.replace("sum to one", "add up"), "utf-8")
    write_deck(folder / "05-verbs.md", [("What is to sail?", "To use wind.")], "Verbs")
    filled.sync()
    assert filled.search("sum").total == filled.search("oars").total == 0
    assert filled.search("add up").total == filled.search("wind").total == 1
    (folder / "looking.md").unlink()
    filled.sync()
    assert filled.search("in:concepts").total == 0
    filled.remove(str(folder))
    assert filled.search("").total == 0
    assert filled.search("wind is:archived").total == 1
