"""Editors that fail: the screen comes back, the review goes on, and a file stays only where it holds a text."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from tests.unit.tui.reviewing import asked, message, only, write_deck
from tests.unit.tui.workspace import opened, press, run, screen_text, workspace


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    only(monkeypatch)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    (tmp_path / "files").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "files"))
    return write_deck(tmp_path)


def editor(monkeypatch: pytest.MonkeyPatch, folder: Path, program: str) -> None:
    """An editor that runs this program; `file` is the path of what it is to edit."""
    script = folder / "editor.py"
    script.write_text(f"import sys, pathlib\nfile = pathlib.Path(sys.argv[-1])\n{program}\n", "utf-8")
    monkeypatch.setenv("EDITOR", shlex.join([sys.executable, str(script)]))


def kept(pilot: Pilot[None]) -> list[str]:
    """What is said of texts when all is over."""
    return [told for told in workspace(pilot).told if "text" in told]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("sys.exit(3)", "the editor ended with exit code 3, so nothing was changed"),
        ("file.unlink()", "the card is not edited: the editor left no file"),
        ("file.unlink(); sys.exit(1)", "the editor ended with exit code 1, so nothing was changed"),
        (None, "there is no editor 'no-such-editor-anywhere'"),
    ],
)
def test_nothing_is_left_behind(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str | None, said: str
) -> None:
    if program is None:
        monkeypatch.setenv("EDITOR", "no-such-editor-anywhere")
    else:
        editor(monkeypatch, tmp_path, program)
    modes: list[str] = []
    monkeypatch.setattr(HeadlessDriver, "suspend_application_mode", lambda driver: modes.append("shell"))
    monkeypatch.setattr(HeadlessDriver, "resume_application_mode", lambda driver: modes.append("screen"))
    before = deck.read_text("utf-8")

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            await press(pilot, "e")
            assert said in message(pilot) and modes == ["shell", "screen"]
            await press(pilot, "space", "4")
            assert asked(pilot) == 2
        assert not kept(pilot)

    run(test())
    assert deck.read_text("utf-8") == before and list((tmp_path / "files").iterdir()) == []


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("file.write_text('My precious words.'); sys.exit(1)", "the editor ended with exit code 1"),
        ("file.write_text('My precious words.')", "the card is not edited"),
    ],
)
def test_a_text_that_stays_is_named_at_once_and_at_the_end(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    editor(monkeypatch, tmp_path, program)

    async def test() -> None:
        async with opened(str(deck), size=(200, 24)) as pilot:
            await press(pilot, "e")
            named = re.search(r"your text is in ([^\s,]+)", message(pilot))
            assert said in message(pilot) and named is not None
            assert Path(named[1]).read_text("utf-8") == "My precious words."
            await press(pilot, "e")
        assert kept(pilot) == [f"your text for many:1 is in {named[1]}"]

    run(test())


def test_a_file_that_cannot_be_read_back(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(monkeypatch, tmp_path, "file.unlink(); file.mkdir()")

    async def test() -> None:
        async with opened(str(deck), size=(200, 24)) as pilot:
            await press(pilot, "e")
            assert "the editor's file cannot be read: Is a directory" in message(pilot)
            assert "space shows the answer" in screen_text(pilot)
        assert len(kept(pilot)) == 1

    run(test())


def test_where_no_file_can_be_made(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(monkeypatch, tmp_path, "sys.exit(3)")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))

    async def test() -> None:
        async with opened(str(deck), size=(200, 24)) as pilot:
            await press(pilot, "e")
            assert "no file can be made for the editor: No such file or directory" in message(pilot)

    run(test())
