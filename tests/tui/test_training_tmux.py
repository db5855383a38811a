"""A training in a real terminal (tmux): what a learner watches, and what stays on the screen."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

PATIENCE = 240.0  # seconds; it takes about 20 on an idle core


Train = Callable[[int, int], Terminal]


@pytest.fixture
def train() -> Iterator[Train]:
    """Starts a training in a terminal of this size, and ends it with the test."""
    started: list[Terminal] = []

    def begin(width: int, height: int) -> Terminal:
        command = [sys.executable, "-m", "studycli", "engine", "train", "induction", "--device", "cpu"]
        started.append(Terminal(command, width, height))
        return started[-1]

    yield begin
    for terminal in started:
        terminal.close()


def test_it_clicks_while_one_watches(train: Train) -> None:
    training = train(80, 24)
    screen = training.wait_for("induction ", gone="starting", deadline=PATIENCE)
    assert re.search(r"induction +━+\S*━* +\d+/700 steps +\d+:\d\d left", screen)
    screen = training.wait_for("Trained in", deadline=PATIENCE)
    lines = [line.split() for line in screen.splitlines()]
    curves = {" ".join(line[:-2]): line[-1] for line in lines if line and set(line[-1]) <= set("▁▂▃▄▅▆▇█")}
    assert set(curves) == {"loss", "copy accuracy", "previous token", "induction"}
    assert (curves["loss"][0], curves["loss"][-1]) == ("█", "▁")
    assert (curves["copy accuracy"][0], curves["copy accuracy"][-1]) == ("▁", "█")
    assert "700/700 steps" in screen and "above 0.95" in screen
    rows = [line for line in lines if line[-2:-1] == ["above"]]
    assert [" ".join(row[:-4]) for row in rows] == ["copy_accuracy", "previous_token", "induction"]
    assert all(float(row[-4]) > float(row[-1]) for row in rows)
    assert training.exit_code() == 0


def test_interrupted_it_leaves_a_clean_screen(train: Train) -> None:
    training = train(200, 60)
    screen = training.wait_for("/700 steps", " left", deadline=PATIENCE)
    assert re.search(r"induction +━+\S*━* +\d+/700 steps +\d+:\d\d left", screen)
    training.press("C-c")
    assert training.exit_code(PATIENCE) == 130
    assert "Traceback" not in training.scrollback()
