"""The composition root: names, sources, sessions, and the check of the store."""

from __future__ import annotations

import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from studycli import clock
from studycli.collection import Collection
from studycli.errors import DocumentError, UsageError
from studycli.model.problem import Severity
from tests.study_documents import write_deck

CARDS = [(f"Question number {number}?", f"Answer {number}.") for number in range(1, 6)]


@pytest.fixture
def decks(collection: Collection, folder: Path) -> Collection:
    """Two decks: 'heads' of three cards and 'masks' of two."""
    write_deck(folder / "heads.md", CARDS[:3], title="Attention heads")
    write_deck(folder / "masks.md", CARDS[3:], title="Attention masks")
    collection.sync()
    return collection


@pytest.mark.parametrize("name", ["heads", "HEADS", "Attention heads", "attention h", "head"])
def test_decks_by_name(decks: Collection, name: str) -> None:
    assert [study.deck for study in decks.select([name])] == ["heads"] * 3


@pytest.mark.parametrize("name", ["rows", "ROWS", "02-rows", "ro"])
def test_a_numbered_deck_by_its_name_alone(collection: Collection, folder: Path, name: str) -> None:
    write_deck(folder / "01-pots.md", CARDS[:3], title="Clay")
    write_deck(folder / "02-rows.md", CARDS[3:], title="Weaving")
    collection.sync()
    assert [study.deck for study in collection.select([name])] == ["02-rows"] * 2
    assert collection.card("rows:1").deck == "02-rows"


def test_several_decks_and_all(decks: Collection) -> None:
    assert len(decks.select(["heads", "masks", "heads"])) == 5
    assert len(decks.select()) == 5


def test_an_unknown_deck_gets_close_matches(decks: Collection) -> None:
    with pytest.raises(UsageError, match="there is no deck 'haeds'") as caught:
        decks.select(["haeds"])
    assert caught.value.hint == "is it heads?"


def test_a_far_fetched_name_is_not_proposed(decks: Collection) -> None:
    with pytest.raises(UsageError, match="there is no deck 'beds'") as caught:
        decks.select(["beds"])  # two thirds of the letters are those of heads
    assert caught.value.hint == "studycli decks lists them; studycli add PATH brings more"


@pytest.mark.parametrize("name", ["attention", ""])
def test_an_ambiguous_deck_lists_them(decks: Collection, name: str) -> None:
    with pytest.raises(UsageError, match="names 2 decks") as caught:
        decks.select([name])
    assert caught.value.hint == "they are heads, masks"


def test_decks_by_path(decks: Collection, folder: Path) -> None:
    assert len(decks.select([str(folder / "heads.md")])) == 3
    assert len(decks.select([str(folder)])) == 5
    assert decks.problems == []


def test_a_path_outside_the_sources_becomes_one_when_it_is_reviewed(decks: Collection, tmp_path: Path) -> None:
    other = write_deck(tmp_path / "other.md", [("Front?", "Back.")])
    with pytest.raises(UsageError, match="is in none of your sources") as caught:
        decks.select([str(other)])
    assert caught.value.hint == f"add it with: studycli add {other}" and len(decks.sources()) == 2
    question = decks.session([str(other)]).next()
    assert question is not None and question.card.card.front == "Front?"
    assert [study.card.front for study in decks.select([str(other)])] == ["Front?"]
    assert str(other) in [source.name for source in decks.sources()]
    assert [(problem.path, problem.problem.severity) for problem in decks.problems] == [(str(other), Severity.INFO)]
    decks.remove(str(other))
    assert len(decks.select()) == 5


def test_paths_that_cannot_be_studied(decks: Collection, tmp_path: Path) -> None:
    (tmp_path / "lesson.md").write_text("# A lesson\n\n## One\n\nText.\n", "utf-8")
    (tmp_path / "empty.md").write_text("", "utf-8")
    with pytest.raises(UsageError, match="no cards"):
        decks.session([str(tmp_path / "lesson.md")])
    with pytest.raises(DocumentError):
        decks.session([str(tmp_path / "empty.md")])
    with pytest.raises(UsageError, match=r"there is no file or folder '.*nowhere\.md'"):
        decks.session([str(tmp_path / "nowhere.md")])
    assert len(decks.sources()) == 2


def test_cards_by_id_prefix_and_number(decks: Collection) -> None:
    study = decks.select(["masks"])[1]
    for text in (study.id, study.id[:8].upper(), "masks:2", "Attention masks:2"):
        assert decks.card(text) == study


@pytest.mark.parametrize("text", ["abc", "zzzz", "masks:3", "masks:x", "nobody:1", "masks", "", ":", "0000"])
def test_unknown_cards(decks: Collection, text: str) -> None:
    with pytest.raises(UsageError):
        decks.card(text)


@pytest.mark.parametrize("text", ["a", "12f"])
def test_the_start_of_an_id_that_is_too_short(decks: Collection, text: str) -> None:
    with pytest.raises(UsageError, match="too short") as caught:
        decks.card(text)
    assert "at least 4 characters" in (caught.value.hint or "")


