"""The page of the statistics screen: all charts in as many columns as read well, and where each of them begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from rich.text import Text

from studycli.model.statistics import Statistics
from studycli.render.statistics import Section, sections

NARROWEST = 40
"""Charts are drawn for so many cells at least."""
_COLUMN = 56  # from this width on, a chart reads well beside another
_GAP = 4
_MOST_COLUMNS = 3


@dataclass(frozen=True)
class Page:
    """The text, and the first line of each section."""

    text: Text
    tops: tuple[int, ...]


def is_empty(statistics: Statistics) -> bool:
    """Whether there is nothing to count."""
    return not statistics.answers and not any(span.cards for span in statistics.intervals)


def titles(statistics: Statistics) -> tuple[str, ...]:
    """The sections in the order of the keys."""
    return tuple(section.title for section in sections(statistics, NARROWEST, 1))


def page(statistics: Statistics, width: int, most: int | None, chosen: int) -> Page:
    """All sections within `width` cells, the title of the chosen one marked; `most` as in `sections`."""
    columns = max(1, min(_MOST_COLUMNS, (width + _GAP) // (_COLUMN + _GAP)))
    column = max(NARROWEST, (width - _GAP * (columns - 1)) // columns)
    blocks = [_block(section, number == chosen) for number, section in enumerate(sections(statistics, column, most))]
    stacks = _stacked([len(block) for block in blocks], columns)
    tops, drawn = [], []
    for numbers in stacks:
        lines: list[Text] = []
        for number in numbers:
            tops.append(len(lines))
            lines += blocks[number]
        drawn.append(lines)
    return Page(_beside(drawn, column), tuple(tops))


def _block(section: Section, chosen: bool) -> list[Text]:
    title = Text(f"› {section.title} " if chosen else section.title, "bold reverse" if chosen else "bold")
    return [title, *section.text.split("\n", allow_blank=True), Text()]


def _stacked(heights: Sequence[int], columns: int) -> list[range]:
    """The sections of each column, in their order, so that the highest column is as low as can be."""
    count = len(heights)
    cuts = min(
        combinations(range(1, count), columns - 1),
        key=lambda cut: max(sum(heights[start:end]) for start, end in zip((0, *cut), (*cut, count), strict=True)),
    )
    return [range(start, end) for start, end in zip((0, *cuts), (*cuts, count), strict=True)]


def _beside(columns: Sequence[Sequence[Text]], width: int) -> Text:
    """Columns of lines beside each other."""
    rows = []
    for place in range(max(map(len, columns))):
        row = Text(no_wrap=True, overflow="ignore", end="")
        for number, lines in enumerate(columns):
            row.append(" " * (number * (width + _GAP) - row.cell_len))
            row.append_text(lines[place] if place < len(lines) else Text())
        rows.append(row)
    return Text("\n", no_wrap=True, overflow="ignore").join(rows)
