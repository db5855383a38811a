"""Editors in a real terminal (tmux): one that fails gives the card back, and the terminal is as it was at the end."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.stored_grades import grades
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

DECK = """\
# Flashcards: Blocks

### Card 1 | Easy

#### Front
Why add and not replace?

#### Back
The identity path.
"""


@pytest.mark.parametrize(
    ("editor", "said"),
    [
        ("false", "the editor ended with exit code 1, so nothing was changed"),
        ("no-such-editor-anywhere", "there is no editor 'no-such-editor-anywhere'"),
        ("rm", "the editor left no file"),
    ],
)
def test_the_card_is_back_after_an_editor_that_fails(tmp_path: Path, editor: str, said: str) -> None:
    deck = tmp_path / "blocks.md"
    deck.write_text(DECK)
    shell = Terminal(["env", "-u", "VISUAL", "PS1=ready> ", f"EDITOR={editor}", "bash", "--norc", "--noprofile"])
    try:
        shell.wait_for("ready>")
        shell.press(f"{sys.executable} -m studycli review {deck}", "Enter")
        shell.wait_for("Why add and not replace?", "new 1 ·")
        shell.press("e")
        shell.wait_for("Why add and not replace?", said, "? Help")
        shell.press("Space")
        shell.wait_for("The identity path.", "4 Easy 1 d")
        shell.press("4")
        shell.wait_for("That was all.")
        shell.press("q")
        shell.wait_for("1 answer on 1 card", "ready>", gone="That was all.")
        shell.press("stty -a | grep -o ' icanon' | sed s/^/line-editing/", "Enter")
        shell.wait_for("line-editing icanon")
    finally:
        shell.close()
    assert grades("blocks") == {1: [5]}
