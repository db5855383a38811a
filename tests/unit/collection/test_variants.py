"""Cloze and reversed cards in a real store: every way of asking has its own history, and keeps it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from studycli.collection import Collection
from studycli.config import Settings
from studycli.errors import UsageError
from studycli.review import wording

Open = Callable[..., Collection]
SENTENCE = "The {{c1::query}} of a token is compared with the {{c2::key}} of every other token."


def write(folder: Path, *cards: str) -> None:
    text = "# Flashcard Set: Testing\n\n"
    for number, body in enumerate(cards, start=1):
        text += f"### Card {number} | Easy\n{body}\n\n"
    (folder / "deck.md").write_text(text, encoding="utf-8")


def plain(front: str, back: str, fields: str = "") -> str:
    return f"{fields}\n**FRONT:**\n{front}\n\n**BACK:**\n{back}"


def grade(collection: Collection, place: str, quality: int) -> str:
    """Grade the card at a place, and give its id."""
    study = collection.card(place)
    session = collection.session(cram=False, gating=False, new=99)
    while (question := session.next()) is not None and question.card.id != study.id:
        session.suspend()
    session.grade(quality)
    for other in collection.select():
        collection.repository.suspend(other.id, False)
    return study.id


def states(collection: Collection) -> dict[str, tuple[str, str, int]]:
    """The id, front and repetitions of each active card, by its place."""
    return {
        wording.place(study): (study.id, study.card.front, study.state.repetitions) for study in collection.select()
    }


def test_a_card_under_study_for_each_cloze(collection: Collection, folder: Path) -> None:
    write(folder, plain("What is a mask?", "A lid."), SENTENCE)
    report = collection.sync()
    assert [change.place for change in report.added] == ["deck:1", "deck:2", "deck:2/c2"]
    assert {place: front for place, (_, front, _) in states(collection).items()} == {
        "deck:1": "What is a mask?",
        "deck:2": "The […] of a token is compared with the key of every other token.",
        "deck:2/c2": "The query of a token is compared with the […] of every other token.",
    }
    assert collection.decks()[0].cards == 3
    assert collection.verify() == []


def test_two_machines_agree(collection: Collection, folder: Path, tmp_path: Path) -> None:
    write(folder, SENTENCE, plain("query", "looks", "**Reversed:** yes"))
    collection.sync()
    with Collection.open(Settings(database=str(tmp_path / "other.db"), bundled=False)) as other:
        other.add(str(folder))
        assert states(other) == states(collection)


def test_an_edit_keeps_every_history(collection: Collection, folder: Path) -> None:
    write(folder, SENTENCE, plain("query", "looks for something", "**Reversed:** yes"))
    collection.sync()
    for place, quality in (("deck:1/c2", 4), ("deck:2/reversed", 5)):
        grade(collection, place, quality)
    before = states(collection)
    edited = SENTENCE.replace("is compared", "is always compared") + " It is {{c3::scaled}}."
    write(folder, edited, plain("query", "looks for something else", "**Reversed:** yes"))
    report = collection.sync()
    after = states(collection)
    assert [change.place for change in report.added] == ["deck:1/c3"]
    assert not report.archived
    assert {place: (after[place][0], after[place][2]) for place in before} == {
        place: (card_id, repetitions) for place, (card_id, _, repetitions) in before.items()
    }
    assert [after[place][2] for place in ("deck:1", "deck:1/c2", "deck:2", "deck:2/reversed")] == [0, 1, 0, 1]


def test_a_cloze_that_goes_is_archived_and_none_takes_its_history(collection: Collection, folder: Path) -> None:
    write(folder, SENTENCE)
    collection.sync()
    first, second = grade(collection, "deck:1", 4), collection.card("deck:1/c2").id
    write(folder, SENTENCE.replace("{{c1::query}}", "query"))
    report = collection.sync()
    assert [change.id for change in report.archived] == [first]
    assert {card_id: reps for card_id, _, reps in states(collection).values()} == {second: 0}
    assert collection.card("deck:1").id == second  # the first that is left
    write(folder, SENTENCE)
    assert [change.id for change in collection.sync().restored] == [first]
    assert states(collection)["deck:1"][2] == 1


def test_swapped_numbers_swap_what_is_asked_and_no_history(collection: Collection, folder: Path) -> None:
    write(folder, SENTENCE)
    collection.sync()
    grade(collection, "deck:1", 4)
    ids = {place: card_id for place, (card_id, _, _) in states(collection).items()}
    write(folder, SENTENCE.replace("c1", "c9").replace("c2", "c1").replace("c9", "c2"))
    collection.sync()
    assert {place: card_id for place, (card_id, _, _) in states(collection).items()} == ids


@pytest.mark.parametrize(
    "later",
    [
        "The {{c1::query}} is compared with the {{c2::key}}.",
        plain("What is compared with the key?", "The query.", "**Reversed:** yes"),
    ],
)
def test_a_plain_card_keeps_its_history_and_gains_siblings(collection: Collection, folder: Path, later: str) -> None:
    asked = "The query is compared with the what?" if later.startswith("The") else "What is compared with the key?"
    write(folder, plain(asked, "The query."))
    collection.sync()
    known = grade(collection, "deck:1", 4)
    write(folder, later)
    report = collection.sync()
    assert [change.id for change in report.changed] == ([known] if later.startswith("The") else [])
    assert not report.archived
    now = collection.select()
    assert [(study.id == known, study.state.repetitions) for study in now] == [(True, 1), (False, 0)]


def test_an_explicit_id_gives_each_cloze_its_own(collection: Collection, folder: Path) -> None:
    write(folder, f"<!-- id: attention -->\n{SENTENCE}")
    collection.sync()
    grade(collection, "deck:1/c2", 4)
    before = {place: card_id for place, (card_id, _, _) in states(collection).items()}
    assert len(set(before.values())) == 2
    write(folder, "<!-- id: attention -->\nAll {{c1::new}} words, {{c2::every one}} of them.")
    report = collection.sync()
    after = states(collection)
    assert {place: card_id for place, (card_id, _, _) in after.items()} == before
    assert after["deck:1/c2"][2] == 1
    assert not report.added
    assert [str(UUID(card_id)) for card_id in before.values()] == list(before.values())


def test_machines_that_read_other_texts_first_agree_by_the_explicit_id(
    collection: Collection, folder: Path, tmp_path: Path
) -> None:
    write(folder, f"<!-- id: attention -->\n{SENTENCE}")
    collection.sync()
    write(folder, "<!-- id: attention -->\nAll {{c1::new}} words, {{c2::every one}} of them.")
    with Collection.open(Settings(database=str(tmp_path / "other.db"), bundled=False)) as other:
        other.add(str(folder))
        assert [study.id for study in other.select()] == [study.id for study in collection.select()]


def test_an_explicit_id_never_takes_a_siblings_history(collection: Collection, folder: Path) -> None:
    write(folder, SENTENCE)
    collection.sync()
    second = collection.card("deck:1/c2").id
    write(folder, f"<!-- id: {second} -->\nWhat is a mask? A {{{{c1::lid}}}}.", SENTENCE)
    collection.sync()
    assert collection.card("deck:2/c2").id == second
    assert collection.card("deck:1").id != second


@pytest.mark.parametrize(
    ("name", "front"),
    [
        ("deck:1", "The […] of"),
        ("deck:1/c1", "The […] of"),
        ("deck:1/c2", "The query of a token is compared with the […]"),
        ("deck:2", "query"),
        ("deck:2/forward", "query"),
        ("deck:2/reversed", "looks"),
    ],
)
def test_names(collection: Collection, folder: Path, name: str, front: str) -> None:
    write(folder, SENTENCE, plain("query", "looks", "**Reversed:** yes"))
    collection.sync()
    assert collection.card(name).card.front.startswith(front)


@pytest.mark.parametrize("name", ["deck:1/c3", "deck:1/reversed", "deck:1/x", "deck:3", "deck:1/"])
def test_names_of_nothing(collection: Collection, folder: Path, name: str) -> None:
    write(folder, SENTENCE)
    collection.sync()
    with pytest.raises(UsageError):
        collection.card(name)


def test_siblings_are_asked_apart(collection: Collection, folder: Path) -> None:
    write(folder, SENTENCE, plain("a?", "1"), plain("b?", "2"))
    collection.sync()
    session, asked = collection.session(), []
    while (question := session.next()) is not None:
        asked.append(wording.place(question.card))
        session.grade(4)
    assert asked == ["deck:1", "deck:2", "deck:1/c2", "deck:3"]
