"""Which card names which concept, read without the texts, and again only where something was graded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from studycli.model.card import Card
from studycli.model.review import CardState, Review
from studycli.model.teaching import Teaching
from studycli.scheduler import sm2
from studycli.store.repository import Repository
from tests.store_cards import document, update

DAY = date(2026, 3, 2)


def store(path: Path, *concepts: str | None) -> Repository:
    opened = Repository.open(str(path / "study.db"))
    with opened.library() as library:
        library.save_document(document("/x/deck.md"))
        library.save_cards(
            [
                update(f"c{number}", number, Card(number=number, concept=concept, front=f"{number}?", back="!"))
                for number, concept in enumerate(concepts, start=1)
            ]
        )
    return opened


def grade(opened: Repository, card_id: str, quality: int = 4) -> Review:
    before = opened.card(card_id, DAY).state
    after = sm2.review(before, quality, DAY)
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    given = Review(card_id=card_id, reviewed_at=at, study_day=DAY, quality=quality, before=before, after=after)
    return opened.record(given)


def test_every_card_with_a_concept_comes_with_its_state(tmp_path: Path) -> None:
    with store(tmp_path, "Query", None, "Key “ü”") as opened:
        row = grade(opened, "c3")
        opened.suspend("c1")
        newest, found = opened.teaching()
        assert newest == row.id
        assert sorted(found) == [
            Teaching("c1", "Query", True, CardState()),
            Teaching("c3", "Key “ü”", False, row.after),
        ]


def test_archived_cards_are_left_out(tmp_path: Path) -> None:
    with store(tmp_path, "Query", "Key") as opened:
        with opened.library() as library:
            library.archive(["c1"], datetime(2026, 3, 2, tzinfo=UTC))
        assert [card.card_id for card in opened.teaching()[1]] == ["c2"]


def test_since_a_row_only_what_was_graded_or_taken_back_after_it(tmp_path: Path) -> None:
    with store(tmp_path, "Query", "Key", "Value") as opened:
        assert opened.teaching()[0] == 0
        first = grade(opened, "c1")
        newest, _ = opened.teaching()
        assert opened.teaching(newest) == (newest, [])
        second = grade(opened, "c2")
        newer, found = opened.teaching(newest)
        assert found == [Teaching("c2", "Key", False, second.after)]
        assert first.id is not None and second.id is not None
        opened.undo(first.id, datetime(2026, 3, 2, 10, tzinfo=UTC), DAY)
        assert opened.teaching(newer)[1] == [Teaching("c1", "Query", False, CardState())]
