"""Decks in every dialect: cards, sides, fields, extra parts, and what stands around them."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli.documents import flashcards
from studycli.documents.load import load
from studycli.documents.outline import Outline
from studycli.model.card import Difficulty
from studycli.model.deck import Deck


def deck(text: str) -> Deck:
    return flashcards.parse(Outline(text), "folder/demo.md")


BOLD = """# Flashcard Set: Sound

### Card 1 | Easy
**Cognitive Level:** Remember
**Concept:** Pitch

**FRONT (Question):**
What is pitch?

**BACK (Answer):**
How high a tone seems.

**Critical Knowledge Flag:** Yes - the base of melody

---
### Card 2 | Hard

**FRONT (Question):**
What is timbre?

**BACK (Answer):**
The colour of a tone.
"""


def test_a_card_knows_the_lines_of_its_fields_and_sides() -> None:
    first, second = deck(BOLD).cards
    assert first.field_lines == {"cognitive_level": 4, "concept": 5, "front": 8, "back": 11, "critical": 13}
    assert (first.line_of("concept"), first.line_of("demo"), second.line_of("back")) == (5, 3, 22)
    (card,) = deck("### Card 1\n**FRONT:** a\nb\n**BACK:**\n\n\nc\n\nd\n**Demo:** x\n").cards
    assert (card.front, card.back) == ("a\nb", "c\n\nd")
    assert [card.line_of("front", card.front.index(letter)) for letter in "ab"] == [2, 3]
    assert [card.line_of("back", card.back.index(letter)) for letter in "cd"] == [7, 9]
    assert card.line_of("demo") == 10


def test_a_side_with_lines_left_out_inside_has_the_line_of_its_card() -> None:
    (card,) = deck("## x\n### Card 1\n**FRONT:**\na\n<!-- note -->\nb\n**BACK:**\n").cards
    assert card.front == "a\nb"
    assert (card.line_of("front", 2), card.line_of("back")) == (2, 2)


HASHES = """# Flashcards: Sound

## Easy Cards

### Card 1: Pitch
**Bloom's Level:** Remember
**Concept:** Pitch

#### Front
What is pitch?

#### Back
How high a tone seems.

#### Mnemonic
High, higher, highest.

**Critical Knowledge Flag:** Yes - the base of melody

---

## Hard Cards

### Card 2: Timbre

#### Front (Question)
What is timbre?

#### Back (Answer)
The colour of a tone.
"""

BRACKETS = """# Flashcards: Sound

### Card 1 of 2 | Easy
**Difficulty:** Easy | **Bloom's Level:** Remember
**Concept:** Pitch
**[FRONT]**
What is pitch?
**[BACK]**
How high a tone seems.
**Critical Knowledge Flag:** Yes - the base of melody
---
### Card 2 of 2 | Hard
**[FRONT]**
What is timbre?
**[BACK]**
The colour of a tone.
---
"""


@pytest.mark.parametrize("text", [BOLD, HASHES, BRACKETS], ids=["bold", "hashes", "brackets"])
def test_every_dialect_gives_the_same_cards(text: str) -> None:
    found = deck(text)
    assert found.title == "Sound"
    assert [(card.number, card.difficulty, card.front, card.back) for card in found.cards] == [
        (1, Difficulty.EASY, "What is pitch?", "How high a tone seems."),
        (2, Difficulty.HARD, "What is timbre?", "The colour of a tone."),
    ]
    first = found.cards[0]
    assert (first.cognitive_level, first.concept) == ("Remember", "Pitch")
    assert (first.critical, first.critical_reason) == (True, "the base of melody")
    assert not found.cards[1].critical


def test_extra_parts_are_kept_with_their_titles() -> None:
    card = deck(HASHES).cards[0]
    assert [(part.title, part.text) for part in card.parts] == [("Mnemonic", "High, higher, highest.")]
    assert (card.part("mnemonic"), card.part("hint")) == ("High, higher, highest.", None)
    assert card.title == "Pitch"


def test_a_mnemonic_field_at_the_end_of_a_back_is_an_extra_part() -> None:
    (card,) = deck("### Card 1 | Easy\n**FRONT:** Q\n**BACK:**\nA\n\n**Mnemonic:** High, higher.\n").cards
    assert (card.back, card.part("Mnemonic")) == ("A", "High, higher.")


RICH_BACK = """**Rules:**

