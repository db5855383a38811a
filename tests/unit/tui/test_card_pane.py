"""The card pane, driven by keys: long texts, formulas, typed answers, clozes, and text that would like to be more."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual import events
from textual.pilot import Pilot

from studycli import config
from studycli.collection import Collection
from studycli.tui.card_pane import CardPane
from studycli.tui.card_pieces import Markdown
from tests.unit.tui.workspace import (
    look,
    opened,
    press,
    resize,
    run,
    screen_text,
    settle,
    study,
    tap,
    until,
    workspace,
)  # fmt: skip

CLOZE = ("The softmax turns {{c1::scores}} into {{c2::weights::what it gives}}.", "See *attention*.")
LATEX = (
    r"What is $\frac{QK^T}{\sqrt{d_k}}$ called?",
    "The **scaled scores**:\n\n$$\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}$$",
)
WORDS = ("Name the four steps.", "Score, scale, soften, and sum.")
CODE = (
    "```python\nfor step in range(10):  # a line that is wider than any pane\n"
    "    print('a fold mark says where it goes on', 'and where it ends', step)\n```",
    "```\n┌─────┐     ┌─────┐\n│  Q  │ ──▶ │ QKᵀ │\n└─────┘     └─────┘\n```",
)
TABLE = (
    "How do they differ?",
    "| Variant | What it keeps | Cost |\n|:--|:--|--:|\n"
    + "".join(
        f"| number {n} | keys and values of {n} heads, for each layer and token | {n}00 |\n" for n in range(1, 13)
    ),
)
LONG = ("\n\n".join(f"Paragraph {n} " + "of the question " * 12 for n in range(1, 16)) + "\n\nWhat?", "That.")
LONG_ANSWER = ("Why?", "\n\n".join(f"Reason {n} " + "among reasons " * 12 for n in range(1, 16)))
HOSTILE = (
    "[bold red]x[/] [@click=app.exit]y[/] \x1b[31mz <b>q</b> $primary",
    "{{ x }} [/] [link=http://e.x]l[/link] \x1b]0;t\x07",
)
SIZES = [(80, 24), (120, 40), (200, 60)]

Text = tuple[str, str]


def write(folder: Path, *cards: Text, reverse: bool = False) -> None:
    """A deck with these cards, as the only source."""
    folder.mkdir()
    parts = ["# Flashcard Set: Sample\n"]
    for number, (front, back) in enumerate(cards, start=1):
        field = "**Reversed:** yes\n" if reverse else ""
        parts.append(f"### Card {number} | Easy | Title\n{field}\n**FRONT:**\n{front}\n\n**BACK:**\n{back}\n")
    (folder / "sample.md").write_text("\n---\n".join(parts), "utf-8")
    with Collection.open(config.load()) as collection:
        collection.add(str(folder))


@pytest.fixture
def notes(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a deck may be written."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    return tmp_path / "notes"


def pane(pilot: Pilot[None]) -> CardPane:
    return workspace(pilot).review.query_one(CardPane)


def shown(pilot: Pilot[None]) -> str:
    """What is on the screen in the place of the card."""
    region = pane(pilot).region
    lines = screen_text(pilot).splitlines()[region.y : region.bottom]
    return "\n".join(line[region.x : region.right].rstrip() for line in lines)


async def typed(pilot: Pilot[None], text: str) -> None:
    await press(pilot, "t", *({" ": "space", ",": "comma"}.get(sign, sign) for sign in text))


def test_a_long_table_code_and_a_drawing(notes: Path, snapshot: SnapshotAssertion) -> None:
    write(notes, TABLE, CODE)

    async def read() -> None:
        async with opened() as pilot:
            for name, text in (("table", TABLE), ("code", CODE)):
                await resize(pilot, *SIZES[0])
                assert name == "code" or shown(pilot).strip() == text[0]
                await press(pilot, "space")
                for size in SIZES:
                    await resize(pilot, *size)
                    assert shown(pilot) == snapshot(name=f"{name} {size[0]}x{size[1]}")
                await press(pilot, "4")

    run(read())


def test_formulas_are_unicode_and_a_key_shows_their_source(notes: Path, snapshot: SnapshotAssertion) -> None:
    write(notes, LATEX, WORDS)

    async def read() -> None:
        async with opened() as pilot:
            assert "What is QKᵀ/√dₖ called?" in shown(pilot)
            await press(pilot, "x")
            assert r"What is $\frac{QK^T}{\sqrt{d_k}}$ called?" in shown(pilot)
            assert "formulas as their LaTeX source" in screen_text(pilot)
            await press(pilot, "space")
            assert shown(pilot) == snapshot(name="source")
            await press(pilot, "x")
            assert shown(pilot) == snapshot(name="unicode")
            await press(pilot, "x", "4")
            assert shown(pilot).strip() == WORDS[0]
            await press(pilot, "x")
            assert "no formulas in the question" in screen_text(pilot)
            await press(pilot, "space", "x")
            assert "no formulas on this card" in screen_text(pilot)

    run(read())


def test_a_long_question_is_read_to_its_end_before_the_answer_is_shown(notes: Path) -> None:
    write(notes, LONG)

    async def read() -> None:
        async with opened() as pilot:
            assert "Paragraph 1 " in shown(pilot)
            assert "more lines (space)" in shown(pilot)
            pages = 0
            while "What?" not in shown(pilot):
                await press(pilot, "space")
                assert not study(pilot).revealed
                pages += 1
            assert 2 <= pages <= 6
            assert "lines above" in shown(pilot)
            await press(pilot, "space")
            assert study(pilot).revealed
            assert "That." in shown(pilot)
            assert "Paragraph 1 " in shown(pilot)
            assert "question: ▼" in shown(pilot)

    run(read())


def test_a_long_answer_leaves_the_question_in_sight(notes: Path) -> None:
    write(notes, LONG_ANSWER)

    async def read() -> None:
        async with opened() as pilot:
            await press(pilot, "space")
            back = pane(pilot).back
            assert back.has_focus
            for key, line in [("down", 1), ("j", 2), ("k", 1), ("up", 0), ("pagedown", back.size.height - 1)]:
                await press(pilot, key)
                assert back.above == line
            await press(pilot, "end")
            assert "Reason 15" in shown(pilot)
            assert back.below == 0
            await press(pilot, "pageup")
            assert back.below == back.size.height - 1
            await press(pilot, "home")
            assert "Reason 1 " in shown(pilot)
            await press(pilot, "space")
            assert back.above == back.size.height - 1
            assert "Why?" in shown(pilot)

    run(read())


def test_tab_turns_from_answer_to_question_and_back(notes: Path) -> None:
    write(notes, (LONG[0], LONG_ANSWER[1]))

    async def turn() -> None:
        async with opened() as pilot:
            await press(pilot, "end", "space")
            assert pane(pilot).back.has_focus
            await press(pilot, "tab", "j", "j")
            assert pane(pilot).front.has_focus
            assert (pane(pilot).front.above, pane(pilot).back.above) == (2, 0)
            assert pane(pilot).front.size.height <= 0.4 * pane(pilot).size.height
            await press(pilot, "shift+tab", "j")
            assert (pane(pilot).front.above, pane(pilot).back.above) == (2, 1)

    run(turn())


def test_another_width_keeps_the_place(notes: Path) -> None:
    write(notes, LONG_ANSWER)

    async def read() -> None:
        async with opened() as pilot:
            await press(pilot, "space")
            back = pane(pilot).back
            while not shown_top(pilot).startswith("Reason 7"):
                await press(pilot, "j")
            for size in [(50, 24), (110, 24), (80, 24)]:
                await resize(pilot, *size)
                await until(pilot, lambda: shown_top(pilot).startswith("Reason 7"))
            assert back.above > 0

    run(read())


def shown_top(pilot: Pilot[None]) -> str:
    """The first line of the answer that can be seen."""
    back = pane(pilot).back
    return "".join(segment.text for segment in back.page.segments(back.above))


def test_a_typed_answer_is_compared(notes: Path, snapshot: SnapshotAssertion) -> None:
    write(notes, WORDS, LATEX)

    async def answer() -> None:
        async with opened() as pilot:
            await typed(pilot, "score, sum 4")
            field = pane(pilot).field
            assert field is not None
            assert field.value == "score, sum 4"
            assert not study(pilot).revealed
            assert shown(pilot) == snapshot(name="typing")
            await press(pilot, "enter")
            assert study(pilot).revealed
            assert shown(pilot) == snapshot(name="compared")
            await press(pilot, "t")
            assert not field.display
            await press(pilot, "4")
            assert "What is QKᵀ/√dₖ called?" in shown(pilot)
            assert "score" not in shown(pilot)
            await press(pilot, "t")
            assert field.value == ""

    run(answer())


def test_escape_leaves_the_field_without_the_answer(notes: Path) -> None:
    write(notes, WORDS)

    async def leave() -> None:
        async with opened() as pilot:
            await typed(pilot, "sq?1/u")
            await press(pilot, "escape")
            assert not study(pilot).revealed
            assert "type your answer" not in shown(pilot)
            assert pane(pilot).front.has_focus
            await press(pilot, "t")
            assert pane(pilot).field is not None
            assert pane(pilot).field.value == "sq?1/u"  # type: ignore[union-attr]
            await press(pilot, "escape", "space")
            assert study(pilot).revealed
            assert "you typed" not in shown(pilot)

    run(leave())


def test_enter_on_an_empty_field_just_shows_the_answer(notes: Path) -> None:
    write(notes, WORDS)

    async def answer() -> None:
        async with opened() as pilot:
            await press(pilot, "t", "enter")
            assert WORDS[1] in shown(pilot)
            assert "you typed" not in shown(pilot)

    run(answer())


def test_the_field_may_open_by_itself(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYCLI_TYPED_ANSWERS", "yes")
    write(notes, WORDS, LATEX)

    async def answer() -> None:
        async with opened() as pilot:
            await look(pilot, "type your answer")
            await press(pilot, "s", "o", "enter")
            assert "you typed 0% of the answer's words" in shown(pilot)
            await press(pilot, "3")
            assert "type your answer" in shown(pilot)
            assert pane(pilot).focus_target.has_focus

    run(answer())


def test_what_is_pasted_is_one_harmless_line_and_may_be_long(notes: Path) -> None:
    write(notes, WORDS)

    async def paste() -> None:
        async with opened() as pilot:
            await press(pilot, "t")
            field = pane(pilot).field
            assert field is not None
            field.post_message(events.Paste("score,\nscale \x1b[31m"))
            await until(pilot, lambda: field.value == "score, scale [31m")
            field.post_message(events.Paste("word " * 20_000))
            await until(pilot, lambda: len(field.value) == 10_000)
            await look(pilot, "its end is left out")
            await press(pilot, "enter")
            await until(pilot, lambda: "you typed 40% of the answer's words" in shown(pilot))

    run(paste())


def test_a_cloze_stands_out_and_its_word_is_the_answer(notes: Path, snapshot: SnapshotAssertion) -> None:
    write(notes, CLOZE)

    async def answer() -> None:
        async with opened() as pilot:
            assert shown(pilot).strip() == "The softmax turns […] into weights."
            assert masks(pilot) == ["[…]"]
            await typed(pilot, "scores")
            await press(pilot, "enter")
            assert shown(pilot) == snapshot
            assert ("scores", "bold") in [run for line in pane(pilot).back.page.lines for run in line]
            await press(pilot, "4")
            assert "card 1/c2" in screen_text(pilot)
            assert masks(pilot) == ["[what it gives]"]

    run(answer())


def masks(pilot: Pilot[None]) -> list[str]:
    return [text for line in pane(pilot).front.page.lines for text, style in line if "reverse" in style]


def test_a_reversed_card_says_so_and_hides_its_title(notes: Path) -> None:
    write(notes, WORDS, reverse=True)

    async def answer() -> None:
        async with opened() as pilot:
            assert "Title" in screen_text(pilot)
            await press(pilot, "space", "4")
            assert "card 1/reversed" in screen_text(pilot)
            assert "Title" not in screen_text(pilot)
            assert shown(pilot).strip() == WORDS[1]

    run(answer())


def test_hostile_text_is_text(notes: Path) -> None:
    write(notes, HOSTILE)

    async def answer() -> None:
        async with opened() as pilot:
            await press(pilot, "space")
            assert "[bold red]x[/] [@click=app.exit]y[/] z <b>q</b> $primary" in shown(pilot)
            assert "{{ x }} [/] [link=http://e.x]l[/link]" in shown(pilot)
            drawn = [*pane(pilot).front.page.lines, *pane(pilot).back.page.lines]
            assert not [style for line in drawn for _, style in line if "link" in style or "red" in style]

    run(answer())


def test_a_very_long_answer_begins_at_once_and_comes_whole(notes: Path) -> None:
    lines = "\n\n".join(f"line **{n}** and $x_{{{n}}}$" for n in range(1500))
    write(notes, ("Big?", lines))

    async def read() -> None:
        async with opened() as pilot:
            await tap(pilot, "space")
            back = pane(pilot).back
            assert "line 0 and x₀" in shown(pilot) and back.is_drawing
            await until(pilot, lambda: not back.is_drawing)
            await press(pilot, "end")
            assert "line 1499 and x₁₄₉₉" in shown(pilot)
            assert back.page.height == 2999
            back.scroll_to(y=2000, animate=False)
            await resize(pilot, 60, 30)
            await until(pilot, lambda: not back.is_drawing and back.above == 2000)
            await press(pilot, "x")
            await until(pilot, lambda: not back.is_drawing and "$x_{1000}$" in shown(pilot))

    run(read())


def test_a_text_that_is_left_is_not_drawn_any_further(notes: Path) -> None:
    write(notes, WORDS)

    async def leave() -> None:
        async with opened() as pilot:
            await press(pilot, "space")
            back = pane(pilot).back
            back.show([Markdown("word **bold**\n\n" * 2000, first=True)], "unicode")
            await until(pilot, lambda: back.page.height)
            assert back.is_drawing
            back.show([Markdown("something else", first=True)], "unicode")
            await settle(pilot)
            assert all(worker.is_finished for worker in workspace(pilot).workers)
            assert [line for line in shown(pilot).splitlines() if "word" in line] == []
            assert back.page.height == 1

    run(leave())


def test_a_typed_answer_is_compared_wherever_the_question_was_left(notes: Path) -> None:
    write(notes, LONG)

    async def answer() -> None:
        async with opened() as pilot:
            await typed(pilot, "that")
            assert pane(pilot).front.below > 0
            await press(pilot, "enter")
            assert "you typed every word of the answer" in shown(pilot)

    run(answer())


def test_a_small_terminal_shows_question_and_answer(notes: Path) -> None:
    write(notes, LONG_ANSWER)

    async def read() -> None:
        async with opened(size=(40, 12)) as pilot:
            await press(pilot, "t")
            assert pane(pilot).field is not None
            assert pane(pilot).field.size.height == 1  # type: ignore[union-attr]
            await press(pilot, "w", "enter")
            await look(pilot, "you typed", "Why?")
            await resize(pilot, 30, 10)
            await look(pilot, "you typed", "Why?")

    run(read())
