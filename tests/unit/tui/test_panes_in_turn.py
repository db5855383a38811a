"""The panes from card to card: what is shown is the standing card's, also where the pane was hidden meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from studycli import config
from studycli.collection import Collection
from tests.concept_maps import GARDEN
from tests.unit.tui import workspace as workspaces
from tests.unit.tui.workspace import ENGINE_DEADLINE, opened, press, run, screen_text, until

SIZES = [(80, 24), (120, 40)]
CONCEPTS = ("Root Network", "Leaf Canopy", "Photosynthesis", "Compost")
WRONG = CONCEPTS[1]
LESSON = "# Lessons\n\n" + "\n".join(f"## On {concept}\n\nAll about {concept}.\n" for concept in CONCEPTS)


def write_cards(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four cards, each with a demo, a source and a concept of its own; the `Demo` field of the second is wrong."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    parts = ["# Flashcard Set: Garden\n"]
    for number, concept in enumerate(CONCEPTS, start=1):
        field = "no-such-demo" if concept == WRONG else f"scaled-dot-product text='the {concept} grows'"
        parts.append(
            f"### Card {number} | Easy\n**Concept:** {concept}\n**Source Section:** On {concept}\n"
            f"**Demo:** {field}\n\n**FRONT (Question):**\nWhat about it?\n\n**BACK (Answer):**\nIt grows.\n"
        )
    notes = folder / "notes"
    (notes / "maps").mkdir(parents=True)
    (notes / "garden.md").write_text("\n---\n".join(parts), "utf-8")
    (notes / "maps" / "garden.md").write_text(GARDEN, "utf-8")
    (notes / "lesson.md").write_text(LESSON, "utf-8")
    with Collection.open(config.load()) as collection:
        collection.add(str(notes))


async def look(pilot: Pilot[None], *words: str) -> str:
    """Wait until the words are on the screen, as long as the engine may take; what is on it."""
    return await workspaces.look(pilot, *words, deadline=ENGINE_DEADLINE)


def beside(pilot: Pilot[None]) -> str:
    """What the side of the desk shows."""
    region = pilot.app.screen.query_one("#side").region
    lines = screen_text(pilot).splitlines()[region.y : region.bottom]
    return "\n".join(line[region.x : region.right] for line in lines)


@pytest.mark.parametrize("size", SIZES)
def test_the_demo_is_that_of_the_card_that_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    write_cards(tmp_path, monkeypatch)

    async def drive() -> None:
        async with opened(size=size) as pilot:
            for concept in CONCEPTS:
                await press(pilot, "d")
                if concept == WRONG:
                    await look(pilot, "the card's Demo field: there is no demo 'no-such-demo'")
                    assert "step 1 of" not in beside(pilot) and "on: " not in beside(pilot)
                else:
                    await look(pilot, "step 1 of 13", f"on: the {concept} grows", f"1 {concept.split()[0]}")
                # The place on this picture is not the place on the next one.
                await press(pilot, *["right"] * 4, "down", "pagedown", "escape", "space", "3")

    run(drive())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("key", "shown"), [("o", "All about {}."), ("n", "Concept: {}"), ("m", "Cards on {}")])
def test_each_pane_is_that_of_the_card_that_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], key: str, shown: str
) -> None:
    write_cards(tmp_path, monkeypatch)

    async def drive() -> None:
        async with opened(size=size) as pilot:
            for concept in CONCEPTS:
                await press(pilot, "space", key)
                await look(pilot, shown.format(concept))
                assert not any(shown.format(other) in beside(pilot) for other in CONCEPTS if other != concept)
                await press(pilot, "pagedown", "escape", "3")

    run(drive())


def test_where_the_card_takes_all_room_its_demo_is_mounted_before_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_cards(tmp_path, monkeypatch)

    async def drive() -> None:
        async with opened(size=SIZES[0], preload=True) as pilot:
            await until(pilot, lambda: pilot.app.screen.query("#pane-demo"))
            assert not beside(pilot) and "What about it?" in screen_text(pilot)
            await press(pilot, "m")
            await look(pilot, "Cards on Root Network")
            assert "runs it" not in screen_text(pilot)
            await press(pilot, "d")
            await look(pilot, "step 1 of 13", "on: the Root Network grows")

    run(drive())
