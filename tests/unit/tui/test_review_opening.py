"""The beginning of a review that takes its time: what is typed meanwhile, the time of reading, and the pane beside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studycli import config
from studycli.cli.workspace import first_of
from studycli.collection import Collection
from studycli.tui.app import Opened, Workspace
from studycli.tui.course_screen import PATIENCE
from studycli.tui.side import Side
from studycli.tui.study import Study
from tests.unit.tui.reviewing import asked, log, message, only, write_deck
from tests.unit.tui.workspace import DEADLINE, look, press, run, screen_text, settle, study, tap, until


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    only(monkeypatch)
    return str(write_deck(tmp_path))


def shown(deck: str, at: Callable[[], object], ask: Callable[[], object]) -> Workspace:
    """A workspace that shows the first question; the store opens after `at`, and gives the question after `ask`.

    No time passes for the review itself, so all that counts is that of reading before.
    """
    with Collection.open(config.load()) as collection:
        first = first_of(Study(collection, collection.session([deck])))

    class Slow(Study):
        def ask(self) -> str | None:
            ask()
            return super().ask()

    def open_study() -> Opened:
        at()
        collection = Collection.open(config.load())
        return Opened(Slow(collection, collection.session([deck]), clock=lambda: 0.0))

    return Workspace(open_study, first, preload=False)


def test_a_first_question_that_is_long_in_coming(deck: str) -> None:
    gate = threading.Event()

    async def test() -> None:
        app = shown(deck, lambda: None, lambda: gate.wait(DEADLINE))
        async with app.run_test(size=(120, 40)) as pilot:
            await look(pilot, "Question 1?")
            since = time.monotonic()
            await look(pilot, "waiting for the database …")
            await tap(pilot, "space")
            await look(pilot, "still opening your cards …")
            await tap(pilot, "3")
            assert "give the grade again" in message(pilot)
            read = time.monotonic() - since
            assert read >= PATIENCE
            gate.set()
            await until(pilot, lambda: study(pilot).revealed)
            await settle(pilot)
            assert "Answer 1." in screen_text(pilot) and "4 Easy" in screen_text(pilot) and not message(pilot)
            assert study(pilot).seconds >= read
            assert app.review.query_one(Side).current == "demo"
            assert app.review.focused is not None and app.review.focused.id == "back"
            await press(pilot, "4")
            assert asked(pilot) == 2
        study(pilot).collection.close()

    run(test())
    assert log() == [(1, 5)]


def test_what_is_typed_at_once_shows_the_answer(deck: str) -> None:
    gate = threading.Event()

    async def test() -> None:
        app = shown(deck, lambda: gate.wait(DEADLINE), lambda: None)
        async with app.run_test(size=(80, 24)) as pilot:
            await look(pilot, "Question 1?")
            await tap(pilot, "space", "3")
            await look(pilot, "still opening your cards … give the grade again then")
            gate.set()
            await until(pilot, lambda: app.study is not None and study(pilot).revealed)
            await settle(pilot)
            assert "Answer 1." in screen_text(pilot) and asked(pilot) == 1
        study(pilot).collection.close()

    run(test())
    assert log() == []