| a | b |
|---|---|
| `x | y` | 2 |

---

````markdown
### Card 9 | Easy
**BACK (Answer):**
```
#### Front
```
````

```
┌───┐
│ a │
└───┘
```

$$
a_b = \\frac{1}{2}
$$

**Key Insight:** it stays in the back.

- [ ] item ---
"""


def test_a_back_comes_out_whole() -> None:
    text = f"# Flashcards: X\n\n### Card 1 | Easy\n**FRONT (Question):**\nQ\n\n**BACK (Answer):**\n{RICH_BACK}\n---\n"
    text += "### Card 2 | Easy\n**FRONT:** Q2\n**BACK:** A2\n"
    first, second = deck(text).cards
    assert first.back == RICH_BACK.strip()
    assert (second.front, second.back) == ("Q2", "A2")


def test_words_such_as_answer_inside_a_back_are_text() -> None:
    text = (
        "### Card 1 | Easy\n**[FRONT]**\nQ\n**Question:** part of it\n**[BACK]**\nA\n\n**Answer:** 42\n**Front:** no\n"
    )
    (card,) = deck(text).cards
    assert card.front == "Q\n**Question:** part of it"
    assert card.back == "A\n\n**Answer:** 42\n**Front:** no"


def test_question_and_answer_mark_the_sides_where_nothing_else_does() -> None:
    (card,) = deck("### Card 1: T\n**Question:** Why?\n**Answer:** Because.\n").cards
    assert (card.front, card.back) == ("Why?", "Because.")


def test_a_title_is_the_front_where_there_is_none() -> None:
    (card,) = deck("### Card 1: What is x?\n\n#### Back\nA letter.\n").cards
    assert (card.front, card.back) == ("What is x?", "A letter.")


def test_fields_in_the_middle_of_a_back_belong_to_it_and_those_at_its_end_to_the_card() -> None:
    back = "**Concept:** a word in the answer\n\nmore"
    tail = "**Tags:** a, b\n**Concept:** Tone\n**Source Section:** 3\n"
    text = f"### Card 1 | Easy\n**FRONT:**\nQ\n**BACK:**\n{back}\n\n{tail}"
    (card,) = deck(text).cards
    assert (card.back, card.concept, card.tags, card.source_section) == (back, "Tone", ("a", "b"), "3")


def test_fields_known_and_unknown() -> None:
    head = "**Related Concepts:** Tone, Noise; Rhythm\n**Centrality:** High (7)\n**Mood:** calm\n<!-- id: c-17 -->\n"
    (card,) = deck(f"### Card 1 | Easy\n{head}**FRONT:** Q\n**BACK:** A\n").cards
    assert card.related_concepts == ("Tone", "Noise", "Rhythm")
    assert (card.centrality, card.fields, card.explicit_id) == ("High (7)", {"Mood": "calm"}, "c-17")


def test_critical_no_is_not_critical_even_if_a_summary_lists_the_card() -> None:
    text = "## Critical Knowledge Summary\n- **Tone**: Appears in Cards 1, 2 (base)\n\n"
    text += "### Card 1 | Easy\n**FRONT:** Q\n**BACK:** A\n**Critical Knowledge Flag:** No\n"
    text += "### Card 2 | Easy\n**FRONT:** R\n**BACK:** B\n"
    found = deck(text)
    assert [card.critical for card in found.cards] == [False, True]
    (item,) = found.critical_knowledge
    assert (item.concept, item.cards, item.reason, item.line) == ("Tone", (1, 2), "base", 2)


@pytest.mark.parametrize(
    ("item", "concept", "cards", "reason"),
    [
        ("**Soil** (Cards 1, 3): base of all", "Soil", (1, 3), "base of all"),
        ("**Soil**: Appears in Cards 1, 3 (base of all)", "Soil", (1, 3), "base of all"),
        ("Card 2: apply it", "Card 2", (2,), "apply it"),
        ("Compost - Card 3", "Compost", (3,), ""),
        ("Soil", "Soil", (), ""),
    ],
)
def test_critical_knowledge_as_a_list(item: str, concept: str, cards: tuple[int, ...], reason: str) -> None:
    text = f"## Critical Knowledge\n\n1. {item}\n\n### Card 1 | Easy\n**FRONT:** Q\n**BACK:** A\n"
    (found,) = deck(text).critical_knowledge
    assert (found.concept, found.cards, found.reason) == (concept, cards, reason)


def test_critical_knowledge_as_a_table() -> None:
    text = "### Card 1 | Easy\n**FRONT:** Q\n**BACK:** A\n\n## Critical Knowledge\n\n"
    text += "| Why | Concept | Appears in |\n|---|---|---|\n| base | **Tone** | Cards 1, 3 |\n"
    (item,) = deck(text).critical_knowledge
    assert (item.concept, item.cards, item.reason, item.line) == ("Tone", (1, 3), "base", 9)


@pytest.mark.parametrize(
    "line",
    [
        "**Distribution:** 2 Easy | 1 Medium | 3 Hard",
        "**Difficulty Distribution:** Easy: 2, Medium: 1, Hard: 3",
        "**Distribution:** Easy (2), Medium (1), Hard (3)",
        "- **Easy:** 2\n- **Medium:** 1\n- **Hard:** 3",
        "## Difficulty Distribution\n\n| Level | Count |\n|---|---|\n| Easy | 2 |\n| Medium | 1 |\n| Hard | 3 |",
    ],
)
def test_distributions_in_every_spelling(line: str) -> None:
    found = deck(f"# Flashcards: X\n\n**Total Cards:** 6 cards\n{line}\n")
    assert found.declared_total == 6
    assert found.declared_distribution == {Difficulty.EASY: 2, Difficulty.MEDIUM: 1, Difficulty.HARD: 3}


def test_a_date_may_be_called_created() -> None:
    assert deck("# Flashcards: X\n\n**Created:** 2026-01-02\n").date == "2026-01-02"


def test_the_header_is_read_by_name() -> None:
    found = deck(
        "# Flashcards: X\n\n**Date Generated:** 2026-01-02\n**Source:** a/b.md\n**Subject Area:** Sound: tone\n"
    )
    assert (found.source, found.subject_area, found.date, found.slug) == ("a/b.md", "Sound: tone", "2026-01-02", "demo")


def test_unknown_sections_and_recommendations_are_kept() -> None:
    text = BOLD + "\n## Study Recommendations\n\n1. Listen\n2. Sing\n\n## Colophon\n\nMade by hand.\n"
    found = deck(text)
    assert found.recommendations == ("Listen", "Sing")
    assert [(section.title, section.text) for section in found.other_sections] == [("Colophon", "Made by hand.")]
    assert found.cards[1].back == "The colour of a tone."


def test_a_subheading_between_cards_belongs_to_its_card() -> None:
    text = (
        "## Cards\n\n### Card 1 | Easy\n**FRONT:**\nQ\n**BACK:**\nfirst\n\n### A heading\n\nrest\n\n### Card 2 | Easy\n"
    )
    assert deck(text).cards[0].back == "first\n\n### A heading\n\nrest"


def test_the_sample_deck_is_complete(samples: Path) -> None:
    found = load(samples / "lesson-4-transformers-flashcards.md")
    assert isinstance(found, Deck)
    assert [card.number for card in found.cards] == [1, 2, 3, 4, 5]
    assert [card.difficulty for card in found.cards] == ["easy", "easy", "medium", "medium", "hard"]
    assert [card.initial_interval_days for card in found.cards] == [1, 1, 3, 3, 7]
    assert [card.initial_ease for card in found.cards] == [2.5, 2.5, 2.0, 2.0, 1.5]
    assert [card.after for card in found.cards] == [(), (), (1, 2), (), (1, 2, 3, 4)]
    assert all(card.critical and card.critical_reason and card.brief_front and card.brief_back for card in found.cards)
    assert [len(card.tags) for card in found.cards] == [1] * 5
    assert found.cards[3].back.count("\n---\n") == 2
    assert found.cards[4].back.count("┌") == 4
    assert all("Card " not in card.back and "FRONT" not in card.back for card in found.cards)
    assert len(found.connections[0].rows) == 5
    assert found.problems == ()
