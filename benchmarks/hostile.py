"""Hostile documents of a size and of twice that size: a ratio near 2 is linear time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from studycli.documents.load import load_text
from studycli.documents.text import decode
from studycli.errors import DocumentError

HEADINGS = {
    "lesson": "# Lesson\n\n",
    "deck": "# Flashcard Set: X\n\n### Card 1 | Easy\n\n",
    "map": "# Concept Map: X\n\n",
}
REPEATED = {
    "#": "#",
    "|": "|",
    "*": "*",
    "[": "[",
    "`": "`",
    "$": "$",
    "(": "(",
    "spaces": " ",
    "newlines": "\n",
    "headings": "# a\n",
    "deep headings": "###### a (5 min)\n",
    "bold": "**a ",
    "fields": "**Goal:** a\n",
    "labels": "**Misconceptions:**\n",
    "fields on a line": "**Goal:** a | ",
    "brackets": "- [a](",
    "links": "[a](b) ",
    "autolinks": "<http://a ",
    "quotes": "> ",
    "list items": "- a\n",
    "list on a line": "- ",
    "numbers": "1 ",
    "commas": "**Prerequisites:** a, ",
    "tables": "|a|b|\n|-|-|\n",
    "delimiters": "-|",
    "fences": "```\n",
    "longer fences": "~~~~\n```\n",
    "open fence": "```x\n",
    "divs": "<div>",
    "attributes": '<a b="',
    "single quotes": "<a b='",
    "scripts": "<script>",
    "textareas": "<textarea>",
    "comments": "<!--",
    "code spans": "`a ``b ",
    "latex": "\\[",
    "latex lines": "$$\n",
    "rows": "- [ ] **Level 1 (",
    "pitfalls": "## Pitfalls\n- a\n",
    "exercises": "### Exercise 1\n**Goal:** b\n",
    "durations": "# (1 h\n",
    "edges": "A --> B\n",
    "tree": "│   ├── a\n",
    "arrows": "A → ",
    "mojibake": "â€™ ",
    "lost bytes": "â† ",
    "mixed": "é â€™ Ã© ",
}


SIZE = 100_000
LINEAR = 3.0


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one run; a document that is refused counts as well."""
    start = time.process_time()
    with suppress(DocumentError):
        work()
    return time.process_time() - start


def run(size: int = SIZE) -> Iterator[str]:
    """One line a document: seconds at `size` and at twice `size` bytes, and how they relate."""
    for kind, head in HEADINGS.items():
        for name, piece in REPEATED.items():
            once, twice = (_time(head, piece, length) for length in (size, 2 * size))
            ratio = twice / once if once else 0.0
            verdict = "  more than linear?" if ratio > LINEAR and twice > 0.1 else ""
            yield f"{kind}, {name}: {once:.2f} s, {twice:.2f} s for twice as much, {ratio:.1f}{verdict}"


def _time(head: str, piece: str, length: int) -> float:
    data = (head + piece * (length // len(piece.encode()))).encode()
    return seconds(lambda: load_text(decode(data).text, "hostile.md"))
