"""The demo pane, driven by keys and the mouse, with the real engine."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot
from textual.widgets import Input

from studycli import config
from studycli.collection import Collection
from studycli.render.grid import Spot
from studycli.tui.demo_pane import DemoPane
from studycli.tui.demo_sheet import DemoSheet
from studycli.tui.engine_process import EngineProcess
from tests.unit.tui import workspace as workspaces
from tests.unit.tui.workspace import (
    ENGINE_DEADLINE,
    click,
    desk,
    opened,
    press,
    resize,
    run,
    screen_text,
    study,
    until,
    workspace,
)  # fmt: skip

CAT = "The cat drank the milk because the cat was thirsty."
WIDE = (120, 40)


def write_cards(folder: Path, monkeypatch: pytest.MonkeyPatch, *demos: str, answer: str = "Nothing.") -> None:
    """A deck with a card for each `Demo` field, and none of the bundled documents."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    parts = ["# Flashcard Set: Demos\n"]
    for number, field in enumerate(demos, start=1):
        named = f"**Demo:** {field}\n" if field else ""
        parts.append(
            f"### Card {number} | Easy\n**Concept:** Testing\n{named}\n**FRONT (Question):**\n{CAT}\n\n"
            f"**BACK (Answer):**\n{answer} {number}\n"
        )
    path = folder / "demos.md"
    path.write_text("\n---\n".join(parts), "utf-8")
    with Collection.open(config.load()) as collection:
        collection.add(str(path))


def pane(pilot: Pilot[None]) -> DemoPane:
    return workspace(pilot).screen.query_one(DemoPane)


def engine(pilot: Pilot[None]) -> EngineProcess:
    return desk(pilot).engine


async def look(pilot: Pilot[None], *words: str) -> str:
    """Wait until the words are on the screen, as long as the engine may take; what is on it."""
    return await workspaces.look(pilot, *words, deadline=ENGINE_DEADLINE)


async def keys(pilot: Pilot[None], pressed: str, *words: str) -> str:
    """Press keys, then look for words."""
    await press(pilot, *pressed.split())
    return await look(pilot, *words)


def reversed_text(pilot: Pilot[None]) -> list[str]:
    """What stands in reverse video on the picture."""
    sheet = pane(pilot).query_one(DemoSheet)
    strips = [sheet.render_line(y) for y in range(sheet.size.height)]
    return [
        segment.text for strip in strips for segment in strip if segment.style is not None and segment.style.reverse
    ]


def test_steps_rows_and_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cards(tmp_path, monkeypatch, "scaled-dot-product")

    async def drive() -> None:
        async with opened(size=WIDE) as pilot:
            out = await look(pilot, "d runs it; here enter does too.")
            assert "step 1" not in out
            await keys(pilot, "d", "step 1 of 13", "0 The  1 cat  2 drank")
            await keys(pilot, "enter", "no cells to point at in this step")
            await keys(pilot, "left", "step 1 of 13")
            await keys(pilot, "right l", "step 3 of 13", "W_Q  (64, 64)  d_model x d_k")
            await keys(pilot, "h", "step 2 of 13", "embeddings  (11, 64)")
            await keys(pilot, "end", "step 13 of 13", "8 of 8 claims hold", "measured: 11 x 64", "with: tokens = 11")
            await keys(pilot, "right", "step 13 of 13")
            await keys(pilot, "left left left", "step 10 of 13", "scaled  (11, 11)")
            await keys(pilot, "right", "step 11 of 13", "pattern  (11, 11)", "unscaled_pattern  (11, 11)")
            assert not reversed_text(pilot)
            # Rows, in both pictures, and in every step with tokens.
            await keys(pilot, "down", "pattern query 0 'The':", "unscaled_pattern query 0 'The':")
            await keys(pilot, "down j k", "pattern query 1 'cat':")
            assert [text.strip() for text in reversed_text(pilot)] == ["1 cat", "1 cat"]
            await keys(pilot, "left", "scaled query 1 'cat':")
            await keys(pilot, "right up up", "pattern query 0 'The':")
            # A cell, its number, and where that comes from.
            await keys(pilot, "enter", "pattern[0, 0] = 0.")
            await keys(pilot, "right right down", "pattern[1, 2] = 0.", "query 1 'cat'", "key 2 'drank'")
            result = await engine(pilot).run(pane(pilot).setup.asked)  # type: ignore[union-attr]
            pattern = next(step for step in result.steps if step.name == "pattern")
            assert f"pattern[1, 2] = {pattern.values[1][2]!r}" in screen_text(pilot)
            assert [text.strip() for text in reversed_text(pilot)] == ["1 cat", "░░"]
            await keys(pilot, "left left left up up", "pattern[0, 0] = 0.")
            await keys(pilot, "right " * 11, "unscaled_pattern[0, 0] = 0.")
            await keys(pilot, "left w", "where the number comes from", "The softmax of scaled[0, :]", "key 10 '.'")
            await keys(pilot, "escape", "step 11 of 13", "pattern[0, 10] = 0.")
            await keys(pilot, "enter", "where the number comes from")
            await keys(pilot, "escape escape", "pattern query 0 'The':")
            await keys(pilot, "w", "point at a cell first: enter")
            # The mouse.
            sheet, view = pane(pilot).query_one(DemoSheet), pane(pilot).view
            assert view is not None
            box = view.page.cell(Spot(0, 3, 4))
            sheet.scroll_home(animate=False)
            await pilot.hover(DemoSheet, offset=(box.start, box.line))
            await look(pilot, "pattern[3, 4] = 0.")
            await keys(pilot, "down", "pattern query 1 'cat':")
            await click(pilot, DemoSheet, offset=(box.start, box.line))
            await look(pilot, "pattern[3, 4] = 0.")
            await keys(pilot, "left", "pattern[3, 3] = 0.")
            # Everything at once.
            await keys(pilot, "escape a", "all steps", "tokens  (11,)", "embeddings  (11, 64)")
            await keys(pilot, "end", "holds Without the scaling", "shades:")
            await keys(pilot, "home pagedown", "W_K  (64, 64)")
            await keys(pilot, "pageup up", "tokens  (11,)")
            await keys(pilot, "escape", "step 11 of 13")
            assert workspace(pilot).review.looking_at == "demo"
            await press(pilot, "escape")
            assert workspace(pilot).review.looking_at == "card"

    run(drive())


