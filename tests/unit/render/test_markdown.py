"""Markdown on a terminal: nothing lost, nothing interpreted, nothing wider than the screen."""

from __future__ import annotations

import io
import re
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from studycli.render.markdown import render_markdown
from studycli.render.plain import plain_markdown

BOX = """\
```
┌──────────────┐
│   ENCODER    │
└──────┬───────┘
       ▼
```"""


def draw(text: str, width: int = 80, *, colour: bool = False) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=colour,
        color_system="standard" if colour else None,
    )
    console.print(render_markdown(text))
    return stream.getvalue()


def lines(text: str, width: int = 80) -> list[str]:
    return [line.rstrip() for line in draw(text, width).rstrip("\n").split("\n")]


def letters(text: str) -> str:
    """What must survive any layout: letters and digits."""
    return "".join(character for character in text if character.isalnum())


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a **bold** and *thin* word", ["a bold and thin word"]),
        ("`q @ k.T` is a product", ["q @ k.T is a product"]),
        ("**Field:** one\n**Other:** two", ["Field: one", "Other: two"]),
        ("# Head\n\ntext", ["Head", "", "text"]),
        ("- one\n- two\n  - deep", ["• one", "• two", "  ◦ deep"]),
        ("9. nine\n10. ten", [" 9. nine", "10. ten"]),
        ("1. first\n\n   more of it\n2. second", ["1. first", "", "   more of it", "", "2. second"]),
        ("> said\n> twice", ["▌ said", "▌ twice"]),
        ("[paper](https://example.org/a)", ["paper (https://example.org/a)"]),
        ("<https://example.org/a>", ["https://example.org/a"]),
        ("![heat map](x.png)", ["[image: heat map]"]),
        ("~~old~~ new", ["old new"]),
        ("one [red]two[/red] :smile: &amp; three", ["one [red]two[/red] :smile: & three"]),
        ("see <b>this</b>", ["see <b>this</b>"]),
        ("<script>alert(1)</script>", ["<script>alert(1)</script>"]),
        ("a <!-- hidden --> b", ["a  b"]),
        ("one<br>two<BR/>three `<br>`", ["one", "two", "three <br>"]),
        ("<!-- id: x\n\nstill hidden -->\nshown", ["shown"]),
        ("~~~~\n```python\nx\n```\n~~~~", ["  ```python", "  x", "  ```"]),
        ("", [""]),
    ],
)
def test_known_layouts(source: str, shown: list[str]) -> None:
    assert lines(source) == shown


@pytest.mark.parametrize(
    "source",
    [
        r"$\frac{q k^T}{\sqrt{d_k}} * v_{i} * w_{j}$",
        r"so $$a_{1} * b * c_{2} \\ d$$",
        r"the price is $5 and *that* is $x_i * y_i$",
    ],
)
def test_latex_stays_as_written(source: str) -> None:
    assert lines(source) == [source.replace("*that*", "that")]


def test_a_latex_block_is_no_list_and_no_heading() -> None:
    assert lines("$$\na\n- b\n= c_{1} * d * e\n$$") == ["  $$", "  a", "  - b", "  = c_{1} * d * e", "  $$"]


def test_dollars_of_money_start_no_formula() -> None:
    assert lines("$5 for *one*, $6 for *two*") == ["$5 for one, $6 for two"]


def test_emphasis_code_and_fences_are_coloured_on_a_terminal() -> None:
    shown = draw("**b** *i* `c`\n```python\ndef f(): pass\n```", colour=True)
    assert "\x1b[1mb\x1b[0m" in shown and "\x1b[3mi\x1b[0m" in shown and "\x1b[36mc\x1b[0m" in shown
    assert re.search(r"\x1b\[[\d;]*mdef\x1b\[0m", shown)


def test_no_link_is_sent_to_the_terminal() -> None:
    assert "\x1b]" not in draw("[a](https://example.org) <https://example.org> ![b](https://example.org)", colour=True)


