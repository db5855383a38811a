"""The list of the browse screen: as many rows as there are hits, of which those in sight are read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from studycli.tui.browse_hits import PAGE, Entry, Page
from studycli.tui.browse_row import row

if TYPE_CHECKING:
    from studycli.model.review import StudyCard

_NARROWEST = 30


class HitList(ScrollView, can_focus=True, inherit_bindings=False):
    """Keeps the pages that were read; asks for the one that comes into sight. `text` is what they were found by."""

    DEFAULT_CSS = """
    HitList { height: 1fr; overflow-x: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, id="browse-up"),
        Binding("down", "move(1)", "Down", show=False, id="browse-down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="browse-page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="browse-page-down"),
        Binding("home", "choose(0)", "First", show=False, id="browse-first"),
        Binding("end", "last", "Last", show=False, id="browse-last"),
        Binding("enter", "open", "Read", id="browse-open"),
    ]

    class Chosen(Message):
        """Another entry is chosen, or none."""

    class Opened(Message):
        """The learner wants to read the chosen one at full size."""

    class Left(Message):
        """The learner goes up from the first row."""

    class Wanted(Message):
        """A page is in sight that was not read."""

        def __init__(self, start: int) -> None:
            super().__init__()
            self.start = start

    def __init__(self, today: date) -> None:
        super().__init__()
        self.text = ""
        self.total = 0
        self.chosen = 0
        self._today = today
        self._pages: dict[int, tuple[Entry, ...]] = {}
        self._asked: int | None = None

    def show(self, page: Page) -> None:
        """Show another search from its first hit on."""
        self._pages, self._asked = {page.start: page.entries}, None
        self.text, self.total, self.chosen = page.text, page.total, 0
        self.virtual_size = Size(self.size.width, self.total)
        self.scroll_to(y=0, animate=False)
        self.refresh()
        self.post_message(self.Chosen())

    def add(self, page: Page) -> None:
        """Take in a page of the same search. Where what is found has changed since, the others are read again."""
        was = self.entry
        if page.total != self.total:
            self._pages.clear()
            self.total = page.total
            self.chosen = max(0, min(self.chosen, self.total - 1))
            self.virtual_size = Size(self.size.width, self.total)
        self._pages[page.start], self._asked = page.entries, None
        self.refresh()
        if self.entry is not was:
            self.post_message(self.Chosen())

    def renew(self, card: StudyCard) -> None:
        """Show a card as it is now, wherever it is listed."""
        self._pages = {
            start: tuple(
                one.with_card(card) if one.card is not None and one.card.id == card.id else one for one in page
            )
            for start, page in self._pages.items()
        }
        self.refresh()

    def ask_again(self) -> None:
        """Ask anew for what is missing."""
        self._asked = None
        self.refresh()

    @property
    def entry(self) -> Entry | None:
        """The chosen one, if there is any and it was read."""
        return self._at(self.chosen)

    def action_move(self, by: int) -> None:
        """Choose the row before or after; before the first is the field."""
        if self.chosen + by < 0:
            self.post_message(self.Left())
        else:
            self.action_choose(self.chosen + by)

    def action_page(self, by: int) -> None:
        """Go on by what is in sight."""
        self.action_choose(self.chosen + by * max(self.size.height - 1, 1))

    def action_last(self) -> None:
        """Choose the last."""
        self.action_choose(self.total - 1)

    def action_choose(self, place: int) -> None:
        """Choose a row, and bring it into sight."""
        self.refresh_line(self.chosen)
        self.chosen = max(0, min(place, self.total - 1))
        self.refresh_line(self.chosen)
        self.scroll_to_region(Region(0, self.chosen, 1, 1), animate=False, force=True)
        self.post_message(self.Chosen())

    def action_open(self) -> None:
        """Read it."""
        if self.entry is not None:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Choose the row; a second click reads it."""
        place = self.scroll_offset.y + event.y
        if place < self.total:
            self.action_choose(place)
            if event.chain == 2:
                self.action_open()

    def on_focus(self) -> None:
        """The chosen row looks otherwise."""
        self.refresh()

    def on_blur(self) -> None:
        """The chosen row looks otherwise."""
        self.refresh()

    def on_resize(self) -> None:
        """Keep the chosen row in sight."""
        self.scroll_to_region(Region(0, self.chosen, 1, 1), animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """One row; a page that is missing is asked for."""
        width, place = self.scrollable_content_region.width, self.scroll_offset.y + y
        style = self.rich_style
        if place >= self.total:
            return Strip.blank(width, style)
        chosen = place == self.chosen
        entry = self._at(place)
        if entry is None:
            self._want(place // PAGE * PAGE)
            text = Text("› …" if chosen else "  …", end="")
        else:
            text = row(entry, max(width, _NARROWEST), self._today, chosen)
        if chosen:
            style += Style(reverse=True) if self.has_focus else Style(bold=True)
        strip = Strip(list(text.render(self.app.console)), text.cell_len)
        return strip.adjust_cell_length(width).apply_style(style)

    def _want(self, start: int) -> None:
        if start not in self._pages and start != self._asked:
            self._asked = start
            self.post_message(self.Wanted(start))

    def _at(self, place: int) -> Entry | None:
        entries = self._pages.get(place // PAGE * PAGE, ())
        offset = place % PAGE
        return entries[offset] if offset < len(entries) else None
