"""The real program in a real terminal (tmux): what the learner sees, and what is in the store afterwards."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studycli import clock, config
from studycli.store.repository import Repository
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

DEMO_PATIENCE = 120.0  # seconds; the engine takes a few to load on an idle core

DECK = """\
# Flashcard Set: Blocks

### Card 1 | Easy
**Concept:** Residual stream

**FRONT (Question):**
Why add and not replace?

**BACK (Answer):**
| Reason | Effect |
|--------|--------|
| identity path | gradients reach the first block unchanged, however deep the stack above it is |

### Card 2 | Hard

**FRONT (Question):**
Name the steps of a block.

**BACK (Answer):**
{steps}
"""


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    path = tmp_path / "blocks.md"
    path.write_text(DECK.format(steps="\n\n".join(f"Step {number}." for number in range(1, 31))))
    return path


@pytest.fixture
def terminal(deck: Path) -> Iterator[Terminal]:
    started = Terminal([sys.executable, "-m", "studycli", "review", str(deck)])
    yield started
    started.close()


def grades() -> list[int | None]:
    with Repository.open(config.load().database) as repository:
        cards = repository.cards(today=clock.study_day(clock.now()))
        rows = [row for card in cards for row in repository.history(card.id)]
    return [row.quality for row in sorted(rows, key=lambda row: row.id or 0)]


def test_reveal_grade_undo_and_quit(terminal: Terminal) -> None:
    screen = terminal.wait_for("space shows the answer")
    assert "── Blocks · card 1 ──" in screen
    assert "new 2 · due 0 · again 0" in screen
    assert "Why add and not replace?" in screen
    assert "identity path" not in screen

    terminal.press("Space")
    screen = terminal.wait_for("4 Easy 1 d")
    assert "│ identity path │ gradients reach the first block unchanged, however deep" in screen
    assert "│               │ stack above it is" in screen
    assert "1 Again 1 d   2 Hard 1 d   3 Good 1 d   4 Easy 1 d" in screen

    terminal.press("4")
    screen = terminal.wait_for("Name the steps of a block.")
    assert "→ Easy: due tomorrow" in screen
    assert grades() == [5]

    terminal.press("u")
    terminal.wait_for("taken back: Blocks · card 1")
    assert grades() == [5, None]

    terminal.press("Enter")
    terminal.wait_for("4 Easy 1 d")
    terminal.press("3")
    terminal.wait_for("→ Good: due tomorrow")
    terminal.press("q")
    terminal.wait_for("1 answer on 1 card", "left for today: 1 card; go on with:\n  studycli review")
    assert terminal.exit_code() == 0
    assert grades() == [5, None, 4]


def test_a_long_answer_leaves_question_and_buttons_visible(terminal: Terminal) -> None:
    terminal.wait_for("space shows the answer")
    terminal.press("Space", "4")
    terminal.wait_for("Name the steps of a block.")
    terminal.press("Space")
    screen = terminal.wait_for("more lines: space")
    assert "Name the steps of a block." in screen and "4 Easy 1 d" in screen and "Step 30." not in screen
    while "Step 30." not in terminal.screen():
        terminal.press("Space")
        terminal.wait_for("Question: Name the steps of a block.")
    screen = terminal.wait_for("4 Easy 1 d", gone="more line")
    assert "Question: Name the steps of a block." in screen
    assert all(f"Step {number}." in terminal.scrollback() for number in range(1, 31))
    terminal.press("1")
    terminal.wait_for("→ Again: due tomorrow (")
    terminal.press("C-d")
    terminal.wait_for("2 answers on 2 cards")
    assert terminal.exit_code() == 0
    assert grades() == [5, 2]


def test_q_in_a_demo_goes_back_to_the_card(terminal: Terminal) -> None:
    terminal.wait_for("space shows the answer")
    terminal.press("Space", "d")
    screen = terminal.wait_for("q goes back to the card", deadline=DEMO_PATIENCE)
    assert "more lines: space" in screen and "q quit" not in screen
    terminal.press("q")
    screen = terminal.wait_for("4 Easy 1 d", gone="q goes back to the card")
    assert "Question: Why add and not replace?" in screen and "q quit" in screen
    terminal.press("3")
    terminal.wait_for("→ Good: due tomorrow")
    terminal.press("q")
    terminal.wait_for("1 answer on 1 card")
    assert terminal.exit_code() == 0
    assert grades() == [4]


def test_ctrl_c_leaves_with_the_summary(terminal: Terminal) -> None:
    terminal.wait_for("space shows the answer")
    terminal.press("Space", "2")
    terminal.wait_for("Name the steps of a block.")
    terminal.press("C-c")
    screen = terminal.wait_for("1 answer on 1 card", "Again 0 · Hard 1 · Good 0 · Easy 0")
    assert "Traceback" not in screen
    assert terminal.exit_code() == 130
    assert grades() == [3]


def test_a_smaller_window_is_used_from_the_next_card_on(terminal: Terminal) -> None:
    terminal.wait_for("space shows the answer")
    terminal.tmux("resize-window", "-t", "review", "-x", "50", "-y", "15")
    terminal.press("Space", "4")
    screen = terminal.wait_for("Name the steps of a block.")
    assert max(map(len, screen.split("\n"))) <= 50
    assert "── Blocks · card 2 ───" in screen
    terminal.press("q")
    assert terminal.exit_code() == 0


def test_stopped_and_continued(deck: Path) -> None:
    shell = Terminal(["env", "PS1=ready> ", "bash", "--norc", "--noprofile"])
    try:
        shell.wait_for("ready>")
        shell.press(f"{sys.executable} -m studycli review {deck}", "Enter")
        shell.wait_for("space shows the answer")
        shell.press("C-z")
        shell.wait_for("Stopped")
        shell.press("stty -a | grep -o ' icanon' | sed s/^/line-editing/", "Enter")
        shell.wait_for("line-editing icanon")
        shell.press("fg", "Enter")
        shell.press("Space")
        shell.wait_for("4 Easy 1 d")
        shell.press("4")
        shell.wait_for("Name the steps of a block.")
        shell.press("q")
        shell.wait_for("1 answer on 1 card")
    finally:
        shell.close()
    assert grades() == [5]


def test_another_size_lays_out_the_prompt_and_the_next_pages_anew(deck: Path) -> None:
    words = " ".join(f"word{number}" for number in range(300))
    deck.write_text(f"# Flashcard Set: Words\n\n### Card 1\n**FRONT:**\nWhich?\n\n**BACK:**\n{words}\n")
    terminal = Terminal([sys.executable, "-m", "studycli", "review", str(deck)], height=16)
    try:
        terminal.wait_for("space shows the answer")
        terminal.press("Space")
        terminal.wait_for("4 Easy 1 d")
        terminal.tmux("resize-window", "-t", "review", "-x", "40", "-y", "16")
        screen = terminal.wait_for("d demo · s suspend · u undo · q quit ·\n? help")
        assert screen.count("more lines: space") == 1 and screen.count("4 Easy 1 d") == 1
        terminal.tmux("resize-window", "-t", "review", "-x", "80", "-y", "16")
        screen = terminal.wait_for("d demo · s suspend · u undo · q quit · ? help")
        assert screen.count("more lines: space") == 1 and screen.count("4 Easy 1 d") == 1
        while "word299" not in terminal.screen():
            terminal.press("Space")
            terminal.wait_for("4 Easy 1 d")
        shown = terminal.scrollback().split()
        assert [word for word in words.split() if word not in shown] == []
        terminal.press("q")
        assert terminal.exit_code() == 0
    finally:
        terminal.close()
