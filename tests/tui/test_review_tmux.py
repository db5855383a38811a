"""The workspace in a real terminal (tmux): what the learner sees, and what is in the store afterwards."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studycli import config
from studycli.collection import Collection
from tests.stored_grades import grades
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

DEMO_PATIENCE = 120.0  # seconds; the engine takes a few to load on an idle core

DECK = """\
# Flashcard Set: Blocks

### Card 1 | Easy
**Concept:** Scaled dot-product attention
**Demo:** scaled-dot-product

**FRONT (Question):**
Why add and not replace?

**BACK (Answer):**
| Reason | Effect |
|--------|--------|
| identity path | gradients reach the first block |

### Card 2 | Hard

**FRONT (Question):**
Name the steps of a block.

**BACK (Answer):**
{steps}
"""

Start = Callable[..., Terminal]


@pytest.fixture
def deck(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deck that is a source already: the note that it has become one would lie over the grades for a while."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    path = tmp_path / "blocks.md"
    path.write_text(DECK.format(steps="\n\n".join(f"Step {number}." for number in range(1, 31))))
    with Collection.open(config.load()) as collection:
        collection.add(str(path))
    return path


@pytest.fixture
def start(deck: Path) -> Iterator[Start]:
    """Starts the review, with these words before its command, and ends it with the test."""
    started: list[Terminal] = []

    def begin(*before: str, width: int = 80, height: int = 24) -> Terminal:
        terminal = Terminal([*before, sys.executable, "-m", "studycli", "review", str(deck)], width, height)
        started.append(terminal)
        return terminal

    yield begin
    for terminal in started:
        terminal.close()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_reveal_demo_grade_undo_and_quit(start: Start, width: int, height: int) -> None:
    terminal = start(width=width, height=height)
    screen = terminal.wait_for(
        "Why add and not replace?", "Blocks · card 1", "new 2 · due 0 · again 0", "space shows the answer", "? Help"
    )
    assert "identity path" not in screen

    terminal.press("Space")
    terminal.wait_for("Why add and not replace?", "identity path", "gradients reach the first block")
    terminal.wait_for("1 Again 1 d   2 Hard 1 d   3 Good 1 d   4 Easy 1 d")
    terminal.press("d")
    screen = terminal.wait_for("Scaled dot-product attention", "tokens", " of 13", deadline=DEMO_PATIENCE)
    for step in range(step_of(screen), 13):
        if "pattern  (" in screen:
            break
        terminal.press("Right")
        screen = terminal.wait_for(f"step {step + 1} of 13")
    assert re.search(r"pattern +\([^)]*6, 6\)", screen), screen
    terminal.press("d")
    terminal.wait_for("identity path", "4 Easy 1 d")
    terminal.press("4")
    terminal.wait_for("Name the steps of a block.", "Easy: due tomorrow", gone="identity path")
    assert grades("blocks") == {1: [5], 2: []}

    terminal.press("u")
    terminal.wait_for("Why add and not replace?", "taken back: Blocks · card 1", gone="identity path")
    assert grades("blocks") == {1: [5, None], 2: []}

    terminal.press("Enter")
    terminal.wait_for("identity path", "4 Easy 1 d")
    terminal.press("3")
    terminal.wait_for("Name the steps of a block.", "Good: due tomorrow")
    terminal.press("q")
    terminal.wait_for("1 answer on 1 card", "left for today: 1 card; go on with:\n  studycli review")
    assert terminal.exit_code() == 0
    assert grades("blocks") == {1: [5, None, 4], 2: []}


def test_a_long_answer_leaves_question_and_grades_visible(start: Start) -> None:
    terminal = start()
    terminal.wait_for("Why add", "space shows the answer", "new 2")
    terminal.press("s")
    terminal.wait_for("Name the steps of a block.", "space shows the answer", "suspended")
    terminal.press("Space")
    screen = terminal.wait_for("Name the steps of a block.", "Step 1.", "4 Easy 1 d")
    assert "Step 30." not in screen
    terminal.press("End")
    terminal.wait_for("Name the steps of a block.", "Step 30.", "4 Easy 1 d", gone="Step 1.")
    terminal.press("1")
    terminal.wait_for("comes back in this session")
    terminal.press("C-d")
    terminal.wait_for("1 answer on 1 card")
    assert terminal.exit_code() == 0
    assert grades("blocks") == {1: [], 2: [2]}


def test_ctrl_c_leaves_with_the_summary(start: Start) -> None:
    terminal = start()
    terminal.wait_for("Why add", "space shows the answer", "new 2")
    terminal.press("Space")
    terminal.wait_for("identity path", "4 Easy 1 d")
    terminal.press("2")
    terminal.wait_for("Name the steps of a block.")
    terminal.press("C-c")
    screen = terminal.wait_for("1 answer on 1 card", "Again 0 · Hard 1 · Good 0 · Easy 0")
    assert "Traceback" not in screen
    assert terminal.exit_code() == 130
    assert grades("blocks") == {1: [3], 2: []}


def test_another_size_is_used_at_once(start: Start) -> None:
    terminal = start()
    terminal.wait_for("Why add", "space shows the answer", "new 2", "Card  ")
    terminal.tmux("resize-window", "-t", "review", "-x", "120", "-y", "40")
    screen = terminal.wait_for("Why add", "Demo   ", "Source", gone="Card  ")
    assert max(len(line.rstrip()) for line in screen.split("\n")) > 100
    terminal.tmux("resize-window", "-t", "review", "-x", "60", "-y", "16")
    terminal.press("Space")
    screen = terminal.wait_for("Why add", "identity path", "1 Again", "Card  ")
    assert max(map(len, screen.split("\n"))) <= 60
    terminal.press("q")
    assert terminal.exit_code() == 0


def test_stopped_and_continued(deck: Path) -> None:
    shell = Terminal(["env", "PS1=ready> ", "bash", "--norc", "--noprofile"])
    try:
        shell.wait_for("ready>")
        shell.press(f"{sys.executable} -m studycli review {deck}", "Enter")
        shell.wait_for("Why add", "space shows the answer", "new 2")
        shell.press("C-z")
        shell.wait_for("Stopped", "ready>", gone="new 2")
        shell.press("stty -a | grep -o ' icanon' | sed s/^/line-editing/", "Enter")
        shell.wait_for("line-editing icanon")
        shell.press("fg", "Enter")
        shell.wait_for("Why add", "space shows the answer", "new 2", gone="line-editing")
        shell.press("Space")
        shell.wait_for("identity path", "4 Easy 1 d")
        shell.press("4")
        shell.wait_for("Name the steps of a block.")
        shell.press("q")
        shell.wait_for("1 answer on 1 card", "ready>")
    finally:
        shell.close()
    assert grades("blocks") == {1: [5], 2: []}


@pytest.mark.parametrize("kind", ["tmux-256color", "xterm"])
def test_kinds_of_terminals(start: Start, kind: str) -> None:
    terminal = start("env", f"TERM={kind}")
    terminal.wait_for("Why add", "space shows the answer", "? Help", "new 2")
    terminal.press("?")
    terminal.wait_for("Keys", "reveal", "esc goes back")
    terminal.press("q")
    terminal.wait_for("space shows the answer", gone="esc goes back")
    terminal.press(":")
    terminal.wait_for("Search for commands", "Answer")
    terminal.press("C-c")
    assert terminal.exit_code() == 130


@pytest.mark.parametrize("setting", ["TERM=dumb", "ACCESSIBLE=1"])
def test_where_a_screen_is_not_wanted_it_is_a_dialogue(start: Start, setting: str) -> None:
    terminal = start("env", setting)
    terminal.wait_for("Why add and not replace?", "Enter shows the answer", gone="? Help")
    terminal.press("Enter")
    terminal.wait_for("identity path")
    terminal.press("4", "Enter")
    terminal.wait_for("Name the steps of a block.")
    terminal.press("C-d")
    terminal.wait_for("1 answer on 1 card")
    assert terminal.exit_code() == 0
    assert grades("blocks") == {1: [5], 2: []}


def test_without_color_no_color_is_sent(start: Start) -> None:
    terminal = start("env", "TERM=xterm-256color", "NO_COLOR=1")
    terminal.wait_for("Why add", "space shows the answer", "new 2")
    terminal.press("Space")
    terminal.wait_for("identity path", "4 Easy 1 d")
    assert colors(terminal) == set()
    looks = {"m": "Scaled", "n": "No note on this card yet", "/": "search cards", "Escape": "No note on this card yet"}
    for key, text in looks.items():
        terminal.press(key)
        terminal.wait_for(text)
        assert colors(terminal) == set()
    # Which tab is looked at stands out without colour.
    assert re.search(r"\x1b\[(\d+;)*7(;\d+)*m *n Notes", styled(terminal))
    terminal.press(":")
    terminal.wait_for("Search for commands", "Answer")
    assert re.search(r"\x1b\[(\d+;)*7(;\d+)*m *Answer", styled(terminal))
    assert colors(terminal) == set()


def test_with_color_there_is_some_until_a_theme_takes_it_away(start: Start) -> None:
    terminal = start()
    terminal.wait_for("Why add", "space shows the answer", "new 2")
    assert colors(terminal)
    terminal.press("q")
    assert terminal.exit_code() == 0
    terminal = start("env", "STUDYCLI_THEME=no-color")
    terminal.wait_for("Why add", "space shows the answer", "new 2")
    assert colors(terminal) == set()
    terminal.press("Space")
    terminal.wait_for("identity path", "4 Easy 1 d")
    assert colors(terminal) == set()


def step_of(screen: str) -> int:
    found = re.search(r"step (\d+) of 13", screen)
    assert found is not None, screen
    return int(found[1])


def colors(terminal: Terminal) -> set[str]:
    """The codes on the screen that set a colour: all but resets, bold, dim, italic, underline, reverse and strike."""
    codes = {code for codes in re.findall(r"\x1b\[([\d;]*)m", styled(terminal)) for code in codes.split(";")}
    return codes - {"", "0", "1", "2", "3", "4", "7", "9", "22", "23", "24", "27", "29", "39", "49"}


def styled(terminal: Terminal) -> str:
    return terminal.tmux("capture-pane", "-e", "-p", "-t", "review")
