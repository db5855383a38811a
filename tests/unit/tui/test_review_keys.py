"""Every key of a review: what is asked, what is in the store, and what is said."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from studycli import config
from studycli.collection import Collection
from studycli.tui.end_screen import EndScreen
from studycli.tui.grade_bar import GradeBar
from studycli.tui.heading import Heading
from studycli.tui.help_screen import HelpScreen
from tests.unit.tui.reviewing import asked, do, left, log, message, only, study, without_engine, write_deck
from tests.unit.tui.workspace import opened, run, screen_text, until, workspace


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    only(monkeypatch)
    without_engine(monkeypatch)
    return str(write_deck(tmp_path))


@pytest.mark.parametrize(("key", "quality"), [("1", 2), ("2", 3), ("3", 4), ("4", 5)])
def test_a_grade(deck: str, key: str, quality: int) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            assert "Question 1?" in screen_text(pilot) and "Answer 1." not in screen_text(pilot)
            await do(pilot, "space")
            assert "Question 1?" in screen_text(pilot) and "Answer 1." in screen_text(pilot)
            assert "1 Again 1 d   2 Hard 1 d   3 Good 1 d   4 Easy 1 d" in screen_text(pilot)
            await do(pilot, key)
            assert asked(pilot) == 2 and "due tomorrow" in message(pilot)
            assert "Answer 2." not in screen_text(pilot)

    run(test())
    assert log() == [(1, quality)]


@pytest.mark.parametrize("quality", range(6))
def test_a_grade_of_sm2(deck: str, monkeypatch: pytest.MonkeyPatch, quality: int) -> None:
    only(monkeypatch, grading="sm2")

    async def test() -> None:
        async with opened(deck) as pilot:
            await do(pilot, "enter", str(quality))
            assert message(pilot).startswith(f"Grade {quality}: due tomorrow")

    run(test())
    assert log() == [(1, quality)]


def test_a_grade_before_the_answer_is_only_a_hint(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await do(pilot, "3")
            assert message(pilot) == "look at the answer first: space" and asked(pilot) == 1
            await do(pilot, "0", "5", "space", "5")
            assert asked(pilot) == 1

    run(test())
    assert log() == []


def test_clicks(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await pilot.click(GradeBar, offset=(3, 0))
            await pilot.pause()
            assert study(pilot).revealed
            await pilot.click(GradeBar, offset=(18, 0))
            await until(pilot, lambda: asked(pilot) == 2)

    run(test())
    assert log() == [(1, 3)]


@pytest.mark.parametrize("width", [80, 60, 40, 20])
@pytest.mark.parametrize("grading", ["buttons", "sm2"])
def test_the_grades_fit_every_width(deck: str, monkeypatch: pytest.MonkeyPatch, width: int, grading: str) -> None:
    only(monkeypatch, grading=grading)

    async def test() -> None:
        async with opened(deck, size=(width, 24)) as pilot:
            await do(pilot, "space")
            shown = screen_text(pilot)
            for key in "1234" if grading == "buttons" else "012345":
                assert any(line.strip().startswith(key) or f" {key} " in line or f" {key}:" in line
                           for line in shown.splitlines()[-8:])  # fmt: skip

    run(test())


def test_suspend_bury_and_flag_are_taken_back_one_by_one(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await do(pilot, "s")
            assert message(pilot) == "suspended; `studycli unsuspend many:1` brings it back"
            await do(pilot, "b")
            assert message(pilot) == "buried until tomorrow; `studycli unbury many:2` brings it back"
            await do(pilot, "f")
            assert asked(pilot) == 3 and "⚑ flagged" in screen_text(pilot)
            await do(pilot, "space", "4")
            await until(pilot, lambda: isinstance(pilot.app.screen, EndScreen))
            await do(pilot, "u")
            await until(pilot, lambda: asked(pilot) == 3)
            assert message(pilot) == "taken back: Many · card 3" and "⚑ flagged" in screen_text(pilot)
            await do(pilot, "f")
            assert "⚑ flagged" not in screen_text(pilot)
            await do(pilot, "u")
            assert asked(pilot) == 2
            await do(pilot, "u")
            assert asked(pilot) == 1
            await do(pilot, "u")
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
                await do(pilot, *([key] if key in "sb" else ["space", key]))
                await until(pilot, lambda: not workspace(pilot).review.is_busy)
            for number in reversed(steps):
                await do(pilot, "u")
                await until(pilot, lambda: not workspace(pilot).review.is_busy)
                assert asked(pilot) == number
            assert not study(pilot).has_done_something

    run(test())
    assert log() == []


def test_the_end(deck: str) -> None:
    async def test() -> None:
        async with opened(deck, limit=2) as pilot:
            await do(pilot, "space", "4", "space", "1", "space", "4")
            await until(pilot, lambda: "r goes on" in screen_text(pilot))
            shown = screen_text(pilot)
            assert "3 answers on 2 cards" in shown and "learned: Concept 1, Concept 2" in shown
            assert "weakest (answers below Good): Concept 2" in shown, shown
            assert "due tomorrow" in shown and "left for today: 1 card" in shown
            await do(pilot, "r")
            await until(pilot, lambda: asked(pilot) == 3)
            await do(pilot, "u")
            await until(pilot, lambda: asked(pilot) == 2)
            await do(pilot, "space", "4")
            await until(pilot, lambda: "r goes on" in screen_text(pilot))
            await do(pilot, "r")
            await until(pilot, lambda: asked(pilot) == 3)
            await do(pilot, "space", "4")
            await until(pilot, lambda: "4 answers on 3 cards" in screen_text(pilot))
            pilot.app.simulate_key("enter")
            await left(pilot)

    run(test())
    assert log() == [(1, 5), (2, 2), (2, 5), (3, 5)]


def test_help_stops_the_time_and_quit_leaves(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await do(pilot, "question_mark")
            assert isinstance(pilot.app.screen, HelpScreen)
            before = study(pilot).seconds
            await pilot.pause(0.01)
            assert study(pilot).seconds == before
            await do(pilot, "escape", "m")
            before = study(pilot).seconds
            await pilot.pause(0.01)
            assert study(pilot).seconds == before
            await do(pilot, "escape")
            pilot.app._suspend_signal()
            before = study(pilot).seconds
            await pilot.pause(0.01)
            assert study(pilot).seconds == before
            pilot.app._resume_signal()
            await until(pilot, lambda: study(pilot).seconds > before)
            pilot.app.simulate_key("q")
            await left(pilot)

    run(test())


def test_the_heading(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            study(pilot).add_seconds(130)
            await do(pilot, "space", "4")
            lines = screen_text(pilot).splitlines()
            assert lines[0].split("  ")[0].strip() == "Many · card 2" and lines[0].endswith("new 2 · due 0 · again 0")
            assert lines[1].endswith("2 of 3 · 2 min")
            assert workspace(pilot).review.query_one(Heading).size.height == 2

    run(test())