def test_heads_and_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cards(tmp_path, monkeypatch, "multi-head")

    async def drive() -> None:
        async with opened(size=WIDE) as pilot:
            await keys(pilot, "d", "step 1 of 16", "head all of 0 to 3")
            await keys(pilot, "right_square_bracket", "this demo has no layers to choose from")
            await keys(pilot, "left_square_bracket", "this demo has no layers to choose from")
            await keys(pilot, "end left left left left left", "pattern  (4, 11, 11)", "head 1")
            await keys(pilot, "full_stop full_stop", "head 1 of 0 to 3", "pattern  (1, 11, 11)", "Head 1 of 4 alone.")
            # A cell of a head that was picked out is explained in the whole.
            await keys(pilot, "enter w", "pattern[1, 0, 0] = ", "The softmax of scaled[1, 0, :]")
            await keys(pilot, "escape escape comma comma", "head all of 0 to 3", "pattern  (4, 11, 11)")
            # The silenced head, and another one in its place.
            await keys(pilot, "z", "choose a head first: , .", "head all of 0 to 3")
            await keys(pilot, "full_stop z", "head 0 of 0 to 3 silenced", "Multi-head attention, edited", "1 concat")
            await keys(pilot, "full_stop", "head 1 of 0 to 3 silenced", "[1, ")
            await keys(pilot, "right enter w", "an edited number follows from no others")
            await keys(pilot, "escape z", "head 0 of 0 to 3", "pattern  (1, 11, 11)")
            await keys(pilot, "comma", "head all of 0 to 3", "pattern  (4, 11, 11)")
            assert "edited" not in screen_text(pilot)
            # A text that is typed, and one that nothing can be computed on.
            await keys(pilot, "i", "the text to compute on")
            await keys(pilot, "space h i", "on: The", "thirsty. hi", "pattern  (4, 12, 12)")
            await keys(pilot, "ctrl+u", "the text has no words to compute on", "pattern  (4, 12, 12)")
            await keys(pilot, "2", "on: 2", "pattern  (4, 1, 1)")
            assert not study(pilot).revealed
            await press(pilot, "escape")
            assert not pane(pilot).query_one(Input).display
            assert isinstance(workspace(pilot).focused, DemoSheet)
            await keys(pilot, "r", f"on: {CAT}", "pattern  (4, 11, 11)")
            await keys(pilot, "c", "this demo has nothing to set")
            await keys(pilot, "plus", "this demo has nothing to set")
            await keys(pilot, "equals_sign", "this demo has nothing to set")

    run(drive())


