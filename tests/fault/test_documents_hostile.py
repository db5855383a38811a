"""A folder of hostile files: each is read or ends in a clear message, in time, and none stops the others.

The reading runs in a process of its own, so that a parser that never ends fails the test instead of holding it up.
How time grows with size is measured in `benchmarks/hostile.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

DECK = "# Flashcard Set: Masks\n\n### Card 1 | Easy\n\n**FRONT (Question):**\nWhy?\n\n**BACK (Answer):**\nSo.\n"
MILLION = 1_000_000
DEEP = 10_000
SECONDS = 120  # far more than all of it takes; a quadratic parser takes hours

READER = """
import json, sys
from pathlib import Path
from studycli.documents.check import read_all
from studycli.documents.load import kind_of
from studycli.model.problem import Problem
for path, found in read_all([Path(sys.argv[1])]):
    if isinstance(found, Problem):
        print(json.dumps([Path(path).name, "refused", found.message, found.hint]))
    else:
        lines = [problem.line for problem in found.problems if problem.severity == "error"]
        print(json.dumps([Path(path).name, kind_of(found), lines, len(getattr(found, "cards", ()))]))
"""

REFUSED = {
    "binary.md": (b"\x7fELF\x02\x01\x01\0\0\0" + bytes(range(256)) * 100, "binary"),
    "zeros.md": (b"# One\n" + b"\0" * MILLION, "zero byte on line 2"),
    "control.md": (b"# One\n" + b"\x01\x02" * 1000, "control characters"),
    "empty.md": (b"", "empty"),
    "blank.md": (b" \n" * MILLION, "empty"),
    "no-document.md": (b"just a sentence, and no heading at all\n", "no deck, concept map or lesson"),
    "one-line.md": (b"word " * (MILLION // 5), "no deck, concept map or lesson"),
}

READ = {
    "line.md": "# One\n\n" + "word " * (MILLION // 5),
    "table-line.md": "# One\n\n| a |\n|---|\n|" + " a |" * (MILLION // 4),
    "stars.md": "# One\n\n" + "*" * MILLION,
    "hashes.md": "# One\n\n" + "#" * MILLION,
    "pipes.md": "# One\n\n" + "|" * MILLION,
    "brackets.md": "# One\n\n" + "[" * MILLION,
    "ticks.md": "# One\n\na" + "`" * MILLION,
    "headings.md": "# One\n\n" + "###### deep\n" * DEEP,
    "quotes.md": "# One\n\n" + "> " * DEEP + "deep\n",
    "lists.md": "# One\n\n" + "- " * DEEP + "deep\n",
    "indented.md": "# One\n\n" + "".join(" " * depth + "- deep\n" for depth in range(2000)),
    "emphasis.md": "# One\n\n" + "**a _b " * DEEP,
    "links.md": "# One\n\n" + "[" * DEEP + "a" + "](b)" * DEEP,
    "parentheses.md": "# One\n\n[a](" + "(" * DEEP + ")" * DEEP + ")\n",
    "divs.md": "# One\n\n" + "<div>" * DEEP + "deep" + "</div>" * DEEP,
    "unclosed-tags.md": "# One\n\n" + '<a href="' * (MILLION // 9),
    "textareas.md": "# One\n\n" + "<textarea>" * (MILLION // 10),
    "comments.md": "# One\n\n" + "<!--" * (MILLION // 4),
    "formulas.md": "# One\n\n" + "$$\n" * DEEP + "\\[" * DEEP,
    "fences.md": "# One\n\n" + "".join("`" * (3 + depth % 50) + "x\n" for depth in range(DEEP)),
    "surrogates.md": "",  # written as bytes below
    "mangled.md": "# One\n\n" + "â€™ Ã© â† " * (MILLION // 16),
    "deck-line.md": DECK.replace("So.", "word " * (MILLION // 5)),
    "deck-pipes.md": DECK.replace("So.", "|" * MILLION),
    "deck-quotes.md": DECK.replace("So.", "> " * DEEP + "deep"),
    "deck-clozes.md": DECK.replace("Why?", "{{c1::" * (MILLION // 6)),
    "deck-nested-clozes.md": DECK.replace("Why?", "{{c1::a" * 2000 + "}}" * 2000),
    "map-line.md": "# Concept Map: X\n\n```mermaid\ngraph TD\n" + "A --> " * DEEP + "B\n```\n",
    "map-pipes.md": "# Concept Map: X\n\n## Relationships\n\n" + "|" * MILLION + "\n|-|\n",
    "map-tree.md": "# Concept Map: X\n\n## Hierarchy\n\n```\n" + "│   " * DEEP + "└── deep\n```\n",
    "deck-unclosed.md": DECK + "\n```python\nx = 1\n\n### Card 2 | Easy\n",
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """What reading the whole folder gives: by file name the kind or 'refused', and the details."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, (data, _) in REFUSED.items():
        (folder / name).write_bytes(data)
    for name, text in READ.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "surrogates.md").write_bytes(b"\xff\xfe" + "# One\n".encode("utf-16-le") + b"\x00\xd8" * 1000)
    with (folder / "large.md").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    (folder / "folder.md").mkdir()
    (folder / "dangling.md").symlink_to(folder / "gone.md")
    os.mkfifo(folder / "pipe.md")
    (folder / "a-healthy.md").write_text(DECK)
    (folder / "z-healthy.md").write_text(DECK)
    command = [sys.executable, "-c", READER, str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_document_is_refused_with_a_message_and_a_hint(outcome: dict[str, list[object]], name: str) -> None:
    kind, message, hint = outcome[name]
    assert kind == "refused"
    assert REFUSED[name][1] in str(message)
    assert hint


@pytest.mark.parametrize("name", READ)
def test_what_is_a_document_is_read(outcome: dict[str, list[object]], name: str) -> None:
    kinds = {"deck": "flashcards", "map": "concept_map"}
    expected = kinds.get(name.partition("-")[0], "lesson")
    assert outcome[name][0] == expected


def test_a_file_of_50_megabytes_is_refused_with_the_limit(outcome: dict[str, list[object]]) -> None:
    kind, message, hint = outcome["large.md"]
    assert kind == "refused"
    assert "50.0 MB" in str(message)
    assert "16 MB" in str(message)
    assert hint


def test_a_fence_that_never_closes_is_an_error_at_its_line(outcome: dict[str, list[object]]) -> None:
    assert outcome["deck-unclosed.md"][1] == [DECK.count("\n") + 2]


def test_no_file_stops_the_others(outcome: dict[str, list[object]]) -> None:
    assert outcome["a-healthy.md"] == outcome["z-healthy.md"] == ["flashcards", [], 1]
    assert {*REFUSED, *READ, "large.md"} <= set(outcome)
