"""Editing a card from a review: its document, the store, the question that stands, and what is never lost."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from studycli import config
from studycli.collection import Collection
from studycli.errors import MissingError, StudyError, UsageError
from studycli.tui import editing
from tests.unit.tui.reviewing import asked, log, message, only, write_deck
from tests.unit.tui.workspace import opened, press, run, screen_text, study


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    only(monkeypatch)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    return write_deck(tmp_path)


def editor(monkeypatch: pytest.MonkeyPatch, folder: Path, program: str) -> None:
    """An editor that runs this program on `text`, the file's content, and writes what is in it then."""
    script = folder / "an editor.py"
    script.write_text(
        "import os, sys, pathlib\nfile = pathlib.Path(sys.argv[-1])\ntext = file.read_text('utf-8')\n"
        f"{program}\nfile.write_text(text, 'utf-8')\n",
        "utf-8",
    )
    monkeypatch.setenv("EDITOR", shlex.join([sys.executable, str(script), "--wait"]))


def test_an_edit_changes_the_card_in_its_document_and_nothing_else(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(monkeypatch, tmp_path, "text = text.replace('Question 1?', 'Question one?').replace('Answer 1.', 'One.')")
    before = deck.read_text("utf-8")

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            await press(pilot, "space")
            seconds = study(pilot).seconds
            await press(pilot, "e")
            assert message(pilot).startswith("the card is edited")
            assert "Question one?" in screen_text(pilot) and "One." in screen_text(pilot)
            assert study(pilot).revealed and asked(pilot) == 1 and study(pilot).seconds >= seconds
            await press(pilot, "4", "u")
            assert "Question one?" in screen_text(pilot)
            await press(pilot, "space", "3")

    run(test())
    after = deck.read_text("utf-8")
    plain = re.sub(r"<!-- id: .* -->\n", "", after)
    assert plain == before.replace("Question 1?", "Question one?").replace("Answer 1.", "One.")
    assert log() == [(1, 4)]
    with Collection.open(config.load()) as collection:
        assert len(collection.select(archived=True)) == 3
        assert len(collection.repository.history(collection.card("many:1").id)) == 3


def test_a_card_that_becomes_another_keeps_its_history(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(
        monkeypatch, tmp_path,
        "text = text.replace('Question 1?', 'What does softmax give?').replace('Answer 1.', 'A distribution.')",
    )  # fmt: skip

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            known = study(pilot).standing_card.id
            await press(pilot, "e")
            assert "an id under its heading keeps its history" in message(pilot)
            assert study(pilot).standing_card.id == known and "What does softmax give?" in screen_text(pilot)
            assert f"<!-- id: {known} -->" in deck.read_text("utf-8")
            await press(pilot, "space", "4")

    run(test())
    assert log() == [(1, 5)]


def test_a_text_that_was_not_changed(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(monkeypatch, tmp_path, "pass")
    before = deck.stat().st_mtime_ns

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            await press(pilot, "e")
            assert message(pilot) == "nothing was changed" and "space shows the answer" in screen_text(pilot)

    run(test())
    assert deck.stat().st_mtime_ns == before


def test_a_text_that_is_no_card_is_kept_and_opened_again(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(monkeypatch, tmp_path, "text = 'My precious words.' if 'precious' not in text else "
           "'### Card 1 | Easy\\n#### Front\\nQuestion 1!\\n#### Back\\n' + text")  # fmt: skip
    before = deck.read_text("utf-8")

    async def test() -> None:
        async with opened(str(deck), size=(200, 24)) as pilot:
            await press(pilot, "e")
            assert "the card is not edited" in message(pilot)
            named = re.search(r"your text is in (\S+?),", message(pilot))
            assert named is not None and Path(named[1]).read_text("utf-8") == "My precious words."
            assert deck.read_text("utf-8") == before and asked(pilot) == 1
            await press(pilot, "e")
            assert "Question 1!" in screen_text(pilot) and not Path(named[1]).exists()

    run(test())
    assert "My precious words." in deck.read_text("utf-8")


def test_a_document_that_changed_meanwhile(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = deck.read_text("utf-8").replace("Answer 1.", "Another hand's answer.")
    other = tmp_path / "other.txt"
    other.write_text(changed, "utf-8")
    editor(
        monkeypatch, tmp_path,
        f"pathlib.Path({str(deck)!r}).write_text(pathlib.Path({str(other)!r}).read_text())\ntext += '\\nMine.\\n'",
    )  # fmt: skip

    async def test() -> None:
        async with opened(str(deck), size=(200, 24)) as pilot:
            await press(pilot, "e")
            named = re.search(r"your text is in (\S+?),", message(pilot))
            assert named is not None and "Mine." in Path(named[1]).read_text("utf-8")

    run(test())
    assert deck.read_text("utf-8") == changed


def test_an_editor_that_fails_changes_nothing(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(monkeypatch, tmp_path, "sys.exit(3)")
    before = deck.read_text("utf-8")

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            await press(pilot, "e")
            assert "the editor ended with exit code 3, so nothing was changed" in message(pilot)
            monkeypatch.setenv("EDITOR", "no-such-editor-anywhere")
            await press(pilot, "e")
            assert "there is no editor 'no-such-editor-anywhere'" in message(pilot)

    run(test())
    assert deck.read_text("utf-8") == before


def test_a_read_only_document(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(monkeypatch, tmp_path, "text = 'never opened'")
    deck.chmod(0o444)

    async def test() -> None:
        async with opened(str(deck), size=(200, 24)) as pilot:
            await press(pilot, "e")
            assert "the document is read-only" in message(pilot) and "studycli add" in message(pilot)

    run(test())


def test_where_no_editor_can_be_opened(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HeadlessDriver, "can_suspend", False)

    async def test() -> None:
        async with opened(str(deck), size=(200, 24)) as pilot:
            await press(pilot, "e")
            assert "no editor can be opened from here" in message(pilot) and f"{deck}, line 3" in message(pilot)

    run(test())


def test_a_cloze_that_is_edited_away_is_not_asked_any_more(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deck.write_text(
        "# Flashcards: Many\n\n### Card 1 | Easy\n\n#### Front\n{{c1::Queries}} meet {{c2::keys}}.\n\n"
        "### Card 2 | Easy\n\n#### Front\nQuestion 2?\n\n#### Back\nAnswer 2.\n",
        "utf-8",
    )
    editor(monkeypatch, tmp_path, "text = text.replace('{{c2::keys}}', 'keys')")

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            assert study(pilot).standing_card.card.variant == ""
            await press(pilot, "space", "4")
            while study(pilot).standing_card.card.variant != "c2":
                await press(pilot, "space", "4")
            await press(pilot, "e")
            assert "many:1/c2 is no longer in its document" in screen_text(pilot)

    run(test())
    assert "{{c1::Queries}} meet keys." in deck.read_text("utf-8")


def test_the_editor_that_is_meant(tmp_path: Path) -> None:
    for name in ("code", "nano", "vi"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    path = {"PATH": str(tmp_path)}
    assert editing.command({**path, "VISUAL": "code --wait", "EDITOR": "nano"}) == ["code", "--wait"]
    assert editing.command({**path, "VISUAL": " ", "EDITOR": "nano"}) == ["nano"]
    assert editing.command(path) == [str(tmp_path / "nano")]
    with pytest.raises(UsageError, match="EDITOR cannot be read"):
        editing.command({**path, "EDITOR": "code 'x"})
    with pytest.raises(MissingError, match="no editor was found") as caught:
        editing.command({"PATH": os.devnull})
    assert caught.value.hint is not None and issubclass(MissingError, StudyError)
