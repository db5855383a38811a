"""Understanding 1,000 documents of a sample deck's size, beside markdown-it-py parsing the same text."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

from benchmarks.timing import by_turns
from studycli import paths
from studycli.documents.load import load_text

DOCUMENTS = 1000
TURNS = 5
LIMIT = 3.0


def run() -> Iterator[str]:
    """The ratio for every deck at hand: the bundled one, and the sample where the environment names it."""
    files = sorted(paths.bundled_folders()[0].glob("*.md"))
    if folder := os.environ.get("STUDYCLI_SAMPLE_DOCUMENTS"):
        files += sorted(Path(folder).glob("*flashcards*.md"))
    for file in files:
        text = file.read_text("utf-8")
        each = DOCUMENTS // (TURNS + 1)

        def ours(text: str = text, name: str = str(file), each: int = each) -> None:
            for _ in range(each):
                load_text(text, name)

        def theirs(text: str = text, each: int = each) -> None:
            for _ in range(each):
                MarkdownIt("commonmark").enable("table").parse(text)

        mine, peer = by_turns(ours, theirs, rounds=TURNS)
        seconds = DOCUMENTS * mine / each
        size = f"{file.name} ({len(text) // 1000} kB)"
        yield f"{size}: {seconds:.1f} s for 1,000; {mine / peer:.2f} x markdown-it-py alone (limit {LIMIT:g})"
