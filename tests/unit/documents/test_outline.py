"""The outline: what each line is, and the tree of sections."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from studycli.documents.outline import Kind, Outline, plain, split_row


def titles(text: str) -> list[tuple[int, int, str]]:
    return Outline(text).headings


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("| a | b |", ["a", "b"]),
        ("a | b", ["a", "b"]),
        ("| `x|y` | z |", ["`x|y`", "z"]),
        (r"| a \| b | c |", ["a | b", "c"]),
        ("| ``a`|`` | b |", ["``a`|``", "b"]),
        ("| a ` b | c |", ["a ` b", "c"]),
        ("| a | |", ["a", ""]),
        ("||", [""]),
        ("|", [""]),
    ],
)
def test_split_row(line: str, cells: list[str]) -> None:
    assert split_row(line) == cells


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("**Bloom's Level:**", "blooms level"),
        ("BACK (Answer)", "back answer"),
        ("Spaced-Repetition  Schedule", "spaced repetition schedule"),
        ("√d_k Scaling", "dk scaling"),
    ],
)
def test_plain(text: str, key: str) -> None:
    assert plain(text) == key


def test_headings_inside_fences_are_code() -> None:
    assert titles("# A\n```\n# not\n```\n~~~\n## nor\n~~~\n## B") == [(0, 1, "A"), (7, 2, "B")]


def test_a_rule_under_text_is_no_setext_heading() -> None:
    outline = Outline("text\n---\n# A")
    assert outline.kinds == [Kind.TEXT, Kind.RULE, Kind.HEADING]


def test_closing_hashes_count_only_after_a_space() -> None:
    assert titles("# A ##\n# C#\n#nope\n####### seven") == [(0, 1, "A"), (1, 1, "C#")]


def test_a_longer_fence_holds_a_shorter_one() -> None:
    outline = Outline("````\n```\n# x\n```\n````\n# y")
    assert [fence.text for fence in outline.fences] == ["```\n# x\n```"]
    assert not outline.nested_fences
    assert titles("````\n```\n# x\n```\n````\n# y") == [(5, 1, "y")]


def test_fences_of_equal_length_nest_when_nothing_else_closes_them() -> None:
    outline = Outline("```markdown\n# x\n```python\ncode\n```\n```\n### Card 2")
    assert outline.nested_fences
    assert outline.headings == [(6, 3, "Card 2")]


NESTED_THEN_PLAIN = """### Card 1
```markdown
# x
```python
a
```
more
```

### Card 2
```python
b
```

### Card 3
"""


def test_nested_fences_are_found_though_the_strict_reading_closes_by_accident() -> None:
    outline = Outline(NESTED_THEN_PLAIN)
    assert [title for _, _, title in outline.headings] == ["Card 1", "Card 2", "Card 3"]
    assert [fence.text for fence in outline.fences] == ["# x\n```python\na\n```\nmore", "b"]


def test_an_opening_that_code_only_shows_does_not_nest() -> None:
    outline = Outline("```\n```python is how a block starts\n```\n\n## A\n\n```\nx\n```\n\n## B")
    assert [title for _, _, title in outline.headings] == ["A", "B"]
    assert not outline.nested_fences


def test_equal_fences_side_by_side_are_not_nested() -> None:
    outline = Outline("```python\na\n```\n```python\nb\n```")
    assert [fence.text for fence in outline.fences] == ["a", "b"]
    assert not outline.nested_fences


def test_an_open_fence_runs_to_the_end() -> None:
    outline = Outline("# A\n```\nx\n# B")
    assert [(fence.closed, fence.end) for fence in outline.fences] == [(False, 3)]
    assert outline.headings == [(0, 1, "A")]


def test_a_fence_in_a_list_loses_its_indent() -> None:
    assert Outline("1. step\n\n    ```python\n    if x:\n        y\n    ```").fences[0].text == "if x:\n    y"


def test_the_tree_gives_each_section_its_lines() -> None:
    root = Outline("# A\na\n## B\nb\n### C\nc\n## D\nd\n# E").root
    spans = {node.title: (node.start, node.body_end, node.end) for node in root.walk() if node.level}
    assert spans == {"A": (0, 1, 7), "B": (2, 3, 5), "C": (4, 5, 5), "D": (6, 7, 7), "E": (8, 8, 8)}
    assert [node.title for node in root.walk()] == ["", "A", "B", "C", "D", "E"]


def test_fields_share_lines_and_wrap() -> None:
    text = "**Difficulty:** Easy | **Bloom's Level:** Remember\n**Goal**: a long\n  tale\n- **Item:** x\n\n**Alone:**"
    found = [(item.key, item.value) for item in Outline(text).fields(0, 5)]
    assert found == [
        ("difficulty", "Easy"),
        ("blooms level", "Remember"),
        ("goal", "a long tale"),
        ("item", "x"),
        ("alone", ""),
    ]


def test_bold_text_inside_a_value_is_not_a_field() -> None:
    (item,) = Outline("**Note:** see **this: x** and **that:** there").fields(0, 0)
    assert item.value == "see **this: x** and **that:** there"


def test_tables_know_their_columns_by_name() -> None:
    (table,) = Outline("| To | **From** |\n|---|:-:|\n| a | b | extra |\n| c |\n\ntext").tables(0, 5)
    assert (table.column("from concept", "from"), table.column("to"), table.column("type")) == (1, 0, None)
    assert table.rows == [("a", "b"), ("c", "")]
    assert table.row_lines == [2, 3]


def test_a_line_with_bars_alone_is_no_table() -> None:
    assert Outline("a | b\ntext\n\na | b\n---").tables(0, 4) == []


def test_a_heading_with_a_bar_ends_a_table() -> None:
    outline = Outline("| a | b |\n|---|---|\n| 1 | 2 |\n### Card 2 | Easy")
    assert outline.headings == [(3, 3, "Card 2 | Easy")]


def test_items_join_their_wrapped_lines() -> None:
    assert Outline("- one\n  more\n2) two\ntext").items(0, 3) == [(0, "one more"), (2, "two")]


HEADING_OR_FENCE = st.sampled_from(["# a", "## b ##", "```", "```py", "~~~", "````", "text", "", "    # code", "#x"])


@given(st.lists(HEADING_OR_FENCE, max_size=25))
def test_headings_agree_with_commonmark(lines: list[str]) -> None:
    """Where no fences had to be read as nested, ATX headings are those that CommonMark sees."""
    text = "\n".join(lines)
    outline = Outline(text)
    tokens = MarkdownIt().parse(text)
    expected = [token.map[0] for token in tokens if token.type == "heading_open" and token.map]
    if not outline.nested_fences and not any(
        fence.start and lines[fence.start].startswith(" ") for fence in outline.fences
    ):
        assert [line for line, _, _ in outline.headings] == expected


@given(st.text(alphabet="#`~|-*_ \n<>!ab:", max_size=200))
def test_every_line_has_a_kind(text: str) -> None:
    outline = Outline(text)
    assert len(outline.kinds) == len(outline.lines)
    assert sum(kind == Kind.HEADING for kind in outline.kinds) == len(outline.headings)
    last = len(outline.lines) - 1
    assert all(0 <= node.start <= node.end <= last and node.body_end <= node.end for node in outline.root.walk())
