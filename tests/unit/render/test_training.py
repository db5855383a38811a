"""The view of a training: a bar, and a line for the loss and for each score, on screens of any width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType

from studycli.render.training import History, outcome, view


def printed(renderable: RenderableType, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), color_system=None, markup=False, emoji=False)
    console.print(renderable)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def halfway(checkpoint: str = "tasks/decoder") -> History:
    history = History(checkpoint, seconds=61)
    for step in range(1, 51):
        history.hear(step, 100, 4.0 - step / 25, {"copy_accuracy": step / 50} if step > 10 else {})
    return history


def test_halfway() -> None:
    lines = printed(view(halfway(), ["tasks/encoder: done"], 60), 60)
    assert lines[0] == "tasks/encoder: done"
    assert lines[1].startswith("tasks/decoder  ━") and lines[1].endswith("50/100 steps  1:01 left")
    assert lines[2].split()[:2] == ["loss", "2.000"] and lines[2].endswith("▅▅▅▅")
    label, score, number, bars = lines[3].split(maxsplit=3)
    assert (label, score, number) == ("copy", "accuracy", "1.000")
    assert bars.lstrip().startswith("▂▂") and bars.endswith("▇████")


def test_a_score_that_comes_later_begins_where_it_was_first_known() -> None:
    bars = printed(view(halfway(), [], 80), 80)[2]
    start = len("copy accuracy  1.000  ")
    assert bars[start : start + 10] == " " * 10 and bars[start + 10] != " "


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    lines = printed(view(halfway(), [], width), width)
    assert max(map(len, lines)) <= width and len(lines) == 3


def test_before_the_first_step_and_after_the_last() -> None:
    assert printed(view(History("training"), [], 80), 80)[0].endswith("starting …")
    history = History("x", seconds=75)
    history.hear(2, 2, 0.5, {})
    assert printed(view(history, [], 80), 80)[0].endswith("2/2 steps  1:15")


def test_the_outcome_in_a_line() -> None:
    assert outcome(halfway()) == "tasks/decoder: loss 2.000, copy accuracy 1.000 after 100 steps in 1:01"


def test_names_are_text() -> None:
    history = halfway("[bold]\x1b[31mred")
    assert printed(view(history, [], 80), 80)[0].startswith("[bold]") and "\x1b" not in outcome(history)
