"""The notes pane: what is written there is in the store at once, and nothing that was written is lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from studycli import clock, config
from studycli.collection import Collection
from studycli.store.repository import Repository
from studycli.tui import notes_pane
from studycli.tui.grade_bar import GradeBar
from studycli.tui.notes_field import NotesField
from studycli.tui.notes_pane import NotesPane
from tests.concept_maps import GARDEN
from tests.unit.tui.workspace import (
    click,
    is_at_card,
    look,
    opened,
    press,
    resize,
    run,
    screen_text,
    settle,
    study,
    until,
    workspace,
)  # fmt: skip

NOTE = "Threads of *fungus*.\n\n- `hyphae`\n- [b]no markup[/b]"


@pytest.fixture
def ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of three cards; a map calls the concept of the first two 'Root Network', the third has none."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    folder = tmp_path / "notes"
    folder.mkdir()
    parts = ["# Flashcard Set: Garden\n"]
    for number, concept in enumerate(["root networks", "Root Network", ""], start=1):
        named = f"**Concept:** {concept}\n" if concept else ""
        sides = f"**FRONT (Question):**\nQuestion {number}?\n\n**BACK (Answer):**\nAnswer {number}.\n"
        parts.append(f"### Card {number} | Easy\n{named}\n{sides}")
    (folder / "deck.md").write_text("\n---\n".join(parts), "utf-8")
    (folder / "map.md").write_text(GARDEN, "utf-8")
    with Collection.open(config.load()) as collection:
        collection.add(str(folder))
        return [card.id for card in collection.select()]


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is stored by the clock, so that a test sees what else stores it."""
    monkeypatch.setattr(notes_pane, "SECONDS_UNSAVED", 3600.0)


def stored(card_id: str | None = None, concept: str | None = None) -> str | None:
    """The note, as another program reads it."""
    with Repository.open(config.load().database) as repository:
        note = repository.note(card_id, concept)
    return note.text if note is not None else None


def write(text: str, card_id: str | None = None, concept: str | None = None) -> None:
    """Write a note as another program would."""
    with Repository.open(config.load().database) as repository:
        repository.save_note(text, card_id=card_id, concept=concept, at=clock.now())


def pane(pilot: Pilot[None]) -> NotesPane:
    return workspace(pilot).screen.query_one(NotesPane)


def field(pilot: Pilot[None]) -> NotesField:
    return pane(pilot).query_one(NotesField)


async def edit(pilot: Pilot[None]) -> None:
    """Turn to the notes and begin to write."""
    await press(pilot, "n")
    await look(pilot, "enter ")
    await press(pilot, "enter")
    await until(pilot, lambda: field(pilot).has_focus)


def test_the_pane_at_three_sizes(ids: list[str], snapshot: SnapshotAssertion) -> None:
    write(NOTE, ids[0])

    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "space", "n")
            await look(pilot, "Threads of fungus.")
            for name, keys in (("note", ()), ("field", ("enter",))):
                await press(pilot, *keys)
                for size in ((80, 24), (120, 40), (200, 60)):
                    await resize(pilot, *size)
                    region = pane(pilot).region
                    lines = screen_text(pilot).splitlines()[region.y : region.bottom]
                    shown = "\n".join(line[region.x : region.right].rstrip() for line in lines)
                    assert shown == snapshot(name=f"{name} {size[0]}x{size[1]}")

    run(test())


def test_a_note_is_written_and_shown_as_markdown(ids: list[str]) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "n")
            await look(pilot, "No note on this card yet.")
            await press(pilot, "enter")
            await look(pilot, "Markdown. It is saved as you write.")
            await press(pilot, "asterisk", "h", "i", "asterisk", "enter", "escape")
            shown = await look(pilot, "enter edits it", "hi")
            assert "*hi*" not in shown and "Card •" in shown and "Notes •" in shown
            assert stored(ids[0]) == "*hi*"
            await press(pilot, "enter", "enter", "y", "escape")
            await look(pilot, "enter edits it")
            assert stored(ids[0]) == "*hi*\ny"
            await press(pilot, "escape")
            await until(pilot, lambda: workspace(pilot).review.looking_at == "card")

    run(test())


def test_it_is_stored_while_it_is_written(ids: list[str]) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await edit(pilot)
            await press(pilot, "a")
            await until(pilot, lambda: stored(ids[0]) == "a")
            await look(pilot, "saved")
            assert field(pilot).has_focus
            await press(pilot, "b")
            await until(pilot, lambda: stored(ids[0]) == "ab")

    run(test())


def test_a_note_in_the_making_is_there_after_the_app_ends(ids: list[str], unhurried: None) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await edit(pilot)
            await press(pilot, "a", "b")
            assert stored(ids[0]) is None
            workspace(pilot).exit()

    run(test())
    assert stored(ids[0]) == "ab"


