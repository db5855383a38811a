"""Texts that change while a review asks: by an edit of a sibling, by another run; and decks of studycli's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from studycli import config, paths
from studycli.collection import Collection
from studycli.store.lazy import LazyCard
from tests.unit.tui.reviewing import CARD, asked, log, message, only, write_deck
from tests.unit.tui.test_review_editing import editor
from tests.unit.tui.workspace import opened, press, run, screen_text, study

SIBLINGS = """\
# Flashcards: Many

### Card 1 | Easy

#### Front
{{c1::Queries}} meet {{c2::keys}}.

### Card 2 | Easy
**Reversed:** yes

#### Front
Question 2?

#### Back
Answer 2.
"""


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    only(monkeypatch)
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    return write_deck(tmp_path)


def rewrite(deck: Path, old: str, new: str) -> None:
    """Another run reads a document that was changed."""
    text = deck.read_text("utf-8")
    assert old in text
    deck.write_text(text.replace(old, new), "utf-8")
    with Collection.open(config.load()) as collection:
        collection.sync()


def test_siblings_are_asked_with_the_edited_text(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deck.write_text(SIBLINGS, "utf-8")
    editor(monkeypatch, tmp_path, "text = text.replace(' meet ', ' find ').replace('Question 2?', 'Question two?')")

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            await press(pilot, "e", "space", "4")
            assert asked(pilot) == 2
            await press(pilot, "e", "space", "4")
            assert study(pilot).standing_card.card.place == "1/c2" and "Queries find […]." in screen_text(pilot)
            await press(pilot, "e")
            assert message(pilot) == "nothing was changed"
            await press(pilot, "space", "4")
            assert study(pilot).standing_card.card.place == "2/reversed"
            await press(pilot, "space")
            assert "Question two?" in screen_text(pilot)

    run(test())


def test_an_edit_reads_no_other_card(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(monkeypatch, tmp_path, "text = text.replace('Question 1?', 'Question 1\\nin two lines?')")

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            await press(pilot, "e")
            third = next(card for card in study(pilot).session._cards.values() if card.card.number == 3)
            line = deck.read_text("utf-8").splitlines().index("### Card 3 | Easy") + 1
            assert third.card.line == line and type(third.card) is LazyCard

    run(test())


def test_what_another_run_reads_is_asked_with_its_new_text(deck: Path) -> None:
    async def test() -> None:
        async with opened(str(deck)) as pilot:
            rewrite(deck, "Answer 1.", "The first answer.\n\nAnd more.")
            await press(pilot, "p", "escape")
            assert message(pilot) == "the card has a new text" and "space shows the answer" in screen_text(pilot)
            await press(pilot, "space")
            assert "The first answer." in screen_text(pilot)
            rewrite(deck, "Question 2?", "Question two?")
            await press(pilot, "4")
            assert asked(pilot) == 2 and "Question two?" in screen_text(pilot)
            await press(pilot, "u", "space")
            assert "The first answer." in screen_text(pilot)

    run(test())


def test_what_another_run_read_is_edited(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(monkeypatch, tmp_path, "text = text.replace('Question one?', 'Which question?')")

    async def test() -> None:
        async with opened(str(deck)) as pilot:
            await press(pilot, "space")
            rewrite(deck, "Question 1?", "Question one?")
            await press(pilot, "e")
            assert message(pilot) == "the card is edited" and study(pilot).revealed
            assert "Which question?" in screen_text(pilot) and "Answer 1." in screen_text(pilot)
            with Collection.open(config.load()) as collection:
                collection.repository.suspend(study(pilot).standing_card.id)
            await press(pilot, "e")
            assert message(pilot) == "many:1 is suspended now" and asked(pilot) == 2

    run(test())


@pytest.mark.parametrize("is_installed", [True, False])
def test_a_deck_of_studyclis_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_installed: bool) -> None:
    """In an installed package an upgrade would undo the edit; in a source checkout it is what one works on."""
    package = tmp_path / "site-packages" / "studycli"
    bundled = package / "bundled" if is_installed else package.parent
    for name in ("decks", "concept_maps"):
        (bundled / name).mkdir(parents=True)
    deck = bundled / "decks" / "own.md"
    deck.write_text("# Flashcards: Own\n\n" + CARD.format(n=1), "utf-8")
    monkeypatch.setattr(paths, "__file__", str(package / "paths.py"))
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    editor(monkeypatch, tmp_path, "text = text.replace('Answer 1.', 'My answer.')")
    mine = tmp_path / "mine"

    async def test() -> None:
        async with opened(size=(200, 24)) as pilot:
            await press(pilot, "e")
            if not is_installed:
                assert message(pilot) == "the card is edited" and "My answer." in deck.read_text("utf-8")
                return
            assert "an upgrade would undo the edit" in message(pilot)
            assert "copy it to a folder of yours, and add that with: studycli add FOLDER" in message(pilot)
            assert "Answer 1." in deck.read_text("utf-8")
            mine.mkdir()
            shutil.copy(deck, mine)
        async with opened(str(mine / "own.md"), size=(200, 24)) as pilot:
            await press(pilot, "e")
            assert message(pilot) == "the card is edited" and "My answer." in (mine / "own.md").read_text("utf-8")

    run(test())
    assert log() == []
