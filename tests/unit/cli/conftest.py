"""Two decks to study, for the commands that count and list."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli.cli import app

DECK = """\
# Flashcard Set: {title}

### Card 1 | Easy
**Concept:** Residual stream

**FRONT (Question):**
Why add?

**BACK (Answer):**
For the gradients.

### Card 2 | Hard
**FRONT (Question):**
Why scale?

**BACK (Answer):**
For the softmax.
"""


@pytest.fixture
def decks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """Two decks of two cards, at noon of 2 March 2026."""
    monkeypatch.setenv("STUDYCLI_NOW", "2026-03-02T12:00")
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    folder = tmp_path / "decks"
    folder.mkdir()
    for name in ("blocks", "masks"):
        (folder / f"{name}.md").write_text(DECK.format(title=f"On {name}"))
    app.app(args=["add", str(folder)], prog_name="studycli", standalone_mode=False)
    capsys.readouterr()
    return folder
