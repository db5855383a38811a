"""The line of keys at the bottom of each screen, and the keys on the tabs."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widget import Widget

from studycli import config
from studycli.tui import keymap
from studycli.tui.app import Opened, Workspace
from studycli.tui.browse_query import QueryField
from studycli.tui.help_screen import HelpScreen
from studycli.tui.key_line import KeyLine
from studycli.tui.side import Tabs
from tests.unit.tui.reviewing import asked, left, only, write_deck
from tests.unit.tui.workspace import click, is_at_card, opened, press, resize, run, screen_text, study


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    only(monkeypatch)
    return str(write_deck(tmp_path))


def test_no_widget_is_left_over_from_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    deck = str(write_deck(tmp_path, 60))

    async def test() -> None:
        async with opened(deck, size=(100, 30), new=60) as pilot:
            counts = []
            for number in range(1, 51):
                assert asked(pilot) == number
                await press(pilot, "space", "3")
                if number in (5, 50):
                    gc.collect()
                    counts.append(sum(issubclass(type(one), Widget) for one in gc.get_objects()))
            assert counts[0] == counts[1]

    run(test())


def foot(pilot: Pilot[None]) -> str:
    return screen_text(pilot).splitlines()[-1]


def tabs(pilot: Pilot[None]) -> str:
    return screen_text(pilot).splitlines()[2]


async def click_key(pilot: Pilot[None], entry: str) -> None:
    await click(pilot, KeyLine, offset=(foot(pilot).index(entry) + 1, 0))


def test_a_key_is_clicked(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await click_key(pilot, "space Answer")
            assert study(pilot).revealed and "Answer" not in foot(pilot)
            await click_key(pilot, "f Flag")
            assert "⚑ flagged" in screen_text(pilot)
            await click_key(pilot, "b Bury")
            assert asked(pilot) == 2 and "space Answer" in foot(pilot)
            await click_key(pilot, "u Undo")
            assert asked(pilot) == 1
            await click_key(pilot, "? Help")
            assert isinstance(pilot.app.screen, HelpScreen)
            await press(pilot, "escape")
            await click_key(pilot, "q Quit")
            await left(pilot)

    run(test())


def test_whole_keys_are_left_out_from_the_middle_where_there_is_no_room(deck: str) -> None:
    entries = [
        "space Answer", "u Undo", "s Suspend", "b Bury", "f Flag", "e Edit", "/ Browse", "t Type", "q Quit", "? Help",
    ]  # fmt: skip

    async def test() -> None:
        async with opened(deck, size=(120, 24)) as pilot:
            assert foot(pilot).split("  ") == [f" {entries[0]}", *entries[1:]]
            await resize(pilot, 80, 24)
            assert foot(pilot) == " ".join(entries)
            assert tabs(pilot).split("  ")[1:] == ["esc Card", " d Demo", " m Map", " o Source", " n Notes"]
            shown = len(entries)
            for width in range(78, 5, -6):
                await resize(pilot, width, 24)
                line = foot(pilot).strip().replace("  ", " ")
                before, shown = shown, next(n for n in range(shown + 1) if line == " ".join(_some(entries, n)))
                assert before - shown <= 2 and shown > 0, (width, line)
                names = ("Card", "Demo", "Map", "Source", "Notes")
                assert width < 30 or all(name in tabs(pilot) for name in names), (width, tabs(pilot))
            assert foot(pilot).strip() == "? Help"

    run(test())


def _some(entries: list[str], count: int) -> list[str]:
    """The first ones, and the last two, of which the last stays."""
    return [*entries[: max(count - 2, 0)], *entries[len(entries) - min(count, 2) :]]


def test_keys_of_the_learner_are_shown_and_clicked(deck: str, home: Path) -> None:
    file = home / "config" / "studycli" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    keys = {"reveal": "g", "flag": "ctrl+r,z", "help": "f1", "demo": "f2", "notes": "v", "card": "c", "bury": "+"}
    file.write_text("\n".join(["[keys]", *(f'{name} = "{key}"' for name, key in keys.items())]), "utf-8")

    async def test() -> None:
        async with opened(deck) as pilot:
            assert foot(pilot) == "g Answer u Undo s Suspend + Bury ^r Flag e Edit / Browse t Type q Quit f1 Help"
            assert tabs(pilot).split("  ")[1:] == ["c Card", " f2 Demo", " m Map", " o Source", " v Notes"]
            await click_key(pilot, "^r Flag")
            assert "⚑ flagged" in screen_text(pilot)
            await press(pilot, "slash")
            assert "in the hits: ⏎ Read  s Suspend  + Bury  ^r Flag" in foot(pilot)

    run(test())


def test_keys_that_a_field_takes_are_not_shown(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "t")
            assert "Browse" not in foot(pilot) and "compares your answer" in foot(pilot)
            await press(pilot, "slash", "escape")
            assert foot(pilot).startswith("space Answer") and is_at_card(pilot)

    run(test())


def test_a_key_that_there_is_not_cannot_write_to_the_terminal() -> None:
    app = Workspace(lambda: Opened(None), settings=config.Settings(keys={"demo": "\x1b[31m\nd"}))  # type: ignore[arg-type]
    assert keymap.shown(app, Binding("d", "pane", id="demo")).isprintable()


def test_notes_stay_marked_on_a_tab_of_any_width(deck: str) -> None:
    async def test() -> None:
        async with opened(deck, size=(120, 30)) as pilot:
            pilot.app.screen.query_one(Tabs).mark_noted(True)
            for width in (120, 80, 52, 40, 30):
                await resize(pilot, width, 24)
                assert "Notes •" in tabs(pilot), (width, tabs(pilot))

    run(test())


def test_the_field_of_the_search_says_what_leads_to_the_hits_and_what_counts_there(deck: str) -> None:
    async def test() -> None:
        async with opened(deck) as pilot:
            await press(pilot, "slash")
            assert foot(pilot) == " ⏎ To the hits  esc Back  in the hits: ⏎ Read  s Suspend  b Bury  f Flag"
            await click_key(pilot, "f Flag")
            assert "flagged" in screen_text(pilot) and pilot.app.screen.query_one(QueryField).value == ""
            await press(pilot, "x", "x")
            assert foot(pilot) == " ⏎ To the hits  esc Back"
            await press(pilot, "escape", "enter")
            assert foot(pilot) == " ⏎ Read  esc Back  s Suspend  b Bury  f Flag  q To the card  ^d Quit  ? Help"
            await click_key(pilot, "⏎ Read")
            assert pilot.app.screen.has_class("-full") and "Read" not in foot(pilot)
            await click_key(pilot, "q To the card")
            assert is_at_card(pilot) and "space Answer" in foot(pilot)

    run(test())
