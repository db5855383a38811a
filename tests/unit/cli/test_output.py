"""What reaches stdout when it cannot carry every character, or is not there at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DECK = "# Flashcards: X\n\n### Card 1 | Easy\n**FRONT:** a → 🎯?\n**BACK:** b\n"


def studycli(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "studycli", *arguments]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env={**os.environ, **environment}, check=False
    )


@pytest.fixture
def deck(tmp_path: Path) -> str:
    file = tmp_path / "x.md"
    file.write_text(DECK, "utf-8")
    return str(file)


def test_json_is_whole_in_any_encoding(deck: str) -> None:
    done = studycli("inspect", deck, "--json", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert json.loads(done.stdout)["cards"][0]["front"] == "a → 🎯?"


def test_text_is_escaped_where_the_encoding_lacks_it(deck: str) -> None:
    done = studycli("inspect", deck, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "a \\u2192 \\U0001f3af?" in done.stdout


@pytest.mark.parametrize("redirection", [">&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_error(deck: str, redirection: str) -> None:
    command = f"{sys.executable} -m studycli inspect {deck} {redirection}"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
