"""A glance at a store: what a review asks first, told without the store's own library, or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from studycli.collection import Collection
from studycli.config import Settings
from studycli.demos.computed import template
from studycli.model.card import Card
from studycli.model.review import CardState, Review
from studycli.scheduler import sm2
from studycli.store import glance as glances
from studycli.store.glance import glance
from studycli.store.repository import Repository
from tests.store_cards import CARDS, document, update

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def settings(repository: Repository, **values: object) -> Settings:
    return Settings(database=str(repository.path), **values)  # type: ignore[arg-type]


def grade(
    repository: Repository, card_id: str, *, days: int, interval: int = 6, quality: int = 4, ago: int = 9
) -> None:
    """A first grade so many days ago, that leaves the card due in so many days."""
    after = CardState(repetitions=1, interval_days=interval, due=DAY + timedelta(days))
    repository.record(
        Review(
            card_id=card_id,
            reviewed_at=NOON,
            study_day=DAY - timedelta(ago),
            quality=quality,
            before=sm2.new(repository.card(card_id, DAY).state.ease_factor),
            after=after,
        )
    )


def test_a_new_card_as_its_header_and_front_show_it(repository: Repository) -> None:
    card = Card(
        number=4,
        variant="c2",
        line=1,
        title="Roles",
        concept="Attention",
        difficulty="hard",
        cognitive_level="Analyze",
        critical=True,
        front="Which **role**?",
        back="Key.",
    )
    with repository.library() as library:
        library.save_cards([update("c4", 9, card)])
    repository.flag("c4")
    seen = glance(settings(repository), DAY)
    assert seen is not None
    assert (seen.card_id, seen.deck, seen.deck_title, seen.number, seen.variant) == ("c4", "deck", "Deck", 4, "c2")
    assert (seen.title, seen.concept, seen.difficulty, seen.cognitive_level) == (
        "Roles",
        "Attention",
        "hard",
        "Analyze",
    )
    assert (seen.critical, seen.flagged, seen.front) == (True, True, "Which **role**?")
    assert (seen.new, seen.repeat, seen.is_computed) == (True, False, False)


Change = Callable[[Repository], object]
CASES: dict[str, tuple[list[Change], dict[str, object], str | None]] = {
    "new": ([], {}, "c1"),
    "due before new": ([lambda r: grade(r, "c3", days=0)], {}, "c3"),
    "due tomorrow": ([lambda r: grade(r, "c1", days=1)], {}, "c2"),
    "later in intervals": (
        [lambda r: grade(r, "c1", days=-3, interval=30), lambda r: grade(r, "c3", days=-1, interval=1)],
        {},
        "c3",
    ),
    "as late": ([lambda r: grade(r, "c3", days=-1), lambda r: grade(r, "c1", days=-1)], {}, "c1"),
    "no reviews left": (
        [lambda r: grade(r, "c1", days=-1), lambda r: grade(r, "c3", days=3, ago=0)],
        {"reviews_per_day": 0},
        "c2",
    ),
    "no new ones left": ([lambda r: grade(r, "c1", days=9, ago=0)], {"new_per_day": 1}, None),
    "gate shut, none open": (
        [lambda r: r.suspend("c3"), lambda r: grade(r, "c1", days=1, quality=2)],
        {},
        None,
    ),
    "gate shut, gating off": ([lambda r: grade(r, "c1", days=1, quality=2)], {"gating": False}, "c2"),
    "gate passed": ([lambda r: grade(r, "c1", days=1, quality=3)], {}, "c2"),
    "gate shut": ([lambda r: grade(r, "c1", days=1, quality=2)], {}, "c3"),
    "due and set aside": (
        [
            lambda r: grade(r, "c1", days=-5),
            lambda r: grade(r, "c2", days=-4),
            lambda r: grade(r, "c3", days=-3),
            lambda r: r.bury("c1", DAY),
            lambda r: r.suspend("c2"),
        ],
        {},
        "c3",
    ),
    "suspended": ([lambda r: r.suspend("c1")], {}, "c2"),
    "buried": ([lambda r: r.bury("c1", DAY)], {}, "c2"),
    "buried yesterday": ([lambda r: r.bury("c1", DAY - timedelta(1))], {}, "c1"),
    "an extra pass": ([lambda r: grade(r, "c2", days=1, quality=3, ago=0)], {"new_per_day": 0}, "c2"),
    "a pass of yesterday": ([lambda r: grade(r, "c2", days=1, quality=3, ago=1)], {"new_per_day": 0}, None),
}


@pytest.mark.parametrize("bounds", [None, (1,), (2,), (1, 3)])
@pytest.mark.parametrize(("changes", "limits", "first"), CASES.values(), ids=CASES)
def test_the_ordinary_cases(
    repository: Repository,
    monkeypatch: pytest.MonkeyPatch,
    changes: list[Change],
    limits: dict[str, object],
    first: str | None,
    bounds: tuple[int, ...] | None,
) -> None:
    # A large library is looked at differently; with these bounds a small one counts as large.
    if bounds is not None:
        monkeypatch.setattr(glances, "_FEW", 0)
        monkeypatch.setattr(glances, "_MOST_LISTED", bounds)
    for change in changes:
        change(repository)
    seen = glance(settings(repository, **limits), DAY)
    assert (seen.card_id if seen is not None else None) == first


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["01-other"], "d1"),
        (["OTHER"], "d1"),
        (["Numbered"], "d1"),
        (["01-other", "deck"], "c1"),
        (["oth"], None),
        (["nothing"], None),
        ([""], None),
        (["./deck"], None),
        (["deck", "nothing"], None),
    ],
)
def test_decks_by_name(repository: Repository, names: list[str], first: str | None) -> None:
    with repository.library() as library:
        row = document("/x/z.md", "01-other")
        library.save_document(type(row)(**{name: getattr(row, name) for name in row.__slots__} | {"title": "Numbered"}))
        library.save_cards([update("d1", 0, CARDS[0], "/x/z.md")])
    seen = glance(settings(repository), DAY, names)
    assert (seen.card_id if seen is not None else None) == first


@pytest.mark.parametrize(
    "front",
    ["{{compute: n = integer(1, 9)}}", "{{ compute : x", "{{computer}}", "{compute: x}", "{{  compute: x}}", ""],
)
def test_a_computed_front_is_flagged(repository: Repository, front: str) -> None:
    with repository.library() as library:
        library.save_cards([update("c0", 0, CARDS[0].model_copy(update={"front": front, "line": 1}))])
    seen = glance(settings(repository), DAY)
    assert seen is not None
    assert (seen.card_id, seen.is_computed) == ("c0", template.is_in(front))


def test_siblings_are_introduced_apart(repository: Repository) -> None:
    shut = CARDS[0].model_copy(update={"after": (3,)})
    cards = {"c1": shut, "c1b": CARDS[0], "c2": CARDS[1].model_copy(update={"after": ()}), "c3": CARDS[2]}
    with repository.library() as library:
        library.save_cards([update(card_id, place, card) for place, (card_id, card) in enumerate(cards.items())])
    seen = glance(settings(repository), DAY)
    question = Collection(settings(repository), repository, today=DAY).session().next()
    assert seen is not None and question is not None
    assert seen.card_id == question.card.id == "c2"


def test_a_deck_behind_many_that_are_later(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glances, "_FEW", 0)
    monkeypatch.setattr(glances, "_MOST_LISTED", (1,))
    with repository.library() as library:
        library.save_document(document("/x/z.md", "other"))
        library.save_cards([update("d1", 0, CARDS[0], "/x/z.md")])
    grade(repository, "c1", days=-9)
    grade(repository, "d1", days=-1)
    seen = glance(settings(repository), DAY, ["other"])
    assert seen is not None
    assert (seen.card_id, seen.new) == ("d1", False)


def test_cards_that_wait_for_each_other_are_left_to_the_session(repository: Repository) -> None:
    with repository.library() as library:
        ring = {1: (2,), 2: (1,)}
        cards = [card.model_copy(update={"after": ring.get(card.number, ())}) for card in CARDS]
        library.save_cards([update(f"c{card.number}", place, card) for place, card in enumerate(cards)])
    assert glance(settings(repository), DAY) is None
    assert glance(settings(repository, gating=False), DAY) is not None


def damage(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE alembic_version SET version_num = '9999'",
        "UPDATE cards SET payload = '{}'",
        "UPDATE cards SET payload = '{\"front\": 1}'",
        "DROP TABLE states",
    ],
)
def test_a_strange_database_is_left_to_the_session(repository: Repository, statement: str) -> None:
    damage(repository.path, statement)
    assert glance(settings(repository), DAY) is None


@pytest.mark.parametrize("url", ["", "postgres://x", "sqlite:///", "/nowhere/at/all.db", "a\0b"])
def test_no_database_is_no_glance(url: str) -> None:
    assert glance(Settings(database=url), DAY) is None


def test_what_is_no_database_is_no_glance(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database")
    for name in ("text.db", ".", "missing.db"):
        assert glance(Settings(database=str(tmp_path / name)), DAY) is None
    assert not (tmp_path / "missing.db").exists()


def test_a_name_that_an_address_would_read_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=rwc#50%25.db"
    with Repository.open(str(path)) as repository:
        with repository.library() as library:
            library.save_document(document("/x/deck.md"))
            library.save_cards([update("c1", 0, CARDS[0])])
        assert glance(settings(repository), DAY) is not None
    assert [file for file in tmp_path.iterdir() if not file.name.startswith(path.name)] == []


def test_a_writer_does_not_hold_it_up_and_nothing_is_written(repository: Repository) -> None:
    before = repository.path.read_bytes()
    with closing(sqlite3.connect(repository.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE cards SET suspended = 1 WHERE id = 'c1'")
        seen = glance(settings(repository), DAY)
        other.execute("ROLLBACK")
    assert seen is not None and seen.card_id == "c1"
    assert repository.path.read_bytes() == before
