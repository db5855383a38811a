"""The list of the map pane: lines, of which those that lead somewhere can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from studycli.tui.map_page import Line, Target

_GUTTER = 2


class MapList(OptionList, can_focus=True, inherit_bindings=False):
    """Keeps the chosen line in sight, with a mark before it, and the text above the first one or below the last."""

    DEFAULT_CSS = """
    MapList { border: none; padding: 0; background: transparent; }
    MapList:focus { border: none; background-tint: transparent; }
    MapList > .option-list--option-disabled { color: $foreground; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor_up", "Up", show=False, id="map-up"),
        Binding("down", "cursor_down", "Down", show=False, id="map-down"),
        Binding("pageup", "page_up", "Page up", show=False, id="map-page-up"),
        Binding("pagedown", "page_down", "Page down", show=False, id="map-page-down"),
        Binding("home", "first", "First", show=False, id="map-first"),
        Binding("end", "last", "Last", show=False, id="map-last"),
        Binding("enter,right", "select", "Open", show=False, id="map-open"),
    ]

    class Opened(Message):
        """The learner opened a line."""

        def __init__(self, target: Target) -> None:
            super().__init__()
            self.target = target

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._targets: list[Target | None] = []

    def show(self, lines: Sequence[Line], chosen: int | None = None) -> None:
        """Show other lines; `chosen` is the line to choose, else the first that leads somewhere, seen from the top."""
        self._targets = [line.target for line in lines]
        self.set_options(Option(line.text, disabled=line.target is None) for line in lines)
        if chosen is not None and chosen < len(lines) and lines[chosen].target is not None:
            self.highlighted = chosen
        else:
            self.action_first()

    @property
    def target(self) -> Target | None:
        """Where the chosen line leads."""
        return self._targets[self.highlighted] if self.highlighted is not None else None

    def action_first(self) -> None:
        """Choose the first line that leads somewhere, and show the text above it."""
        super().action_first()
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """Choose the last line that leads somewhere, and show the text below it."""
        super().action_last()
        self.scroll_end(animate=False)

    def action_page_up(self) -> None:
        """Choose a line a page before, or the first one."""
        if self.highlighted is not None:
            self._move_page(-1)
        if self.highlighted is None or not any(self._targets[: self.highlighted]):
            self.action_first()

    def action_page_down(self) -> None:
        """Choose a line a page after, or the last one."""
        if self.highlighted is not None:
            self._move_page(1)
        if self.highlighted is None or not any(self._targets[self.highlighted + 1 :]):
            self.action_last()

    def action_cursor_up(self) -> None:
        """Choose the line before; at the first one, show what is above it."""
        if any(self._targets[: self.highlighted or 0]):
            super().action_cursor_up()
        else:
            self.scroll_page_up(animate=False)

    def action_cursor_down(self) -> None:
        """Choose the next line; at the last one, show what is below it."""
        if self.highlighted is not None and any(self._targets[self.highlighted + 1 :]):
            super().action_cursor_down()
        else:
            self.scroll_page_down(animate=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Say where the line leads."""
        event.stop()
        target = self._targets[event.option_index]
        if target is not None:
            self.post_message(self.Opened(target))

    def _get_left_gutter_width(self) -> int:
        return _GUTTER

    def render_line(self, y: int) -> Strip:
        """The line with its mark, which tells the chosen one from the others where there are no colours."""
        strip = super().render_line(y)
        place = self.scroll_offset.y + y
        lines = self._lines
        chosen = place < len(lines) and lines[place] == (self.highlighted, 0)
        style = next((segment.style for segment in strip), None)
        return Strip([Segment("› " if chosen else "  ", style), *strip], strip.cell_length + _GUTTER)
