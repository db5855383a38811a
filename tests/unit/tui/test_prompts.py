"""What the workspace says to press: the learner's own keys, in lines that cover nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli import config
from studycli.collection import Collection
from tests.unit.tui.reviewing import message, only, write_deck
from tests.unit.tui.workspace import ENGINE_DEADLINE, look, opened, press, run, screen_text, workspace

KEYS = {
    "reveal": "v", "type": "w", "notation": "y", "answer-close": "f3", "go-on": "j", "palette": ";", "demo": "G",
    "demo-enter": "f4", "demo-reset": "f5", "map-open": "f6", "map-back": "f7", "notes-edit": "f8", "notes-done": "f9",
    "source-open": "f2",
}  # fmt: skip
LESSON = "# Many\n\n## Concept 1\n\nAll about concept 1.\n"


def remap(home: Path, **keys: str) -> None:
    lines = [f'{name.replace("_", "-")} = "{key}"' for name, key in keys.items()]
    file = home / "config" / "studycli" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(["[keys]", *lines]), "utf-8")


def test_the_prompts_of_the_card_name_the_learners_keys(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch)
    remap(home, **KEYS)
    deck = write_deck(tmp_path)
    long = "\n\n".join(f"Line {n} of $x$." for n in range(40))
    deck.write_text(deck.read_text("utf-8").replace("Question 1?", f"Question 1?\n\n{long}"), "utf-8")

    async def test() -> None:
        async with opened(str(deck), limit=2) as pilot:
            assert "v shows the answer" in screen_text(pilot) and "(v) ──" in screen_text(pilot)
            await press(pilot, "3")
            assert message(pilot) == "look at the answer first: v"
            await press(pilot, "y")
            assert message(pilot) == "formulas as their LaTeX source; y turns back"
            await press(pilot, "w")
            assert "enter compares your answer, f3 closes the field" in screen_text(pilot)
            await press(pilot, "f3", "question_mark")
            await press(pilot, "end")
            assert "; finds every command." in screen_text(pilot)
            await press(pilot, "escape")
            while "Answer 1." not in screen_text(pilot):
                await press(pilot, "v")
            await press(pilot, "4", "v", "4")
            await look(pilot, "j goes on")

    run(test())


def test_the_prompts_of_the_panes_name_the_learners_keys(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch)
    remap(home, **KEYS)
    write_deck(tmp_path)
    (tmp_path / "lesson.md").write_text(LESSON, "utf-8")
    with Collection.open(config.load()) as collection:
        collection.add(str(tmp_path))

    async def test() -> None:
        async with opened(size=(100, 30)) as pilot:
            await press(pilot, "G")
            await look(pilot, "f5: reset", deadline=ENGINE_DEADLINE)
            await press(pilot, "o")
            await look(pilot, "f2 shows it now")
            await press(pilot, "m")
            await look(pilot, "f6: open", "f7: back")
            await press(pilot, "n")
            await look(pilot, "f8 writes one")
            await press(pilot, "f8")
            await look(pilot, "f9 when done")

    run(test())


def test_what_opening_told_is_a_short_line_below_the_card(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch)
    here, gone = write_deck(tmp_path), write_deck(tmp_path, name="gone")
    with Collection.open(config.load()) as collection:
        collection.add(str(here))
        collection.add(str(gone))
    gone.unlink()

    async def test() -> None:
        async with opened() as pilot:
            assert message(pilot) == "gone.md: this document is no longer there"
            assert not workspace(pilot)._notifications

    run(test())


def test_the_help_says_that_there_is_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    deck = write_deck(tmp_path)

    async def test() -> None:
        async with opened(str(deck), size=(80, 24)) as pilot:
            await press(pilot, "question_mark")
            assert "▼ more · esc goes back" in screen_text(pilot)
            await press(pilot, "end")
            shown = screen_text(pilot)
            assert "▼ more" not in shown and 'reveal = "space,v"' in shown
        async with opened(str(deck), size=(80, 50)) as pilot:
            await press(pilot, "question_mark")
            assert "▼ more" not in screen_text(pilot)

    run(test())


def test_an_answer_that_is_far_off_is_not_followed_by_the_answer_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch)
    deck = write_deck(tmp_path, 1)
    words = " ".join(f"word{n}" for n in range(60))
    deck.write_text(deck.read_text("utf-8").replace("Answer 1.", words), "utf-8")

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            await press(pilot, "t", *"word3", "space", *"nonsense")
            await press(pilot, "enter")
            shown = screen_text(pilot)
            assert "you typed 1 of the answer's 60 words" in shown and "word3 nonsense" in shown
            assert shown.count("word59") == 1 and "not typed" not in shown

    run(test())


def test_the_field_that_has_the_focus_takes_the_keys_of_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch)
    deck = write_deck(tmp_path)

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            assert "/ Browse" in screen_text(pilot)
            for keys in (("t",), ("escape", "n", "enter")):
                await press(pilot, *keys)
                line = screen_text(pilot).splitlines()[-1]
                assert not {"Browse", "Undo", "Quit", "Help", "Answer"} & set(line.split()), line

    run(test())
