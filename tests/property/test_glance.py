"""A glance at random libraries: what it sees is what a session asks first."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, update

from studycli.collection import Collection
from studycli.config import Settings
from studycli.errors import UsageError
from studycli.model.card import Card
from studycli.model.review import CardState, Review, ReviewKind
from studycli.review.session import Question
from studycli.scheduler import sm2
from studycli.store import glance as glances
from studycli.store import log, schema
from studycli.store.glance import Glance, glance
from studycli.store.library import CardUpdate, DocumentRow
from studycli.store.repository import Repository

TODAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DECKS = {"01-alpha": "Alpha", "02-beta": "Beta", "beta-two": "alpha"}
numbers = count()


@dataclass(frozen=True)
class Grade:
    """A grade of some day that left the card due some days from today."""

    quality: int
    days_ago: int
    due_in: int
    interval: int
    undone: bool
    kind: ReviewKind


@dataclass(frozen=True)
class Stored:
    """A card in a store. `position` and `line` need not agree; cards at the same line and number are siblings."""

    card: Card
    position: int
    grades: list[Grade]
    suspended: bool
    buried_days_ago: int | None
    archived: bool


rarely = st.sampled_from([False, False, False, True])
grades = st.builds(
    Grade,
    quality=st.integers(1, 4),
    days_ago=st.integers(0, 1),
    due_in=st.sampled_from([-4, -2, -1, 0, 1]),
    interval=st.sampled_from([0, 1, 2, 4]),
    undone=rarely,
    kind=st.sampled_from([ReviewKind.REVIEW, ReviewKind.REVIEW, ReviewKind.REPEAT]),
)


@st.composite
def cards(draw: Callable[..., Any], circles: bool) -> Stored:
    number = draw(st.integers(1, 4))
    leaders = range(1, 5 if circles else number)
    card = Card(
        number=number,
        line=draw(st.sampled_from([number, number, 9 - number])),
        title=draw(st.sampled_from(["", "A title"])),
        front=draw(st.sampled_from(["What?", "**Which**?", "{{compute: n = integer(1, 9)}}", "{{ computer }}"])),
        back="That.",
        after=tuple(draw(st.lists(st.sampled_from(leaders), max_size=2))) if leaders else (),
        concept=draw(st.sampled_from([None, "Attention"])),
        critical=draw(st.booleans()),
    )
    return Stored(
        card=card,
        position=draw(st.integers(0, 9)),
        grades=draw(st.lists(grades, min_size=draw(st.integers(0, 1)), max_size=2)),
        suspended=draw(rarely),
        buried_days_ago=draw(st.sampled_from([None, None, None, 0, 1])),
        archived=draw(rarely),
    )


@st.composite
def libraries(draw: Callable[..., Any]) -> tuple[bool, list[tuple[list[Stored], bool]]]:
    """Documents, each with its cards and whether it is gone; first whether cards may wait for each other."""
    circles = draw(st.booleans())
    documents = st.tuples(st.lists(cards(circles), min_size=2, max_size=6), rarely)
    return circles, draw(st.lists(documents, min_size=1, max_size=3))


limits = st.fixed_dictionaries(
    {
        "new_per_day": st.sampled_from([0, 1, 2, 20]),
        "reviews_per_day": st.sampled_from([0, 1, 2, 20]),
        "gating": st.sampled_from([True, True, False]),
    }
)
names = st.just([]) | st.lists(
    st.sampled_from([*DECKS, *DECKS, "alpha", "BETA", "two", "02", "beta-t", "nothing", "", "./01-alpha"]), max_size=2
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "study.db"
    Repository.open(str(path)).close()
    return path


def fill(repository: Repository, documents: list[tuple[list[Stored], bool]]) -> None:
    ids = count(1)
    for (slug, title), (stored, gone) in zip(DECKS.items(), documents, strict=False):
        path = f"/x/{slug}.md"
        held = [(f"{slug}-{next(ids):02}", each) for each in stored]
        with repository.library() as library:
            library.save_document(DocumentRow(path, "bundled", slug, title, "flashcards", "00", 1, 1, 1, "0"))
            library.save_cards(
                [
                    CardUpdate(card_id, path, each.position, card_id, card_id, None, 2.5, each.card)
                    for card_id, each in held
                ]
            )
            library.archive([card_id for card_id, each in held if each.archived], NOON)
            library.mark_gone([path] if gone and len(documents) > 1 else [], NOON)
        with repository._writing() as connection:
            for card_id, each in held:
                store_history(connection, card_id, each)


def store_history(connection: Connection, card_id: str, stored: Stored) -> None:
    state = sm2.new()
    for grade in stored.grades:
        after = CardState(repetitions=2, interval_days=grade.interval, due=TODAY + timedelta(grade.due_in))
        row = log.append(
            connection,
            Review(
                card_id=card_id,
                kind=grade.kind,
                reviewed_at=NOON,
                study_day=TODAY - timedelta(grade.days_ago),
                quality=grade.quality,
                before=state,
                after=after,
            ),
        )
        if grade.undone and row.id is not None:
            log.append(connection, log.undo_of(connection, row.id, NOON, TODAY))
        else:
            state = after
    buried = None if stored.buried_days_ago is None else TODAY - timedelta(stored.buried_days_ago)
    marks = {"suspended": stored.suspended, "buried_on": buried.isoformat() if buried is not None else None}
    connection.execute(update(schema.cards).where(schema.cards.c.id == card_id).values(marks))


def expected(question: Question | None) -> Glance | None:
    if question is None:
        return None
    study = question.card
    return Glance(
        card_id=study.id,
        deck=study.deck,
        deck_title=study.deck_title,
        number=study.card.number,
        variant=study.card.variant,
        title=study.card.title,
        concept=study.card.concept,
        difficulty=study.card.difficulty,
        cognitive_level=study.card.cognitive_level,
        critical=study.card.critical,
        flagged=study.flagged,
        front=study.card.front,
        new=question.new,
        repeat=question.repeat,
        is_computed="compute:" in study.card.front,
    )


@given(library=libraries(), limits=limits, names=names, bounds=st.sampled_from([None, (1,), (2,), (1, 3)]))
def test_a_glance_sees_the_first_question_of_the_session(
    empty: Path,
    library: tuple[bool, list[tuple[list[Stored], bool]]],
    limits: dict[str, Any],
    names: list[str],
    bounds: tuple[int, ...] | None,
) -> None:
    circles, documents = library
    path = empty.with_name(f"{next(numbers)}.db")
    shutil.copyfile(empty, path)
    settings = Settings(database=str(path), **limits)
    with Repository.open(str(path)) as repository, pytest.MonkeyPatch.context() as patch:
        fill(repository, documents)
        # A large library is looked at differently; with these bounds a small one counts as large.
        if bounds is not None:
            patch.setattr(glances, "_FEW", 0)
            patch.setattr(glances, "_MOST_LISTED", bounds)
        seen = glance(settings, TODAY, names)
        try:
            question = Collection(settings, repository, today=TODAY).session(names).next()
        except UsageError:
            assert seen is None
            return
        assert seen is None or seen == expected(question)
        told = all(name in DECKS or name == "BETA" for name in names)
        if told and not (circles and limits["gating"]):
            assert seen == expected(question)
    path.unlink()