def test_ctrl_c_ends_it_and_keeps_the_note(ids: list[str], unhurried: None) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await edit(pilot)
            await press(pilot, "a", "ctrl+c")
            assert workspace(pilot).ended_by == signal.SIGINT

    run(test())
    assert stored(ids[0]) == "a"


def test_a_signal_ends_it_and_keeps_the_note(ids: list[str], unhurried: None) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await edit(pilot)
            await press(pilot, "a")
            os.kill(os.getpid(), signal.SIGTERM)
            await until(pilot, lambda: workspace(pilot).ended_by == signal.SIGTERM)

    run(test())
    assert stored(ids[0]) == "a"


def test_ctrl_c_copies_what_is_selected(ids: list[str]) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await edit(pilot)
            await press(pilot, "a", "b", "shift+left", "ctrl+c")
            assert workspace(pilot).clipboard == "b"
            assert workspace(pilot).ended_by is None and field(pilot).text == "ab"

    run(test())


def test_keys_in_a_note_are_text(ids: list[str], unhurried: None) -> None:
    keys = ["q", "1", "3", "colon", "s", "u", "b", "f", "e", "t", "x", "d", "m", "o", "n", "p", "slash"]
    keys += ["question_mark", "space", "left_square_bracket", "enter", "a", "left", "right", "ctrl+d"]

    async def test() -> None:
        async with opened() as pilot:
            await edit(pilot)
            await press(pilot, *keys)
            assert field(pilot).text == "q13:subfetxdmonp/? [\na"
            assert workspace(pilot).is_running and not study(pilot).revealed
            assert is_at_card(pilot) and study(pilot).summary().answered == 0

    run(test())


def test_the_note_of_the_concept(ids: list[str]) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "n")
            await look(pilot, "Concept: Root Network")
            for key in ("left", "right"):
                await press(pilot, key)
                await look(pilot, "No note on Root Network yet.")
                await press(pilot, key)
                await look(pilot, "No note on this card yet.")
            await press(pilot, "right", "enter", "a", "escape")
            await look(pilot, "Concept: Root Network •")
            assert stored(concept="Root Network") == "a" and stored(ids[0]) is None
            await press(pilot, "right")
            await look(pilot, "No note on this card yet.")
            await click(pilot, "#tab-note-concept")
            assert "No note" not in screen_text(pilot)
            await press(pilot, "escape", "space", "3")
            await look(pilot, "Notes •", "Question 2?")

    run(test())


def test_a_card_without_a_concept_has_one_note(ids: list[str]) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "s", "s", "n")
            shown = await look(pilot, "No note on this card yet.")
            assert "Concept" not in shown and "the other note" not in shown
            await press(pilot, "left", "enter", "a", "escape")
            await until(pilot, lambda: stored(ids[2]) == "a")

    run(test())


def test_an_empty_text_takes_the_note_away(ids: list[str]) -> None:
    write("a", ids[0])

    async def test() -> None:
        async with opened() as pilot:
            await look(pilot, "Notes •")
            await edit(pilot)
            await press(pilot, "backspace", "escape")
            assert "Notes •" not in await look(pilot, "No note on this card yet.")
            assert stored(ids[0]) is None

    run(test())


def test_a_note_gives_no_answer_away(ids: list[str]) -> None:
    write("The answer is fungus.", ids[0])

    async def test() -> None:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "n")
            shown = await look(pilot, "Your note is shown after the answer.", "enter opens it now")
            assert "fungus" not in shown
            await press(pilot, "space")
            await look(pilot, "The answer is fungus.")
            await press(pilot, "u")

    run(test())


def test_enter_opens_a_note_before_the_answer(ids: list[str]) -> None:
    write("The answer is fungus.", ids[0])
    write("As before.", ids[1])

    async def test() -> None:
        async with opened() as pilot:
            await edit(pilot)
            assert "The answer is fungus." in screen_text(pilot)
            await press(pilot, "escape")
            assert "The answer is fungus." in await look(pilot, "enter edits it")
            await press(pilot, "escape", "space", "3", "n")
            assert "As before." not in await look(pilot, "Your note is shown after the answer.")

    run(test())


def test_leaving_the_field_stores_it(ids: list[str], unhurried: None) -> None:
    async def test() -> None:
        async with opened() as pilot:
            for key, text in (("tab", "a"), ("shift+tab", "ab")):
                await edit(pilot)
                await press(pilot, text[-1], key)
                await until(pilot, lambda text=text: stored(ids[0]) == text)  # type: ignore[misc]
                await until(pilot, lambda: not pane(pilot).has_class("-editing"))
                await press(pilot, "n")

    run(test())


def test_the_next_card_stores_it_and_has_its_own(ids: list[str], unhurried: None) -> None:
    write("The second.", ids[1])

    async def test() -> None:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "space")
            await edit(pilot)
            await press(pilot, "a")
            await workspace(pilot).review.on_grade_bar_chosen(GradeBar.Chosen(4))
            await look(pilot, "Your note is shown after the answer.")
            await until(pilot, lambda: stored(ids[0]) == "a")
            await look(pilot, "Question 2?")
            assert stored(ids[1]) == "The second."

    run(test())


