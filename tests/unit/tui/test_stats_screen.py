"""The statistics screen, on a log of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from studycli import config
from studycli.collection import Collection
from studycli.model.statistics import Statistics
from studycli.tui import stats_page
from studycli.tui.stats_screen import StatsScreen
from tests import study_statistics
from tests.study_documents import write_deck
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
)  # fmt: skip

CARDS = [(f"Question {number}?", f"Answer {number}.") for number in range(1, 8)]


@pytest.fixture
def deck(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source with one deck of new cards; what is written goes to the test's folder."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    monkeypatch.chdir(tmp_path)
    write_deck(tmp_path / "notes" / "garden.md", CARDS, "Garden")
    with Collection.open(config.load()) as collection:
        collection.add(str(tmp_path / "notes"))
    return tmp_path


def answer() -> None:
    """Answer three cards before the review begins."""
    with Collection.open(config.load()) as collection:
        session = collection.session()
        for quality in (2, 4, 5):
            session.grade(quality, 6.0)


@asynccontextmanager
async def looking(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    async with opened(size=size) as pilot:
        await turn(pilot)
        yield pilot


async def turn(pilot: Pilot[None]) -> None:
    """Turn to the statistics, and wait until they are counted."""
    await press(pilot, "p")
    await until(pilot, lambda: not screen(pilot)._counting.is_busy)
    await settle(pilot)


def screen(pilot: Pilot[None]) -> StatsScreen:
    assert isinstance(pilot.app.screen, StatsScreen)
    return pilot.app.screen


def marked(pilot: Pilot[None]) -> str:
    """The title of the chosen chart."""
    return next(line.split("› ")[1].split("  ")[0].strip() for line in screen_text(pilot).splitlines() if "› " in line)


def test_an_empty_log_says_what_will_be_here(deck: Path) -> None:
    async def test() -> None:
        async with looking() as pilot:
            text = screen_text(pilot)
            assert "Nothing was answered yet" in text and "what will be due" in text
            await press(pilot, "right", "left", "a", "w")
            assert not list(deck.glob("*.html"))

    run(test())


def test_left_and_right_go_from_chart_to_chart(deck: Path) -> None:
    answer()

    async def test() -> None:
        async with looking() as pilot:
            assert marked(pilot) == "Overview" and "3 since" in screen_text(pilot)
            await press(pilot, "right")
            assert marked(pilot) == "Answers by day"
            await press(pilot, "right")
            assert marked(pilot) == "Retention by deck"
            await press(pilot, "left", "left", "left")
            assert marked(pilot) == "Hours of the day"
            await press(pilot, "right")
            assert marked(pilot) == "Overview"

    run(test())


def test_a_click_on_a_name_goes_there(deck: Path) -> None:
    answer()

    async def test() -> None:
        async with looking() as pilot:
            place = screen_text(pilot).splitlines()[0].index("Ease")
            await click(pilot, "#stats-tabs", offset=(place, 0))
            await until(pilot, lambda: marked(pilot) == "Ease factors")

    run(test())


def test_keys_that_go_back(deck: Path) -> None:
    async def test() -> None:
        async with looking() as pilot:
            for key in ("escape", "q", "p"):
                await press(pilot, key)
                await until(pilot, lambda: is_at_card(pilot))
                assert "Question 1?" in screen_text(pilot)
                await turn(pilot)

    run(test())


def test_the_page_is_written_where_it_says(deck: Path) -> None:
    answer()

    async def test() -> None:
        async with looking((200, 60)) as pilot:
            await press(pilot, "w")
            await look(pilot, "written to")
            (page,) = deck.glob("studycli-stats-*.html")
            assert "Retention by deck" in page.read_text("utf-8")
            assert page.name in screen_text(pilot)
            await press(pilot, "w")
            await look(pilot, "in place of an earlier file")

    run(test())


def test_a_folder_that_takes_no_file_is_said(deck: Path) -> None:
    answer()

    async def test() -> None:
        async with looking() as pilot:
            (deck / f"studycli-stats-{pilot_today(pilot)}.html").mkdir()
            await press(pilot, "w")
            await look(pilot, "nothing was written: this is a folder")

    run(test())


def pilot_today(pilot: Pilot[None]) -> date:
    return study(pilot).today


def test_all_decks_and_concepts_on_a_key(deck: Path) -> None:
    answer()

    async def test() -> None:
        async with looking((200, 60)) as pilot:
            screen(pilot)._counted(many())
            await settle(pilot)
            assert "Deck 19" not in screen_text(pilot)
            await press(pilot, "a")
            assert "Deck 19" in screen_text(pilot)
            await press(pilot, "a")
            assert "Deck 19" not in screen_text(pilot)

    run(test())


def many() -> Statistics:
    one = study_statistics.SMALL.decks[0]
    decks = tuple(one.model_copy(update={"name": f"Deck {number}"}) for number in range(20))
    return study_statistics.SMALL.model_copy(update={"decks": decks})


def test_the_screen_at_three_sizes(deck: Path, snapshot: SnapshotAssertion) -> None:
    async def test() -> None:
        async with looking() as pilot:
            screen(pilot)._counted(study_statistics.SMALL)
            await press(pilot, "right")
            for size in ((80, 24), (120, 40), (200, 60)):
                await resize(pilot, *size)
                assert screen_text(pilot) == snapshot(name=f"{size[0]}x{size[1]}")

    run(test())


@pytest.mark.parametrize("width", [40, 78, 118, 198, 300])
@pytest.mark.parametrize("statistics", [study_statistics.SMALL, study_statistics.LARGE])
def test_no_line_is_wider_than_the_page_and_every_chart_is_where_it_says(width: int, statistics: Statistics) -> None:
    for chosen, title in enumerate(stats_page.titles(statistics)):
        drawn = stats_page.page(statistics, width, 10, chosen)
        lines = drawn.text.plain.split("\n")
        assert max(map(cell_len, lines)) <= width
        assert f"› {title}" in lines[drawn.tops[chosen]]
