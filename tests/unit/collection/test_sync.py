"""Documents come into the store, and nothing that happens to a file loses a card's history."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from studycli.collection import Collection
from studycli.documents.load import Document, load
from studycli.errors import DocumentError
from studycli.model.problem import Severity
from studycli.model.review import Status
from tests.study_documents import write_deck

Q = ("What does a query vector stand for?", "What its token looks for.")
K = ("Why are scores divided by the root of the key width?", "To keep their spread at one.")
V = ("What does a causal mask hide?", "Every later position.")


def statuses(collection: Collection) -> dict[str, Status]:
    return {study.card.front: study.status for study in collection.select(archived=True)}


def grade_all(collection: Collection) -> None:
    session = collection.session(gating=False)
    while session.next():
        session.grade(4)


def age(path: Path) -> None:
    """Make a file old enough that its time stamp is trusted."""
    os.utime(path, ns=(10**18, 10**18))


def test_new_documents(collection: Collection, folder: Path) -> None:
    write_deck(folder / "a.md", [Q, K])
    write_deck(folder / "deep" / "b.markdown", [V], title="Other")
    report = collection.sync()
    assert [(card.deck, card.number, card.front) for card in report.added] == [
        ("a", 1, Q[0]),
        ("a", 2, K[0]),
        ("b", 1, V[0]),
    ]
    assert (report.documents, report.read) == (2, 2)
    assert [(deck.slug, deck.title, deck.cards, deck.new) for deck in collection.decks()] == [
        ("a", "Testing", 2, 2),
        ("b", "Other", 1, 1),
    ]


def test_a_second_sync_reads_nothing(collection: Collection, folder: Path) -> None:
    age(write_deck(folder / "a.md", [Q, K]))
    collection.sync()
    collection._load = _never
    report = collection.sync()
    assert report.quiet
    assert (report.documents, report.read, report.problems) == (1, 0, ())


def test_a_touched_document_is_not_parsed_again(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [Q, K])
    age(path)
    collection.sync()
    os.utime(path)
    collection._load = _never
    report = collection.sync()
    assert (report.read, report.problems) == (0, ())


def test_a_change_of_the_same_size_within_one_time_stamp_is_seen(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [("What is one?", "x")])
    stamp = path.stat().st_mtime_ns
    collection.sync()
    write_deck(path, [("What is two?", "x")])
    os.utime(path, ns=(stamp, stamp))
    assert [study.card.front for study in _synced(collection).select()] == ["What is two?"]


def test_an_edited_card_keeps_its_history(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [Q, K])
    collection.sync()
    grade_all(collection)
    before = {study.id: study.state for study in collection.select()}
    write_deck(path, [(Q[0] + " Say it short.", "Better."), K])
    report = collection.sync()
    assert [card.number for card in report.changed] == [1]
    assert {study.id: study.state for study in collection.select()} == before
    assert collection.select()[0].card.back.strip() == "Better."
    assert collection.verify() == []


def test_a_reworded_card_with_the_same_back_keeps_its_history(collection: Collection, folder: Path) -> None:
    back = "It turns scores into weights that are positive and add up to one."
    deck = write_deck(folder / "a.md", [("What does softmax do?", back)])
    collection.sync()
    (before,) = collection.select()
    write_deck(deck, [("Explain the purpose of the softmax function in attention.", back)])
    report = collection.sync()
    assert [study.id for study in collection.select()] == [before.id]
    assert [change.id for change in report.changed] == [before.id]


def test_a_deleted_card_is_archived_and_comes_back(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [Q, K])
    collection.sync()
    grade_all(collection)
    write_deck(path, [Q])
    assert [card.front for card in collection.sync().archived] == [K[0]]
    assert statuses(collection) == {Q[0]: Status.REVIEW, K[0]: Status.ARCHIVED}
    assert len(collection.select()) == 1
    write_deck(path, [K, Q])
    assert [card.front for card in collection.sync().restored] == [K[0]]
    assert statuses(collection) == {Q[0]: Status.REVIEW, K[0]: Status.REVIEW}


def test_a_replaced_card_starts_anew(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [Q, K])
    collection.sync()
    grade_all(collection)
    write_deck(path, [Q, V])
    collection.sync()
    assert statuses(collection) == {Q[0]: Status.REVIEW, K[0]: Status.ARCHIVED, V[0]: Status.NEW}


def test_a_card_moves_between_decks(collection: Collection, folder: Path) -> None:
    first, second = write_deck(folder / "a.md", [Q, K]), write_deck(folder / "b.md", [V])
    collection.sync()
    grade_all(collection)
    write_deck(first, [Q])
    write_deck(second, [V, K])
    report = collection.sync()
    assert [(card.from_deck, card.deck, card.number) for card in report.moved] == [("a", "b", 2)]
    assert (report.added, report.archived) == ((), ())
    assert statuses(collection) == dict.fromkeys((Q[0], K[0], V[0]), Status.REVIEW)


def test_a_renamed_document_keeps_everything(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [Q, K])
    collection.sync()
    grade_all(collection)
    ids = [study.id for study in collection.select()]
    path.rename(folder / "renamed.md")
    report = collection.sync()
    assert (len(report.moved), report.added, report.archived) == (2, (), ())
    assert [(study.id, study.deck) for study in collection.select()] == [(card_id, "renamed") for card_id in ids]


def test_a_deleted_document_and_its_return(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [Q, K])
    collection.sync()
    grade_all(collection)
    path.unlink()
    assert len(collection.sync().archived) == 2
    assert (collection.select(), collection.decks()) == ([], [])
    write_deck(path, [Q, (K[0], "Said otherwise.")])
    assert len(collection.sync().restored) == 2
    assert set(statuses(collection).values()) == {Status.REVIEW}


def test_a_document_that_comes_back_under_another_name(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [Q, K])
    collection.sync()
    grade_all(collection)
    path.unlink()
    collection.sync()
    write_deck(folder / "b.md", [Q, (K[0], "Said otherwise.")])
    report = collection.sync()
    assert ([card.from_deck for card in report.moved], len(report.restored), report.added) == (["a", "a"], 2, ())
    assert set(statuses(collection).values()) == {Status.REVIEW}


def test_a_broken_document_keeps_its_cards_and_stops_nobody(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [Q, K])
    collection.sync()
    path.write_bytes(bytes(range(256)) * 40)
    write_deck(folder / "b.md", [V])
    report = collection.sync()
    assert [problem.path for problem in report.problems] == [str(path)]
    assert report.problems[0].problem.severity is Severity.ERROR
    assert (report.archived, len(report.added)) == ((), 1)
    assert len(collection.select()) == 3
    again = collection.sync()
    assert [problem.path for problem in again.problems] == [str(path)]
    write_deck(path, [Q])
    healed = collection.sync()
    assert (healed.problems, len(healed.archived)) == ((), 1)


def test_a_mistake_of_the_reader_stops_nobody_and_is_tried_again(collection: Collection, folder: Path) -> None:
    def stumbling(path: Path) -> Document:
        if path.name == "a.md":
            raise ZeroDivisionError("oops")
        return load(path)

    write_deck(folder / "a.md", [Q])
    write_deck(folder / "b.md", [V])
    collection._load = stumbling
    report = collection.sync()
    assert [card.deck for card in report.added] == ["b"]
    assert "ZeroDivisionError: oops" in report.problems[0].problem.message
    collection._load = load
    assert [card.deck for card in collection.sync().added] == ["a"]


def test_a_file_that_is_no_document_is_told_once(collection: Collection, folder: Path) -> None:
    (folder / "empty.md").write_text("\n", "utf-8")
    age(folder / "empty.md")
    assert [problem.path for problem in collection.sync().problems] == [str(folder / "empty.md")]
    assert collection.sync().problems == ()


def test_a_missing_source_archives_nothing(collection: Collection, folder: Path, tmp_path: Path) -> None:
    write_deck(folder / "a.md", [Q, K])
    collection.sync()
    folder.rename(tmp_path / "unplugged")
    report = collection.sync()
    assert [problem.problem.message for problem in report.problems] == ["this source is not there now"]
    assert (report.archived, len(collection.select())) == ((), 2)
    assert [source.available for source in collection.sources() if source.name == str(folder)] == [False]
    (tmp_path / "unplugged").rename(folder)
    assert collection.sync().quiet


def test_a_dry_run_writes_nothing(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [Q, K])
    assert len(collection.sync(dry_run=True).added) == 2
    assert collection.select() == []
    collection.sync()
    write_deck(path, [Q])
    assert len(collection.sync(dry_run=True).archived) == 1
    assert len(collection.select()) == 2
    assert len(collection.sync().archived) == 1


def test_what_is_ambiguous_is_reported(collection: Collection, folder: Path) -> None:
    write_deck(folder / "a.md", [Q, K])
    write_deck(folder / "b.md", [Q, V])
    collection.sync()
    ids = {study.id for study in collection.select() if study.card.front == Q[0]}
    write_deck(folder / "a.md", [K])
    write_deck(folder / "b.md", [V])
    write_deck(folder / "c.md", [Q])
    (doubt,) = collection.sync().ambiguous
    assert (doubt.card.deck, set(doubt.candidates)) == ("c", ids)
    assert collection.card("c:1").status is Status.NEW
    chosen = doubt.candidates[0]
    write_deck(folder / "c.md", [Q], ids={1: chosen})
    collection.sync()
    assert collection.card("c:1").id == chosen


def test_hidden_files_links_and_other_suffixes(collection: Collection, folder: Path, tmp_path: Path) -> None:
    write_deck(folder / "a.md", [Q])
    write_deck(folder / ".hidden.md", [K])
    write_deck(folder / ".git" / "b.md", [K])
    write_deck(folder / "c.txt", [K])
    write_deck(tmp_path / "elsewhere" / "d.md", [V])
    (folder / "loop").symlink_to(folder)
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "same.md").symlink_to(folder / "a.md")
    (folder / "dangling.md").symlink_to(folder / "nowhere.md")
    assert collection.sync().problems == ()
    assert sorted(deck.slug for deck in collection.decks()) == ["a", "d"]


def test_a_file_name_that_is_no_text(collection: Collection, folder: Path) -> None:
    try:
        (folder / "b\udcff.md").write_text("x", "utf-8")
    except (OSError, UnicodeError):
        pytest.skip("this file system takes only names that are text")
    write_deck(folder / "a.md", [Q])
    report = collection.sync()
    assert [card.deck for card in report.added] == ["a"]
    assert "UTF-8" in report.problems[0].problem.message


def test_decks_of_the_same_name_are_told_apart(collection: Collection, folder: Path) -> None:
    write_deck(folder / "week1" / "cards.md", [Q])
    write_deck(folder / "week2" / "cards.md", [Q, V])
    collection.sync()
    assert [deck.slug for deck in collection.decks()] == ["cards", "week2-cards"]
    write_deck(folder / "week2" / "cards.md", [Q, V, K])
    collection.sync()
    assert [deck.slug for deck in collection.decks()] == ["cards", "week2-cards"]
    assert len({study.id for study in collection.select()}) == 4


def test_maps_and_lessons_are_documents_too(collection: Collection, folder: Path) -> None:
    (folder / "lesson.md").write_text("# A lesson\n\n## Part one\n\nText.\n", "utf-8")
    report = collection.sync()
    assert (report.read, report.problems) == (1, ())
    assert (collection.decks(), collection.maps()) == ([], [])


def test_a_deck_that_becomes_a_lesson_archives_its_cards(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [Q])
    collection.sync()
    path.write_text("# A lesson\n\n## Part one\n\nText.\n", "utf-8")
    assert len(collection.sync().archived) == 1
    assert collection.decks() == []


def test_the_start_follows_the_document_until_the_first_grade(collection: Collection, folder: Path) -> None:
    path = write_deck(folder / "a.md", [Q])
    schedule = "\n## Spaced Repetition Schedule\n\n| Card | Initial Interval | Difficulty Multiplier |\n|--|--|--|\n"
    path.write_text(path.read_text("utf-8") + schedule + "| 1 | 4 days | 1.0x |\n", "utf-8")
    collection.sync()
    study = collection.select()[0]
    assert study.card.initial_interval_days == 4
    assert study.state.ease_factor == 1.3  # SM-2's floor
    grade_all(collection)
    assert collection.select()[0].state.interval_days == 4
    assert collection.verify() == []


def test_bundled_documents(open_collection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for place in ("one", "two"):
        write_deck(tmp_path / place / "decks" / "mine.md", [Q, K])
        (tmp_path / place / "concept_maps").mkdir()

    def install(place: str) -> None:
        folders = (tmp_path / place / "decks", tmp_path / place / "concept_maps")
        monkeypatch.setattr("studycli.paths.bundled_folders", lambda: folders)

    install("one")
    collection = open_collection(bundled=True)
    assert [deck.slug for deck in collection.decks()] == ["mine"]
    grade_all(collection)
    install("two")  # another installation of the program, the same database
    shutil.rmtree(tmp_path / "one")
    report = collection.sync()
    assert (report.moved, report.added, report.archived, report.problems) == ((), (), (), ())
    assert collection.select()[0].path == str(tmp_path / "two" / "decks" / "mine.md")
    assert [source.name for source in collection.sources()] == ["bundled"]
    collection.remove("bundled")
    assert (collection.select(), collection.source_paths()) == ([], [])
    collection.add("bundled")
    assert {study.status for study in collection.select()} == {Status.REVIEW}
    assert open_collection(bundled=False).select() == []


def _never(path: Path) -> Document:
    raise DocumentError("this must not be read", where=str(path))


def _synced(collection: Collection) -> Collection:
    collection.sync()
    return collection
