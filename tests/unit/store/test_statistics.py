"""What the store counts, against a log written by hand and against a plain reading of the same rows."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from studycli import clock
from studycli.model.review import Review, ReviewKind
from studycli.model.study_facts import GroupCounts, SlotCounts, StudyFacts
from studycli.review.statistics import statistics
from studycli.scheduler import sm2
from studycli.store.repository import Repository
from tests.store_cards import CARDS, document, update

SINCE = date(2026, 1, 1)
TODAY = date(2026, 3, 10)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()


def answer(
    repository: Repository, card_id: str, at: str, quality: int, kind: ReviewKind = ReviewKind.REVIEW, took: float = 4.0
) -> Review:
    """Grade a card as it stands, at a local or UTC time."""
    instant = datetime.fromisoformat(at).astimezone(UTC)
    day = clock.study_day(instant)
    state = repository.card(card_id, TODAY).state
    after = state if kind is ReviewKind.REPEAT else sm2.review(state, quality, day)
    row = Review(
        card_id=card_id, kind=kind, reviewed_at=instant, study_day=day, quality=quality, seconds=took,
        before=state, after=after,
    )  # fmt: skip
    return repository.record(row)


def take_back(repository: Repository, row: Review) -> None:
    assert row.id is not None
    repository.undo(row.id, row.reviewed_at, row.study_day)


def name_concepts(repository: Repository) -> None:
    concepts = {1: "Query", 2: "Key", 3: None}
    cards = [card.model_copy(update={"concept": concepts[card.number]}) for card in CARDS]
    with repository.library() as library:
        library.save_cards([update(f"c{card.number}", place, card) for place, card in enumerate(cards)])


def test_an_empty_store_has_cards_and_no_answers(repository: Repository) -> None:
    facts = repository.study_facts(SINCE)
    assert (facts.groups, facts.slots, facts.latest_seconds, facts.study_days) == ([], [], [], [])
    assert [(card.due, card.ease_factor) for card in facts.standings] == [(None, 2.5), (None, 2.0), (None, 2.5)]


@pytest.mark.usefixtures("berlin")
def test_a_log_written_by_hand(repository: Repository) -> None:
    name_concepts(repository)
    answer(repository, "c1", "2026-03-01T10:00", 4)  # a first answer is no review of a known card
    answer(repository, "c2", "2026-03-01T10:01", 2)
    answer(repository, "c2", "2026-03-01T10:02", 4, ReviewKind.REPEAT, took=0.0)
    answer(repository, "c1", "2026-03-03T03:59", 5, took=7.0)  # before 04:00: still the second of March
    take_back(repository, answer(repository, "c2", "2026-03-03T04:00", 0, took=99.0))
    answer(repository, "c2", "2026-03-03T04:01", 1, took=2.0)
    take_back(repository, answer(repository, "c3", "2026-03-05T12:00", 5))  # a day of which nothing stands
    answer(repository, "c1", "2025-01-01T12:00+00:00", 3)  # before the period
    facts = repository.study_facts(SINCE)
    assert sorted(facts.groups) == [
        GroupCounts("deck", "Key", 1, 1, 0, 0, 0),
        GroupCounts("deck", "Query", 1, 1, 1, 0, 0),
    ]
    assert facts.study_days == ["2025-01-01", "2026-03-01", "2026-03-02", "2026-03-03"]
    assert facts.slots == [
        SlotCounts("2026-03-01", "2026-03-01T09:00", 2, 1, 4.0, 0),
        SlotCounts("2026-03-01", "2026-03-01T09:00", 4, 2, 4.0, 0),
        SlotCounts("2026-03-02", "2026-03-03T02:45", 5, 1, 7.0, 1),
        SlotCounts("2026-03-03", "2026-03-03T03:00", 1, 1, 2.0, 1),
    ]
    assert sorted(facts.latest_seconds) == [2.0, 4.0, 4.0, 7.0]
    found = statistics(facts, date(2026, 3, 3))
    assert (found.current_streak, found.longest_streak) == (3, 3)
    assert {hour.hour: hour.answers for hour in found.hours if hour.answers} == {3: 1, 4: 1, 10: 3}
    assert (found.retention.reviews, found.retention.passed) == (2, 1)


def test_a_review_after_21_days_is_of_a_mature_card(repository: Repository) -> None:
    for day in ("2026-01-01", "2026-01-02", "2026-01-08", "2026-01-25", "2026-03-09"):
        answer(repository, "c1", f"{day}T12:00", 5)
    intervals = [row.before.interval_days for row in repository.history("c1")][1:]
    (group,) = repository.study_facts(SINCE).groups
    assert (group.young, group.mature) == (
        sum(days < 21 for days in intervals),
        sum(days >= 21 for days in intervals),
    )
    assert group.mature > 0


def test_what_is_archived_or_suspended_is_marked_and_keeps_its_answers(repository: Repository) -> None:
    for card_id in ("c1", "c2", "c3"):
        answer(repository, card_id, "2026-03-01T12:00", 4)
        answer(repository, card_id, "2026-03-02T12:00", 4)
    repository.suspend("c2")
    with repository.library() as library:
        library.archive(["c3"], datetime(2026, 3, 3, tzinfo=UTC))
    facts = repository.study_facts(SINCE)
    assert [(card.suspended, card.archived) for card in facts.standings] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert sum(group.young for group in facts.groups) == 3


def test_only_the_decks_that_are_named(repository: Repository) -> None:
    with repository.library() as library:
        library.save_document(document("/x/other.md", slug="other"))
        library.save_cards([update("o1", 0, CARDS[0], "/x/other.md")])
    answer(repository, "c1", "2026-03-01T12:00", 4)
    answer(repository, "o1", "2026-03-02T12:00", 5)
    answer(repository, "o1", "2026-03-03T12:00", 5)
    facts = repository.study_facts(SINCE, ["other"])
    assert (len(facts.standings), facts.study_days) == (1, ["2026-03-02", "2026-03-03"])
    assert [(group.deck, group.young) for group in facts.groups] == [("other", 1)]
    assert [slot.answers for slot in facts.slots] == [1, 1]
    assert repository.study_facts(SINCE, []).standings == []


def test_the_counts_are_those_of_a_plain_reading(repository: Repository) -> None:
    rng = random.Random(7)
    instant = datetime(2026, 1, 20, 0, 30, tzinfo=UTC)
    for _ in range(150):
        instant += timedelta(minutes=rng.randrange(1, 600))
        kind = rng.choice([ReviewKind.REVIEW, ReviewKind.REVIEW, ReviewKind.REPEAT])
        card_id = rng.choice(["c1", "c2", "c3"])
        row = answer(repository, card_id, instant.isoformat(), rng.randrange(6), kind, rng.choice([0.0, 3.5, 8.0]))
        if rng.random() < 0.2:
            take_back(repository, row)
    _agrees(repository, repository.study_facts(date(2026, 2, 1)))


def _agrees(repository: Repository, facts: StudyFacts) -> None:
    rows = [row for card_id in ("c1", "c2", "c3") for row in repository.history(card_id)]
    undone = {row.undoes for row in rows}
    standing = [row for row in rows if row.quality is not None and row.id not in undone]
    recent = [row for row in standing if row.study_day >= facts.since]
    known = [row for row in recent if row.kind is ReviewKind.REVIEW and row.before.due is not None]
    assert 30 < len(known) < len(recent) < len(standing)
    assert facts.study_days == sorted({str(row.study_day) for row in standing})
    slots = Counter((str(row.study_day), _quarter(row.reviewed_at), row.quality) for row in recent)
    assert {slot[:3]: slot.answers for slot in facts.slots} == slots
    assert sum(slot.reviews for slot in facts.slots) == len(known)
    assert sum(slot.seconds for slot in facts.slots) == sum(row.seconds for row in recent)
    mature = [row for row in known if row.before.interval_days >= 21]
    assert sum(group.young + group.mature for group in facts.groups) == len(known)
    assert sum(group.mature for group in facts.groups) == len(mature)
    assert sum(group.mature_passed for group in facts.groups) == sum((row.quality or 0) >= 3 for row in mature)
    assert sorted(facts.latest_seconds) == sorted(row.seconds for row in recent if row.seconds)


def _quarter(instant: datetime) -> str:
    return f"{instant.replace(minute=instant.minute // 15 * 15):%Y-%m-%dT%H:%M}"
