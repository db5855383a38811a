"""A Markdown table on a terminal: columns wrapped to fit the width, or one record a row where they cannot."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.table import Table
from rich.text import Text

_BORDER = 3  # a column costs its text, a blank at each side and a border
_LONGEST_WHOLE_WORD = 20
_NARROWEST = 6


class DocumentTable:
    """A header and rows of cells. Nothing is cut: long cells wrap, words longer than their column are folded."""

    def __init__(
        self, header: Sequence[Text], rows: Sequence[Sequence[Text]], justify: Sequence[JustifyMethod]
    ) -> None:
        self.header = header
        self.rows = rows
        self.justify = justify

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._widths(options.max_width)
        if widths is None:
            yield from self._records()
            return
        wraps = any(_longest_line(cell) > width for row in self.rows for cell, width in zip(row, widths, strict=True))
        table = Table(box=box.SQUARE, border_style="dim", header_style="bold", show_lines=wraps)
        for heading, width, justify in zip(self.header, widths, self.justify, strict=True):
            table.add_column(heading, width=width, justify=justify, overflow="fold")
        for row in self.rows:
            table.add_row(*row)
        yield table

    def _widths(self, max_width: int) -> list[int] | None:
        """The width of each column's text in cells; None where the columns would be too narrow to read."""
        columns = list(zip(self.header, *self.rows, strict=True))
        room = max_width - 1 - _BORDER * len(columns)
        wide = [max(1, *(_longest_line(cell) for cell in column)) for column in columns]
        least = [
            min(w, max(1, *(_longest_word(cell) for cell in column))) for w, column in zip(wide, columns, strict=True)
        ]
        if sum(wide) <= room:
            return wide
        if sum(least) > room:
            least = [min(width, _LONGEST_WHOLE_WORD) for width in least]
        if sum(least) > room:
            least = [min(width, _NARROWEST) for width in least]
        if sum(least) > room:
            return None
        return _share(least, wide, room)

    def _records(self) -> RenderResult:
        for number, row in enumerate(self.rows):
            if number:
                yield Text()
            for heading, cell in zip(self.header, row, strict=True):
                label = heading.copy()
                label.stylize("bold")
                yield Text.assemble(label, ": ", cell)


def _share(least: list[int], wide: list[int], room: int) -> list[int]:
    """Raise each width from its least towards what it wants, the widest wishes last to be met."""
    widths = list(least)
    left = room - sum(least)
    open_columns = [i for i in range(len(wide)) if widths[i] < wide[i]]
    while left > 0 and open_columns:
        level = min(widths[i] for i in open_columns)
        lowest = [i for i in open_columns if widths[i] == level]
        for i in lowest[:left]:
            widths[i] += 1
        left -= min(left, len(lowest))
        open_columns = [i for i in open_columns if widths[i] < wide[i]]
    return widths


def _longest_line(cell: Text) -> int:
    return max((cell_len(line) for line in cell.plain.split("\n")), default=0)


def _longest_word(cell: Text) -> int:
    return max((cell_len(word) for word in cell.plain.split()), default=0)
