"""A window onto a step's matrices: the part that is drawn is the part that was asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.model.trace import Step
from studycli.render.grid import Spot
from studycli.render.heatmap import plans
from studycli.render.step import Shown, Window, draw


def step(rows: int, columns: int, heads: int = 1, *, preview: bool = True) -> Step:
    """Each number is found nowhere else in the matrices."""
    values = [
        [[1 + 0.01 * ((head * rows + row) * columns + column) for column in range(columns)] for row in range(rows)]
        for head in range(heads)
    ]
    shape, axes = ((heads,), ("head",)) if heads > 1 else ((), ())
    return Step(
        name="q",
        shape=(*shape, rows, columns),
        axes=(*axes, "query", "d_k"),
        values=values if heads > 1 else values[0],
        note="words " * 30,
        preview=preview,
    )


@given(
    st.integers(1, 60), st.integers(1, 60), st.integers(1, 3), st.integers(20, 100), st.integers(0, 70),
    st.integers(0, 70), st.integers(0, 70), st.booleans(),
)  # fmt: skip
def test_each_cell_of_the_part_stands_where_its_box_says(
    rows: int, columns: int, heads: int, width: int, lines: int, row: int, column: int, preview: bool
) -> None:
    found = step(rows, columns, heads, preview=preview)
    grid = draw(Shown(found), width, Window(lines, row, column)).grid
    assert grid is not None and len(grid.panels) == heads
    shown = [line for picture in grid.pictures() for line in picture.plain.split("\n")]
    for panel in range(heads):
        assert grid.extent(panel) == (rows, columns)
        for down in range(grid.size(panel)[0]):
            for right in range(grid.size(panel)[1]):
                spot = Spot(panel, grid.first[0] + down, grid.first[1] + right)
                box = grid.box(spot)
                assert grid.spot(box.line, box.start) == spot
                if grid.plan.spec is not None:
                    value = grid.panels[panel].matrix[spot.row][spot.column]
                    drawn = shown[box.line][box.start : box.start + box.width]
                    assert f"{value:{grid.plan.spec}}" in drawn
    # It holds what was asked for, as far as there is so much.
    wanted = min(row, rows - 1), min(column, columns - 1)
    for first, place, count in zip(grid.first, wanted, grid.size(0), strict=True):
        assert first <= place < first + count


@pytest.mark.parametrize(("lines", "count"), [(0, 4), (20, 20 - 4 - 2), (90, 64)])
def test_rows_take_the_lines_that_there_are(lines: int, count: int) -> None:
    drawing = draw(Shown(step(64, 64).model_copy(update={"note": "words " * 30})), 80, Window(lines, 7, 9))
    assert drawing.grid is not None
    assert drawing.grid.size(0)[0] == count


def test_what_is_shown_is_told_by_numbers() -> None:
    drawing = draw(Shown(step(64, 64)), 80, Window(30, 7, 9))
    (note,) = drawing.below
    last = 7 + drawing.grid.size(0)[0] - 1, 9 + drawing.grid.size(0)[1] - 1  # type: ignore[union-attr]
    said = f"shown: 7 to {last[0]} of 64 rows (query) and 9 to {last[1]} of 64 columns (d_k)"
    assert note.renderable.plain == said  # type: ignore[attr-defined]
    assert not draw(Shown(step(3, 3)), 80, Window(30)).below


def test_without_a_window_the_beginning_is_shown() -> None:
    grid = draw(Shown(step(64, 64, 2)), 80).grid
    assert grid is not None and len(grid.panels) == 1
    assert grid.size(0)[0] == 8 and grid.first == (0, 0)


@given(st.lists(st.lists(st.floats() | st.sampled_from([0.0, -0.001, 1e-120, -1e-120, "yes", "-inf"])), max_size=4))
def test_each_number_has_room_in_its_cell(matrix: list[list[float | str]]) -> None:
    plan = plans(matrix, (), 9)[0]
    for x in (x for row in matrix for x in row if not isinstance(x, str)):
        assert len(f"{x:{plan.spec}}") <= plan.digits
