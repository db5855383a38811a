"""The browse screen, driven by keys on documents of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot
from textual.widgets import Input

from studycli import clock, config
from studycli.collection import Collection
from studycli.model.review import Status, StudyCard
from studycli.tui.browse_hits import Page
from studycli.tui.browse_list import HitList
from studycli.tui.browse_screen import BrowseScreen
from tests.concept_maps import GARDEN
from tests.study_documents import write_deck
from tests.unit.tui.workspace import (
    click,
    desk,
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
)  # fmt: skip

CARDS = [
    ("What passes water around under the ground?", "Threads of fungus."),
    ("What stands above the stem?", "A roof of leaves."),
    ("What feeds the roots?", "Old leaves, [b]rotten[/b] \x1b[31mred\x1b[0m."),
    ("What does [bold]compost[/bold] need?", "Air."),
]


@pytest.fixture
def garden(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source with a deck and a map; the third card has been answered and has a note."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    add(tmp_path / "notes", CARDS)
    with Collection.open(config.load()) as collection:
        session = collection.session()
        while (question := session.next()) is not None and question.card.card.number != 3:
            session.suspend()
        session.grade(5)
        third = collection.card("garden:3")
        collection.repository.save_note("See the *heap* behind the shed.", card_id=third.id, at=clock.now())
        for card in collection.select():
            collection.repository.suspend(card.id, False)
    return tmp_path / "notes"


def add(folder: Path, cards: Sequence[tuple[str, str]], concept_map: str = GARDEN) -> None:
    write_deck(folder / "garden.md", cards, "Garden")
    (folder / "maps").mkdir()
    (folder / "maps" / "garden.md").write_text(concept_map, "utf-8")
    with Collection.open(config.load()) as collection:
        collection.add(str(folder))


@asynccontextmanager
async def browsing(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The screen, once it shows all cards."""
    async with opened(size=size) as pilot:
        await press(pilot, "slash")
        await settled(pilot)
        yield pilot


def screen(pilot: Pilot[None]) -> BrowseScreen:
    assert isinstance(pilot.app.screen, BrowseScreen)
    return pilot.app.screen


