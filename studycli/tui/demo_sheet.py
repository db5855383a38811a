"""The sheet of the demo pane: drawn lines that scroll, with places on them marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from studycli.render.grid import Box

if TYPE_CHECKING:
    from textual import events

_REVERSE = Style(reverse=True)


@dataclass(frozen=True)
class Mark:
    """A place that is shown in reverse video."""

    box: Box


class DemoSheet(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows lines that were drawn for its width. What the mouse points at or clicks is told to the pane."""

    DEFAULT_CSS = """
    DemoSheet {
        height: 1fr; overflow-x: hidden; overflow-y: auto;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable; background: transparent;
    }
    """

    class Pointed(Message):
        """The mouse is over a place of a line, or, without a `line`, no longer here."""

        def __init__(self, line: int | None, x: int = 0, *, clicked: bool = False) -> None:
            super().__init__()
            self.line = line
            self.x = x
            self.clicked = clicked

    class Resized(Message):
        """The lines have to be drawn for other room."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Strip] = ()
        self._marks: dict[int, list[Box]] = {}
        self._width = 0
        self._height = 0

    @property
    def room(self) -> int:
        """How wide the lines may be, in terminal cells; 0 before the first layout.

        A sheet that is hidden has no place of its own, and keeps the width that it had.
        """
        return self.scrollable_content_region.width or self._width

    def show(self, lines: Sequence[Strip], *, keep_place: bool = False) -> None:
        """Show other lines, from the top unless they take the place of the same ones."""
        self._lines = lines
        self._marks = {}
        self.virtual_size = Size(self.room, len(lines))
        if not keep_place:
            self.scroll_to(y=0, animate=False)
        self.refresh()

    def shows(self, lines: Sequence[Strip]) -> bool:
        """Whether these are the lines that are shown."""
        return lines is self._lines

    def mark(self, boxes: Sequence[Box]) -> None:
        """Mark these places, and no others."""
        self._marks = {}
        for box in boxes:
            self._marks.setdefault(box.line, []).append(box)
        self.refresh()

    def reveal(self, box: Box) -> None:
        """Scroll as little as brings a place in sight, with a line above and below it."""
        self.scroll_to_region(Region(0, max(box.line - 1, 0), 1, 3), animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """A line, with its marks."""
        place = self.scroll_offset.y + y
        if place >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        strip = self._lines[place]
        for box in self._marks.get(place, ()):
            strip = _marked(strip, box)
        return strip.apply_style(self.rich_style)

    def on_resize(self) -> None:
        """Ask for lines for the new room."""
        room, height = self.room, self.size.height
        if (room, height) != (self._width, self._height):
            self._width, self._height = room, height
            self.post_message(self.Resized())

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell what is pointed at."""
        self._tell(event, clicked=False)

    def on_click(self, event: events.Click) -> None:
        """Tell what was clicked."""
        self._tell(event, clicked=True)

    def on_leave(self) -> None:
        """Tell that nothing is pointed at."""
        self.post_message(self.Pointed(None))

    def _tell(self, event: events.MouseEvent, *, clicked: bool) -> None:
        self.post_message(self.Pointed(self.scroll_offset.y + event.y, event.x, clicked=clicked))


def _marked(strip: Strip, box: Box) -> Strip:
    parts = list(strip.divide([box.start, box.start + box.width, max(strip.cell_length, box.start + box.width)]))
    if len(parts) < 2:  # the line ends before the mark
        return strip
    before, within, *after = parts
    return Strip.join([before, Strip([type(s)(s.text, (s.style or Style()) + _REVERSE) for s in within]), *after])
