"""inspect and check, run as a learner does."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from studycli.cli.app import main
from tests.study_documents import write_deck

MAP = "# Concept Map: Attention\n\n## Concepts\n\n### 1. Query\n\nWhat a token looks for.\n"
CARD = "# Flashcards\n\n### Card 1 | Easy\n\n**Concept:** Nowhere\n\n**Front:** What?\n\n**Back:** That.\n"


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return int(left.value.code or 0), captured.out, captured.err


@pytest.mark.parametrize("command", ["inspect", "check"])
def test_an_empty_path_is_not_the_current_folder(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    write_deck(tmp_path / "a.md", [("What?", "That.")])
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, command, "")
    assert (code, out, "the path is empty" in err) == (2, "", True)


@pytest.mark.parametrize("command", ["inspect", "check"])
def test_a_pipe_is_no_document(home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    code, out, err = run(capsys, command, tmp_path / "pipe")
    assert (code, "this is no regular file" in out + err) == (3, True)


def test_problems_come_in_the_order_of_the_files(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text(CARD, "utf-8")
    (tmp_path / "b.md").write_bytes(bytes(2000))
    (tmp_path / "c.md").write_text(MAP, "utf-8")
    (tmp_path / "d.md").write_text("", "utf-8")
    _, out, _ = run(capsys, "check", "--json", tmp_path)
    found = json.loads(out)
    names = [Path(problem["path"]).name for problem in found]
    # What is unknown to the map is only found when all files are read.
    assert any("no concept map knows" in problem["message"] for problem in found if problem["path"].endswith("a.md"))
    assert names == sorted(names)
    assert {"a.md", "b.md", "d.md"} <= set(names)