def hits(pilot: Pilot[None]) -> HitList:
    return screen(pilot).query_one(HitList)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until nothing is read any more."""
    browse = screen(pilot)
    await until(pilot, lambda: not (browse._hits.is_busy or browse._pages.is_busy or browse._sights.is_busy))
    await settle(pilot)


async def search(pilot: Pilot[None], text: str) -> str:
    """Type a query over the one that stands; what is on the screen then."""
    field = screen(pilot).query_one(Input)
    field.focus()
    field.value = ""
    await press(pilot, *("space" if sign == " " else sign for sign in text))
    await settled(pilot)
    return screen_text(pilot)


async def do(pilot: Pilot[None], *keys: str) -> str:
    await press(pilot, *keys)
    await settled(pilot)
    return screen_text(pilot)


def number(pilot: Pilot[None]) -> int:
    """The number of the card that is asked."""
    question = study(pilot).question
    assert question is not None
    return question.card.card.number


def stored(pilot: Pilot[None], number: int) -> StudyCard:
    return desk(pilot).collection.card(f"garden:{number}")


def test_the_screen_at_three_sizes(garden: Path, snapshot: SnapshotAssertion) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            text = await search(pilot, "leaves")
            assert "› · garden:3" in text or "› · garden:2" in text
            await do(pilot, "down")
            for size in ((80, 24), (120, 40), (200, 60)):
                await resize(pilot, *size)
                await settled(pilot)
                assert screen_text(pilot) == snapshot(name=f"{size[0]}x{size[1]}")

    run(test())


def test_all_cards_in_order_before_anything_is_typed(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            lines = screen_text(pilot).splitlines()
            rows = [line for line in lines if "· garden:" in line]
            assert [row.split("garden:")[1][0] for row in rows] == ["1", "2", "3", "4"]
            assert rows[0].startswith("›") and "1 of 4" in screen_text(pilot)
            assert rows[0].endswith("new") and rows[2].rstrip().endswith("in 1 d")
            assert "What does [bold]compost[/bold] need?" in screen_text(pilot)

    run(test())


def test_what_is_typed_finds_marks_and_filters(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            text = await search(pilot, "wat")
            assert "What passes water around" in text
            entry = hits(pilot).entry
            assert entry is not None
            assert [part.text for part in entry.title if part.found] == ["water"]
            # A filter with a colon opens no palette, and a wrong one says so.
            assert "1 of 3" in await search(pilot, "is:new")
            text = await search(pilot, "is:newt")
            assert "! is: has no 'newt': is:newt" in text and "is it is:new?" in text
            assert "1 of 3" in text  # the last good result
            text = await do(pilot, "backspace")
            assert "has no" not in text and "words, and" in text
            # Nothing found is said.
            text = await search(pilot, "zebra")
            assert "nothing was found" in text and "garden:" not in text
            await do(pilot, "down")
            assert screen(pilot).query_one(Input).has_focus

    run(test())


def test_down_goes_into_the_list_and_up_from_its_first_row_back(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            await do(pilot, "down")
            assert hits(pilot).has_focus and hits(pilot).chosen == 0
            await do(pilot, "down", "down", "up")
            assert hits(pilot).chosen == 1
            await do(pilot, "end")
            assert hits(pilot).chosen == 3
            await do(pilot, "down", "home")
            assert hits(pilot).chosen == 0
            await do(pilot, "pagedown")
            assert hits(pilot).chosen == 3
            await do(pilot, "pageup", "up")
            assert screen(pilot).query_one(Input).has_focus
            await do(pilot, "enter")
            assert hits(pilot).has_focus
            await do(pilot, "slash")
            assert screen(pilot).query_one(Input).has_focus

    run(test())


def test_enter_reads_at_full_size_and_escape_goes_back_step_by_step(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            await search(pilot, "feeds")
            text = await do(pilot, "enter", "enter")
            assert "Old leaves, [b]rotten[/b] red." in text and "· garden:3" not in text
            assert "interval 1 d, due tomorrow" in text and "ease 2.60, 1 repetition, 0 lapses" in text
            assert "Your note" in text and "See the heap behind the shed." in text
            assert "· garden:3" in await do(pilot, "enter")
            await do(pilot, "enter", "escape")
            assert hits(pilot).has_focus
            await do(pilot, "escape")
            assert screen(pilot).query_one(Input).value == "" and "1 of 4" in screen_text(pilot)
            await press(pilot, "escape")
            await until(pilot, lambda: is_at_card(pilot))

    run(test())


def test_q_goes_back_from_the_list_and_is_a_letter_in_the_field(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            await do(pilot, "q")
            assert screen(pilot).query_one(Input).value == "q"
            await do(pilot, "escape", "down")
            await press(pilot, "q")
            await until(pilot, lambda: is_at_card(pilot))

    run(test())


def test_a_card_is_set_aside_and_flagged_and_comes_back(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            await do(pilot, "down", "down")
            for key, word, status in (("s", "suspended", Status.SUSPENDED), ("b", "buried", Status.BURIED)):
                await do(pilot, key)
                text = await look(pilot, f"garden:2 {word}")
                assert stored(pilot, 2).status is status
                assert next(line for line in text.splitlines() if "· garden:2" in line).rstrip().endswith(word)
                await do(pilot, key)
                await look(pilot, f"garden:2 no longer {word}")
                assert stored(pilot, 2).status is Status.NEW
            await do(pilot, "f")
            text = await look(pilot, "garden:2 flagged")
            assert stored(pilot, 2).flagged
            assert next(line for line in text.splitlines() if "· garden:2" in line).rstrip().endswith("⚑        new")
            await do(pilot, "f")
            await look(pilot, "garden:2 no longer flagged")
            assert not stored(pilot, 2).flagged

    run(test())


def test_the_answer_of_the_card_that_is_asked_stays_hidden(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            text = await do(pilot, "down", "enter")
            assert "this is the card that is asked now" in text and "Threads of fungus" not in text
            await press(pilot, "escape", "escape")
            await until(pilot, lambda: is_at_card(pilot))
            await press(pilot, "space", "slash")
            await settled(pilot)
            assert "Threads of fungus" in await do(pilot, "down", "enter")

    run(test())


def test_a_card_suspended_here_is_noticed_when_the_review_asks_again(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            assert number(pilot) == 1
            await do(pilot, "down", "s")
            await look(pilot, "garden:1 suspended")
            await press(pilot, "q")
            await look(pilot, "garden:1 is suspended now", "What stands above the stem?")
            assert number(pilot) == 2

    run(test())


def test_concepts_and_notes_are_read(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            text = await search(pilot, "legume")
            assert "› ◆ garden" in text and "Bean Plant" in text
            assert "A generous legume" in text and "a concept of the map Kitchen Garden" in text
            await do(pilot, "down", "s")
            assert "that is no card" in await look(pilot, "that is no card")
            text = await search(pilot, "shed")
            assert "› ✎ garden:3" in text and "See the heap behind the shed." in text

    run(test())


def test_a_concept_of_several_maps_is_listed_once(garden: Path) -> None:
    (garden / "maps" / "shed.md").write_text(GARDEN.replace("Kitchen Garden", "Shed"), "utf-8")

    async def test() -> None:
        async with browsing((200, 60)) as pilot:
            text = await search(pilot, "bean plant in:concepts")
            assert "1 of 1" in text and "◆ garden +1 map" in text
            assert "a concept of the map Kitchen Garden" in text and "and of 1 other map" in text

    run(test())


def test_what_was_typed_over_is_not_shown(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            await search(pilot, "roots")
            screen(pilot)._found(Page("root", 0, (), 0))
            await settled(pilot)
            assert hits(pilot).text == "roots" and hits(pilot).total

    run(test())


def test_the_chosen_row_is_reversed_while_the_list_has_the_focus(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            assert not any(part.style and part.style.reverse for part in hits(pilot).render_line(0))
            await do(pilot, "down", "down")
            lines = [hits(pilot).render_line(y) for y in range(3)]
            assert [all(part.style and part.style.reverse for part in line) for line in lines] == [False, True, False]

    run(test())


def test_a_click_chooses_and_a_second_reads(garden: Path) -> None:
    async def test() -> None:
        async with browsing() as pilot:
            await click(pilot, HitList, offset=(10, 2))
            await settled(pilot)
            assert hits(pilot).chosen == 2 and "What feeds the roots?" in screen_text(pilot)
            await click(pilot, HitList, offset=(10, 1), times=2)
            await settled(pilot)
            assert "A roof of leaves." in screen_text(pilot) and "· garden:2" not in screen_text(pilot)

    run(test())


def test_pages_are_read_as_they_come_into_sight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    add(tmp_path / "notes", [(f"Question {number}?", f"Answer {number}.") for number in range(1, 2001)])

    async def test() -> None:
        async with browsing((100, 40)) as pilot:
            assert "1 of 2,000" in screen_text(pilot)
            text = await do(pilot, "down", "end")
            assert "Question 2000?" in text and "2,000 of 2,000" in text and "Answer 2000." in text
            assert set(hits(pilot)._pages) == {0, 1950}
            hits(pilot).action_choose(1000)
            await settled(pilot)
            for line in screen_text(pilot).splitlines():
                assert not line.startswith(("  …", "› …"))
            entry = hits(pilot).entry
            assert entry is not None and entry.card is not None and entry.card.card.number == 1001

    run(test())
