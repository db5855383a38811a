"""Heatmaps: what is drawn where, what fits, and that no label can harm a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from studycli.render.heatmap import FALLING, RISING, Ramp, fitting, heatmap, left_out, legend, ramp, shorten

WEIGHTS = [[0.9, 0.1, 0.0], [0.25, 0.25, 0.5]]
SIGNED = [[-1.0, 0.5], [0.1, 1.0]]


def draw(matrix, width, rows=(), columns=(), *, whole=True, max_rows=40):
    plan = fitting(matrix, rows, width, max_rows=max_rows, whole=whole)
    return heatmap(matrix, rows, columns, plan, ramp([matrix])).plain.split("\n"), plan


def test_numbers_with_glyphs_and_labels() -> None:
    lines, _ = draw(WEIGHTS, 40, ("the", "cat"), ("the", "cat", "sat"))
    assert lines == [
        "          0     1     2",
        "        the   cat   sat",
        "0 the █0.90 ░0.10 ·0.00",
        "1 cat ▒0.25 ▒0.25 ▓0.50",
    ]


def test_numbers_never_touch_and_go_without_glyphs_before_glyphs_go_alone() -> None:
    assert draw(WEIGHTS, 21, ("the", "cat"))[0] == [
        "         0    1    2",
        "0 the 0.90 0.10 0.00",
        "1 cat 0.25 0.25 0.50",
    ]
    assert draw(WEIGHTS, 12, ("the", "cat"))[0] == ["       0 1 2", "0 the ██░░··", "1 cat ▒▒▒▒▓▓"]
    assert draw(WEIGHTS, 9, ("the", "cat"))[0][1:] == ["0 the █░·", "1 cat ▒▒▓"]


@pytest.mark.parametrize(
    ("width", "shown"), [(80, "The History of Attent…"), (200, "The History of Attention in Full")]
)
def test_a_wide_terminal_shows_wider_names(width: int, shown: str) -> None:
    rows = ["The History of Attention in Full"]
    plan = fitting([[0.5]], rows, width, max_rows=9, whole=True, named=("score",))
    line = heatmap([[0.5]], rows, ("score",), plan, ramp([[[0.5]]])).plain.split("\n")[-1]
    assert line.startswith(f"0 {shown} ")


def test_the_sign_shows_without_colour() -> None:
    assert draw(SIGNED, 6)[0][1:] == ["0 ##▒▒", "1 ··██"]
    assert draw(SIGNED, 40)[0][1:] == ["0 █-1.00 ▒ 0.50", "1 · 0.10 █ 1.00"]


@pytest.mark.parametrize(
    ("value", "text"), [(-0.001, "0.00"), (12.34, "12.3"), (1234.5, "1234"), (2e7, "2.0e+07"), (0.00002, "2.0e-05")]
)
def test_numbers_are_as_exact_as_there_is_room(value: float, text: str) -> None:
    matrix = [[value, 1.0 if value == -0.001 else 0.0]]
    assert text in draw(matrix, 40)[0][1]
    assert "-0.00" not in draw(matrix, 40)[0][1]


def test_what_does_not_fit_is_told() -> None:
    matrix = [[float(row * column) for column in range(50)] for row in range(60)]
    lines, plan = draw(matrix, 30, whole=False, max_rows=4)
    assert len(lines) == 5 and max(map(len, lines)) <= 30
    assert left_out(matrix, plan, "token", "d_k") == "shown: the first 4 of 60 rows (token) and 4 of 50 columns (d_k)"
    lines, plan = draw(matrix, 30, whole=True)
    assert left_out(matrix, plan, "query", "key") == "shown: the first 40 of 60 rows (query) and 27 of 50 columns (key)"
    _, plan = draw(matrix, 80, max_rows=60)
    assert left_out(matrix, plan, "query", "key") == ""


def test_column_numbers_stand_over_their_columns_and_are_never_cut() -> None:
    for count in range(1, 130):
        matrix = [[0.0] * count]
        for width in (count + 4, 2 * count + 4):
            lines, plan = draw(matrix, width)
            assert plan.columns == count and len(lines[0]) <= plan.width
            for number in lines[0].split():
                place = lines[0].split().index(number)
                step = 1 if plan.cell > len(str(count - 1)) else {1: 5, 2: 2}[plan.cell]
                assert int(number) == place * step < count


def test_ramp_and_legend() -> None:
    linear, squared = ramp([SIGNED]), ramp([WEIGHTS])
    assert linear == Ramp(1.0, squared=False) and squared == Ramp(0.9, squared=True)
    assert [linear.level(x) for x in (0, 0.19, 0.2, -0.79, 0.8, -1.0)] == [0, 0, 1, 3, 4, 4]
    assert [squared.level(x) for x in (0, 0.035, 0.037, 0.9)] == [0, 0, 1, 4]
    assert ramp([[[0.0]]]).level(0.0) == 0
    numbers, glyphs = (fitting(SIGNED, (), width, max_rows=9, whole=True) for width in (40, 6))
    assert legend(linear, numbers) == "shades from: ░ 0.2  ▒ 0.4  ▓ 0.6  █ 0.8  up to 1"
    assert legend(linear, glyphs).endswith(
        "░ - 0.2  ▒ = 0.4  ▓ ≡ 0.6  █ # 0.8  up to 1; the second of each pair below zero"
    )


def test_one_ramp_serves_several_matrices() -> None:
    assert ramp([WEIGHTS, [[3.0]]]).top == 3.0
    assert not ramp([WEIGHTS, [[-3.0]]]).squared


def test_texts_in_a_matrix_stand_as_they_are() -> None:
    assert draw([[1.0, "-inf"]], 40)[0][1] == "0 █1.00  -inf"


HOSTILE = "a\x1b[31m\u202e[red]\nb\x07"


def test_hostile_labels_are_plain_text() -> None:
    matrix = [[1.0] * 3] * 3
    plan = fitting(matrix, (HOSTILE,) * 3, 80, max_rows=9, whole=True)
    console = Console(width=80, force_terminal=True, color_system="truecolor", markup=True)
    with console.capture() as capture:
        console.print(heatmap(matrix, (HOSTILE,) * 3, (HOSTILE,) * 3, plan, ramp([matrix])))
    out = capture.get()
    assert "\x1b[31m" not in out and "\x07" not in out and "\u202e" not in out
    assert "a[31m[red" in out


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("注意机制", 5, "注意…"),
        ("注意机制", 4, "注…"),
        ("ab", 1, "…"),
        ("a", 0, ""),
    ],
)
def test_shorten_counts_terminal_cells(text: str, width: int, short: str) -> None:
    assert shorten(text, width) == short


@given(
    st.integers(1, 12).flatmap(
        lambda columns: st.lists(
            st.lists(st.floats(-1e9, 1e9) | st.just("-inf"), min_size=columns, max_size=columns),
            min_size=1, max_size=12,
        )
    ),
    st.text(max_size=20),
    st.integers(24, 200),
    st.booleans(),
)  # fmt: skip
def test_every_picture_stays_within_its_width(matrix, label, width, whole) -> None:
    rows, columns = (label,) * len(matrix), (label,) * len(matrix[0])
    lines, plan = draw(matrix, width, rows, columns, whole=whole, max_rows=6)
    assert max(map(cell_len, lines)) <= plan.width <= width
    assert len(lines) in (min(len(matrix), 6) + 1, min(len(matrix), 6) + 2)


def test_ramps_have_as_many_shades() -> None:
    assert len(RISING) == len(FALLING) == 5 and RISING[0] == FALLING[0]
    assert not set(RISING[1:]) & set(FALLING[1:])
