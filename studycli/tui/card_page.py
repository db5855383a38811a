"""Page: the lines of a card's text at one width, and the way from a line to the same place at another width."""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style

Line = tuple[tuple[str, str], ...]
"""Texts with their styles as words. A garbage collection has nothing to do with these, however many there are."""

MASK_STYLE = Style(bold=True, reverse=True)


@dataclass(frozen=True)
class Page:
    """Lines as they are drawn. A page is made once and never changed.

    `letters` is how many letters and digits stand above each line, and in all: folding a line moves none of them.
    """

    lines: list[Line] = field(default_factory=list)
    letters: list[int] = field(default_factory=lambda: [0])

    @property
    def height(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    def segments(self, line: int) -> list[Segment]:
        """A line to be drawn."""
        return [Segment(text, Style.parse(style)) for text, style in self.lines[line]]

    def place(self, line: float) -> float:
        """The share of the text, 0 to 1, that stands above a line."""
        at = min(max(round(line), 0), self.height)
        return self.letters[at] / max(self.letters[-1], 1)

    def line_at(self, place: float) -> int:
        """The line at which this share of the text stands above."""
        return max(bisect_right(self.letters, place * self.letters[-1] + 1e-6) - 1, 0) if place > 0 else 0

    def and_then(self, other: Page) -> Page:
        """This page with another one below."""
        above = self.letters[-1]
        return Page([*self.lines, *other.lines], [*self.letters[:-1], *(above + letters for letters in other.letters)])


def draw(renderable: RenderableType, width: int, masks: Sequence[str] = ()) -> Page:
    """A renderable as a page, with each of the `masks`, such as '[…]', standing out."""
    console = Console(
        width=width, file=io.StringIO(), color_system="truecolor", force_terminal=True, legacy_windows=False,
        highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    lines = console.render_lines(renderable, console.options, pad=False)
    letters = list(accumulate(map(_count_letters, lines), initial=0))
    drawn = _marked(lines, masks) if masks else lines
    return Page([tuple((segment.text, str(segment.style or "none")) for segment in line) for line in drawn], letters)


def _count_letters(line: Iterable[Segment]) -> int:
    return sum(map(str.isalnum, "".join(segment.text for segment in line)))


def _marked(lines: Sequence[list[Segment]], masks: Sequence[str]) -> list[list[Segment]]:
    texts = ["".join(segment.text for segment in line) for line in lines]
    # A mask of several words may go on in the next line.
    forms = [r"\s+".join(map(re.escape, mask.split())) for mask in sorted(set(masks), key=len, reverse=True)]
    spans = [match.span() for match in re.finditer("|".join(forms), "\n".join(texts))]
    marked, start = [], 0
    for line, text in zip(lines, texts, strict=True):
        end = start + len(text)
        within = [(max(a - start, 0), min(b - start, len(text))) for a, b in spans if a < end and b > start]
        marked.append(_stand_out(line, text, within) if within else line)
        start = end + 1
    return marked


def _stand_out(line: list[Segment], text: str, spans: Sequence[tuple[int, int]]) -> list[Segment]:
    """The line with some of its characters in the style of a mask; blanks at a fold stay as they are."""
    cuts: list[int] = []
    for start, end in spans:
        mask = text[start:end]
        cuts += [cell_len(text[: end - len(mask.lstrip())]), cell_len(text[: start + len(mask.rstrip())])]
    parts = list(Segment.divide(line, [*cuts, cell_len(text)]))
    return [
        Segment(segment.text, (segment.style or Style.null()) + MASK_STYLE) if number % 2 else segment
        for number, part in enumerate(parts)
        for segment in part
    ]
