"""Cards as a review shows them, on a terminal and as plain lines."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType

from studycli.model.card import Card, CardPart, Difficulty
from studycli.model.review import CardState, StudyCard
from studycli.render.card import gist, plain_back, plain_front, render_back, render_front

CARD = Card(
    number=7,
    difficulty=Difficulty.HARD,
    cognitive_level="Analyze",
    concept="Residual [bold]stream[/bold]",
    front="\n**Why** add, not replace?",
    back="So that *gradients* flow.",
    parts=(CardPart(title="Mnemonic", text="Add, don't `replace`", line=9),),
    critical=True,
    critical_reason="It is in every block.",
)


def study(card: Card = CARD, **values: object) -> StudyCard:
    place = {"id": "id-7", "deck": "blocks", "deck_title": "Blocks \x1b[31m", "path": "blocks.md", "state": CardState()}
    return StudyCard.model_validate({**place, "card": card, **values})


def draw(renderable: RenderableType, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)
    with console.capture() as captured:
        console.print(renderable)
    return [line.rstrip() for line in captured.get().rstrip("\n").split("\n")]


def test_the_question_under_its_header() -> None:
    shown = draw(render_front(study(), "new 1 · due 2 · again 0"))
    assert shown[0].startswith("── Blocks [31m · card 7 ───")
    assert shown[0].endswith("─ new 1 · due 2 · again 0 ──") and len(shown[0]) == 80
    assert shown[1:] == [
        "Residual [bold]stream[/bold] · hard · Analyze · new · critical",
        "",
        "Why add, not replace?",
    ]


def test_the_answer_with_its_extra_parts_after_it() -> None:
    shown = draw(render_back(study()))
    assert shown[0].startswith("── answer ───")
    assert shown[2:] == [
        "So that gradients flow.",
        "",
        "Mnemonic",
        "Add, don't replace",
        "",
        "Why it is critical",
        "It is in every block.",
    ]


def test_a_long_title_is_cut_and_the_progress_is_not() -> None:
    card = CARD.model_copy(update={"title": "Titles " * 40})
    shown = draw(render_front(study(card), "new 1 · due 2 · again 0"))
    assert len(shown[0]) == 80 and "…" in shown[0] and shown[0].endswith("new 1 · due 2 · again 0 ──")


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_nothing_is_wider_than_the_screen(width: int) -> None:
    assert max(map(len, draw(render_front(study(), "new 1 · due 2 · again 0"), width))) <= width


def test_plain_lines_say_the_same() -> None:
    assert plain_front(study(), "1 new") == (
        "Blocks [31m · card 7\nResidual [bold]stream[/bold], hard, Analyze, new, critical\n1 new\n\n"
        "Question:\nWhy add, not replace?"
    )
    assert plain_back(study()) == (
        "Answer:\nSo that gradients flow.\n\nMnemonic:\nAdd, don't `replace`\n\n"
        "Why it is critical:\nIt is in every block."
    )


def test_the_gist_is_the_first_line_with_words() -> None:
    assert gist(study()) == "Why add, not replace?"


def test_a_known_card_is_not_called_new() -> None:
    known = study(state={"repetitions": 1, "interval_days": 1, "due": "2026-03-02"})
    assert "new" not in plain_front(known)


def test_formulas_as_unicode_in_every_part_of_a_card() -> None:
    parts = (CardPart(title="Key Insight", text="$x_3$", line=9),)
    card = CARD.model_copy(update={"front": "Why $x_1$?", "back": "For $x_2$.", "parts": parts})
    assert "Why x₁?" in draw(render_front(study(card), latex="unicode"))
    shown = draw(render_back(study(card), latex="unicode"))
    assert "For x₂." in shown and "x₃" in shown
    assert "Why $x_1$?" in draw(render_front(study(card)))
