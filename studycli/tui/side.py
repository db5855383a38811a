"""The side of the workspace: a row of tabs, and the pane that is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from studycli.tui import keymap
from studycli.tui.panes import PANES

if TYPE_CHECKING:
    from textual import events

    from studycli.model.review import StudyCard
    from studycli.tui.desk import Desk
    from studycli.tui.pane import Pane


_NOTED = " •"


class Tab(Static):
    """The name of one pane; a click turns to it."""

    class Chosen(Message):
        """The learner clicked a tab."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.pane = name

    def __init__(self, name: str, title: str) -> None:
        super().__init__(Content(title), id=f"tab-{name}", classes="tab")
        self.pane = name
        self._label = (title, "")

    def label(self, title: str, key: str = "") -> None:
        """Give it another name, with the key that leads to it where there is room."""
        if self._label != (title, key):
            self._label = (title, key)
            self.update(Content.assemble((key, "$foreground bold"), " " if key else "", title))

    def on_click(self, event: events.Click) -> None:
        """Say that it was clicked."""
        event.stop()
        self.post_message(self.Chosen(self.pane))


class Tabs(Widget):
    """The names of the card and of the panes beside it, with their keys; the one that is looked at is marked."""

    def __init__(self) -> None:
        super().__init__()
        self._titles = {"card": "Card", **{place.name: place.title for place in PANES}}
        self._keys: dict[str, str] = {}
        self._is_noted = False

    def compose(self) -> Iterator[Widget]:
        """A tab for the card, which a wide terminal hides, and one for each pane."""
        bound = {"card": "escape", **{place.name: place.key for place in PANES}}
        self._keys = {name: keymap.shown(self.app, Binding(key, "", id=name)) for name, key in bound.items()}
        tabs = [Tab(name, title) for name, title in self._titles.items()]
        self._label(tabs, self.app.size.width)
        yield from tabs

    def on_resize(self) -> None:
        """Use the new width."""
        self._label(self.query(Tab), self.app.size.width)

    def _label(self, tabs: Iterable[Tab], width: int) -> None:
        """Name the tabs: close together where there is little room, and without their keys where there is less."""
        taken = cell_len(_NOTED) + sum(cell_len(title) + 1 for title in self._titles.values()) + 1
        keyed = taken + sum(cell_len(key) + 1 for key in self._keys.values())
        self.set_class(keyed + 2 * len(self._titles) > width, "-close")
        for tab in tabs:
            title = self._titles[tab.pane] + (_NOTED if self._is_noted and tab.pane == "notes" else "")
            tab.label(title, self._keys[tab.pane] if keyed <= width else "")

    def mark(self, name: str) -> None:
        """Mark the tab of this pane."""
        for tab in self.query(Tab):
            tab.set_class(tab.id == f"tab-{name}", "-current")

    def look_for_notes(self, desk: Desk, card: StudyCard) -> None:
        """Mark, in a moment, whether there are notes for this card."""
        self.run_worker(self._look_for_notes(desk, card), group="noted", exclusive=True)

    async def _look_for_notes(self, desk: Desk, card: StudyCard) -> None:
        self.mark_noted(await asyncio.to_thread(desk.notebook.has_note, card))

    def mark_noted(self, noted: bool) -> None:
        """Mark that there are notes, or that there are none."""
        self._is_noted = noted
        self._label(self.query(Tab), self.app.size.width)


class Side(Vertical):
    """The panes, of which one is displayed; each is mounted when it is first looked at, or before."""

    def __init__(self) -> None:
        super().__init__(id="side")
        self.current: str | None = None
        self._mounting = asyncio.Lock()

    @property
    def pane(self) -> Pane | None:
        """The pane that is displayed."""
        from studycli.tui.pane import Pane

        return self.query_one(f"#pane-{self.current}", Pane) if self.current is not None else None

    async def prepare(self, name: str, desk: Desk) -> None:
        """Mount a pane, unless it is there, and don't show it yet: that takes longest."""
        async with self._mounting:
            if not self.query(f"#pane-{name}"):
                pane = next(place for place in PANES if place.name == name).load()(desk)
                pane.display = False
                await self.mount(pane)

    async def turn_to(self, name: str, desk: Desk, card: StudyCard, revealed: bool) -> Pane:
        """Display a pane, with what belongs to the card."""
        await self.prepare(name, desk)
        self.current = name
        for other in PANES:
            for widget in self.query(f"#pane-{other.name}"):
                widget.display = other.name == name
        pane = self.pane
        assert pane is not None
        pane.turn_to(card, revealed)
        return pane
