"""Trees drawn with box characters, ASCII and indents."""

from __future__ import annotations

import pytest

from studycli.documents import hierarchy

BOXES = """PLANT
├── Leaf
│   ├── Stoma (pore)
│   └── **Blade**
│
├── Stem
│       more of it
└── Root
    └── Hair"""
NARROW = "PLANT\n├ Leaf\n│ ├ Stoma (pore)\n│ └ Blade\n├ Stem\n│ more of it\n└ Root\n  └ Hair"
WIDE = BOXES.replace("── ", "───── ").replace("│   ", "│      ").replace("\n    └", "\n       └")
HEAVY = BOXES.translate(str.maketrans("├└│─", "┣┗┃━"))
ASCII = """PLANT
|-- Leaf
|   |-- Stoma (pore)
|   `-- Blade
|-- Stem
|       more of it
`-- Root
    `-- Hair"""
PLUS = ASCII.replace("|--", "+--").replace("`--", "\\--")
INDENTS = "PLANT\n  Leaf\n    Stoma (pore)\n    Blade\n  Stem\n    more of it\n  Root\n    Hair"
BULLETS = "- PLANT\n  - Leaf\n    - Stoma (pore)\n    - `Blade`\n  - Stem\n    - more of it\n  * Root\n    1. Hair"
TREE = [
    (
        "PLANT",
        [("Leaf", [("Stoma (pore)", []), ("Blade", [])]), ("Stem", [("more of it", [])]), ("Root", [("Hair", [])])],
    )
]


def shape(entries: list[hierarchy.Entry]) -> list[object]:
    return [(entry.name, shape(entry.children)) for entry in entries]


def read(text: str) -> list[hierarchy.Entry]:
    return hierarchy.read(enumerate(text.split("\n"), 1))[0]


@pytest.mark.parametrize("text", [BOXES, NARROW, WIDE, HEAVY, ASCII, PLUS, INDENTS, BULLETS])
def test_every_way_to_draw_a_tree(text: str) -> None:
    assert shape(read(text)) == TREE


def test_several_roots_and_their_lines() -> None:
    roots = read("A\n├── B\n\nC\n└── D")
    assert [(root.name, root.line, root.children[0].line) for root in roots] == [("A", 1, 2), ("C", 4, 5)]


def test_branches_under_an_indented_title() -> None:
    assert shape(read("Title\n   ├── A\n   │   └── B\n   └── C")) == [("Title", [("A", [("B", [])]), ("C", [])])]


def test_names_keep_their_own_marks() -> None:
    (root,) = read("R\n├── A* search - fast\n└── O(n²) | x")
    assert [child.name for child in root.children] == ["A* search - fast", "O(n²) | x"]


def test_depth_has_a_limit_that_is_reported() -> None:
    lines = [(number, " " * number + f"├── level {number}") for number in range(1, 10_001)]
    roots, too_deep = hierarchy.read(lines)
    depth, entries = 0, roots
    while entries:
        depth, entries = depth + 1, entries[0].children
    assert depth == hierarchy.MAX_DEPTH + 1
    assert too_deep == hierarchy.MAX_DEPTH + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [(BOXES, True), (ASCII, True), (PLUS, True), (INDENTS, False), ("┌──┐\n├──┤\n└──┘", False), ("├── one", False)],
)
def test_what_counts_as_a_drawn_tree(text: str, expected: bool) -> None:
    assert hierarchy.is_tree(text.split("\n")) is expected