def test_a_source_of_a_pipe_is_refused_when_it_is_studied(decks: Collection, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(UsageError, match="no regular file"):
        decks.session([str(tmp_path / "pipe.md")])
    assert len(decks.sources()) == 2


def test_an_ambiguous_id_lists_the_candidates(decks: Collection, folder: Path) -> None:
    ids = ["abcd0000-0000-4000-8000-000000000001", "abcd0000-0000-4000-8000-000000000002"]
    write_deck(folder / "heads.md", CARDS[:2], ids=dict(enumerate(ids, 1)))
    # Cards that are known keep their ids, so new ones are needed for these.
    write_deck(folder / "new.md", [("Alpha?", "a"), ("Omega?", "o")], ids=dict(enumerate(ids, 1)))
    (folder / "heads.md").unlink()
    decks.sync()
    with pytest.raises(UsageError, match="names 2 cards") as caught:
        decks.card("abcd")
    assert all(card_id in (caught.value.hint or "") for card_id in ids)


def test_document_deck(decks: Collection) -> None:
    assert [card.number for card in decks.document_deck("heads").cards] == [1, 2, 3]
    with pytest.raises(UsageError, match="no deck"):
        decks.document_deck("nobody")


def test_sources(decks: Collection, folder: Path) -> None:
    listed = {source.name: source for source in decks.sources()}
    assert (listed[str(folder)].documents, listed[str(folder)].cards) == (2, 5)
    assert decks.source_paths() == [folder]
    with pytest.raises(UsageError, match="no such file or folder"):
        decks.add(str(folder / "nowhere"))
    with pytest.raises(UsageError, match="none of the sources") as caught:
        decks.remove(str(folder / "nowhere"))
    assert str(folder) in (caught.value.hint or "")
    with pytest.raises(UsageError, match="switched off"):
        decks.add("bundled")


def test_adding_a_file_that_is_no_document_is_refused(decks: Collection, tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text("", "utf-8")
    with pytest.raises(DocumentError):
        decks.add(str(tmp_path / "empty.md"))
    assert len(decks.sources()) == 2


def test_a_removed_source_comes_back_with_its_history(decks: Collection, folder: Path) -> None:
    session = decks.session()
    while session.next():
        session.grade(5)
    before = decks.select()
    assert len(decks.remove(str(folder)).archived) == 5
    assert decks.select() == []
    assert len(decks.add(str(folder)).restored) == 5
    assert decks.select() == before


def test_a_folder_within_a_source_changes_nothing(decks: Collection, folder: Path) -> None:
    assert decks.add(str(folder / "heads.md")).quiet
    assert len(decks.select()) == 5
    decks.remove(str(folder))
    assert [study.deck for study in decks.select()] == ["heads"] * 3


def test_deck_counts(decks: Collection) -> None:
    session = decks.session(["heads"])
    session.next()
    session.grade(4)
    session.next()
    session.suspend()
    later = Collection(decks.settings, decks.repository, today=decks.today + timedelta(days=400))
    heads = later.decks()[0]
    assert (heads.cards, heads.new, heads.due, heads.learned, heads.suspended) == (3, 1, 1, 1, 1)


def test_the_daily_limits(open_collection, folder: Path) -> None:
    write_deck(folder / "heads.md", CARDS)
    collection = open_collection(new_per_day=3)
    collection.add(str(folder))
    # The log is written at the present study day, which is the one that counts.
    collection.today = clock.study_day(clock.now())
    first = collection.session()
    first.next()
    first.grade(4)
    first.next()
    first.grade(4)
    assert _length(collection.session()) == 1
    assert _length(collection.session(new=2)) == 2
    assert _length(collection.session(new=0)) == 0
    assert _length(collection.session(cram=True)) == 5
    assert _length(collection.session(cram=True, limit=4)) == 4


def test_verify_finds_a_state_that_the_log_does_not_give(decks: Collection) -> None:
    session = decks.session()
    question = session.next()
    assert question is not None
    row = session.grade(4)
    assert decks.verify() == []
    connection = sqlite3.connect(decks.repository.path)
    with connection:
        connection.execute("UPDATE states SET interval_days = 99")
    connection.close()
    assert decks.verify() == [row.card_id]


def test_a_sync_that_fails_closes_the_store(open_collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    monkeypatch.setattr("studycli.store.repository.Repository.close", lambda self: closed.append(self))
    monkeypatch.setattr("studycli.collection.collection.sync_library", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        open_collection()
    assert len(closed) == 1


def test_problems_are_told_as_they_are_found(open_collection, tmp_path: Path) -> None:
    heard: list[str] = []
    collection = open_collection(tell=lambda found: heard.append(found.path))
    collection.add(str(tmp_path))
    (tmp_path / "empty.md").write_text("", "utf-8")
    collection.sync()
    assert heard == [str(tmp_path / "empty.md")]


def test_lessons_are_read_now_and_a_lost_one_is_told(open_collection, tmp_path: Path) -> None:
    collection = open_collection()
    (tmp_path / "one.md").write_text("# One\n\n## Masks\n\nThey hide.\n", "utf-8")
    (tmp_path / "two.md").write_text("# Two\n\n## Heads\n\nThey attend.\n", "utf-8")
    collection.add(str(tmp_path))
    assert [lesson.title for lesson in collection.lessons()] == ["One", "Two"]
    assert collection.maps() == []
    (tmp_path / "one.md").write_text("", "utf-8")
    assert [lesson.title for lesson in collection.lessons()] == ["Two"]
    assert collection.problems[-1].path == str(tmp_path / "one.md")


def test_the_real_documents(open_collection, samples: Path) -> None:
    collection = open_collection()
    report = collection.add(str(samples))
    assert (report.documents, report.problems, len(report.added)) == (5, (), 5)
    assert len(collection.maps()) == 1
    assert len(collection.lessons()) == 3
    assert collection.sync().quiet


def _length(session) -> int:
    question = session.next()
    return question.remaining.total if question else 0