@pytest.mark.parametrize("width", [80, 120, 200])
def test_box_drawings_are_not_touched(width: int) -> None:
    assert lines(BOX, width) == [f"  {line}" for line in BOX.split("\n")[1:-1]]


def test_code_that_is_too_wide_is_folded_with_a_mark() -> None:
    shown = lines("```\n" + "x" * 40 + "\n```", width=20)
    assert shown == ["  " + "x" * 18, "  ↪ " + "x" * 16, "  ↪ " + "x" * 6]


def test_blank_lines_and_indentation_of_code_are_kept() -> None:
    assert lines("```python\ndef f():\n\n\treturn 1\n```") == ["  def f():", "", "      return 1"]


def test_tables_wrap_between_words() -> None:
    shown = lines("| Part | What it is for |\n|---|---|\n| query | " + "what do I look for " * 6 + "|", width=40)
    assert shown[0] == "┌───────┬──────────────────────────────┐"
    assert shown[3] == "│ query │ what do I look for what do I │"
    assert {len(line) for line in shown} == {40}


def test_pipes_in_cells_are_neither_borders_nor_lost() -> None:
    table = "| Rule | Note |\n| --- | --- |\n| `a | b` | m×|i-j| per step |\n| c \\| d | `x||y` |\n| e | f | g |"
    shown = lines(table)
    assert "│ a | b │ m×|i-j| per step │" in shown
    assert any(re.fullmatch(r"│ c \| d │ x\|\|y +│", line) for line in shown)
    assert any(re.fullmatch(r"│ e +│ f \| g +│", line) for line in shown)


def test_a_pipe_in_the_header_keeps_the_table() -> None:
    assert "│ a|b │ c │" in lines("| `a|b` | c |\n|---|---|\n| 1 | 2 |")


def test_a_row_that_follows_the_rules_is_left_alone() -> None:
    assert lines("| a | b |\n|---|---|\n| `x | y` |")[3] == "│ `x │ y` │"


def test_a_table_with_too_many_columns_becomes_records() -> None:
    header = "|".join(f" column{i} " for i in range(20))
    row = "|".join(f" value{i} " for i in range(20))
    shown = lines(f"|{header}|\n|{'---|' * 20}\n|{row}|\n|{row}|")
    assert shown[0] == "column0: value0"
    assert shown[20] == ""
    assert len(shown) == 41


def test_table_columns_keep_their_alignment() -> None:
    assert "│    1 │ left │" in lines("| size | name |\n|---:|:---|\n| 1 | left |")


@pytest.mark.parametrize(
    "hostile",
    [
        "a\x1b[31mred\x1b]0;title\x07",
        "`\x1b[2J` and [x](https://e.org/\x1b[2J)",
        "| \x9b31m |\n|---|\n| \x1b |",
        "```\x1bpython\n\x1b[2J\x08\n```",
        "&#27;[31m &#x202e;dcba &#x9b;1m",
        "\u202egpj.exe \u2066x\u2069 \ufdd0 \U000e0041",
        "# \x07\n\n> \x00\n\n- \x7f",
        "line\x85next\u2028last\rreturn",
    ],
)
def test_no_control_character_reaches_the_terminal(hostile: str) -> None:
    for shown in (draw(hostile), plain_markdown(hostile)):
        assert [c for c in shown if c != "\n" and unicodedata.category(c) in ("Cc", "Zl", "Zp")] == []
        assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufdd0\U000e0041")


def test_lone_surrogates_can_be_printed() -> None:
    assert draw("a \ud800 b").encode() == "a \N{REPLACEMENT CHARACTER} b\n".encode()


def test_nesting_beyond_reason_is_shown_as_source() -> None:
    source = ">" * 5000 + " deep"
    assert letters(draw(source)) == "deep"
    assert plain_markdown(source) == source


