"""The Anki and CSV blocks of a deck, and which card each line belongs to."""

from __future__ import annotations

from studycli.documents import flashcards
from studycli.documents.outline import Outline
from studycli.model.deck import Deck

CARDS = """# Flashcards: Music

### Card 1 | Easy
**FRONT:** How high or low does a tone sound, and what is that called?
**BACK:** Pitch, from the frequency of the vibration.

### Card 2 | Medium
**FRONT:** Two instruments play the same note. What differs?
**BACK:** Timbre, from the overtones.

### Card 3 | Hard
**FRONT:** Explain how a metronome keeps tempo.
**BACK:** A pendulum with a sliding weight.

"""


def deck(blocks: str) -> Deck:
    return flashcards.parse(Outline(CARDS + "## Export Formats\n\n" + blocks), "x.md")


def test_lines_in_order_belong_to_the_cards_in_order() -> None:
    lines = "# a comment\nQ one\tA one\teasy::a hard::b\n\nQ two\tA two\nQ three\tA three\tt\n"
    found = deck(f"### Anki-Compatible (Tab-Separated)\n```\n{lines}```\n")
    assert [(card.brief_front, card.brief_back) for card in found.cards] == [
        ("Q one", "A one"),
        ("Q two", "A two"),
        ("Q three", "A three"),
    ]
    assert [card.tags for card in found.cards] == [("easy::a", "hard::b"), (), ("t",)]
    assert found.brief_forms[0].line == 20


def test_shuffled_lines_find_their_cards_by_their_words() -> None:
    lines = "Metronome and tempo?\tPendulum, sliding weight\nPitch of a tone?\tFrequency of vibration\n"
    lines += "Timbre of instruments?\tOvertones differ\n"
    cards = deck(f"```tsv\n{lines}```\n").cards
    assert [card.brief_back for card in cards] == [
        "Frequency of vibration",
        "Overtones differ",
        "Pendulum, sliding weight",
    ]


def test_numbers_in_front_decide() -> None:
    cards = deck("```tsv\n3. x\tc\n1. x\ta\n```\n").cards
    assert [card.brief_back for card in cards] == ["a", None, "c"]


def test_a_csv_block_is_read_by_its_header() -> None:
    rows = (
        '"Concept","Back","Front","Difficulty","Cognitive_Level"\n"Tempo","b, with ""quotes""","3. f","Hard","Apply"\n'
    )
    card = deck(f"### CSV Format\n```csv\n{rows}```\n").cards[2]
    assert (card.brief_front, card.brief_back) == ("3. f", 'b, with "quotes"')
    assert (card.concept, card.cognitive_level) == ("Tempo", "Apply")


def test_the_anki_block_wins_over_the_csv_block() -> None:
    blocks = "```csv\nFront,Back\n1. csv,csv\n2. only csv,csv\n```\n\n```tsv\n1. tsv\ttsv\n```\n"
    assert [card.brief_back for card in deck(blocks).cards] == ["tsv", "csv", None]


def test_a_form_without_a_card_is_reported_at_its_line() -> None:
    found = deck("```tsv\nPhotosynthesis in leaves?\tChlorophyll\n```\n")
    (problem,) = found.problems
    assert "fits no card" in problem.message
    assert (CARDS + "## Export Formats\n\n```tsv\nPhoto").count("\n") + 1 == problem.line


def test_a_line_without_a_tab_is_reported() -> None:
    found = deck("```tsv\nno tab here\n```\n")
    assert [("no tab" in problem.message, problem.line) for problem in found.problems] == [(True, 18)]
