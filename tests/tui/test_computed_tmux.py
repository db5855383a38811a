"""A computed card in a real terminal: the numbers stay on undo, and the answer is theirs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studycli import config
from studycli.collection import Collection
from tests.computed_cards import BACK, FRONT, numbers
from tests.study_documents import write_deck
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

PATIENCE = 120.0  # seconds; the engine takes a few to load on an idle core


@pytest.fixture
def terminal(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    deck = write_deck(tmp_path / "sums.md", [(FRONT, BACK)])
    with Collection.open(config.load()) as collection:
        collection.add(str(deck))
    started = Terminal([sys.executable, "-m", "studycli", "review", str(deck)])
    yield started
    started.close()


def test_numbers_and_answer_belong_together_before_and_after_an_undo(terminal: Terminal) -> None:
    terminal.wait_for("space shows the answer", "new 1")
    terminal.press("Space")
    screen = terminal.wait_for("4 Easy 1 d", deadline=PATIENCE)
    scores, weights, again = numbers(screen)
    assert scores == again
    assert abs(sum(weights) - 1) < 2e-3
    terminal.press("1")
    terminal.wait_for("comes back in this session")
    terminal.press("u")
    terminal.wait_for("taken back")
    terminal.press("Space")
    assert numbers(terminal.wait_for("4 Easy 1 d"))[-3:] == [scores, weights, again]
    terminal.press("q")
    terminal.wait_for("nothing was graded")
    assert terminal.exit_code() == 0