@pytest.mark.parametrize(
    "source",
    [
        "|" * 100_000,
        " " * 200_000 + "-",
        "$" * 100_000,
        "a|\n" + " " * 200_000 + "-x",
        "`|" * 20_000,
        "<!--\n" * 10_000,
        "<!-- " * 20_000,
        "$$ x\n" * 10_000,
        "$x " * 20_000,
        "|a|\n|-|\n" * 5_000,
    ],
)
def test_hostile_documents_take_no_long_time(source: str) -> None:
    started = time.process_time()
    assert draw(source) and plain_markdown(source)
    assert time.process_time() - started < 20


words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
pieces = st.sampled_from(
    [
        "|",
        "`",
        "```",
        "**",
        "*",
        "_",
        "$",
        "$$",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "> ",
        "#",
        "<!--",
        "-->",
        "[",
        "](",
        ")",
        "---|---",
        "\\",
        "    ",
    ]
)


@given(st.lists(words | pieces, max_size=30).map("".join), st.integers(20, 120))
def test_any_text_fits_the_width(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in draw(text, width).split("\n"))


@given(st.lists(st.sampled_from(["a", "bc", "|", "`", " ", "×", "||", " | "]), max_size=12).map("".join))
def test_no_letter_of_a_table_row_is_lost(row: str) -> None:
    table = f"| one | two |\n|---|---|\n| {row.replace(chr(10), '')} |"
    assert letters(draw(table, 200)) == "onetwo" + letters(row)
    assert letters(row) in letters(plain_markdown(table).replace("one: ", "").replace("two: ", "")).replace(
        "one", ""
    ).replace("two", "")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("**Formula:**\n```\nsoftmax(x)\n  y\n```", "Formula:\n\n    softmax(x)\n      y"),
        ("| A | B |\n|---|---|\n| `x` | 1 |\n| y | 2 |", "A: `x`\nB: 1\n\nA: y\nB: 2"),
        ("| A | B |\n|---|---|", "A, B"),
        ("1. one\n2. two\n   - deep", "1. one\n2. two\n   - deep"),
        ("> said", "> said"),
        ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ("word " * 60, ("word " * 60).strip()),
    ],
)
def test_plain_lines(source: str, shown: str) -> None:
    assert plain_markdown(source) == shown


@pytest.mark.parametrize("width", [80, 120, 200])
def test_every_word_of_the_samples_is_shown(samples: Path, width: int) -> None:
    for path in sorted(samples.glob("*.md")):
        source = path.read_bytes().decode("utf-8")
        shown = re.sub(r"\n\s*↪ ", "", draw(source, width))
        plain = plain_markdown(source)
        for word in set(
            re.findall(r"[A-Za-z]{4,}", re.sub(r"(?s)<!--.*?-->|^```[^\n]*|\]\([^)]*\)", "", source, flags=re.M))
        ):
            assert word in plain, (path.name, word)
            assert word in shown, (path.name, word)
        assert max(cell_len(line) for line in draw(source, width).split("\n")) <= width


def test_formulas_as_unicode_where_that_is_asked_for() -> None:
    text = (
        "The pattern is $\\frac{QK^T}{\\sqrt{d_k}}$ [b].\n\n$$\na &= b \\\\ &= c\n$$\n\n"
        "| $x_1$ | $\\frac{$ |\n|-|-|\n| 1 | 2 |"
    )
    stream = io.StringIO()
    Console(file=stream, width=60, markup=False).print(render_markdown(text, latex="unicode"))
    lines = [line.rstrip() for line in stream.getvalue().splitlines()]
    assert lines[:4] == ["The pattern is QKᵀ/√dₖ [b].", "", "  a = b", "    = c"]
    assert any("x₁" in line and "$\\frac{$" in line for line in lines)
    assert plain_markdown("so $x^2$", latex="unicode") == "so x²"
    assert plain_markdown("so $x^2$") == "so $x^2$"
