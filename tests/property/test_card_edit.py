"""The law of editing a card: whatever the deck and the edit, no byte outside the card's lines changes."""

from __future__ import annotations

import codecs
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from studycli.documents import card_edit
from studycli.documents.load import load
from studycli.errors import DocumentError
from studycli.model.deck import Deck

LINES = st.sampled_from(
    ["text", "é → “quoted”", "", "---", "```", "**Back:**", "### Card 9 | Easy", "# Title", "| a | b |", "|-|-|",
     "- item", "**Source:** here", "<!-- id: x -->", "`code`", "$x$", "#### Part", "~~~", "1. one"]
)  # fmt: skip
BODIES = st.lists(LINES, max_size=8).map("\n".join)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
ENCODINGS = st.sampled_from(["utf-8", "bom", "utf-16", "cp1252", "misread"])
EDITS = st.lists(LINES, min_size=1, max_size=4).map("\n".join) | st.text(max_size=20)


def encoded(text: str, how: str) -> bytes:
    if how == "bom":
        return codecs.BOM_UTF8 + text.encode()
    if how == "cp1252":
        return text.replace("→", "-").encode("cp1252")
    return text.encode("utf-8").decode("cp1252", "ignore").encode() if how == "misread" else text.encode(how)


@given(
    st.lists(st.tuples(BODIES, BODIES, ENDS), min_size=1, max_size=4),
    ENCODINGS,
    st.booleans(),
    st.integers(0, 9),
    st.integers(0, 30),
    EDITS,
)
def test_nothing_outside_the_card_changes(
    parts: list[tuple[str, str, str]], how: str, ended: bool, which: int, where: int, edit: str
) -> None:
    text = "# Flashcards: Deck\n\n"
    for number, (front, back, end) in enumerate(parts, 1):
        card = f"### Card {number} | Easy\n\n**Front:**\nWhat {front}\n\n**Back:**\nIt {back}\n\n---\n\n"
        text += card.replace("\n", end)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deck.md"
        path.write_bytes(encoded(text if ended else text.rstrip(), how))
        before = path.read_bytes()
        deck = load(path)
        assert isinstance(deck, Deck)
        taken = card_edit.card_text(path, deck.cards[which % len(deck.cards)])
        assert before.count(taken.taken)
        lines = taken.text.split("\n")
        lines[1 + where % len(lines) :] = [edit, *lines[1 + where % len(lines) :]]
        try:
            card_edit.replace(path, taken, "\n".join(lines))
        except DocumentError:
            assert path.read_bytes() == before
            return
        after = path.read_bytes()
        start, end = _place(before, taken.taken, after)
        assert after[:start] == before[:start]
        assert end == 0 or after[-end:] == before[-end:]
        assert [path.name] == [file.name for file in Path(folder).iterdir()]


def _place(before: bytes, taken: bytes, after: bytes) -> tuple[int, int]:
    """How many bytes stand before and behind the card's, by the first place at which that fits."""
    start = before.find(taken)
    while start >= 0:
        end = len(before) - start - len(taken)
        if after[:start] == before[:start] and (not end or after[-end:] == before[-end:]):
            return start, end
        start = before.find(taken, start + 1)
    raise AssertionError("bytes outside the card have changed")
