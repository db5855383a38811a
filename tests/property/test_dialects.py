"""A card written in any dialect, with fields in any order, is read back as it was meant."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from studycli.documents import flashcards
from studycli.documents.outline import Outline

WORD = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäπ√", min_size=1, max_size=8)
SENTENCE = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
BLOCK = st.one_of(
    SENTENCE,
    SENTENCE.map(lambda text: f"**{text.title()}:**\n- {text}\n- {text}"),
    SENTENCE.map(lambda text: f"```\n### Card 7 | Easy\n**BACK (Answer):** {text}\n---\n```"),
    SENTENCE.map(lambda text: f"````md\n```\n#### Front\n```\n{text}\n````"),
    SENTENCE.map(lambda text: f"| a | {text} |\n|---|---|\n| `x|y` | 1 |"),
    SENTENCE.map(lambda text: f"$$\n{text}\n$$"),
)
SIDE = st.lists(BLOCK, min_size=1, max_size=3).map("\n\n".join)
RULED_SIDE = st.lists(BLOCK, min_size=1, max_size=3).map("\n\n---\n\n".join)


@dataclass
class Meant:
    """A card as its author means it, and how it is written down."""

    difficulty: str
    title: str
    fields: list[tuple[str, str]]
    front: str
    back: str
    mnemonic: str | None
    fields_after: bool
    rule_before_next: str


FIELDS = st.tuples(SENTENCE, SENTENCE, st.sampled_from(["Remember", "Understand", "Analyze"])).flatmap(
    lambda values: st.permutations(
        [("Concept", values[0]), ("Source Section", values[1]), ("Cognitive Level", values[2])]
    )
)
CARDS = st.lists(
    st.builds(
        Meant,
        difficulty=st.sampled_from(["easy", "medium", "hard"]),
        title=SENTENCE.map(lambda text: f"T {text}"),
        fields=FIELDS,
        front=SIDE,
        back=RULED_SIDE,
        mnemonic=st.none() | SENTENCE,
        fields_after=st.booleans(),
        rule_before_next=st.sampled_from(["", "\n---\n", "\n\n---\n\n---\n"]),
    ),
    min_size=1,
    max_size=4,
)


def written(card: Meant, number: int, dialect: str) -> str:
    fields = "".join(f"**{name}:** {value}\n" for name, value in card.fields)
    before, after = ("", f"\n\n{fields}") if card.fields_after else (fields, "")
    mnemonic = f"\n\n#### Mnemonic\n{card.mnemonic}\n" if card.mnemonic else ""
    if dialect == "bold":
        head, sides = f"### Card {number} | {card.difficulty.title()}", ("**FRONT (Question):**", "**BACK (Answer):**")
    elif dialect == "hashes":
        head = f"## {card.difficulty.title()} Cards\n\n### Card {number}: {card.title}"
        sides = ("#### Front", "#### Back")
    else:
        head, sides = f"### Card {number} of 9 | {card.difficulty.upper()}", ("**[FRONT]**", "**[BACK]**")
    front, back = f"{sides[0]}\n{card.front}", f"{sides[1]}\n{card.back}"
    return f"{head}\n{before}\n{front}\n\n{back}{mnemonic}{after}{card.rule_before_next}\n"


@given(CARDS, st.lists(st.sampled_from(["bold", "hashes", "brackets"]), min_size=4, max_size=4))
def test_cards_come_back_as_meant_in_every_mixture_of_dialects(cards: list[Meant], dialects: list[str]) -> None:
    text = "# Flashcards: X\n\n" + "".join(
        written(card, number, dialect) for number, (card, dialect) in enumerate(zip(cards, dialects, strict=False), 1)
    )
    found = flashcards.parse(Outline(text), "x.md").cards
    assert [card.number for card in found] == list(range(1, len(cards) + 1))
    for meant, card in zip(cards, found, strict=True):
        assert card.difficulty == meant.difficulty
        assert (card.front, card.back) == (meant.front, meant.back)
        assert card.part("Mnemonic") == meant.mnemonic
        values = {
            "Concept": card.concept,
            "Source Section": card.source_section,
            "Cognitive Level": card.cognitive_level,
        }
        assert values == dict(meant.fields)
