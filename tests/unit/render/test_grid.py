"""A grid of cells: each stands where it says, whatever is drawn around it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studycli.render.grid import Grid, Spot
from studycli.render.heatmap import fitting, ramp
from studycli.render.panels import Panel


@given(
    st.integers(1, 5), st.integers(1, 6), st.integers(1, 6), st.integers(20, 90), st.booleans(), st.booleans()
)  # fmt: skip
def test_each_cell_stands_where_its_box_says(
    count: int, rows: int, columns: int, width: int, named: bool, captioned: bool
) -> None:
    names = tuple(f"word{index}" for index in range(columns)) if named else ()
    matrices = [
        [
            [0.01 * (rows * columns * panel + columns * row + column) + 1 for column in range(columns)]
            for row in range(rows)
        ]
        for panel in range(count)
    ]
    found = [
        Panel(f"head {index}", matrix, (index,), ("query", "kind"), (), names) for index, matrix in enumerate(matrices)
    ]
    found = found if captioned else found[:1]
    plan = fitting(found[0].matrix, (), width, max_rows=40, whole=True, named=names or None)
    grid = Grid.within(found, plan, ramp(matrices), width, captioned=captioned)
    lines = [line for picture in grid.pictures() for line in picture.plain.split("\n")]
    for panel in range(len(found)):
        shown = grid.size(panel)
        for row in range(shown[0]):
            label = grid.row_box(panel, row)
            assert lines[label.line][label.start :].startswith(f"{row}")
            for column in range(shown[1]):
                spot = Spot(panel, row, column)
                box = grid.box(spot)
                drawn = lines[box.line][box.start : box.start + box.width]
                if plan.spec is not None:
                    assert f"{matrices[panel][row][column]:{plan.spec}}" in drawn
                assert grid.spot(box.line, box.start) == spot
                assert grid.spot(box.line, box.start + box.width - 1) == spot


def test_no_cell_stands_elsewhere() -> None:
    panel = Panel("head 0", [[1.0, 2.0]], (0,), ("query", "key"), (), ())
    plan = fitting(panel.matrix, (), 40, max_rows=40, whole=True)
    grid = Grid.within([panel], plan, ramp([panel.matrix]), 40, captioned=True)
    first = grid.box(Spot(0, 0, 0))
    assert grid.spot(first.line - 1, first.start) is None
    assert grid.spot(first.line + 1, first.start) is None
    assert grid.spot(first.line, first.start - 1) is None
    assert grid.spot(first.line, first.start + 2 * plan.cell) is None
