"""The course of a review: other runs beside it, a database that refuses, time, computed answers, and what is first."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from studycli import config
from studycli.collection import Collection
from studycli.errors import EngineError
from studycli.store import connect
from studycli.store.glance import Glance
from studycli.store.repository import Repository
from studycli.tui.app import Opened, Workspace
from studycli.tui.breaks import Breaks
from studycli.tui.engine_process import EngineProcess
from studycli.tui.study import Study
from tests.unit.tui.reviewing import asked, left, log, message, only, write_deck
from tests.unit.tui.workspace import (
    ENGINE_DEADLINE,
    look,
    opened,
    press,
    run,
    screen_text,
    settle,
    study,
    tap,
    until,
    workspace,
)  # fmt: skip

COMPUTED = """\
# Flashcards: Sums

### Card 1 | Easy

#### Front
What are the weights for {{compute: scores = integers(3, -2, 3)}} at d_k = 4?

#### Back
{{compute: attention-weights(scores=scores, d_k=4) to 2 decimals}}
"""


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    only(monkeypatch)
    return str(write_deck(tmp_path))


def elsewhere(deck: str, *qualities: int) -> None:
    """Another run grades the first cards."""
    with Collection.open(config.load()) as collection:
        session = collection.session([deck])
        for quality in qualities:
            session.grade(quality)


def test_a_card_graded_elsewhere_while_it_is_on_the_screen(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "space")
            elsewhere(deck, 5)
            await press(pilot, "3")
            assert message(pilot) == "many:1 was graded elsewhere meanwhile; your grade was not kept"
            assert asked(pilot) == 2

    run(test())
    assert log() == [(1, 5)]


def test_cards_graded_elsewhere_are_not_asked(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            elsewhere(deck, 5, 5)
            await press(pilot, "space", "3")
            assert asked(pilot) == 3 and "many:2 was graded elsewhere meanwhile" in message(pilot)

    run(test())


def test_a_grade_overtaken_elsewhere_is_not_taken_back(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "space", "1")
            with Collection.open(config.load()) as collection:
                card = collection.card("many:1")
                session = collection.session([deck], cram=True)
                question = session.next()
                assert question is not None and question.card.id == card.id
                from studycli.scheduler import sm2

                row = collection.repository.history(card.id)[-1]
                after = sm2.review(row.after, 5, row.study_day)
                collection.repository.record(
                    row.model_copy(update={"id": None, "before": row.after, "after": after, "quality": 5})
                )
            await press(pilot, "u")
            assert message(pilot).startswith("the last grade cannot be taken back: that card was graded elsewhere")
            assert asked(pilot) == 2

    run(test())
    assert log() == [(1, 2), (1, 5)]


def test_a_locked_database_keeps_the_question(deck: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "BUSY_TIMEOUT_SECONDS", 0.05)

    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "space")
            path = study(pilot).collection.repository.path
            holder = sqlite3.connect(path, isolation_level=None)
            holder.execute("BEGIN IMMEDIATE")
            for key, words in (("3", "the grade is not kept"), ("s", "the card is not suspended"),
                               ("b", "the card is not buried"), ("f", "the flag stays as it was")):  # fmt: skip
                await press(pilot, key)
                assert words in message(pilot) and "another program holds the database" in message(pilot)
                assert asked(pilot) == 1 and "Answer 1." in screen_text(pilot) and "1 Again" in screen_text(pilot)
            assert study(pilot).refused is not None
            holder.execute("ROLLBACK")
            holder.close()
            await press(pilot, "3")
            await until(pilot, lambda: asked(pilot) == 2)
            assert study(pilot).refused is None

    run(test())
    assert log() == [(1, 4)]


def test_a_read_only_database_keeps_the_question(deck: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Collection.open(config.load()) as collection:
        collection.session([deck])
    configure = connect._configure

    def hobbled(connection: sqlite3.Connection, record: object) -> None:
        configure(connection, record)
        connection.execute("PRAGMA query_only = ON")

    async def test() -> None:
        async with opened(deck) as pilot:
            repository = study(pilot).collection.repository
            repository.close()
            monkeypatch.setattr(connect, "_configure", hobbled)
            hobbled_repository = Repository(connect.create(repository.path), repository.path)
            monkeypatch.setattr(connect, "_configure", configure)
            study(pilot).session._ledger = hobbled_repository
            await press(pilot, "space", "4")
            await until(pilot, lambda: "the database cannot be written" in message(pilot))
            assert asked(pilot) == 1
            hobbled_repository.close()

    run(test())
    assert log() == []


def test_keys_are_heard_while_the_database_is_locked(deck: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "space")
            holder = sqlite3.connect(study(pilot).collection.repository.path, isolation_level=None)
            holder.execute("BEGIN IMMEDIATE")
            await tap(pilot, "3")
            await look(pilot, "waiting for the database …")
            await tap(pilot, "2", "s", "u")
            before = study(pilot).seconds
            await asyncio.sleep(0.01)
            assert study(pilot).seconds == before
            holder.execute("ROLLBACK")
            holder.close()
            await until(pilot, lambda: asked(pilot) == 2)

    run(test())
    assert log() == [(1, 4)]


def test_a_next_card_that_cannot_be_read_is_tried_again(deck: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "space")
            path = study(pilot).collection.repository.path
            refresh = study(pilot).session.refresh
            with sqlite3.connect(path) as other:
                other.execute("CREATE TABLE kept AS SELECT * FROM cards WHERE number = 2")
                other.execute("PRAGMA foreign_keys = OFF")
                other.execute("DELETE FROM cards WHERE number = 2")
            await press(pilot, "4")
            await until(pilot, lambda: workspace(pilot).review.is_stalled)
            assert "the next card cannot be read" in message(pilot) and "space tries again" in screen_text(pilot)
            await press(pilot, "4", "s", "e", "f", "d")
            assert asked(pilot) is None and refresh is not None
            with sqlite3.connect(path) as other:
                other.execute("INSERT INTO cards SELECT * FROM kept")
            await press(pilot, "space")
            await until(pilot, lambda: asked(pilot) == 2)

    run(test())
    assert log() == [(1, 5)]


def test_time_is_that_at_the_card(deck: str) -> None:
    now = [0.0]

    def at(seconds: float) -> None:
        now[0] = seconds

    with Collection.open(config.load()) as collection:
        review = Study(collection, collection.session([deck]), clock=lambda: now[0])
        review.ask()
        at(10)
        review.pause()
        at(500)
        review.resume()
        review.resume()
        at(507)
        review.pause()
        review.pause()
        at(900)
        review.reveal()
        review.grade(4)
        review.ask()
        assert review.seconds == 0 and review.active_seconds == 17
        card = review.collection.card("many:1")
        assert collection.repository.history(card.id)[0].seconds == 17


def test_a_break_is_suggested_once_every_so_many_minutes() -> None:
    breaks = Breaks(25)
    said = [minute for minute in range(120) if breaks.hint(minute * 60.0)]
    assert said == [25, 50, 75, 100]
    assert Breaks(25).hint(26 * 60) == "26 minutes of review: a short break helps what you learned to settle"
    assert all(Breaks(0).hint(seconds) is None for seconds in (0, 10, 1e9))
    breaks = Breaks(10)
    assert [bool(breaks.hint(minute * 60.0)) for minute in (9, 35, 39, 40)] == [False, True, False, True]


def test_a_break_is_said_between_two_cards(deck: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, break_minutes=5)

    async def test() -> None:
        async with opened(deck) as pilot:
            study(pilot).add_seconds(301)
            await press(pilot, "space", "4")
            assert "5 minutes of review: a short break" in message(pilot)
            await press(pilot, "space", "4")
            assert "break" not in message(pilot)

    run(test())


def test_the_answer_of_a_computed_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    deck = tmp_path / "sums.md"
    deck.write_text(COMPUTED, "utf-8")

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            await press(pilot, "space", "3")
            assert asked(pilot) == 1
            await until(pilot, lambda: study(pilot).revealed, ENGINE_DEADLINE)
            assert "compute" not in await look(pilot, "[0.", "1 Again")
            await press(pilot, "4")

    run(test())
    assert log() == [(1, 5)]


def test_an_engine_that_fails_leaves_the_review_going(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    deck = tmp_path / "sums.md"
    deck.write_text(COMPUTED, "utf-8")
    monkeypatch.setattr(Workspace, "_new_engine", lambda _: EngineProcess(start_limit=0))

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            await press(pilot, "space")
            await until(pilot, lambda: study(pilot).revealed)
            await look(pilot, "(not computed: ")
            await press(pilot, "3")

    run(test())
    assert log() == [(1, 4)]


def test_space_before_the_collection_is_open(deck: str) -> None:
    from studycli.cli.workspace import first_of

    with Collection.open(config.load()) as collection:
        first = first_of(Study(collection, collection.session([deck])))
    gate = threading.Event()

    def open_study() -> Opened:
        gate.wait(ENGINE_DEADLINE)
        collection = Collection.open(config.load())
        return Opened(Study(collection, collection.session([deck])))

    async def test() -> None:
        async def one(glanced: Glance | None) -> None:
            gate.clear()
            app = Workspace(open_study, glanced, preload=False)
            async with app.run_test(size=(80, 24)) as pilot:
                shown = await look(pilot, "Question 1?" if glanced is not None else "Opening your cards …")
                assert ("Question 1?" in shown) == (glanced is not None)
                assert ("Opening your cards …" in shown) == (glanced is None)
                await tap(pilot, "space", "3")
                gate.set()
                await until(pilot, lambda: app.review.study is not None)
                await settle(pilot)
                shown = await look(pilot, "Question 1?")
                assert ("Answer 1." in shown) == (glanced is not None)
            assert app.study is not None
            app.study.collection.close()

        await one(first)
        await one(None)

    run(test())
    assert log() == []


def test_an_error_in_the_app_ends_it_with_that_error(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:

            def fail() -> None:
                raise EngineError("nobody expected this")

            pilot.app.call_later(fail)
            await left(pilot)

    with pytest.raises(EngineError, match="nobody expected this"):
        run(test())
