"""Cards listed quickly: light at first, whole when looked at."""

from __future__ import annotations

import copy
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studycli.errors import StoreError
from studycli.model.card import Card
from studycli.model.review import StudyCard
from studycli.store.lazy import LazyCard
from studycli.store.repository import Repository
from tests.store_cards import CARDS, document, update

DAY = date(2026, 3, 2)
DAY_START = datetime(2026, 3, 2, tzinfo=UTC)


def test_cards_come_back_whole_and_in_order(repository: Repository) -> None:
    listed = repository.cards(today=DAY)
    assert [study.card for study in listed] == CARDS
    assert [study.id for study in listed] == ["c1", "c2", "c3"]
    assert {(study.deck, study.deck_title, study.path) for study in listed} == {("deck", "Deck", "/x/deck.md")}


def test_a_listed_card_equals_one_that_was_validated(repository: Repository) -> None:
    study = repository.cards(today=DAY)[1]
    assert study == StudyCard.model_validate(study.model_dump())


def test_what_a_queue_needs_reads_no_text(repository: Repository) -> None:
    study = repository.cards(today=DAY)[1]
    light = (study.card.number, study.card.line, study.card.after, study.card.initial_interval_days)
    assert light == (2, 15, (1,), 3)
    assert type(study.card) is LazyCard
    assert study.card.back == "| a | b |"
    assert type(study.card) is Card


@pytest.mark.parametrize(
    "look",
    [
        lambda card: card,
        lambda card: Card.model_validate(card.model_dump()),
        lambda card: Card.model_validate_json(card.model_dump_json()),
        copy.copy,
        copy.deepcopy,
        lambda card: card.model_copy(),
        lambda card: Card(**dict(card)),
    ],
)
def test_looking_at_all_of_a_card_makes_it_whole(repository: Repository, look: object) -> None:
    card = repository.cards(today=DAY)[1].card
    assert look(card) == CARDS[1]  # type: ignore[operator]


def test_unknown_attributes_stay_unknown(repository: Repository) -> None:
    with pytest.raises(AttributeError):
        _ = repository.cards(today=DAY)[0].card.colour  # type: ignore[attr-defined]


def test_long_lists_are_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = [Card(number=number, front=f"f{number}", back="b") for number in range(1, 301)]
    with Repository.open(str(tmp_path / "a.db")) as repository:
        with repository.library() as library:
            library.save_document(document("/x/deck.md"))
            library.save_cards([update(f"{card.number:04}", place, card) for place, card in enumerate(cards)])
        reads: list[int] = []
        read = repository._payloads
        monkeypatch.setattr(repository, "_payloads", lambda ids: reads.append(len(ids)) or read(ids))
        assert [study.card.front for study in repository.cards(today=DAY)] == [card.front for card in cards]
    assert reads == [64, 64, 64, 64, 44]


def test_decks_and_archived_cards(repository: Repository) -> None:
    with repository.library() as library:
        library.save_document(document("/x/other.md", "other"))
        library.save_cards([update("d1", 0, CARDS[0].model_copy(update={"front": "Other"}), "/x/other.md")])
        library.archive(["c2"], DAY_START)
    assert [card.id for card in repository.cards(today=DAY)] == ["c1", "c3", "d1"]
    assert [card.id for card in repository.cards(today=DAY, decks=["other"])] == ["d1"]
    assert repository.cards(today=DAY, decks=[]) == []
    assert [card.id for card in repository.cards(today=DAY, archived=True)] == ["c1", "c2", "c3", "d1"]
    with repository.library() as library:
        library.mark_gone(["/x/other.md"], DAY_START)
    assert repository.card("d1", DAY).archived


def test_a_damaged_payload_is_named(repository: Repository) -> None:
    connection = sqlite3.connect(repository.path)
    with connection:
        connection.execute("""UPDATE cards SET payload = '{"number": "x"}' WHERE id = 'c2'""")
    connection.close()
    with pytest.raises(StoreError, match="stored card cannot be read") as caught:
        _ = repository.card("c2", DAY).card.front
    assert caught.value.where == "c2"
