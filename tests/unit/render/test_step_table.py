"""Steps as tables: which are, how numbers stand in them, and that they fit."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from studycli.model.trace import Step
from studycli.render.step_table import figure, is_table, table

KINDS = {"kind": ("bytes", "ms")}


def step(values: list, axes: tuple[str, ...] = ("row", "kind"), labels: dict | None = None) -> Step:
    shape = (len(values), len(values[0])) if isinstance(values[0], list) else (len(values),)
    return Step(name="s", shape=shape, values=values, note="", axes=axes, labels=KINDS if labels is None else labels)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (step([["a", 1.0]]), True),
        (step([["-inf", 1.0], ["nan", "inf"]]), False),
        (step([[2e9, 0.5]]), True),
        (step([[2e9, 0.5]], labels={}), False),
        (step([[2e9, 0.5]], axes=("token", "kind")), False),
        (step([[20.0, 0.5]]), False),
        (step([[1.0, 1e-9]]), False),  # shares of one
        (step([[5.0, 0.0]]), False),
        (step(["a", "b"], axes=("kind",)), False),
    ],
)
def test_which_steps_are_tables(found: Step, expected: bool) -> None:
    assert is_table(found) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (3.0, "3"), (1234567.0, "1,234,567"), (12345.6, "12,346"), (0.000123456, "0.0001235"),
     (2.5e12, "2.5e+12"), (-1.5, "-1.5"), (0.1, "0.1")],
)  # fmt: skip
def test_a_number_by_itself(value: float, text: str) -> None:
    assert figure(value) == text


def draw(width: int, matrix: list[list[float | str]], columns: tuple[str, ...] = ()) -> tuple[str, str]:
    drawn, part = table(matrix, ("a row with a long name",), columns, width, 5)
    console = Console(width=width, file=StringIO(), markup=True)
    console.print(drawn)
    return "\n".join(line.rstrip() for line in console.file.getvalue().split("\n")), part


def test_words_and_numbers_beside_each_other() -> None:
    out, part = draw(80, [["[bold]the[/bold]", 1e6], ["b", 0.25]], ("word", "bytes"))
    assert part == ""
    assert out.split("\n")[:3] == [
        "                          word                  bytes",
        "0 a row with a long name  [bold]the[/bold]  1,000,000",
        "1                         b                      0.25",
    ]


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_it_fits_and_says_what_is_left_out(width: int) -> None:
    matrix: list[list[float | str]] = [["a long text of many words " * 3, *([1.5] * 30)] for _ in range(9)]
    out, part = draw(width, matrix)
    assert max(map(len, out.split("\n"))) <= width
    assert "5 of 9 rows" in part and ("columns" in part) == (width < 200)
