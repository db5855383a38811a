"""Notes, flags and burials in the store."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest

from studycli.errors import StoreError, UsageError
from studycli.model.note import Note
from studycli.model.review import Status, StudyCard
from studycli.store.repository import Repository
from tests.store_cards import CARDS, update

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
LATER = AT + timedelta(hours=3)


def test_a_note_is_written_changed_and_taken_away(repository: Repository) -> None:
    first = repository.save_note("**queries** ask", card_id="c1", at=AT)
    assert first == Note(
        id=first.id if first else None, card_id="c1", text="**queries** ask", created_at=AT, updated_at=AT
    )
    assert repository.note("c1") == first
    second = repository.save_note("they ask", card_id="c1", at=LATER)
    assert first is not None
    assert second == first.model_copy(update={"text": "they ask", "updated_at": LATER})
    assert repository.notes() == [second]
    assert repository.save_note(" \n", card_id="c1", at=LATER) is None
    assert (repository.note("c1"), repository.notes()) == (None, [])


def test_a_concept_is_found_in_any_spelling_and_keeps_its_name(repository: Repository) -> None:
    first = repository.save_note("looks within", concept="Self-Attention", at=AT)
    again = repository.save_note("looks at itself", concept=" self attentions ", at=LATER)
    assert first is not None and again is not None
    assert (again.id, again.concept, again.card_id) == (first.id, "Self-Attention", None)
    assert repository.note(concept="self-attention") == again
    assert repository.note(concept="Cross-Attention") is None
    assert repository.note("c1") is None


def test_notes_are_listed_in_document_order_then_by_concept(repository: Repository) -> None:
    for about in ({"concept": "Softmax"}, {"card_id": "c3"}, {"concept": "Query"}, {"card_id": "c1"}):
        repository.save_note("x", **about, at=AT)  # type: ignore[arg-type]
    assert [note.card_id or note.concept for note in repository.notes()] == ["c1", "c3", "Query", "Softmax"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("\n\n    code\n\n", "    code"),
        ("a\x00b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\ud800b", "a\N{REPLACEMENT CHARACTER}b"),
        ("=1+1 <b> [red] \x1b[31m", "=1+1 <b> [red] \x1b[31m"),
    ],
)
def test_the_text_is_kept_as_it_is_but_for_what_the_database_cannot_hold(
    repository: Repository, text: str, kept: str
) -> None:
    repository.save_note(text, card_id="c1", at=AT)
    note = repository.note("c1")
    assert note is not None and note.text == kept


@pytest.mark.parametrize("about", [{}, {"card_id": "c1", "concept": "Query"}, {"concept": "  "}])
def test_a_note_is_about_one_thing(repository: Repository, about: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="one card, or about one concept"):
        repository.note(**about)
    with pytest.raises(UsageError, match="one card, or about one concept"):
        repository.save_note("x", **about, at=AT)  # type: ignore[arg-type]
    assert repository.notes() == []


def test_unknown_cards(repository: Repository) -> None:
    for act in (
        lambda: repository.save_note("x", card_id="nobody", at=AT),
        lambda: repository.save_note("", card_id="nobody", at=AT),
        lambda: repository.flag("nobody"),
        lambda: repository.bury("nobody", DAY),
        lambda: repository.bury("nobody", None),
    ):
        with pytest.raises(StoreError, match="no such card"):
            act()


def test_the_table_itself_takes_no_note_on_two_things_or_on_none(repository: Repository) -> None:
    connection = sqlite3.connect(repository.path)
    insert = (
        "INSERT INTO notes (card_id, concept, concept_key, text, created_at, updated_at) VALUES (?, ?, ?, '', '', '')"
    )
    for values in (("c1", "Query", "query"), (None, None, None), (None, "Query", None)):
        with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
            connection.execute(insert, values)
    connection.close()


def test_a_flag_goes_up_and_down_and_changes_nothing_else(repository: Repository) -> None:
    before = repository.card("c1", DAY)
    repository.flag("c1")
    assert repository.card("c1", DAY) == before.model_copy(update={"flagged": True})
    assert [card.flagged for card in repository.cards(today=DAY)] == [True, False, False]
    repository.flag("c1", False)
    assert repository.card("c1", DAY) == before


def test_a_card_is_buried_on_its_study_day_only(repository: Repository) -> None:
    repository.bury("c2", DAY)
    listed = [[card.buried for card in repository.cards(today=DAY + timedelta(days=days))] for days in (-1, 0, 1)]
    assert listed == [[False] * 3, [False, True, False], [False] * 3]
    study = repository.card("c2", DAY)
    assert (study.status, study.set_aside) == (Status.BURIED, True)
    assert study == StudyCard.model_validate(study.model_dump())
    repository.bury("c2", None)
    assert repository.card("c2", DAY).status is Status.NEW


def test_what_is_buried_is_neither_new_nor_due_today(repository: Repository) -> None:
    def counts(day: date) -> tuple[int, ...]:
        (deck,) = repository.decks(day)
        return (deck.cards, deck.new, deck.due, deck.learned, deck.suspended, deck.buried)

    connection = sqlite3.connect(repository.path)
    with connection:
        connection.execute("INSERT INTO states VALUES ('c1', 1, 1, 2.5, '2026-03-01', 0, 1, 4, '2026-02-28')")
    connection.close()
    assert counts(DAY) == (3, 2, 1, 1, 0, 0)
    repository.bury("c1", DAY)
    repository.bury("c2", DAY)
    assert counts(DAY) == (3, 1, 0, 1, 0, 2)
    assert counts(DAY + timedelta(days=1)) == (3, 2, 1, 1, 0, 0)
    repository.suspend("c2")
    assert counts(DAY) == (3, 1, 0, 1, 1, 1)


def test_reading_a_card_again_leaves_its_marks_and_its_note(repository: Repository) -> None:
    repository.flag("c1")
    repository.bury("c1", DAY)
    repository.save_note("mine", card_id="c1", at=AT)
    with repository.library() as library:
        library.save_cards([update("c1", 0, CARDS[0].model_copy(update={"back": "Edited."}))])
    study = repository.card("c1", DAY)
    assert (study.card.back, study.flagged, study.buried) == ("Edited.", True, True)
    note = repository.note("c1")
    assert note is not None and note.text == "mine"
