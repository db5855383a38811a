"""The heading of the workspace: which card, what kind, and how far the session is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from textual.widgets import Static

_APART = 2
_LEAST_OF_DECK = 4
_NUMBER = re.compile(r" · card [^:]+")


@dataclass(frozen=True)
class Facts:
    """What the heading says: `place` and `progress` on its first line, `kind` and `time` on its second."""

    place: str
    kind: str
    progress: str = ""
    time: str = ""


class Heading(Static):
    """Two quiet lines above the card."""

    def show(self, facts: Facts) -> None:
        """Show other facts."""
        self.update(_Lines(facts))


class _Lines:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        facts, width = self.facts, options.max_width
        # The counts that are 0 go first, then the end of a title: neither says much.
        progress = facts.progress if _fits(facts.place, facts.progress, width) else _short(facts.progress)
        place = next(
            (form for form in _places(facts.place) if _fits(form, progress, width)),
            _cut_deck(facts.place, width - Text(progress).cell_len - _APART),
        )
        yield _line(Text(place, "bold"), Text(progress, "dim"), width)
        yield _line(Text(facts.kind, "dim"), Text(facts.time, "dim"), width)


def _fits(left: str, right: str, width: int) -> bool:
    return Text(left).cell_len + _APART + Text(right).cell_len <= width


def _short(progress: str) -> str:
    """The counts that are more than 0."""
    counts = progress.split(" · ")
    return " · ".join([count for count in counts if not count.endswith(" 0")] or counts[:1])


def _places(place: str) -> Iterator[str]:
    """A card's place, and shorter forms of it: its title word by word, then none."""
    yield place
    number = _NUMBER.search(place)
    if number is None:
        return
    words = place[number.end() :].split(" ")
    for count in range(len(words) - 1, 1, -1):
        yield place[: number.end()] + " ".join(words[:count]) + " …"
    yield place[: number.end()]


def _cut_deck(place: str, width: int) -> str:
    """The deck's name as far as it fits before the card's number."""
    number = _NUMBER.search(place)
    if number is None:
        return place
    deck = Text(place[: number.start()])
    deck.truncate(max(width - Text(number[0]).cell_len, _LEAST_OF_DECK), overflow="ellipsis")
    return deck.plain + number[0]


def _line(left: Text, right: Text, width: int) -> Text:
    """Two texts at the ends of a line; the left one is cut where they meet."""
    left.truncate(max(width - right.cell_len - _APART, 8), overflow="ellipsis")
    gap = max(width - left.cell_len - right.cell_len, 1)
    return Text.assemble(left, " " * gap, right, no_wrap=True, overflow="ellipsis")