def test_sliders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cards(tmp_path, monkeypatch, "scaling d_k=64")

    async def drive() -> None:
        async with opened(size=WIDE) as pilot:
            await keys(pilot, "d", "step 1 of", "‹d_k 64›   keys 32", "2 ├", "┤ 512")
            await keys(pilot, "plus", "‹d_k 128›", "variance is (7, 2) now, was (6, 2)", "variance*")
            await keys(pilot, "shift+right", "‹d_k 256›")
            await keys(pilot, "minus shift+left shift+left", "‹d_k 32›")
            await keys(pilot, "c plus", "d_k 32   ‹keys 64›")
            await keys(pilot, "equals_sign", "keys: a whole number from 2 to 256")
            await keys(pilot, "1 0 enter", "‹keys 10›")
            # What is said of a result that comes would take the place of what is said next.
            await until(pilot, lambda: pane(pilot).view.drawn.result.inputs["keys"] == 10)  # type: ignore[union-attr]
            await keys(pilot, "equals_sign 9 9 9 enter", "keys cannot be '999'", "‹keys 10›")
            await keys(pilot, "equals_sign 7 escape", "‹keys 10›")
            await keys(pilot, "i", "this demo reads no text")
            await keys(pilot, "z", "this demo has no head to silence")
            await keys(pilot, "comma", "this demo has no heads to choose from")
            await keys(pilot, "r", "d_k 64   ‹keys 32›")
            await until(pilot, lambda: pane(pilot).view.drawn.result.inputs["keys"] == 32)  # type: ignore[union-attr]

    run(drive())


def test_the_answer_brings_the_demo_and_not_the_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cards(
        tmp_path, monkeypatch, "masks", "scaled-dot-product", answer="Attention has masks and is scaled: tokens."
    )

    async def drive() -> None:
        async with opened(size=WIDE, preload=True) as pilot:
            out = await look(pilot, "The computation behind this card", "d runs it")
            setup = pane(pilot).setup
            assert setup is not None
            await until(pilot, lambda: engine(pilot).cached(setup.asked) is not None, ENGINE_DEADLINE)
            out = screen_text(pilot)
            assert "Masks" not in out and "token" not in out.split("d runs it")[0] and "step" not in out
            await keys(pilot, "space", "step 1 of")
            await press(pilot, "4")
            out = await look(pilot, "d runs it")
            assert "step" not in out and "claims" not in out
            # Enter runs it too, and the answer that comes later leaves the learner where they were.
            await press(pilot, "d", "d", "d")
            await keys(pilot, "right", "step 2 of 13")
            await keys(pilot, "space", "Attention has masks", "step 2 of 13")

    run(drive())


def test_a_failing_demo_and_an_engine_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cards(tmp_path, monkeypatch, "no-such-demo", "scaled-dot-product")

    async def drive() -> None:
        async with opened(size=WIDE) as pilot:
            await look(pilot, "the card's Demo field: there is no demo 'no-such-demo'")
            await keys(pilot, "d enter i z plus r w a full_stop right", "studycli demo lists them all")
            await keys(pilot, "escape space 4", "d runs it")
            assert "no-such-demo" not in screen_text(pilot)
            await keys(pilot, "d", "step 1 of 13")
            await keys(pilot, "i", "the text to compute on")
            pid = engine(pilot).pid
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)  # what is asked for now is being computed when the process ends
            await keys(pilot, "x", "computing …", "0 The  1 cat")
            os.kill(pid, signal.SIGKILL)
            await look(pilot, "the engine stopped", "step 1 of 13")
            await keys(pilot, "y", "step 1 of 13", "xy")
            await look(pilot, "on: The cat drank the milk because the cat was thirsty.xy")
            assert engine(pilot).pid != pid
            await keys(pilot, "escape space 4")
            await until(pilot, lambda: study(pilot).summary().answered == 2)

    run(drive())


def test_the_key_before_the_engine_is_ready_runs_it_once_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cards(tmp_path, monkeypatch, "")

    async def drive() -> None:
        async with opened(size=(80, 24), preload=True) as pilot:
            await press(pilot, "d")
            assert engine(pilot).state == "starting"
            await look(pilot, "the engine is starting …", "Scaled dot-product attention")
            await look(pilot, "There is no demo for 'Testing': this is attention over its own text.", "step 1 of 13")
            assert "starting" not in screen_text(pilot)

    run(drive())


def test_the_pane_at_three_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    write_cards(tmp_path, monkeypatch, "scaled-dot-product text='The cat sat on the mat.'")

    async def drive() -> None:
        async with opened(size=(80, 24)) as pilot:
            await keys(pilot, "d", "step 1 of 13")
            await keys(pilot, "end left left down down", "pattern query 1 'cat'")
            for size in ((80, 24), WIDE, (200, 60)):
                await resize(pilot, *size)
                await look(pilot, "pattern query 1 'cat'")
                region = pane(pilot).region
                lines = screen_text(pilot).splitlines()[region.y : region.bottom]
                shown = [line[region.x : region.right].rstrip() for line in lines]
                assert "\n".join(shown) == snapshot(name=f"{size[0]}x{size[1]}")

    run(drive())
