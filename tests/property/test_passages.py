"""Laws of finding passages: whatever the card says, what comes back is in the documents, once, within the limit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studycli.documents.load import load_text
from studycli.documents.passages import Shelf
from studycli.model.card import Card

DOCUMENTS = [
    load_text("# Lesson\n\n## 1. Attention Heads\n\nHeads attend.\n\n## 2. Masks\n\nA mask.", "lesson.md"),
    load_text("# Concept Map: M\n\n## Concept Index\n\n| Concept | Definition |\n|-|-|\n| Mask | Hides. |", "map.md"),
]
WORDS = st.sampled_from(["Section 2", "Mask", "mask", "Attention", "-", ",", "Heads", "lesson.md", "(", "3.2.1", "/"])
TEXTS = st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=30)


@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=3), st.integers(1, 4))
def test_any_card(concept: str, source: str, related: list[str], limit: int) -> None:
    card = Card(number=1, front="?", back="!", concept=concept, source_section=source, related_concepts=tuple(related))
    shelf = Shelf(DOCUMENTS)
    found = shelf.passages(card, near=[source], limit=limit)
    assert len({(passage.path, passage.line) for passage in found}) == len(found) <= limit
    for passage in found:
        assert passage.text in ("Heads attend.", "A mask.", "Hides.") or passage.titles == ("Lesson",)
