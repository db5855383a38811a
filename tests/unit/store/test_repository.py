"""The log and the states: together, append-only, and taken back in order."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from studycli.errors import StoreError
from studycli.model.review import CardState, Review, ReviewKind, Status
from studycli.scheduler import sm2
from studycli.store.repository import Repository

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)


def review(before: CardState, quality: int, card_id: str = "c1", day: date = DAY, **others: object) -> Review:
    after = sm2.review(before, quality, day)
    values = {"card_id": card_id, "reviewed_at": AT, "study_day": day, "quality": quality, "seconds": 3.5}
    return Review.model_validate(values | {"before": before, "after": after} | others)


def repeat(state: CardState, quality: int, card_id: str = "c1") -> Review:
    return review(state, quality, card_id, kind=ReviewKind.REPEAT, after=state)


def test_a_grade_is_logged_with_its_state(repository: Repository) -> None:
    given = review(CardState(), 4)
    row = repository.record(given)
    assert row.id is not None
    assert row.model_copy(update={"id": None}) == given
    assert repository.history("c1") == [row]
    assert repository.last_review() == row
    study = repository.card("c1", DAY)
    assert (study.state, study.status) == (given.after, Status.REVIEW)
    assert (study.answered_well, study.pending_repeat) == (True, False)


def test_instants_are_kept_in_utc(repository: Repository) -> None:
    local = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    repository.record(review(CardState(), 4, reviewed_at=local))
    kept = repository.history("c1")[0].reviewed_at
    assert (kept, kept.utcoffset()) == (AT, timedelta(0))


def test_a_state_that_is_not_the_stored_one_is_refused(repository: Repository) -> None:
    repository.record(review(CardState(), 4))
    with pytest.raises(StoreError, match="graded elsewhere meanwhile"):
        repository.record(review(CardState(), 5))
    assert len(repository.history("c1")) == 1


def test_a_new_card_starts_with_its_own_ease(repository: Repository) -> None:
    assert repository.card("c2", DAY).state == CardState(ease_factor=2.0)
    repository.record(review(CardState(ease_factor=2.0), 3, "c2"))
    with pytest.raises(StoreError, match="graded elsewhere"):
        repository.record(review(CardState(ease_factor=2.0), 3, "c2"))


def test_unknown_cards(repository: Repository) -> None:
    with pytest.raises(StoreError, match="no such card"):
        repository.record(review(CardState(), 4, "nobody"))
    with pytest.raises(StoreError, match="no such card"):
        repository.suspend("nobody")
    with pytest.raises(StoreError, match="no such card"):
        repository.card("nobody", DAY)
    assert repository.history("nobody") == []


def test_undo_restores_the_state_before(repository: Repository) -> None:
    first = repository.record(review(CardState(), 4))
    second = repository.record(review(first.after, 1, day=DAY + timedelta(days=1)))
    assert second.id is not None
    undo = repository.undo(second.id, AT, DAY)
    assert (undo.kind, undo.undoes, undo.quality) == (ReviewKind.UNDO, second.id, None)
    assert (undo.before, undo.after) == (second.after, first.after)
    study = repository.card("c1", DAY)
    assert (study.state, study.pending_repeat, study.answered_well) == (first.after, False, True)
    assert repository.last_review() == first
    assert [row.id for row in repository.history("c1")] == [first.id, second.id, undo.id]


def test_undo_of_the_first_grade_makes_the_card_new(repository: Repository) -> None:
    row = repository.record(review(CardState(), 4))
    assert row.id is not None
    repository.undo(row.id, AT, DAY)
    study = repository.card("c1", DAY)
    assert (study.status, study.state, study.answered_well) == (Status.NEW, CardState(), False)
    assert repository.last_review() is None
    repository.record(review(CardState(), 5))


def test_only_the_last_standing_grade_of_a_card_is_undone(repository: Repository) -> None:
    first = repository.record(review(CardState(), 4))
    second = repository.record(review(first.after, 4, day=DAY + timedelta(days=1)))
    assert first.id and second.id
    with pytest.raises(StoreError, match="only the last grade"):
        repository.undo(first.id, AT, DAY)
    undo = repository.undo(second.id, AT, DAY)
    for row_id in (second.id, undo.id):
        with pytest.raises(StoreError, match="only the last grade"):
            repository.undo(row_id or 0, AT, DAY)
    with pytest.raises(StoreError, match="no row 99"):
        repository.undo(99, AT, DAY)
    repository.undo(first.id, AT, DAY)
    assert repository.card("c1", DAY).status is Status.NEW


def test_the_last_review_is_of_any_card(repository: Repository) -> None:
    repository.record(review(CardState(), 4))
    other = repository.record(review(CardState(), 4, "c3"))
    assert repository.last_review() == other
    assert other.id is not None
    repository.undo(other.id, AT, DAY)
    assert repository.last_review() == repository.history("c1")[0]


def test_a_low_grade_is_pending_on_its_day_only(repository: Repository) -> None:
    row = repository.record(review(CardState(), 3))
    assert repository.card("c1", DAY).pending_repeat
    assert not repository.card("c1", DAY + timedelta(days=1)).pending_repeat
    again = repository.record(repeat(row.after, 4))
    assert not repository.card("c1", DAY).pending_repeat
    assert again.id is not None
    repository.undo(again.id, AT, DAY)
    assert repository.card("c1", DAY).pending_repeat


def test_answered_well_means_a_three_ever(repository: Repository) -> None:
    row = repository.record(review(CardState(), 2))
    assert not repository.card("c1", DAY).answered_well
    good = repository.record(repeat(row.after, 3))
    bad = repository.record(repeat(good.after, 0))
    assert repository.card("c1", DAY).answered_well
    assert good.id and bad.id
    repository.undo(bad.id, AT, DAY)
    repository.undo(good.id, AT, DAY)
    assert not repository.card("c1", DAY).answered_well


def test_counts_of_a_day(repository: Repository) -> None:
    first = repository.record(review(CardState(), 2))
    repository.record(repeat(first.after, 5))
    repository.record(review(first.after, 4, day=DAY + timedelta(days=1)))
    undone = repository.record(review(CardState(), 4, "c3"))
    assert undone.id is not None
    repository.undo(undone.id, AT, DAY)
    counts = [repository.counts_on(DAY + timedelta(days=days)) for days in range(3)]
    assert [(day.new, day.reviews) for day in counts] == [(1, 0), (0, 1), (0, 0)]


def test_suspended_cards_say_so(repository: Repository) -> None:
    repository.suspend("c1")
    assert repository.card("c1", DAY).status is Status.SUSPENDED
    repository.suspend("c1", False)
    assert repository.card("c1", DAY).status is Status.NEW


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reviews SET quality = 5",
        "DELETE FROM reviews",
        "INSERT OR REPLACE INTO reviews SELECT * FROM reviews",
        "DELETE FROM cards WHERE id = 'c1'",
    ],
)
def test_the_log_refuses_to_be_changed(repository: Repository, statement: str) -> None:
    row = repository.record(review(CardState(), 1))
    connection = sqlite3.connect(repository.path)
    connection.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|FOREIGN KEY"):
        connection.execute(statement)
    connection.close()
    assert repository.history("c1") == [row]


def test_ids_by_prefix(repository: Repository) -> None:
    assert repository.ids("c") == ["c1", "c2", "c3"]
    assert repository.ids("C2") == ["c2"]
    assert repository.ids("%") == []


def test_a_dry_transaction_leaves_nothing(repository: Repository) -> None:
    with repository.library(keep=False) as library:
        library.add_source("/elsewhere")
        assert "/elsewhere" in library.sources()
    with repository.shelf() as library:
        assert "/elsewhere" not in library.sources()


def test_the_integers_and_floats_come_back_exactly(repository: Repository) -> None:
    odd = CardState(repetitions=7, interval_days=36_500, ease_factor=1.3 + 1e-15, due=date(2125, 12, 31), lapses=12)
    repository.record(review(CardState(), 4, after=odd, seconds=0.1 + 0.2))
    row = repository.history("c1")[0]
    assert (row.after, row.seconds) == (odd, 0.1 + 0.2)
    assert repository.card("c1", DAY).state == odd
