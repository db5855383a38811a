"""What reaches stdout when it cannot carry every character, is full, or is not there at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studycli.cli.output import print_json

DECK = "# Flashcards: X\n\n### Card 1 | Easy\n**FRONT:** a → 🎯?\n**BACK:** b\n"


def studycli(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "studycli", *arguments]
    return subprocess.run(
        command, input="q\n", capture_output=True, encoding="latin-1", env=os.environ | environment, check=False
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
    assert "a -> \\U0001f3af?" in done.stdout


def test_what_the_program_draws_has_stand_ins_as_wide(deck: str) -> None:
    done = studycli("map", "transformers", PYTHONIOENCODING="ascii", COLUMNS="80")
    assert done.returncode == 0, done.stderr
    assert "42 concepts . 66 relationships . 4 pathways" in done.stdout
    assert "==> " in done.stdout and "\\u" not in done.stdout.partition("Concepts\n")[0]
    done = studycli("demo", "multi-head", PYTHONIOENCODING="ascii", COLUMNS="80")
    assert "shades: . : o O @ grow" in done.stdout and "\\u25" not in done.stdout
    assert studycli("cards", PYTHONIOENCODING="ascii").stdout.splitlines()[2].endswith("~")


ENCODINGS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "C": {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"},
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "command",
    ["card transformers:1", "cards", "decks", "maps", "map transformers", "demo scaled-dot-product", "review", "due"],
)
def test_commands_end_well_in_any_encoding(command: str, encoding: str) -> None:
    done = studycli(*command.split(), **ENCODINGS[encoding])
    assert (done.returncode, "rror" in done.stderr) == (0, False), done.stderr
    assert done.stdout
    assert done.stdout.isascii() or encoding == "latin-1"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full, whose every write fails")
@pytest.mark.parametrize("command", ["cards", "cards --json", "export csv", "--version", "demo", "map transformers"])
def test_a_full_disk_is_told_once_and_plainly(command: str) -> None:
    line = f"{sys.executable} -m studycli {command} > /dev/full"
    done = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "error: cannot write: no space left on device"
    assert "Exception" not in done.stderr and "unexpected" not in done.stderr


@pytest.mark.parametrize("command", ["cards", "due", "review", "demo"])
def test_no_stream_is_needed(command: str) -> None:
    line = f"{sys.executable} -m studycli {command} <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", line], check=False).returncode == 0


@pytest.mark.parametrize("redirection", [">&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_error(deck: str, redirection: str) -> None:
    command = f"{sys.executable} -m studycli inspect {deck} {redirection}"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_json_starts_no_terminal_escape_and_turns_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "a\x1b[31m\x7f\x80\x9b2J\u202e\u2066é日"
    print_json({"text": hostile})
    out = capsys.readouterr().out
    assert json.loads(out) == {"text": hostile}
    assert not set("\x1b\x7f\x80\x9b\u202e\u2066") & set(out) and "é日" in out
