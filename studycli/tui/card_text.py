"""One text of a card, the question or the answer: drawn at the width there is, and scrolled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import ClassVar

from rich.console import RenderableType
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from studycli.render.latex import Notation
from studycli.tui import card_page
from studycli.tui.card_page import Page
from studycli.tui.card_pieces import DRAWN_AT_ONCE, Piece


class CardText(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines that are drawn once for a width. A long text shows its beginning while a thread draws the rest."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    CardText {
        padding: 0 0 0 1;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "line(1)", "Line down", show=False, id="card-down"),
        Binding("up,k", "line(-1)", "Line up", show=False, id="card-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="card-page-down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="card-page-up"),
        Binding("home", "ends(False)", "Beginning", show=False, id="card-home"),
        Binding("end", "ends(True)", "End", show=False, id="card-end"),
    ]
    MARGIN = 2
    """Columns that no text stands in: the sign of the focus, and the scrollbar."""

    class Changed(Message):
        """Other lines can be seen, or there are more of them."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.page = Page()
        self.is_drawing = False
        self._pieces: Sequence[Piece] = ()
        self._notation: Notation = "unicode"
        self._masks: Sequence[str] = ()
        self._columns = 0

    def show(self, pieces: Sequence[Piece], notation: Notation, masks: Sequence[str] = ()) -> None:
        """Show a text from its beginning, with each of the `masks` standing out."""
        self._pieces, self._notation, self._masks = pieces, notation, masks
        self.page = Page()
        self.scroll_home(animate=False)
        self._draw()

    def write(self, notation: Notation) -> None:
        """Write the formulas in another notation, at the place that is read."""
        self._notation = notation
        self._draw(self.page.place(self.scroll_y))

    def fit(self, columns: int) -> None:
        """Draw the text for so many columns, at the place that is read."""
        if columns != self._columns:
            place = self.page.place(self.scroll_y)
            self._columns = columns
            self._draw(place)

    @property
    def below(self) -> int:
        """How many lines there are below the last one that can be seen."""
        return max(self.page.height - round(self.scroll_y) - self._rows, 0)

    @property
    def above(self) -> int:
        """How many lines there are above the first one that can be seen."""
        return round(self.scroll_y)

    def page_on(self) -> bool:
        """Go a page down; False where there is nothing below."""
        if not self.below and not self.is_drawing:
            return False
        self.action_page(1)
        return True

    def action_line(self, lines: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=self.scroll_y + lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by pages, which share a line."""
        self.scroll_to(y=self.scroll_y + pages * max(self._rows - 1, 1), animate=False)

    def action_ends(self, last: bool) -> None:
        """Scroll to the beginning or the end."""
        self.scroll_to(y=self.page.height if last else 0, animate=False)

    def render_line(self, y: int) -> Strip:
        """The line of the page that stands there."""
        at = self.scroll_offset.y + y
        if at >= self.page.height:
            return Strip.blank(self._columns, self.rich_style)
        return Strip(self.page.segments(at)).crop_extend(0, self._columns, self.rich_style).apply_style(self.rich_style)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say that other lines are seen."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Changed())

    @property
    def _rows(self) -> int:
        return self.scrollable_content_region.height

    def _draw(self, place: float = 0.0) -> None:
        """Draw all pieces: a short text now, a long one in a thread."""
        self.workers.cancel_group(self, "drawing")
        self.is_drawing = False
        if self._columns < 1:
            return
        size = sum(piece.size for piece in self._pieces)
        if size <= DRAWN_AT_ONCE:
            self._take(self._page(self._renderables()), place)
            return
        if not self.page.height:
            self._take(self._page(self._beginning()))
        self.is_drawing = True
        # A coroutine of its own would be left without a word if the worker were cancelled before it began.
        self.run_worker(partial(self._draw_all, place), group="drawing")  # type: ignore[arg-type]

    async def _draw_all(self, place: float) -> None:
        """Draw part by part. Only a text that is read from its beginning is shown before all of it is drawn."""
        page = Page()
        renderables = self._renderables()
        while (part := await asyncio.to_thread(self._next_page, renderables)) is not None:
            page = page.and_then(part)
            if not place and page.height > self.page.height:
                self._take(page, None)
        self.is_drawing = False
        self._take(page, place or None)

    def _next_page(self, renderables: Iterator[RenderableType]) -> Page | None:
        renderable = next(renderables, None)
        return None if renderable is None else self._page([renderable])

    def _renderables(self) -> Iterator[RenderableType]:
        """All there is to draw, made when it is asked for."""
        for piece in self._pieces:
            yield from piece.draw(self._notation)

    def _beginning(self) -> Iterator[RenderableType]:
        """As much as is drawn while the learner waits."""
        room = DRAWN_AT_ONCE
        for piece in self._pieces:
            if piece.size > room:
                yield piece.beginning(self._notation)
                return
            yield from piece.draw(self._notation)
            room -= piece.size

    def _page(self, renderables: Iterable[RenderableType]) -> Page:
        page = Page()
        for renderable in renderables:
            page = page.and_then(card_page.draw(renderable, self._columns, self._masks))
        return page

    def _take(self, page: Page, place: float | None = 0.0) -> None:
        """Show other lines, from this place on; None is where the old ones were."""
        self.page = page
        self.virtual_size = Size(self._columns, page.height)
        self._styles_cache.clear()
        self.refresh()
        if place is not None:
            line = page.line_at(place)
            self.call_after_refresh(self._go, page, line)
        self.post_message(self.Changed())

    def _go(self, page: Page, line: int) -> None:
        if page is self.page:
            self.scroll_to(y=line, animate=False)
