"""A computed card through the real program: asked and answered through a pipe, and left in the middle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.computed_cards import BACK, FRONT, numbers
from tests.study_documents import write_deck


def studycli(*arguments: str | Path, answers: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "studycli", *map(str, arguments)]
    return subprocess.run(command, input=answers, capture_output=True, text=True, timeout=120, check=False)


def test_a_pipe_reviews_a_computed_card(tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "sums.md", [(FRONT, BACK)])
    done = studycli("review", deck, "--plain", answers="\n3\n")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    scores, weights, again = numbers(done.stdout)
    assert scores == again
    assert abs(sum(weights) - 1) < 2e-3


def test_leaving_while_the_answer_is_computed_ends_quietly(tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "sums.md", [(FRONT, BACK)])
    done = studycli("review", deck, "--plain", answers="q\n")
    assert (done.returncode, [line for line in done.stderr.splitlines() if "one of your sources" not in line]) == (
        0,
        [],
    )
    assert "nothing was graded" in done.stdout
