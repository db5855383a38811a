"""Study cards: read whole from decks, in words that the models know, and never a short question in training."""

from __future__ import annotations

import random as rnd
from itertools import islice

import pytest

from studycli import paths
from studycli.documents.load import load
from studycli.engine.miniatures import study_cards
from studycli.engine.miniatures.retrieval import new_tokenizer
from studycli.engine.miniatures.retrieval_text import SPECIAL, words
from studycli.engine.miniatures.study_cards import Asked
from studycli.engine.miniatures.study_corpus import bundled_documents
from studycli.errors import EngineError
from studycli.model.deck import Deck

CARDS = [
    Asked(f"Deck {deck}", number, f"what is thing{deck}{number} of all", f"it is answer{deck}{number} " * 20,
          f"brief{deck}{number}", f"short{deck}{number}")
    for deck in range(3) for number in range(1, 5)
]  # fmt: skip


def decks() -> list[Deck]:
    folder = next(folder for folder in paths.bundled_folders() if folder.name == "decks")
    found = [load(file) for file in sorted(folder.glob("*.md"))]
    return [deck for deck in found if isinstance(deck, Deck)]


def test_the_bundled_cards_are_those_that_the_documents_reader_finds() -> None:
    """Two readers of one form: what they take a card's sides to be has the same words."""
    found = study_cards.read(bundled_documents())
    expected = [(deck, card) for deck in decks() for card in deck.cards]
    assert [(card.deck, card.number) for card in found] == [(deck.title, card.number) for deck, card in expected]
    for ours, (_, theirs) in zip(found, expected, strict=True):
        if "{{" not in theirs.front + theirs.back:
            assert words(ours.question) == words(theirs.front)
            assert words(ours.answer) == words(theirs.back)
        assert words(ours.brief_question) == words(theirs.brief_front or "")
        assert words(ours.brief_answer) == words(theirs.brief_back or "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# A lesson\n", "fewer than two cards"),
        ("# Flashcard Set: X\n### Card 1 | Easy\nno sides\n\nq\ta\tt\n", "card 1 has no words on one side"),
        ("# Flashcard Set: X\n### Card 1 | Easy\n", "there are 1 cards and 0 short forms"),
        (
            "# Flashcard Set: X\n### Card 1 | Easy\n**FRONT (Question):**\nq\n**BACK (Answer):**\n...\n---\nq\ta\tt\n",
            "card 1 has no words on one side",
        ),
    ],
)
def test_what_is_no_deck_of_this_form_is_refused(text: str, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        study_cards.read(text)


def test_a_snapshot_gives_the_cards_back() -> None:
    assert study_cards.loads(study_cards.dumps(CARDS)) == CARDS


def test_no_training_reads_a_short_question_and_no_word_is_unknown() -> None:
    tokenizer = new_tokenizer(CARDS)
    unknown = tokenizer.unknown_id
    kept = study_cards.pairs(tokenizer, CARDS, rnd.Random(0), 8)
    chosen = study_cards.choices(tokenizer, CARDS, rnd.Random(0), 4, 6)
    batches = [*islice(kept, 20), *islice(chosen, 20)]
    rows = [row for batch in batches for name, ids in batch.items() if name.endswith("ids") for row in ids.tolist()]
    assert unknown is not None
    assert not any(unknown in row for row in rows)
    said = {tokenizer.piece(id_) for row in rows for id_ in row}
    assert "short01" in said
    assert not any(word in said for card in CARDS for word in words(card.brief_question))


def test_a_pair_is_a_question_with_its_own_answer() -> None:
    tokenizer = new_tokenizer(CARDS)
    batch = next(study_cards.pairs(tokenizer, CARDS, rnd.Random(1), 64))
    queries, passages = batch["query_ids"].tolist(), batch["passage_ids"].tolist()
    assert len(queries) == len(passages) == len(CARDS)
    named = 0
    for query, passage in zip(queries, passages, strict=True):
        asked = {piece[5:] for id_ in query if (piece := tokenizer.piece(id_) or "").startswith("thing")}
        told = {piece.lstrip("answerhot") for id_ in passage if (piece := tokenizer.piece(id_) or "")[-1:].isdigit()}
        named += bool(asked)
        assert not asked or asked == told
    assert named


def test_choices_begin_with_the_true_one_and_hold_others_of_the_deck() -> None:
    tokenizer = new_tokenizer(CARDS)
    rows = next(study_cards.choices(tokenizer, CARDS, rnd.Random(2), 16, 6))["input_ids"].tolist()
    assert len(rows) == 16 * 6
    separator = SPECIAL.index("<sep>")
    for group in (rows[at : at + 6] for at in range(0, len(rows), 6)):
        told = []
        for row in group:
            pieces = [tokenizer.piece(id_) or "" for id_ in row[row.index(separator) :]]
            told.append(next(piece[-2:] for piece in pieces if piece[-1:].isdigit()))
        assert len(set(told)) == 6
        assert sum(other[0] == told[0][0] for other in told) == 4  # a deck of Deck has four cards