def test_a_note_that_changed_elsewhere_is_read_anew(ids: list[str]) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "space", "n")
            await look(pilot, "No note on this card yet.")
            write("From elsewhere.", ids[0])
            await press(pilot, "escape", "n")
            await look(pilot, "From elsewhere.")
            write("Elsewhere again.", ids[0])
            await press(pilot, "enter")
            assert field(pilot).text == "Elsewhere again."

    run(test())


def test_two_texts_at_once_are_both_kept(ids: list[str], unhurried: None) -> None:
    write("Before.", ids[0])

    async def test() -> None:
        async with opened() as pilot:
            await edit(pilot)
            await press(pilot, "a")
            write("Elsewhere.", ids[0])
            await press(pilot, "b")
            await pane(pilot)._save()
            await look(pilot, "it was changed elsewhere too; both texts are here")
            assert field(pilot).text == stored(ids[0]) == "Before.ab\n\n---\n\nElsewhere."
            await press(pilot, "c", "escape")
            await until(pilot, lambda: stored(ids[0]) == "Before.abc\n\n---\n\nElsewhere.")

    run(test())


def hide(repository: Repository) -> Path:
    """Take the database away; it comes back when its folder has its name again."""
    repository._engine.dispose()
    folder = repository.path.parent
    folder.rename(folder.with_name("away"))
    folder.write_text("in the way")
    return folder


def bring_back(folder: Path) -> None:
    folder.unlink()
    folder.with_name("away").rename(folder)


def test_what_the_store_refuses_stays_in_the_field(ids: list[str], unhurried: None) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await edit(pilot)
            folder = hide(study(pilot).collection.repository)
            await press(pilot, "a", "escape")
            await look(pilot, "not saved: ")
            assert field(pilot).text == "a" and field(pilot).has_focus
            bring_back(folder)
            await press(pilot, "escape")
            await look(pilot, "enter edits it")
            assert stored(ids[0]) == "a"

    run(test())


def test_after_a_refusal_the_pane_follows_the_review(ids: list[str], unhurried: None) -> None:
    async def test() -> None:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "space")
            await edit(pilot)
            await press(pilot, "a")
            folder = hide(study(pilot).collection.repository)
            await press(pilot, "escape")
            await look(pilot, "not saved: ")
            pane(pilot).turn_to(study(pilot).standing_card.model_copy(update={"id": ids[1]}), False)
            await settle(pilot)
            assert field(pilot).text == "a"
            bring_back(folder)
            await press(pilot, "escape")
            await look(pilot, "No note on this card yet.")
            assert stored(ids[0]) == "a"

    run(test())


def test_what_the_store_refuses_at_the_end_is_told(ids: list[str], unhurried: None) -> None:
    async def test() -> None:
        async with opened() as pilot:
            app = workspace(pilot)
            await edit(pilot)
            await press(pilot, "a", "b")
            assert app.study is not None
            folder = hide(app.study.collection.repository)
            app.exit()
        bring_back(folder)
        [told] = app.told
        assert told.startswith("your note was not saved: ") and told.endswith("it reads:\nab")

    run(test())


def test_notes_that_cannot_be_read_end_nothing(ids: list[str]) -> None:
    async def test() -> None:
        async with opened() as pilot:
            folder = hide(study(pilot).collection.repository)
            await press(pilot, "n")
            await look(pilot, "the notes cannot be read: ")
            await press(pilot, "enter", "left", "a")
            bring_back(folder)
            assert workspace(pilot).is_running

    run(test())


def test_a_note_obeys_nobody(ids: list[str]) -> None:
    write("[red]a[/red] \x1b[31mb <c>\tz", ids[0])

    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "space", "n")
            await look(pilot, "[red]a[/red] [31mb <c>")
            await press(pilot, "enter")
            assert field(pilot).text == "[red]a[/red] [31mb <c>\tz"
            await press(pilot, "escape")
            await look(pilot, "enter edits it")

    run(test())
    assert stored(ids[0]) == "[red]a[/red] \x1b[31mb <c>\tz"


def test_a_note_is_found_by_the_search(ids: list[str]) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await edit(pilot)
            await press(pilot, *"mycelium", "escape")
            await look(pilot, "enter edits it")
            assert study(pilot).collection.search("mycelium").total == 1

    run(test())


def test_nothing_is_said_of_a_note_that_never_was(ids: list[str]) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "n", "enter", "space")
            pane = pilot.app.screen.query_one(NotesPane)
            await until(pilot, lambda: not pane._is_unsaved)
            assert "saved as you write" in screen_text(pilot)
            await press(pilot, "x")
            await until(pilot, lambda: "saved as you write" not in screen_text(pilot))
            await press(pilot, "backspace")
            await look(pilot, "no note left")

    run(test())
