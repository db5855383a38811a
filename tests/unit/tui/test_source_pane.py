"""The source pane, on a deck, a lesson and a map that the test writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from studycli import config
from studycli.collection import Collection
from studycli.tui import source_page
from studycli.tui.source_pane import SourcePane
from tests.unit.tui.workspace import look, opened, press, resize, run, screen_text, study, until, workspace

FIRST = ("Masks", "Lesson 7: Attention by Hand - Hiding what comes", "What does a mask hide?", "The future.")
SECOND = ("Softmax", "", "What sums to one?", "Shares.")
LESSON = """# Lesson 7: Attention by Hand

## 1. Hiding what comes

A causal mask hides the future. MASKS are added to scores, and a
mask is never learned; unmasked stays as it is.

| sign | meaning |
|------|---------|
| -inf | hidden  |

## 2. Mask Sizes

Padding too. [b]no markup[/b] <script>no()</script> \x1b[31mno escape\x1b[0m

## 3. Shares

The softmax turns scores into shares.
"""


def write(folder: Path, cards: list[tuple[str, str, str, str]], lesson: str = LESSON) -> None:
    """A deck of (concept, source, front, back), and a lesson; none of the bundled documents."""
    (folder / "course").mkdir(parents=True)
    parts = ["# Flashcard Set: Attention\n"]
    for number, (concept, source, front, back) in enumerate(cards, start=1):
        fields = [f"**Concept:** {concept}"] if concept else []
        fields += [f"**Source Section:** {source}"] if source else []
        sides = f"**FRONT (Question):**\n{front}\n\n**BACK (Answer):**\n{back}\n"
        parts.append("\n".join([f"### Card {number} | Easy", *fields, "", sides]))
    (folder / "deck.md").write_text("\n---\n".join(parts), "utf-8")
    if lesson:
        (folder / "course" / "lesson-7.md").write_text(lesson, "utf-8")
    with Collection.open(config.load()) as collection:
        collection.add(str(folder))


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two cards and their lesson."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    write(tmp_path / "notes", [FIRST, SECOND])
    return tmp_path / "notes"


def pane(pilot: Pilot[None]) -> SourcePane:
    return workspace(pilot).screen.query_one(SourcePane)


def test_the_pane_at_three_sizes(documents: Path, snapshot: SnapshotAssertion) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "o")
            await look(pilot, "after the answer")
            for name, keys in (("titles", ()), ("text", ("enter",))):
                await press(pilot, *keys)
                for size in ((80, 24), (120, 40), (200, 60)):
                    await resize(pilot, *size)
                    region = pane(pilot).region
                    lines = screen_text(pilot).splitlines()[region.y : region.bottom]
                    shown = "\n".join(line[region.x : region.right].rstrip() for line in lines)
                    assert shown == snapshot(name=f"{name} {size[0]}x{size[1]}")

    run(test())


def test_only_titles_before_the_answer(documents: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "o")
            shown = await look(pilot, "2 places in your documents")
            assert "• 1. Hiding what comes" in shown and "named by the card" in shown
            assert "• 2. Mask Sizes" in shown and "about a concept of the card" in shown
            assert "hides the future" not in shown and "Padding" not in shown
            await press(pilot, "right", "down", "pagedown")
            assert "hides the future" not in screen_text(pilot)
            await press(pilot, "escape", "space", "o")
            shown = await look(pilot, "A causal mask hides the future.")
            assert "after the answer" not in shown

    run(test())


def test_the_answer_opens_what_is_beside_the_card(documents: Path) -> None:
    async def test() -> None:
        async with opened(size=(120, 40)) as pilot:
            await press(pilot, "o")
            await look(pilot, "after the answer")
            await press(pilot, "space")
            await look(pilot, "A causal mask hides the future.")

    run(test())


def test_enter_shows_them_now_and_never_reveals_the_card(documents: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "o")
            await look(pilot, "enter shows them now")
            await press(pilot, "enter")
            shown = await look(pilot, "A causal mask hides the future.")
            assert "1. Hiding what comes" in shown and "1 of 2" in shown
            assert "named by the card · course/lesson-7.md, line 3" in shown
            assert "Lesson 7: Attention by Hand" in shown and str(documents) not in shown
            await press(pilot, "enter")
            assert not study(pilot).revealed

    run(test())


def test_a_card_that_was_looked_up_does_not_open_the_next_one(documents: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "o")
            await look(pilot, "enter shows them now")
            await press(pilot, "enter", "space", "3", "o")
            shown = await look(pilot, "1 place in your documents")
            assert "3. Shares" in shown and "turns scores" not in shown
            await press(pilot, "enter", "right")
            assert "1 of 1" in await look(pilot, "turns scores into shares")

    run(test())


def test_turning_from_place_to_place_and_around(documents: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "space", "o")
            await look(pilot, "1 of 2")
            for there, back in (("right", "left"), ("right_square_bracket", "left_square_bracket")):
                await press(pilot, there)
                await look(pilot, "2 of 2", "lesson-7.md, line 12")
                await press(pilot, there)
                assert "1 of 2" in screen_text(pilot)
                await press(pilot, back)
                assert "2 of 2" in screen_text(pilot)
                await press(pilot, back)
                assert "1 of 2" in screen_text(pilot)
            # The text is text.
            await press(pilot, "right")
            await look(pilot, "[b]no markup[/b]", "no escape")
            strips = [segment.text for strip in pane(pilot).screen._compositor.render_strips() for segment in strip]
            assert not any("\x1b" in text for text in strips)

    run(test())


def test_what_the_card_is_about_is_marked(documents: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "space", "o")
            await look(pilot, "1 of 2")
            marked = [
                segment.text
                for strip in pane(pilot).query_one("#source-text").render_lines(pane(pilot).region.reset_offset)
                for segment in strip
                if segment.style is not None and segment.style.bold and segment.style.underline
            ]
            assert marked == ["mask", "MASKS", "mask"]

    run(test())


def test_a_long_section_scrolls_under_its_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    lines = "\n\n".join(f"Line {number} of masks." for number in range(1500))
    write(tmp_path / "notes", [FIRST], f"# Lesson 7: Attention by Hand\n\n## 1. Hiding what comes\n\n{lines}\n")

    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "space", "o")
            await look(pilot, "Line 0 of masks.")
            tops = []
            for key in ("down", "pagedown", "enter", "pageup", "up", "home"):
                await press(pilot, key)
                await until(pilot, lambda: pane(pilot).scroll_y == pane(pilot).scroll_target_y)
                tops.append(round(pane(pilot).scroll_y))
                assert "1. Hiding what comes" in screen_text(pilot)
            assert 0 < tops[0] < tops[1] < tops[2] > tops[3] > tops[4] > tops[5] == 0
            await press(pilot, "end")
            await look(pilot, "It goes on in the document.")
            assert len(pane(pilot)._found[0].text) > source_page.MOST_CHARACTERS  # type: ignore[index]

    run(test())


@pytest.mark.parametrize(
    ("concept", "source", "words"),
    [
        ("Mulch", "Chapter 9", "its source is Chapter 9 and its"),
        ("Mulch", "", "its concept is Mulch"),
        ("", "", "neither a source nor a concept"),
    ],
)
def test_what_to_do_where_nothing_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, concept: str, source: str, words: str
) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    write(tmp_path / "notes", [(concept, source, "What is it?", "It is.")], lesson="")

    async def test() -> None:
        async with opened(size=(200, 24)) as pilot:
            await press(pilot, "o")
            shown = await look(pilot, words)
            assert "`studycli add PATH`" in shown or "**Source Section:**" in shown
            await press(pilot, "enter", "right", "left", "end", "home")
            assert not study(pilot).revealed and words in screen_text(pilot)

    run(test())


def test_sections_of_decks_and_definitions_of_maps_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    write(tmp_path / "notes", [SECOND], lesson="")
    definitions = (
        "## Concept Definitions\n\n| Concept | Definition |\n|---|---|\n| Softmax | Exponents over their sum. |\n"
    )
    (tmp_path / "notes" / "map.md").write_text(f"# Concept Map: Shares\n\n{definitions}", "utf-8")
    deck = tmp_path / "notes" / "deck.md"
    deck.write_text(f"{deck.read_text('utf-8')}\n---\n\n## Softmax in Short\n\nIt never gives zero.\n", "utf-8")

    async def test() -> None:
        async with opened() as pilot:
            await press(pilot, "space", "o")
            shown = await look(pilot, "1 of 2")
            await press(pilot, "right")
            shown += await look(pilot, "2 of 2")
            assert "Exponents over their sum." in shown and "It never gives zero." in shown

    run(test())


def test_an_error_is_said_in_the_pane_and_the_review_goes_on(documents: Path) -> None:
    async def test() -> None:
        async with opened() as pilot:
            repository = study(pilot).collection.repository
            repository._engine.dispose()
            for suffix in ("", "-wal", "-shm"):
                Path(f"{repository.path}{suffix}").unlink(missing_ok=True)
            await press(pilot, "o")
            await look(pilot, "The source cannot be shown: ")
            await press(pilot, "enter", "right")
            assert workspace(pilot).is_running

    run(test())
