"""A review that is killed: every grade that was confirmed is in the store, and the next review goes on from there."""

from __future__ import annotations

import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from studycli import config
from studycli.collection import Collection
from studycli.store import location
from tests.serving import descendants, wait_until_gone
from tests.stored_grades import grades

COUNT = 6
ORDINARY_SCREEN = b"\x1b[?1049l"


@pytest.fixture
def deck(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deck that is a source already: the note that it has become one would lie over the grades for a while."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    path = tmp_path / "many.md"
    cards = (
        f"### Card {n} | Easy\n\n#### Front\nQuestion {n}?\n\n#### Back\nAnswer {n}.\n" for n in range(1, COUNT + 1)
    )
    path.write_text("# Flashcards: Many\n\n" + "\n".join(cards))
    with Collection.open(config.load()) as collection:
        collection.add(str(path))
    return path


def command(deck: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "studycli", "review", str(deck), *options]


def test_killed_in_the_middle(deck: Path) -> None:
    answered = 4
    with subprocess.Popen(
        command(deck, "--plain"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin is not None and program.stdout is not None
        for _ in range(answered):
            program.stdin.write("4\n")
            program.stdin.flush()
            assert any(line.startswith("Easy: due tomorrow") for line in iter(program.stdout.readline, ""))
        program.kill()
    assert program.returncode == -signal.SIGKILL
    expected = {number: [5] if number <= answered else [] for number in range(1, COUNT + 1)}
    assert grades("many") == expected

    rest = subprocess.run(command(deck), input="4\n" * COUNT, capture_output=True, text=True, check=True)
    assert "Question 1?" not in rest.stdout and f"Question {answered + 1}?" in rest.stdout
    assert grades("many") == {number: [5] for number in range(1, COUNT + 1)}


def test_interrupted_on_lines(deck: Path) -> None:
    with subprocess.Popen(
        command(deck, "--plain"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin is not None and program.stdout is not None and program.stderr is not None
        program.stdin.write("4\n")
        program.stdin.flush()
        assert any(line.startswith("Easy: due tomorrow") for line in iter(program.stdout.readline, ""))
        assert any(line.startswith("Enter shows the answer") for line in iter(program.stdout.readline, ""))
        program.send_signal(signal.SIGINT)
        rest, errors = program.stdout.read(), program.stderr.read()
    assert program.returncode == 130
    assert "1 answer on 1 card" in rest
    assert "Traceback" not in errors
    assert grades("many")[1] == [5]


def test_a_reader_that_goes_away_loses_no_grade(deck: Path) -> None:
    with subprocess.Popen(
        command(deck, "--plain"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin is not None and program.stdout is not None and program.stderr is not None
        program.stdin.write("4\n")
        program.stdin.flush()
        assert any(line.startswith("Easy: due tomorrow") for line in iter(program.stdout.readline, ""))
        program.stdout.close()
        program.stdin.write("4\n4\n")
        program.stdin.close()
        errors = program.stderr.read()
    assert program.returncode == 1
    assert "Traceback" not in errors and "Exception ignored" not in errors
    assert grades("many")[1] == [5]


def test_the_workspace_is_killed(deck: Path) -> None:
    answered = 3
    with workspace(deck) as (program, near):
        for number in range(1, answered + 1):
            grade(near, number)
        started = descendants(program.pid)
        program.kill()
    assert program.returncode == -signal.SIGKILL
    wait_until_gone(started)
    assert grades("many") == {number: [5] if number <= answered else [] for number in range(1, COUNT + 1)}
    assert_sound()


def test_the_workspace_is_killed_right_after_a_key(deck: Path) -> None:
    with workspace(deck) as (program, near):
        grade(near, 1)
        os.write(near, b" ")
        read_until(near, b"Answer 2.", b"Easy")
        os.write(near, b"4")
        program.kill()
    found = grades("many")
    assert found.pop(1) == [5]
    assert found.pop(2) in ([], [5])  # as far as it came, and no half
    assert set(map(tuple, found.values())) == {()}
    assert_sound()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_workspace_is_told_to_end(deck: Path, number: signal.Signals) -> None:
    with workspace(deck) as (program, near):
        before = termios.tcgetattr(near)[3]
        assert not before & termios.ICANON
        grade(near, 1)
        started = descendants(program.pid)
        program.send_signal(number)
        farewell = [b"1 answer on 1 card"] if number == signal.SIGTERM else []
        shown = read_until(near, ORDINARY_SCREEN, *farewell)
        program.wait(60)
        assert termios.tcgetattr(near)[3] & termios.ICANON
        assert termios.tcgetattr(near)[3] & termios.ECHO
    assert program.returncode == 128 + number
    assert b"Traceback" not in shown
    wait_until_gone(started)
    assert grades("many")[1] == [5]
    assert_sound()


def test_the_terminal_is_closed(deck: Path) -> None:
    with workspace(deck) as (program, near):
        grade(near, 1)
        started = descendants(program.pid)
    # The window is gone, which ends whoever has it for a terminal.
    program.wait(60)
    wait_until_gone(started | {program.pid})
    assert grades("many")[1] == [5]
    assert_sound()


@pytest.mark.parametrize("waits", [True, False])
def test_the_workspace_is_left_while_the_database_is_locked(deck: Path, waits: bool) -> None:
    with workspace(deck) as (program, near):
        os.write(near, b" ")
        read_until(near, b"Answer 1.", b"Easy")
        holder = sqlite3.connect(location.database_path(config.load().database), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        os.write(near, b"4")
        read_until(near, b"waiting for the database")
        os.write(near, b"q")
        read_until(near, b"q again leaves at once")
        if waits:
            holder.execute("ROLLBACK")
        else:
            os.write(near, b"q")
        shown = read_until(near, ORDINARY_SCREEN, b"1 answer on 1 card" if waits else b"may not be kept")
        program.wait(60)
        holder.close()
    assert program.returncode == (0 if waits else 1)
    assert b"Traceback" not in shown
    assert grades("many")[1] == ([5] if waits else [])
    assert_sound()


@contextmanager
def workspace(deck: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The program in a terminal of its own, and the end of it where keys go in; it is closed afterwards."""
    near, far = pty.openpty()
    termios.tcsetwinsize(far, (24, 80))
    environment = {**os.environ, "TERM": "xterm-256color"}
    for name in ("ACCESSIBLE", "NO_COLOR", "COLUMNS", "LINES"):
        environment.pop(name, None)
    # `setsid -c` makes it the terminal of a session of its own, so that closing it is heard of.
    words = ["setsid", "-c", *command(deck)]
    program = subprocess.Popen(words, stdin=far, stdout=far, stderr=far, env=environment)
    os.close(far)
    try:
        read_until(near, b"Question 1?", f"new {COUNT}".encode())
        yield program, near
    except BaseException:
        program.kill()
        raise
    finally:
        os.close(near)
        program.wait(60)


def grade(near: int, number: int) -> None:
    """Look at the answer of the card that stands, and grade it."""
    os.write(near, b" ")
    read_until(near, f"Answer {number}.".encode(), b"Easy")
    os.write(near, b"4")
    read_until(near, b"due tomorrow", f"Question {number + 1}?".encode())


def assert_sound() -> None:
    """The store holds together: SQLite says so, and every schedule follows from the log."""
    done = subprocess.run([sys.executable, "-m", "studycli", "verify"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def read_until(near: int, *texts: bytes) -> bytes:
    """Read until all of these have been drawn. Gives up after a minute of silence."""
    shown = b""
    while missing := [text for text in texts if text not in shown]:
        assert select.select([near], [], [], 60)[0], f"no {missing} in {shown!r}"
        shown += os.read(near, 65536)
    return shown
