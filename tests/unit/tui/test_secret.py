"""The secret: nothing gives the answer away before it is shown, neither a pane nor the browse screen."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from textual.pilot import Pilot

from studycli import clock, config
from studycli.collection import Collection
from studycli.model.card import Card
from studycli.model.review import CardState, StudyCard
from studycli.store import location
from studycli.tui.end_screen import EndScreen
from studycli.tui.map_pane import MapPane
from studycli.tui.secret import ANOTHER_WAY, Secret
from tests.concept_maps import GARDEN
from tests.unit.tui.reviewing import asked, message, only
from tests.unit.tui.workspace import (
    is_at_card,
    look,
    opened,
    press,
    run,
    screen_text,
    settle,
    study,
    tap,
    until,
    workspace,
)

DECK = """# Flashcards: Garden

### Card 1 | Easy
**Concept:** Leaf Canopy

#### Front
What is up there?

#### Back
A roof.

### Card 2 | Easy
**Concept:** Leaf Canopy

#### Front
The {{c1::sparrow}} meets the {{c2::beetle}}.

#### Back
As always.

### Card 3 | Easy: Fungal web
**Concept:** Root Network
**Reversed:** yes

#### Front
Mycelium

#### Back
It passes water on.
"""
LESSON = "# Soil\n\n## The Root Network\n\nA root network is old.\n"
PANES = {"map": "m", "source": "o", "notes": "n"}


@pytest.fixture
def garden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deck with a cloze card and a reversed one, a map of their concepts, a lesson, and a note on a concept."""
    only(monkeypatch)
    folder = tmp_path / "notes"
    (folder / "course").mkdir(parents=True)
    (folder / "deck.md").write_text(DECK, "utf-8")
    (folder / "map.md").write_text(GARDEN, "utf-8")
    (folder / "course" / "lesson.md").write_text(LESSON, "utf-8")
    with Collection.open(config.load()) as collection:
        collection.add(str(folder))
        collection.repository.save_note("Old friends.", concept="Root Network", at=clock.now())
    return folder


def ask_only(*places: str) -> None:
    """Leave only these cards to be asked."""
    with Collection.open(config.load()) as collection:
        wanted = {collection.card(f"deck:{place}").id for place in places}
        for card in collection.select():
            collection.repository.suspend(card.id, card.id not in wanted)


def standing(pilot: Pilot[None]) -> str:
    question = study(pilot).question
    assert question is not None
    return question.card.card.place


def test_what_may_not_be_shown_of_which_card() -> None:
    def card(name: str, number: int, variant: str = "", path: str = "/d") -> StudyCard:
        own = Card(number=number, front="?", back="!", variant=variant, concept="Root Networks")
        return StudyCard(id=name, deck="d", deck_title="D", path=path, card=own, state=CardState())

    first, second, other, elsewhere = card("a", 1), card("b", 1, "reversed"), card("c", 2), card("d", 1, path="/e")
    for secret in (Secret(), Secret(first, revealed=True)):
        assert not any(secret.hides_answer(one) or secret.hides_question(one) for one in (first, second, other))
        assert not secret.hides_concept and not secret.hides_definition("Root Network")
    forward, backward = Secret(first, revealed=False), Secret(second, revealed=False)
    assert [forward.hides_answer(one) for one in (first, second, other, elsewhere)] == [True, True, False, False]
    assert [forward.hides_question(one) for one in (first, second, other, elsewhere)] == [False, True, False, False]
    assert [backward.hides_question(one) for one in (first, second)] == [True, False]
    assert (forward.hides_concept, backward.hides_concept) == (False, True)
    assert forward.hides_definition(None, "x", "root network") and not forward.hides_definition("x")
    assert not backward.hides_definition("root network")


def test_the_map_shows_no_other_form_of_the_card_that_is_asked(garden: Path) -> None:
    ask_only("2", "2/c2")

    async def test() -> None:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "m")
            shown = await look(pilot, "Leaf Canopy", "2 (asked now)", ANOTHER_WAY)
            assert "The […] meets the beetle." in shown and "sparrow" not in shown
            await press(pilot, "end")
            while ANOTHER_WAY not in next(line for line in screen_text(pilot).splitlines() if "› " in line):
                await press(pilot, "up")
            await press(pilot, "enter")
            shown = await look(pilot, "This is the card that is asked now, asked another way")
            assert "sparrow" not in shown
            await press(pilot, "space")
            await look(pilot, "sparrow meets the […]")
            await press(pilot, "m", "backspace")
            assert ANOTHER_WAY not in await look(pilot, "The sparrow meets the […].")

    run(test())


@pytest.mark.parametrize("pane", PANES)
def test_a_pane_left_open_beside_tells_nothing_of_the_next_card(garden: Path, pane: str) -> None:
    async def test() -> None:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, PANES[pane])
            seen = []
            while study(pilot).has_next:
                seen.append(standing(pilot))
                shown = screen_text(pilot)
                assert f"tab-{pane}" in {tab.id for tab in pilot.app.screen.query(".-current")}
                secret = {"2": "sparrow", "2/c2": "beetle", "3": "It passes", "3/reversed": "Mycelium"}.get(seen[-1])
                assert secret is None or secret not in shown
                if seen[-1] == "3/reversed":
                    for word in ("Root Network", "Fungal web", "Old friends"):
                        assert word not in shown
                    assert "after the answer" in shown
                await press(pilot, "space")
                if seen[-1] == "3/reversed":
                    assert "Root Network" in screen_text(pilot)
                await press(pilot, "3")
            assert sorted(seen) == ["1", "2", "2/c2", "3", "3/reversed"]

    run(test())


