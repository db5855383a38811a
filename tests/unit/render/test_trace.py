"""A demo's result for the terminal: its parts in order, what stands beside what, and that failures show."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from studycli.model.trace import Claim, DemoResult, Origin, Step
from studycli.render.trace import render

PATTERN = [[0.5, 0.5], [0.1, 0.9]]


def step(name: str, values: Any, **fields: Any) -> Step:
    shape, inner = [], values
    while isinstance(inner, list):
        shape.append(len(inner))
        inner = inner[0]
    return Step(name=name, shape=tuple(shape), values=values, note=fields.pop("note", f"About {name}."), **fields)


def result(*steps: Step, claims: tuple[Claim, ...] = (), **inputs: Any) -> DemoResult:
    return DemoResult(demo="demo", title="A demo", inputs=inputs, steps=steps, claims=claims)


def show(shown: DemoResult, width: int = 80, **options: Any) -> str:
    console = Console(width=width, file=StringIO(), markup=True, **options)
    console.print(render(shown, width))
    return "\n".join(line.rstrip() for line in console.file.getvalue().split("\n"))


def test_everything_is_there_in_order() -> None:
    claims = (
        Claim(name="good", statement="It is so.", measured=1.5e-8, holds=True),
        Claim(name="bad", statement="It is not so.", measured="3 of 4", holds=False),
    )
    out = show(result(step("a", PATTERN), step("b", [1.0, 2.0]), claims=claims, text="two words", seed=3))
    parts = [
        "A demo",
        "on: two words\n",
        "with: seed = 3",
        "1 of 2 claims hold; they stand at the end",
        "a  (2, 2)",
        "About a.",
        "░0.10",
        "shades from:",
        "b  (2,)",
    ]
    parts += ["1 of 2 claims hold\n", "holds It is so.", "measured: 1.5e-08", "FAILS It is not so.", "measured: 3 of 4"]
    places = [out.index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.parametrize(("width", "beside"), [(80, True), (28, False)])
def test_compared_steps_stand_beside_each_other_where_there_is_room(width: int, beside: bool) -> None:
    first = step("pattern", PATTERN, compare="other")
    other = step("other", [[1.0, 0.0], [0.0, 1.0]])
    out = show(result(first, other), width)
    assert any("pattern" in line and "other" in line for line in out.split("\n")) == beside
    assert out.count("About other.") == 1
    assert out.count("█1.00") == 2 and out.count("shades from:") == 1


@pytest.mark.parametrize("compare", ["missing", "pattern", "wide"])
def test_what_cannot_be_compared_stands_alone(compare: str) -> None:
    out = show(result(step("pattern", PATTERN, compare=compare), step("wide", [[1.0] * 3] * 2)))
    assert out.count("About pattern.") == out.count("About wide.") == 1
    assert out.count("shades from:") == 2


def test_a_preview_is_cut_and_says_so() -> None:
    matrix = [[float(i)] * 64 for i in range(9)]
    out = show(result(step("q", matrix, axes=("token", "d_k"), preview=True)))
    assert "shown: the first 8 of 9 rows (token) and 12 of 64 columns (d_k)" in out
    assert "shades from" not in out


def test_a_preview_of_few_tokens_has_them_all() -> None:
    out = show(result(step("q", [[float(i)] * 2 for i in range(8)], axes=("token", "d_k"), preview=True)))
    assert "7.00" in out and "shown:" not in out


def test_a_cut_text_ends_in_an_ellipsis() -> None:
    assert "on: two words …\n" in show(result(step("a", PATTERN), text="two words", tokens_left_out=3))


def test_a_preview_of_heads_says_which_is_shown() -> None:
    values = [[[1.0]], [[2.0]]]
    out = show(result(step("q", values, axes=("head", "token", "d_head"), preview=True)))
    assert "shown: all of head 0, the first of 2" in out and "2.00" not in out


def test_leading_axes_become_captions_and_too_many_are_told() -> None:
    values = [[[[float(h)]] for h in range(3)] for _ in range(7)]
    out = show(result(step("pattern", values, axes=("batch", "head", "query", "key"))), 200)
    assert "batch 0 head 0" in out and "batch 5 head 0" in out and "batch 5 head 1" not in out
    assert "shown: the first 16 of 21 pictures" in out


@pytest.mark.parametrize("fields", [{}, {"preview": True}])
def test_a_single_head_is_named(fields: dict[str, bool]) -> None:
    labels = {"head": ("1",)}
    out = show(result(step("pattern", [PATTERN], axes=("head", "query", "key"), labels=labels, **fields)))
    assert "\n  head 1\n" in out


def test_labels_that_are_the_numbers_of_their_columns_are_left_out() -> None:
    axes, numbers = ("d_k", "key"), ("0", "1")
    wide = [[10.0, 20000.0], [1.0, 2.0]]
    out = show(result(step("scores", wide, axes=axes, labels={"d_k": ("2", "4"), "key": numbers})))
    assert [line.split() for line in out.split("\n")].count(["0", "1"]) == 1 and "0 2 " in out


def test_of_weights_fewer_rows_are_shown() -> None:
    many, given = [[float(i)] for i in range(20)], Origin(kind="given")
    fields = {"preview": True, "origin": given}
    assert "the first 4 of 20 rows" in show(result(step("W_Q", many, axes=("d_model", "d_head"), **fields)))
    assert "the first 8 of 20 rows" in show(result(step("x", many, axes=("token", "d_head"), **fields)))


def test_numbers_without_glyphs_have_no_legend() -> None:
    row = [[0.5] * 12]
    assert "shades from" in show(result(step("x", row)), 80)
    assert "0.50 0.50" in show(result(step("x", row)), 68) and "shades from" not in show(result(step("x", row)), 68)


def test_large_matrices_are_cut_and_say_so() -> None:
    out = show(result(step("pattern", [[0.5] * 100] * 100, axes=("query", "key"))))
    assert "shown: the first 40 of 100 rows (query) and 75 of 100 columns (key)" in out


def test_a_single_number_and_words() -> None:
    out = show(result(step("loss", 0.123456), step("tokens", ["the", "cat"], axes=("token",))))
    assert "0.123" in out and "0 the  1 cat" in out


def test_words_wrap_with_their_numbers() -> None:
    out = show(result(step("tokens", [f"token{i}" for i in range(30)])), 40)
    for i in range(30):
        assert f"{i} token{i}" in out


def test_hostile_text_stays_text() -> None:
    evil = "[bold]x[/bold]\x1b[2J\u202e\x07"
    shown = result(
        step(evil, [[1.0]], note=evil, axes=(evil, "key"), labels={evil: (evil,), "key": (evil,)}),
        step("tokens", [evil]),
        claims=(Claim(name=evil, statement=evil, measured=evil, holds=True),),
        text=evil,
        other=evil,
    )
    out = show(shown, force_terminal=True, color_system=None)
    assert "\x1b" not in out and "\x07" not in out and "\u202e" not in out
    assert out.count("[bold]x[/bold]") >= 6


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    labels = {"query": tuple(f"long-token-{i}" for i in range(32)), "key": ("注意",) * 32}
    shown = result(
        step("pattern", [[0.1] * 32] * 32, axes=("query", "key"), labels=labels, compare="other"),
        step("other", [[-0.1] * 32] * 32, axes=("query", "key"), labels=labels),
        step("q", [[1.0] * 64] * 32, axes=("query", "d_k"), labels=labels, preview=True),
        text="word " * 100,
    )
    wide = Console(width=1000, file=StringIO())
    wide.print(render(shown, width), soft_wrap=False, crop=False)
    console = Console(width=width, file=StringIO())
    console.print(render(shown, width))
    assert max(map(len, console.file.getvalue().split("\n"))) <= width
    pictures = [line.rstrip() for line in wide.file.getvalue().split("\n") if "██" in line or "█1.00" in line]
    assert pictures and all(len(line) <= width for line in pictures)  # nothing was cut off to make it fit
