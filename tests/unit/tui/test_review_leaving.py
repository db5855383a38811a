"""Leaving a review while the database is locked: what is being written is waited for, or said not to be."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from studycli import config
from studycli.cli import workspace as command
from studycli.errors import StoreError
from studycli.store import connect, location
from studycli.tui.app import Workspace
from studycli.tui.engine_process import EngineProcess
from tests.unit.tui.reviewing import left, log, only, write_deck
from tests.unit.tui.workspace import look, opened, press, run, study, tap, until, workspace


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    only(monkeypatch)
    return str(write_deck(tmp_path))


@contextmanager
def locked() -> Iterator[sqlite3.Connection]:
    """Another program holds the database, until it is given back or this ends."""
    holder = sqlite3.connect(location.database_path(config.load().database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield holder
    finally:
        holder.close()


async def leave(pilot: Pilot[None], key: str) -> None:
    if key == "SIGTERM":
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        await tap(pilot, key)


@pytest.mark.parametrize("key", ["q", "ctrl+d", "ctrl+c", "SIGTERM"])
def test_who_leaves_waits_for_the_grade(deck: str, key: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "space")
            with locked() as holder:
                await tap(pilot, "3")
                await leave(pilot, key)
                await look(pilot, "waiting for the database … q again leaves at once")
                assert not workspace(pilot)._exit
                holder.execute("ROLLBACK")
                await left(pilot)
            assert study(pilot).refused is None

    run(test())
    assert log() == [(1, 4)]


@pytest.mark.parametrize("step", ["3", "s", "f"])
def test_a_step_that_is_refused_while_one_leaves_is_kept_to_be_said(
    deck: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(connect, "BUSY_TIMEOUT_SECONDS", 0.5)

    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "space")
            with locked():
                await tap(pilot, step, "q")
                await left(pilot)
            refused = study(pilot).refused
            assert refused is not None and refused.message == "another program holds the database"

    run(test())
    assert log() == []


@pytest.mark.parametrize("again", ["q", "ctrl+c", "SIGTERM"])
def test_who_leaves_twice_does_not_wait(deck: str, again: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "space")
            writes = workspace(pilot).review._writes
            with locked() as holder:
                await tap(pilot, "3", "q")
                await look(pilot, "q again leaves at once")
                await leave(pilot, again)
                await left(pilot)
                assert writes.is_under_way
                refused = study(pilot).refused
                assert refused is not None and "may not be kept" in refused.message
                holder.execute("ROLLBACK")
            await until(pilot, lambda: not writes.is_under_way)
        workspace(pilot).review.refuse("no screen is there to say this", None)

    run(test())
    assert log() == [(1, 4)]


def test_the_command_says_what_was_refused(
    deck: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(connect, "BUSY_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(Workspace, "_new_engine", lambda _: EngineProcess())

    async def keys(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: workspace(pilot).study is not None and study(pilot).question is not None)
        await tap(pilot, "space")
        await until(pilot, lambda: study(pilot).revealed)
        with locked():
            await tap(pilot, "3", "q")
            await left(pilot)

    def ran(app: Workspace, **options: object) -> None:
        async def test() -> None:
            async with app.run_test(size=(80, 24)) as pilot:
                await keys(pilot)

        run(test())

    monkeypatch.setattr(Workspace, "run", ran)
    with pytest.raises(StoreError, match="another program holds the database") as caught:
        command.open_workspace(command.Wanted((deck,)))
    assert caught.value.exit_code == 1
    assert "nothing was graded" in capsys.readouterr().out
