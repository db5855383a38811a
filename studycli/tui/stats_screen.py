"""The statistics screen: how the learning goes, counted in a thread and drawn on one page."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studycli.errors import StudyError
from studycli.render.safe import one_line
from studycli.tui.key_line import KeyLine
from studycli.tui.newest import Newest
from studycli.tui.stats_page import NARROWEST, is_empty, page, titles

if TYPE_CHECKING:
    from studycli.model.statistics import Statistics
    from studycli.tui.desk import Desk

_MOST = 10
"""So many decks and concepts, the weakest, are listed at first."""
_SHORT = {
    "Overview": "Overview", "Answers by day": "Days", "Retention by deck": "Decks", "Retention by concept": "Concepts",
    "Due in the next 30 days": "Forecast", "Ease factors": "Ease", "Hours of the day": "Hours",
}  # fmt: skip
_ARROWS = Content.styled("← →", "$text-muted")
_EMPTY = (
    "Nothing was answered yet, so there is nothing to count.\n\n"
    "After your first answers, this page shows the days on which you studied, how well you remember by deck and by "
    "concept, what will be due, how ease factors and intervals are spread, and at which hours you study."
)


class StatsScreen(Screen[None]):
    """One scrolling page; left and right go from chart to chart."""

    DEFAULT_CSS = """
    StatsScreen #stats-tabs { height: 1; padding: 0 1; background: $panel; }
    StatsScreen #stats-page { height: 1fr; padding: 1 1 0 1; }
    StatsScreen #stats-text { width: 1fr; height: auto; }
    StatsScreen #stats-said { height: auto; padding: 0 1; color: $text-muted; }
    """
    AUTO_FOCUS = "#stats-page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "Chart before", show=False, id="stats-before"),
        Binding("right", "turn(1)", "Next chart", id="stats-next"),
        Binding("a", "all", "All decks and concepts", id="stats-all"),
        Binding("w", "write", "Write as a page", id="stats-write"),
        Binding("escape,q,p", "dismiss", "To the card", id="stats-leave"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._counting, self._writing = Newest(self), Newest(self)
        self._statistics: Statistics | None = None
        self._chosen = 0
        self._most: int | None = _MOST
        self._tops: tuple[int, ...] = ()

    def compose(self) -> ComposeResult:
        """The names of the charts, the charts, one quiet line, keys."""
        yield Static(id="stats-tabs", markup=False)
        with VerticalScroll(id="stats-page", can_focus=True):
            yield Static("counting …", id="stats-text", markup=False)
        yield Static(id="stats-said", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Count."""
        self._counting.ask(self.desk.collection.statistics, self._counted, self._not_counted)

    def _counted(self, statistics: Statistics) -> None:
        if is_empty(statistics):
            self.query_one("#stats-text", Static).update(Text(_EMPTY))
            return
        self._statistics = statistics
        self.refresh_bindings()
        self._draw()

    def _not_counted(self, error: Exception) -> None:
        self.query_one("#stats-text", Static).update(Text(f"This cannot be counted: {_words(error)}"))

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        statistics = self._statistics
        if statistics is None:
            return
        width = self.query_one("#stats-page").scrollable_content_region.width
        drawn = page(statistics, max(width, NARROWEST), self._most, self._chosen)
        self._tops = drawn.tops
        self.query_one("#stats-text", Static).update(drawn.text)
        tabs = [
            Content.styled(f" {_SHORT.get(title, title)} ", "bold reverse" if number == self._chosen else "").stylize(
                f"@click=screen.choose({number})"
            )
            for number, title in enumerate(titles(statistics))
        ]
        self.query_one("#stats-tabs", Static).update(Content(" ").join([*tabs, _ARROWS]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without anything counted there is nothing to turn to or to write."""
        return self._statistics is not None or action not in ("turn", "all", "write")

    def action_turn(self, by: int) -> None:
        """Go to another chart, round and round."""
        self.action_choose((self._chosen + by) % len(self._tops))

    def action_choose(self, number: int) -> None:
        """Go to a chart."""
        self._chosen = number
        self._draw()
        self.query_one("#stats-page").scroll_to(y=self._tops[number], animate=False)

    def action_all(self) -> None:
        """List all decks and concepts, or the weakest."""
        self._most = None if self._most is not None else _MOST
        self._draw()

    def action_write(self) -> None:
        """Write the page that a browser shows into the current folder."""
        if self._statistics is not None:
            self._writing.ask(partial(_write, self._statistics), self._say, self._not_written)

    def _not_written(self, error: Exception) -> None:
        self._say(f"nothing was written: {_words(error)}")

    def _say(self, words: str) -> None:
        self.query_one("#stats-said", Static).update(Text(one_line(words)))


def _write(statistics: Statistics) -> str:
    """Write the page, and say where. Raises ExportError."""
    from studycli.exchange import atomic
    from studycli.render import statistics_html

    path = Path.cwd() / f"studycli-stats-{statistics.today}.html"
    replaced = path.is_file()
    atomic.write(path, statistics_html.draw(statistics))
    return f"written to {path}{', in place of an earlier file' if replaced else ''}"


def _words(error: Exception) -> str:
    if isinstance(error, StudyError):
        return one_line("; ".join(filter(None, [error.message, error.hint])))
    return one_line(repr(error))
