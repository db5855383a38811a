"""The map pane, driven by keys on a deck and a map of the test's own."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from studycli import config
from studycli.collection import Collection
from studycli.model.card import Card
from studycli.model.review import CardState, StudyCard
from studycli.tui.map_list import MapList
from studycli.tui.map_pane import MapPane
from studycli.tui.map_preview import MapPreview, withheld
from tests.concept_maps import GARDEN
from tests.unit.tui.workspace import look, opened, press, resize, run, screen_text, study, until, workspace

CARDS = [
    ("Root Network", "What passes water around under the ground?", "Threads of fungus."),
    ("Root Networks", "Who else is on the network?", "Trees, mostly."),
    ("Leaf Canopy", "What stands above the stem?", "A roof of leaves."),
    ("Compost", "What feeds the roots?", "Old leaves, [b]rotten[/b]."),
]
DEFINITION = "Threads that share water"


def write_garden(folder: Path, deck: str = "garden", cards: list[tuple[str, str, str]] = CARDS) -> None:
    """A deck and the map of the same name, as a source; none of the bundled documents."""
    folder.mkdir(exist_ok=True)
    parts = ["# Flashcard Set: Garden\n"]
    for number, (concept, front, back) in enumerate(cards, start=1):
        named = f"**Concept:** {concept}\n" if concept else ""
        parts.append(
            f"### Card {number} | Easy\n{named}\n**FRONT (Question):**\n{front}\n\n**BACK (Answer):**\n{back}\n"
        )
    (folder / f"{deck}.md").write_text("\n---\n".join(parts), "utf-8")


@pytest.fixture
def garden(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source with the deck and the map."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    write_garden(tmp_path / "notes")
    (tmp_path / "notes" / "maps").mkdir()
    (tmp_path / "notes" / "maps" / "garden.md").write_text(GARDEN, "utf-8")
    add(tmp_path / "notes")
    return tmp_path / "notes"


def add(folder: Path) -> None:
    with Collection.open(config.load()) as collection:
        collection.add(str(folder))


def pane(pilot: Pilot[None]) -> MapPane:
    return workspace(pilot).screen.query_one(MapPane)


async def turn_to_map(pilot: Pilot[None]) -> str:
    await press(pilot, "m")
    return await look(pilot, "on the map Kitchen Garden")


async def reveal(pilot: Pilot[None]) -> None:
    """Show the answer, and turn back to the map."""
    await press(pilot, "space")
    assert study(pilot).revealed
    if workspace(pilot).review.looking_at != "map":
        await press(pilot, "m")


def chosen(pilot: Pilot[None]) -> str:
    """The line with the mark."""
    return next(line.split("› ")[1].strip() for line in screen_text(pilot).splitlines() if "› " in line)


def test_the_pane_at_three_sizes(garden: Path, snapshot: SnapshotAssertion) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await turn_to_map(pilot)
            for size in ((80, 24), (120, 40), (200, 60)):
                await resize(pilot, *size)
                region = pane(pilot).region
                lines = screen_text(pilot).splitlines()[region.y : region.bottom]
                shown = "\n".join(line[region.x : region.right].rstrip() for line in lines)
                assert shown == snapshot(name=f"{size[0]}x{size[1]}")

    run(test())


def test_the_definition_waits_for_the_answer(garden: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            shown = await turn_to_map(pilot)
            assert "what it is: after the answer" in shown
            assert DEFINITION not in shown and "Through the stem" not in shown
            await reveal(pilot)
            shown = await look(pilot, DEFINITION)
            assert "after the answer" not in shown and "Through the stem" in shown

    run(test())


def test_up_and_down_choose_and_the_text_around_comes_into_sight(garden: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await turn_to_map(pilot)
            assert chosen(pilot).startswith("· Nitrogen Fixation")
            await press(pilot, "down")
            assert chosen(pilot).startswith("○ Leaf Canopy")
            await press(pilot, "up")
            assert chosen(pilot).startswith("· Nitrogen Fixation")
            await press(pilot, "end")
            last = chosen(pilot)
            assert "Root Network  " not in screen_text(pilot)
            await press(pilot, "down")
            assert chosen(pilot) == last
            while not chosen(pilot).startswith("· Nitrogen Fixation required"):
                await press(pilot, "up")
            assert "on the map Kitchen Garden" not in screen_text(pilot)
            await press(pilot, "up")
            assert "on the map Kitchen Garden" in screen_text(pilot)
            await press(pilot, "end", "home")
            assert "on the map Kitchen Garden" in screen_text(pilot)
            await press(pilot, "pagedown")
            assert not chosen(pilot).startswith("· Nitrogen")
            await press(pilot, "pageup", "pageup", "up")
            assert chosen(pilot).startswith("· Nitrogen")
            assert "on the map Kitchen Garden" in screen_text(pilot)

    run(test())


def test_enter_goes_to_a_neighbour_and_backspace_comes_back(garden: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await turn_to_map(pilot)
            await press(pilot, "down")
            for there, back in (("enter", "backspace"), ("right", "left")):
                await press(pilot, there)
                await look(pilot, "Leaf Canopy  ○ new, 1 card", "To Leaf Canopy")
                assert chosen(pilot).startswith("○ 3 What stands above the stem?")
                await press(pilot, back)
                await look(pilot, "Root Network  ○ new, 2 cards")
                assert chosen(pilot).startswith("○ Leaf Canopy")
                await press(pilot, back)
                assert "Root Network  ○ new, 2 cards" in screen_text(pilot)
            # Notes about the standing concept stay away on its neighbours too.
            await press(pilot, "enter")
            assert "Through the stem" not in await look(pilot, "To Leaf Canopy")
            await reveal(pilot)
            await look(pilot, "Through the stem", "To Leaf Canopy")

    run(test())


def test_enter_on_a_card_reads_it_without_an_answer_that_is_still_asked(garden: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await turn_to_map(pilot)
            await press(pilot, "down", "enter")
            await look(pilot, "Leaf Canopy  ○ new, 1 card")
            await press(pilot, "enter")
            shown = await look(pilot, "you have not met this card yet")
            assert "What stands above the stem?" in shown and "A roof of leaves" not in shown
            for key in ("enter", "down", "pagedown", "end", "up", "pageup", "home"):
                await press(pilot, key)
                assert not study(pilot).revealed
            await press(pilot, "left")
            await until(pilot, lambda: pane(pilot).query_one(MapList).has_focus)
            assert chosen(pilot).startswith("○ 3 What stands above")

    run(test())


def grade(*numbers: int, quality: int = 4) -> None:
    """Grade cards before the review begins."""
    with Collection.open(config.load()) as collection:
        session = collection.session()
        while (question := session.next()) is not None:
            if question.card.card.number not in numbers:
                session.suspend()
            else:
                session.grade(quality)
        for card in collection.select():
            collection.repository.suspend(card.id, False)


def test_an_answered_card_shows_its_answer_as_text(garden: Path) -> None:
    grade(4)

    async def test() -> None:
        async with opened() as pilot:
            await turn_to_map(pilot)
            await press(pilot, "down", "down")
            while "Compost" not in chosen(pilot):
                await press(pilot, "down")
            assert chosen(pilot).startswith("◔ Compost")
            await press(pilot, "enter")
            await look(pilot, "Compost (Ripe)  ◔ learning, 1 card")
            await press(pilot, "enter")
            assert "due tomorrow" in await look(pilot, "Old leaves, [b]rotten[/b].")

    run(test())


def test_the_review_says_what_it_still_asks(garden: Path) -> None:
    grade(4)

    async def test() -> None:
        async with opened(ahead=3) as pilot:
            review = study(pilot)
            assert review.question is not None
            assert review.question.card.card.number == 4 and review.session.asks(review.question.card.id)
            await press(pilot, "space", "3")
            assert review.question.card.card.number != 4
            assert not review.session.asks(review.collection.card("garden:4").id)

    run(test())


@pytest.mark.parametrize(
    ("answered", "due_in", "asked", "spoils", "words"),
    [
        (False, 0, False, False, "you have not met this card yet"),
        (True, 0, False, False, "still to be asked"),
        (True, 3, True, False, "still to be asked"),
        (True, 3, False, True, "on the same concept"),
        (True, 3, False, False, None),
    ],
)
def test_why_an_answer_is_withheld(answered: bool, due_in: int, asked: bool, spoils: bool, words: str | None) -> None:
    today = date(2026, 3, 2)
    state = CardState(repetitions=1, due=today + timedelta(due_in)) if answered else CardState()
    card = StudyCard(id="c", deck="d", deck_title="D", path="/d", card=Card(number=1, front="?", back="!"), state=state)
    reason = withheld(card, today, asked=asked, spoils=spoils)
    assert reason is None if words is None else words in (reason or "")


def test_the_answer_of_a_card_on_the_same_concept_waits(garden: Path) -> None:
    grade(2)

    async def test() -> None:
        async with opened() as pilot:
            await turn_to_map(pilot)
            while "Who else" not in chosen(pilot):
                await press(pilot, "down")
            await press(pilot, "enter")
            shown = await look(pilot, "until you have answered the card in question")
            assert "Trees, mostly" not in shown
            await reveal(pilot)
            assert "stays hidden" not in await look(pilot, "Trees, mostly.")
            assert pane(pilot).query_one(MapPreview).has_focus

    run(test())


def test_enter_on_the_card_in_question_turns_to_it(garden: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await turn_to_map(pilot)
            while "(asked now)" not in chosen(pilot):
                await press(pilot, "down")
            await press(pilot, "enter")
            await until(pilot, lambda: workspace(pilot).review.looking_at == "card")
            assert not study(pilot).revealed

    run(test())


def test_a_grade_shows_in_the_marks(garden: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await turn_to_map(pilot)
            await press(pilot, "space", "3")
            await until(pilot, lambda: workspace(pilot).review.looking_at == "card")
            await press(pilot, "m")
            await look(pilot, "Root Network  ◔ learning, 2 cards")

    run(test())


def test_the_pathway_says_what_comes_before_and_after(garden: Path) -> None:
    async def test() -> None:
        async with opened(size=(120, 50)) as pilot:
            shown = (await turn_to_map(pilot)).split("Pathways")[1]
            assert "step 2 of 3 on Pathway 1: From Below" in shown
            steps = [" ".join(line.split("│")[-1].split()) for line in shown.splitlines()]
            assert "○ Compost (Ripe) before" in steps and "○ Leaf Canopy after" in steps

    run(test())


@pytest.mark.parametrize(
    ("concept", "with_map", "words"),
    [
        ("Root Network", False, "There are no concept maps yet."),
        ("", True, "This card names no concept"),
        ("Spade", True, "None of your maps has the concept Spade."),
    ],
)
def test_what_to_do_where_there_is_nothing_to_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, concept: str, with_map: bool, words: str
) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    write_garden(tmp_path / "notes", cards=[(concept, "What is it?", "It is.")])
    if with_map:
        (tmp_path / "notes" / "map.md").write_text(GARDEN, "utf-8")
    add(tmp_path / "notes")

    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "m")
            shown = await look(pilot, words)
            assert "`studycli" in shown
            await press(pilot, "enter", "down", "up", "backspace", "end", "home")
            assert not study(pilot).revealed

    run(test())


def test_an_error_is_said_in_the_pane_and_the_review_goes_on(garden: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await turn_to_map(pilot)
            repository = study(pilot).collection.repository
            for suffix in ("", "-wal", "-shm"):
                Path(f"{repository.path}{suffix}").unlink(missing_ok=True)
            repository._engine.dispose()
            await press(pilot, "down", "enter")
            await look(pilot, "The map cannot be shown: ")
            assert workspace(pilot).is_running

    run(test())
