"""note and notes, run as a learner does."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from studycli.cli import app
from studycli.errors import UsageError

DECK = """\
# Flashcard Set: Blocks

### Card 1 | Easy
**Concept:** Residual Stream

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
MAP = """\
# Concept Map: Attention

```mermaid
graph LR
    SA[Self-Attention] -->|uses| SM[Softmax]
```
"""


@pytest.fixture(autouse=True)
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A deck and a map as the only sources, at noon of 2 March 2026, UTC."""
    monkeypatch.setenv("STUDYCLI_NOW", "2026-03-02T12:00:00Z")
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "blocks.md").write_text(DECK)
    (folder / "attention-map.md").write_text(MAP)
    run("add", str(folder))
    capsys.readouterr()
    return folder


def run(*arguments: str) -> None:
    app.app(args=list(arguments), prog_name="studycli", standalone_mode=False)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command; gives what it wrote to stdout and stderr."""

    def read(*arguments: str) -> tuple[str, str]:
        capsys.readouterr()
        run(*arguments)
        captured = capsys.readouterr()
        return captured.out, captured.err

    return read


def test_a_note_on_a_card(said: Any) -> None:
    assert said("note", "blocks:1") == ("", "there is no note yet; give its text to write one\n")
    assert said("note", "blocks:1", "--json") == ("null\n", "")
    assert said("note", "blocks:1", "keeps the **gradient** [red]x[/red]") == ("", "note written\n")
    out, err = said("note", "blocks:1")
    assert (out.strip(), err) == ("keeps the gradient [red]x[/red]", "")
    data = json.loads(said("note", "blocks:1", "--json")[0])
    assert data.pop("card_id") == json.loads(said("card", "blocks:1", "--json")[0])["id"]
    assert data == {
        "concept": None,
        "text": "keeps the **gradient** [red]x[/red]",
        "created_at": "2026-03-02T12:00:00Z",
        "updated_at": "2026-03-02T12:00:00Z",
    }
    assert said("note", "blocks:1", "--remove") == ("", "note taken away\n")
    assert said("note", "blocks:1", "--remove") == ("", "there was no note\n")


def test_a_note_from_stdin(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"# one\r\n\r\n- two \xff\n")))
    out, _ = said("note", "blocks:2", "-", "--json")
    assert json.loads(out)["text"] == "# one\n\n- two \N{REPLACEMENT CHARACTER}"


def test_a_note_that_holds_escapes_and_markup_is_shown_harmless(said: Any) -> None:
    said("note", "blocks:1", "a \x1b[31mred \x1b]0;title\x07 \u202e <b>")
    for arguments in (["note", "blocks:1"], ["notes"]):
        out, _ = said(*arguments)
        assert not {"\x1b", "\x07", "\u202e"} & set(out)
        assert "<b>" in out


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("self attention", "Self-Attention"), ("SOFTMAX", "Softmax"), ("residual streams", "Residual Stream")],
)
def test_a_note_on_a_concept_of_a_map_or_a_card(said: Any, typed: str, kept: str) -> None:
    said("note", "--concept", typed, "mine")
    out, _ = said("notes", "--json")
    assert [(note["card_id"], note["concept"], note["text"]) for note in json.loads(out)] == [(None, kept, "mine")]
    assert said("note", "--concept", kept)[0].strip() == "mine"


def test_a_note_stays_when_its_concept_is_gone(said: Any, documents: Path) -> None:
    said("note", "--concept", "Softmax", "mine")
    (documents / "attention-map.md").unlink()
    assert said("note", "--concept", "softmax")[0].strip() == "mine"


def test_notes_are_listed(said: Any) -> None:
    assert said("notes") == ("There are no notes yet. Write one with: studycli note CARD TEXT\n", "")
    assert said("notes", "--json") == ("[]\n", "")
    said("note", "--concept", "Softmax", "about softmax")
    said("note", "blocks:2", "two\n\nparagraphs " + "that go on " * 20)
    lines = said("notes")[0].splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["blocks:2", "2026-03-02"], ["Softmax", "2026-03-02"]]
    assert max(map(len, lines)) <= 80
    first = json.loads(said("notes", "--json")[0])[0]
    assert (first["deck"], first["number"], first["concept"]) == ("blocks", 2, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "a note on what"),
        (["blocks:9"], "no card 9"),
        (["blocks:1", "two", "words"], "more than one argument"),
        (["--concept", "Softmax", "two", "words"], "more than one argument"),
        (["blocks:1", "text", "--remove"], "takes no text"),
        (["--concept", ""], "no concept ''"),
        (["--concept", "Sofmax"], "no concept 'Sofmax'.*is it Softmax"),
        (["--concept", "Zork"], "no concept 'Zork'"),
    ],
)
def test_what_cannot_be_noted(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        run("note", *arguments)
    assert caught.value.hint
