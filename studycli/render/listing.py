"""A list in columns: names stay whole, text is cut, and on a narrow screen the less important columns go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.text import Text

from studycli.render.safe import one_line

_GAP = 2


@dataclass(frozen=True)
class Column:
    """A column. `number` aligns it right; `text` is the least width in terminal cells it may be cut to, 0 for never.

    Of the columns with a `drop`, the one with the lowest goes first.
    """

    name: str
    number: bool = False
    text: int = 0
    drop: int | None = None


def listing(columns: Sequence[Column], rows: Iterable[Sequence[str]], width: int) -> Text:
    """A header and a line a row, without trailing blanks, within `width` terminal cells where the names allow it.

    Text is cut first, as far as its column allows; then columns go; what text is left is cut further in the end.
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    needed = [max(cell_len(column.name), *(cell_len(row[at]) for row in cells), 0) for at, column in enumerate(columns)]
    kept = _kept(columns, needed, width)
    spare = width - _GAP * (len(kept) - 1) - sum(needed[at] for at in kept if not columns[at].text)
    widths = {at: min(needed[at], max(spare, 1)) if columns[at].text else needed[at] for at in kept}
    shown = Text(no_wrap=True, overflow="ignore")
    shown.append(_line(columns, [column.name for column in columns], widths), "bold")
    for row in cells:
        shown.append("\n" + _line(columns, row, widths))
    return shown


def _kept(columns: Sequence[Column], needed: Sequence[int], width: int) -> list[int]:
    """The positions of the columns that there is room for."""
    least = [min(column.text, cells) if column.text else cells for column, cells in zip(columns, needed, strict=True)]
    kept = list(range(len(columns)))
    while sum(least[at] for at in kept) + _GAP * (len(kept) - 1) > width:
        droppable = [at for at in kept if columns[at].drop is not None]
        if not droppable:
            break
        kept.remove(min(droppable, key=lambda at: columns[at].drop or 0))
    return kept


def _line(columns: Sequence[Column], row: Sequence[str], widths: dict[int, int]) -> str:
    parts = []
    for at, width in widths.items():
        cell = row[at]
        if cell_len(cell) > width:
            cell = chop_cells(cell, width - 1)[0] + "…" if width > 1 else "…"
        blanks = " " * (width - cell_len(cell))
        parts.append(blanks + cell if columns[at].number else cell + blanks)
    return (" " * _GAP).join(parts).rstrip()
