"""Edge: the line below a part of the card, which says how much more there is."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from textual.widgets import Static

from studycli.review import wording


class Edge(Static):
    """A rule with a title at its left, and at its right what is out of sight."""

    ALLOW_SELECT = False

    def __init__(self, id: str) -> None:
        super().__init__(id=id, markup=False)
        self._said: tuple[str, str] | None = None

    def say(self, title: str, hidden: str) -> None:
        """Draw the line anew if it says something else."""
        if self._said != (title, hidden):
            self._said = (title, hidden)
            self.update(_Line(title, hidden))


def hidden(above: int, below: int) -> str:
    """What of a text is out of sight: '▼ 12 more lines', at its end '▲ 30 lines above'."""
    if below > 0:
        return f"▼ {below} more {'line' if below == 1 else 'lines'}"
    return f"▲ {wording.count(above, 'line')} above" if above > 0 else ""


class _Line:
    def __init__(self, title: str, hidden: str) -> None:
        self.title = title
        self.hidden = hidden

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        left = f"── {self.title} " if self.title else ""
        right = f" {self.hidden} ──" if self.hidden else ""
        rule = "─" * max(width - len(left) - len(right), 0)
        yield Text.assemble((left, "bold"), (rule, "dim"), (right, "bold"), no_wrap=True, overflow="ellipsis")
