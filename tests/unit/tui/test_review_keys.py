"""Every key of a review: what is asked, what is in the store, and what is said."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from studycli import config
from studycli.collection import Collection
from studycli.tui.end_screen import EndScreen
from studycli.tui.grade_bar import GradeBar
from studycli.tui.heading import Heading
from studycli.tui.help_screen import HelpScreen
from tests.unit.tui.reviewing import asked, left, log, message, only, write_deck
from tests.unit.tui.workspace import click, look, opened, press, resize, run, screen_text, study, until, workspace


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    only(monkeypatch)
    return str(write_deck(tmp_path))


def test_grades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    deck = str(write_deck(tmp_path, 5))

    async def test() -> None:
        async with opened(deck) as pilot:
            for number, (key, name) in enumerate(zip("1234", ("Again", "Hard", "Good", "Easy"), strict=True), start=1):
                assert f"Question {number}?" in screen_text(pilot) and f"Answer {number}." not in screen_text(pilot)
                await press(pilot, "space")
                assert f"Question {number}?" in screen_text(pilot) and f"Answer {number}." in screen_text(pilot)
                assert "1 Again 1 d   2 Hard 1 d   3 Good 1 d   4 Easy 1 d" in screen_text(pilot)
                await press(pilot, key)
                assert asked(pilot) == number + 1
                assert message(pilot).startswith(f"{name}: due tomorrow")

    run(test())
    assert log() == [(1, 2), (2, 3), (3, 4), (4, 5)]


def test_grades_of_sm2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, grading="sm2")
    deck = str(write_deck(tmp_path, 7))

    async def test() -> None:
        async with opened(deck) as pilot:
            for quality in range(6):
                assert asked(pilot) == quality + 1
                await press(pilot, "enter", str(quality))
                assert message(pilot).startswith(f"Grade {quality}: due tomorrow")

    run(test())
    assert log() == [(quality + 1, quality) for quality in range(6)]


def test_a_grade_before_the_answer_is_only_a_hint(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "3")
            assert message(pilot) == "look at the answer first: space" and asked(pilot) == 1
            await press(pilot, "0", "5", "space", "5")
            assert asked(pilot) == 1

    run(test())
    assert log() == []


def test_clicks(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await click(pilot, GradeBar, offset=(3, 0))
            assert study(pilot).revealed
            await click(pilot, GradeBar, offset=(18, 0))
            await until(pilot, lambda: asked(pilot) == 2)

    run(test())
    assert log() == [(1, 3)]


@pytest.mark.parametrize(("grading", "keys"), [("buttons", "1234"), ("sm2", "012345")])
def test_the_grades_fit_every_width(deck: str, monkeypatch: pytest.MonkeyPatch, grading: str, keys: str) -> None:
    only(monkeypatch, grading=grading)

    async def test() -> None:
        async with opened(deck, size=(80, 24)) as pilot:
            await press(pilot, "space")
            for width in (80, 60, 40, 20):
                await resize(pilot, width, 24)
                lines = screen_text(pilot).splitlines()[-8:]
                for key in keys:
                    assert any(line.strip().startswith(key) or f" {key} " in line or f" {key}:" in line
                               for line in lines), (width, key, lines)  # fmt: skip

    run(test())


def test_suspend_bury_and_flag_are_taken_back_one_by_one(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "s")
            assert message(pilot) == "suspended; `studycli unsuspend many:1` brings it back"
            await press(pilot, "b")
            assert message(pilot) == "buried until tomorrow; `studycli unbury many:2` brings it back"
            await press(pilot, "f")
            assert asked(pilot) == 3 and "⚑ flagged" in screen_text(pilot)
            await press(pilot, "space", "4")
            await until(pilot, lambda: isinstance(pilot.app.screen, EndScreen))
            await press(pilot, "u")
            await until(pilot, lambda: asked(pilot) == 3)
            assert message(pilot) == "taken back: Many · card 3" and "⚑ flagged" in screen_text(pilot)
            await press(pilot, "f")
            assert "⚑ flagged" not in screen_text(pilot)
            await press(pilot, "u")
            assert asked(pilot) == 2
            await press(pilot, "u")
            assert asked(pilot) == 1
            await press(pilot, "u")
            assert message(pilot) == "nothing to undo in this session"

    run(test())
    assert log() == []
    with Collection.open(config.load(), sync=False) as collection:
        assert not any(card.set_aside or card.flagged for card in collection.select())


def test_a_random_course_of_keys_is_taken_back_to_the_beginning(deck: str) -> None:
    async def test() -> None:
        draw = random.Random(6)
        async with opened(deck) as pilot:
            steps: list[int | None] = []
            for _ in range(12):
                if isinstance(pilot.app.screen, EndScreen):
                    break
                steps.append(asked(pilot))
                key = draw.choice(["s", "b", "1", "2", "4"])
                await press(pilot, *([key] if key in "sb" else ["space", key]))
            for number in reversed(steps):
                await press(pilot, "u")
                assert asked(pilot) == number
            assert not study(pilot).has_done_something

    run(test())
    assert log() == []


def test_the_end(deck: str) -> None:
    async def test() -> None:
        async with opened(deck, limit=2) as pilot:
            await press(pilot, "space", "4", "space", "1", "space", "4")
            shown = await look(pilot, "r goes on", "left for today")
            assert "3 answers on 2 cards" in shown and "learned: Concept 1, Concept 2" in shown
            assert "weakest (answers below Good): Concept 2" in shown, shown
            assert "due tomorrow" in shown and "left for today: 1 card" in shown
            await press(pilot, "r")
            await until(pilot, lambda: asked(pilot) == 3)
            await press(pilot, "u")
            await until(pilot, lambda: asked(pilot) == 2)
            await press(pilot, "space", "4")
            await look(pilot, "r goes on")
            await press(pilot, "r")
            await until(pilot, lambda: asked(pilot) == 3)
            await press(pilot, "space", "4")
            await look(pilot, "4 answers on 3 cards")
            await press(pilot, "enter")
            await left(pilot)

    run(test())
    assert log() == [(1, 5), (2, 2), (2, 5), (3, 5)]


def test_help_stops_the_time_and_quit_leaves(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "question_mark")
            assert isinstance(pilot.app.screen, HelpScreen)
            before = study(pilot).seconds
            await asyncio.sleep(0.01)
            assert study(pilot).seconds == before
            await press(pilot, "escape", "m")
            before = study(pilot).seconds
            await asyncio.sleep(0.01)
            assert study(pilot).seconds == before
            await press(pilot, "escape")
            pilot.app._suspend_signal()
            before = study(pilot).seconds
            await asyncio.sleep(0.01)
            assert study(pilot).seconds == before
            pilot.app._resume_signal()
            await until(pilot, lambda: study(pilot).seconds > before)
            await press(pilot, "q")
            await left(pilot)

    run(test())


def test_the_heading(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            study(pilot).add_seconds(130)
            await press(pilot, "space", "4")
            lines = screen_text(pilot).splitlines()
            assert lines[0].split("  ")[0].strip() == "Many · card 2" and lines[0].endswith("new 2 · due 0 · again 0")
            assert lines[1].endswith("2 of 3 · 2 min")
            assert workspace(pilot).review.query_one(Heading).size.height == 2

    run(test())