def test_a_map_that_comes_late_does_not_come_to_a_reversed_card(garden: Path) -> None:
    ask_only("1", "3/reversed")

    async def test() -> None:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "m")
            pane, arrived = pilot.app.screen.query_one(MapPane), asyncio.Event()

            async def late() -> None:
                await arrived.wait()
                pane._say("the map of the card before")

            pane._start(late)
            await tap(pilot, "space")
            await tap(pilot, "3")
            await until(pilot, lambda: standing(pilot) == "3/reversed")
            arrived.set()
            await settle(pilot)
            shown = screen_text(pilot)
            assert "after the answer" in shown and "the map of" not in shown

    run(test())


@pytest.mark.parametrize("pane", PANES)
def test_a_pane_in_place_of_a_reversed_card_says_its_concept_after_the_answer(garden: Path, pane: str) -> None:
    ask_only("3/reversed")

    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, PANES[pane])
            shown = await look(pilot, "after the answer")
            assert "Root Network" not in shown
            await press(pilot, *(["right"] if pane == "notes" else []))
            assert "Root Network" not in screen_text(pilot)
            await press(pilot, "space")
            if workspace(pilot).review.looking_at != pane:
                await press(pilot, PANES[pane])
            await look(pilot, "Root Network")

    run(test())


def test_a_source_that_was_not_found_is_named_after_the_answer(garden: Path) -> None:
    for path in (garden / "map.md", garden / "course" / "lesson.md"):
        path.unlink()
    ask_only("3/reversed")

    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "o")
            assert "Root Network" not in await look(pilot, "said after the answer")
            await press(pilot, "space")
            if workspace(pilot).review.looking_at != "source":
                await press(pilot, "o")
            await look(pilot, "its concept", "Root Network")

    run(test())


@pytest.mark.parametrize(("pane", "text"), [("source", "Threads that share water"), ("notes", "Old friends.")])
def test_what_was_opened_is_closed_when_the_same_card_comes_again(garden: Path, pane: str, text: str) -> None:
    ask_only("3")

    async def test() -> None:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, PANES[pane], "space")
            await look(pilot, text)
            await press(pilot, "1")
            assert standing(pilot) == "3" and not study(pilot).revealed
            assert text not in await look(pilot, "after the answer")

    run(test())


async def read(pilot: Pilot[None], query: str) -> str:
    """Open the browse screen, and read at full size the only thing that a query finds."""
    await press(pilot, "slash", *("space" if sign == " " else sign for sign in query))
    await look(pilot, "1 of 1")
    await press(pilot, "enter", "enter")
    await settle(pilot)
    return screen_text(pilot)


def test_browse_names_nothing_that_a_reversed_card_asks_for(garden: Path) -> None:
    ask_only("3/reversed")

    async def test() -> None:
        async with opened() as pilot:
            shown = await read(pilot, "mycelium -is:new")
            assert "it stays hidden until" in shown
            assert not any(word in shown for word in ("Root Network", "Fungal web", "It passes"))
            await press(pilot, "escape", "escape", "escape")
            # The concept's own page does not say that the card that is asked is on it.
            shown = await read(pilot, '"root network" in:concepts')
            assert "Threads that share water" in shown and "stays hidden" not in shown and "deck:3" not in shown
            await press(pilot, "escape", "escape", "escape", "space")
            shown = await read(pilot, "mycelium -is:new")
            assert "Fungal web" in shown and "It passes water on." in shown

    run(test())


def holder() -> sqlite3.Connection:
    """Another program that holds the database."""
    found = sqlite3.connect(location.database_path(config.load().database), isolation_level=None)
    found.execute("BEGIN IMMEDIATE")
    return found


def test_browse_waits_until_it_is_certain_what_is_asked(garden: Path) -> None:
    ask_only("1", "3")

    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "space")
            other = holder()
            await tap(pilot, "3")
            await look(pilot, "waiting for the database …")
            for key in ("slash", "p"):
                await tap(pilot, key)
                await look(pilot, "one moment: the step before is still being written down")
                assert is_at_card(pilot)
            other.execute("ROLLBACK")
            other.close()
            await until(pilot, lambda: asked(pilot) == 3)
            await settle(pilot)
            assert "one moment" not in message(pilot)
            shown = await read(pilot, "mycelium -is:suspended")
            assert "this is the card that is asked now" in shown and "It passes" not in shown
            await press(pilot, "escape", "escape", "escape", "p")
            assert not is_at_card(pilot)

    run(test())


def test_browse_asks_the_review_at_each_look_what_is_asked(garden: Path) -> None:
    ask_only("1", "3")

    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "slash")
            review = study(pilot)
            review.reveal()
            review.grade(4)
            review.ask()
            await press(pilot, "down", "end", "home")
            while "deck:3 " not in next(line for line in screen_text(pilot).splitlines() if line.startswith("›")):
                await press(pilot, "down")
            await press(pilot, "enter")
            shown = await look(pilot, "this is the card that is asked now")
            assert "It passes" not in shown

    run(test())


def test_the_end_waits_until_the_learner_is_back(garden: Path) -> None:
    ask_only("1")

    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "space")
            other = holder()
            await tap(pilot, "3", "question_mark")
            await until(pilot, lambda: not is_at_card(pilot))
            help_screen = pilot.app.screen
            assert help_screen is not workspace(pilot).review
            other.execute("ROLLBACK")
            other.close()
            await until(pilot, lambda: study(pilot).question is None)
            await settle(pilot)
            assert pilot.app.screen is help_screen
            await press(pilot, "escape")
            assert isinstance(pilot.app.screen, EndScreen) and "That was all." in screen_text(pilot)

    run(test())
