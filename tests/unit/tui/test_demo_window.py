"""Large matrices in the demo pane: each cell of them can be pointed at and explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.tui.test_demo_pane import keys, pane, reversed_text, write_cards
from tests.unit.tui.workspace import look, opened, press, resize, run


def test_every_cell_of_a_matrix_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cards(tmp_path, monkeypatch, "scaled-dot-product")

    async def drive() -> None:
        async with opened(size=(80, 24)) as pilot:
            await keys(pilot, "d", "step 1 of 13")
            await keys(pilot, "right right", "W_Q  (64, 64)", "shown: 0 to ", "of 64 rows (d_model) and 0 to ")
            view = pane(pilot).view
            assert view is not None and view.page.grid is not None
            rows, columns = view.page.grid.size(0)
            assert rows >= 6
            # The last row, and back to the first that is not in sight.
            await keys(pilot, "up", f"shown: {64 - rows} to 63 of 64 rows")
            assert [text.strip() for text in reversed_text(pilot)] == ["63"]
            await keys(pilot, "up " * (rows - 1), f"shown: {64 - rows} to 63 of 64 rows")
            await keys(pilot, "up", f"shown: {63 - rows} to 62 of 64 rows")
            assert [text.strip() for text in reversed_text(pilot)] == [str(63 - rows)]
            # A cell beyond the last column that was in sight.
            await keys(pilot, "enter", f"W_Q[{63 - rows}, 0] = ")
            await keys(pilot, "right " * columns, f"W_Q[{63 - rows}, {columns}] = ", f"and 1 to {columns} of 64")
            await press(pilot, *["down"] * rows, *["right"] * (63 - columns))
            await look(pilot, "W_Q[63, 63] = ", f"shown: {64 - rows} to 63 of 64 rows", " to 63 of 64 columns")
            await keys(pilot, "enter", "where the number comes from", "W_Q[63, 63]")
            await keys(pilot, "escape up left", "W_Q[62, 62] = ", f"shown: {64 - rows} to 63 of 64 rows")
            assert reversed_text(pilot)[0].strip() == "62"
            # It stays in sight where there is other room, and the room that there is is used.
            await resize(pilot, 100, 22)
            await look(pilot, "W_Q[62, 62] = ", "of 64 columns")
            assert reversed_text(pilot)[0].strip() == "62"
            await resize(pilot, 200, 60)
            assert view.page.grid.size(0)[0] > 30
            # In the next step of the kind, its own rows are looked at.
            await keys(pilot, "escape right", "W_K  (64, 64)", "shown: 0 to ")

    run(drive())


def test_all_heads_of_a_large_step_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cards(tmp_path, monkeypatch, "multi-head")

    async def drive() -> None:
        async with opened(size=(120, 40)) as pilot:
            await keys(pilot, "d", "step 1 of 16")
            await keys(pilot, "right right", "W_Q  (4, 64, 16)", "head 0", "head 1")
            await press(pilot, "enter", *["right"] * 16)
            await look(pilot, "W_Q[1, 0, 0] = ")

    run(drive())
