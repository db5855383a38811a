"""The main job through the real program: a review answered through a pipe, an export, and Anki's own import of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

from studycli import paths

DECK = """# Flashcards: Sound

### Card 1 | Easy
**Concept:** Pitch
**FRONT (Question):**
What is pitch?
**BACK (Answer):**
How high a tone *seems*.

---
### Card 2 | Medium
**FRONT (Question):**
What is $f_0$?
**BACK (Answer):**
| a | b |
|---|---|
| 1 | <b> |
"""


def studycli(*arguments: str, answers: str = "", code: int = 0) -> str:
    command = [sys.executable, "-m", "studycli", *arguments]
    done = subprocess.run(command, input=answers, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout


def as_json(*arguments: str) -> Any:
    return json.loads(studycli(*arguments, "--json"))


def notes_in_anki(package: Path, folder: Path) -> list[list[str]]:
    collection = Collection(str(folder / "collection.anki2"))
    try:
        collection.import_anki_package(
            ImportAnkiPackageRequest(package_path=str(package), options=ImportAnkiPackageOptions())
        )
        return [collection.get_note(note).fields for note in collection.find_notes("")]
    finally:
        collection.close()


def test_review_through_a_pipe_then_anki(tmp_path: Path) -> None:
    document = tmp_path / "sound.md"
    document.write_text(DECK)
    said = studycli("review", str(document), "--plain", answers="\n4\n\n2\n\n3\n")
    assert "What is pitch?" in said

    first, second = as_json("cards", "sound")
    assert [card["number"] for card in (first, second)] == [1, 2]
    assert first["state"]["repetitions"] == 1
    history = as_json("card", first["id"], "--history")["history"]
    assert [review["quality"] for review in history] == [5]
    history = as_json("card", second["id"], "--history")["history"]
    assert [review["quality"] for review in history] == [3, 4]
    assert history[1]["before"] == history[1]["after"]

    package = tmp_path / "sound.apkg"
    studycli("export", "anki", "sound", "-o", str(package))
    notes = notes_in_anki(package, tmp_path)
    assert len(notes) == 2
    assert {note[0] for note in notes} == {"<p>What is pitch?</p>", r"<p>What is \(f_0\)?</p>"}
    backs = "".join(note[1] for note in notes)
    assert "<em>seems</em>" in backs
    assert "&lt;b&gt;" in backs


def test_the_bundled_decks_can_be_studied_at_once(tmp_path: Path) -> None:
    decks = as_json("decks")
    assert decks[0]["slug"] == "01-sequences" and len(decks) == 11
    assert all(deck["new"] == deck["cards"] > 0 for deck in decks)
    studycli("review", "--plain", answers="q\n")
    package = tmp_path / "all.apkg"
    studycli("export", "anki", "-o", str(package))
    notes = notes_in_anki(package, tmp_path)
    assert len(notes) == sum(deck["cards"] for deck in decks) == 135
    assert not any("{{" in side or "not computed:" in side for note in notes for side in note[:2])


def test_bundled_documents_check_silently() -> None:
    assert as_json("check", *map(str, paths.bundled_folders())) == []


def test_the_five_samples_load_whole(samples: Path) -> None:
    documents = {Path(document["path"]).name: document for document in as_json("inspect", str(samples))}
    kinds = sorted(document["kind"] for document in documents.values())
    assert kinds == ["concept_map", "flashcards", "lesson", "lesson", "lesson"]
    deck = documents["lesson-4-transformers-flashcards.md"]
    assert len(deck["cards"]) == 5
    concept_map = documents["lesson-4-transformers-concept-map.md"]
    assert len(concept_map["relationships"]) == 42
    assert [len(path["steps"]) for path in concept_map["pathways"]] == [6, 7, 6, 7]
    known = {concept["id"] for concept in concept_map["concepts"]}
    assert all({row["source"], row["target"]} <= known for row in concept_map["relationships"])
    for name in ("topic-transformer-architecture.md", "tutorial-transformer-fundamentals.md"):
        text = json.dumps(documents[name], ensure_ascii=False)
        assert "→" in text
        assert not any(mark in text for mark in ("â†", "‚Üí", "ğŸ"))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("review", "nothing-like-it"), 2, "nothing-like-it"),
        (("card", "ffffffff"), 2, "ffffffff"),
        (("grade", "ffffffff", "5"), 2, "ffffffff"),
        (("inspect", "no-such-file.md"), 3, "no-such-file.md"),
        (("check", "no-such-file.md"), 3, "no-such-file.md"),
        (("demo", "no-such-demo"), 2, "no-such-demo"),
        (("map", "no-such-map"), 2, "no-such-map"),
        (("--database", "mysql://x/y", "due"), 2, "mysql"),
        (("undo",), 1, "no grade to take back"),
    ],
)
def test_mistakes_end_in_a_message_and_a_code(arguments: tuple[str, ...], code: int, words: str) -> None:
    command = [sys.executable, "-m", "studycli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    assert words in (done.stderr + done.stdout).lower()
    assert "Traceback" not in done.stderr
