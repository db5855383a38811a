"""What of a card is still to be shown on a screen: parts, each laid out for a width, taken some lines at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_TABLE_BORDER = "│"


@dataclass
class _Part:
    content: RenderableType
    width: int
    lines: list[str]
    shown: int = 0


@dataclass
class Pages:
    """Parts in the order in which they come; a new one comes before what is left of the others."""

    console: Console
    _parts: list[_Part] = field(default_factory=list)

    def clear(self) -> None:
        """Forget what was not shown."""
        self._parts.clear()

    def push(self, content: RenderableType) -> int:
        """Put a part before all others; returns its number of lines."""
        part = _Part(content, self.console.width, self._lay_out(content))
        self._parts.insert(0, part)
        return len(part.lines)

    def drop_first(self) -> None:
        """Skip what is left of the first part."""
        del self._parts[:1]

    @property
    def left(self) -> int:
        """How many lines are left, laid out for the width that the console has now."""
        self._fit()
        return sum(len(part.lines) - part.shown for part in self._parts)

    @property
    def parts(self) -> int:
        """How many parts have lines left."""
        return len(self._parts)

    def take(self, count: int) -> list[str]:
        """The next lines, `count` at most."""
        self._fit()
        taken: list[str] = []
        while self._parts and len(taken) < count:
            part = self._parts[0]
            end = part.shown + count - len(taken)
            taken += part.lines[part.shown : end]
            part.shown = min(end, len(part.lines))
            if part.shown == len(part.lines):
                self.drop_first()
        return taken

    def _fit(self) -> None:
        for part in self._parts:
            if part.width != self.console.width:
                lines = self._lay_out(part.content)
                part.shown = _same_place(part.lines[: part.shown], lines)
                part.lines, part.width = lines, self.console.width

    def _lay_out(self, content: RenderableType) -> list[str]:
        with self.console.capture() as captured:
            self.console.print(content)
        return captured.get().rstrip("\n").split("\n")


def _same_place(shown: list[str], lines: list[str]) -> int:
    """The line of a new layout to go on with after `shown` of the old one: never after something not shown.

    Both layouts have the same letters in the same order, save in a table's row, so a table starts again.
    """
    seen = _letters(shown)
    place = 0
    while place < len(lines) - 1 and (seen := seen - _letters([lines[place]])) >= 0:
        place += 1
    while place > 0 and shown and _TABLE_BORDER in lines[place] and _TABLE_BORDER in lines[place - 1]:
        place -= 1
    return place


def _letters(lines: list[str]) -> int:
    return sum(character.isalnum() for line in lines for character in _STYLE.sub("", line))
