"""The palette and the help: everything that can be done is there, in plain words, with the keys as they are now."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import Command, CommandList
from textual.pilot import Pilot

from studycli.tui import commands, keymap
from studycli.tui.app import Workspace
from studycli.tui.help_screen import HelpScreen
from studycli.tui.review_screen import ReviewScreen
from tests.unit.tui.reviewing import log, message, only, write_deck
from tests.unit.tui.workspace import is_at_card, look, opened, press, run, screen_text, settle, until, workspace


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    only(monkeypatch)
    return str(write_deck(tmp_path))


def chosen(pilot: Pilot[None]) -> str | None:
    """The command that enter would do; None while it is still looked for."""
    found = pilot.app.screen.query_one(CommandList).highlighted_option
    is_searching = not all(worker.is_finished for worker in pilot.app.workers)
    return found.hit.text if isinstance(found, Command) and not is_searching else None


def test_every_action_of_the_review_has_a_sentence() -> None:
    names = {name for name, _ in keymap._bound((ReviewScreen, Workspace))}
    grades = {name for name in names if name.startswith("grade-")}
    assert len(grades) == 6
    assert names - grades <= set(commands.SENTENCES)
    assert all(sentence.endswith(".") for _, sentence in commands.SENTENCES.values())


def test_what_the_palette_finds(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            app = workspace(pilot)
            found = {command.title: command for command in app.get_system_commands(app.screen)}
            assert {"Answer", "Undo", "Bury", "Demo", "Browse", "Progress", "Help", "Quit"} <= set(found)
            assert [title for title in found if title.startswith("Grade")] == [
                "Grade: Again", "Grade: Hard", "Grade: Good", "Grade: Easy",
            ]  # fmt: skip
            own = {title for title, command in found.items() if title.startswith("Theme") and command.discover}
            assert own == {"Theme: dark", "Theme: light", "Theme: high-contrast", "Theme: no-color"}
            assert found["Undo"].help == "u: Take back the last grade, or what was done last."

    run(test())


def test_a_command_does_what_its_key_does(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            for typed, title in (("answer", "Answer"), ("grade easy", "Grade: Easy")):
                await press(pilot, "colon", *("space" if letter == " " else letter for letter in typed))
                await until(pilot, lambda title=title: chosen(pilot) == title)  # type: ignore[misc]
                await press(pilot, "enter")
                await until(pilot, lambda: is_at_card(pilot))
            await look(pilot, "Question 2?")

    run(test())
    assert log() == [(1, 5)]


def test_a_theme_lasts_for_the_run_and_says_how_to_keep_it(deck: str, home: Path) -> None:
    async def test() -> None:
        async with opened(deck, size=(120, 40)) as pilot:
            app = workspace(pilot)
            await press(pilot, "colon", *"theme", "space", *"light")
            await until(pilot, lambda: chosen(pilot) == "Theme: light")
            await press(pilot, "enter")
            await until(pilot, lambda: app.theme == "light" and is_at_card(pilot))
            await settle(pilot)
            # In the line of the grades, so that it covers neither them nor the card.
            assert message(pilot) == 'theme = "light" in ~/config/studycli/config.toml keeps it'
            assert not app._notifications

    run(test())


def test_the_help_fits_and_begins_with_the_review(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "question_mark")
            assert isinstance(pilot.app.screen, HelpScreen)
            lines = screen_text(pilot).splitlines()
            names = [line.strip("│ ").split("  ")[-1].strip() for line in lines]
            assert names[1:3] == ["reveal", "grade-1 … grade-4"]
            assert set(names) >= {
                "undo",
                "demo map source notes",
                "browse",
                "help",
                "palette",
                "suspend-process",
                "quit",
            }
            await press(pilot, "escape")
            assert is_at_card(pilot)
            for key in ("q", "question_mark", "space"):
                await press(pilot, "question_mark")
                assert isinstance(pilot.app.screen, HelpScreen)
                await press(pilot, key)
                assert is_at_card(pilot) and "Answer 1." not in screen_text(pilot)

    run(test())


def test_the_learners_own_keys_are_shown_and_work(deck: str, home: Path) -> None:
    file = home / "config" / "studycli" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('grading = "sm2"\n[keys]\nreveal = "v"\nhelp = "f1"\n')

    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "space")
            assert "Answer 1." not in screen_text(pilot)
            await press(pilot, "v")
            assert "Answer 1." in screen_text(pilot)
            await press(pilot, "f1")
            text = screen_text(pilot)
            assert "│ v  " in text and "│ 0 1 2 3 4 5  " in text and "│ f1" in text

    run(test())
