"""A review that is killed: every grade that was confirmed is in the store, and the next review goes on from there."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studycli import clock, config
from studycli.store.repository import Repository

COUNT = 6


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    path = tmp_path / "many.md"
    cards = (
        f"### Card {n} | Easy\n\n#### Front\nQuestion {n}?\n\n#### Back\nAnswer {n}.\n" for n in range(1, COUNT + 1)
    )
    path.write_text("# Flashcards: Many\n\n" + "\n".join(cards))
    return path


def command(deck: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "studycli", "review", str(deck), *options]


def grades() -> dict[int, list[int | None]]:
    """The qualities in the log by card number, of the deck alone."""
    with Repository.open(config.load().database) as repository:
        cards = repository.cards(today=clock.study_day(clock.now()), decks=["many"])
        return {card.card.number: [row.quality for row in repository.history(card.id)] for card in cards}


@pytest.mark.parametrize("answered", [1, 4])
def test_killed_in_the_middle(deck: Path, answered: int) -> None:
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
    assert grades() == expected

    rest = subprocess.run(command(deck), input="4\n" * COUNT, capture_output=True, text=True, check=True)
    assert "Question 1?" not in rest.stdout and f"Question {answered + 1}?" in rest.stdout
    assert grades() == {number: [5] for number in range(1, COUNT + 1)}


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
    assert grades()[1] == [5]


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
    assert grades()[1] == [5]


def test_terminated_on_a_terminal(deck: Path) -> None:
    near, far = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("ACCESSIBLE", None)
    with subprocess.Popen(command(deck), stdin=far, stdout=far, stderr=far, env=environment) as program:
        try:
            read_until(near, b" shows the answer")
            os.write(near, b" 4")
            read_until(near, b"Question 2?", b" shows the answer")
            program.terminate()
            shown = read_until(near, b"1 answer on 1 card")
        except BaseException:
            program.kill()
            raise
    os.close(far)
    os.close(near)
    assert program.returncode == 128 + signal.SIGTERM
    assert b"Traceback" not in shown
    assert grades()[1] == [5]


def read_until(descriptor: int, *texts: bytes) -> bytes:
    """Read until these texts have come, one after another. Gives up after a minute of silence."""
    shown, rest = b"", b""
    for text in texts:
        while text not in rest:
            assert select.select([descriptor], [], [], 60)[0], f"no {text!r} in {shown!r}"
            more = os.read(descriptor, 65536)
            shown, rest = shown + more, rest + more
        rest = rest.partition(text)[2]
    return shown
