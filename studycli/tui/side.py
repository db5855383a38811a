"""The side of the workspace: a row of tabs, and the pane that is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from studycli.tui.panes import PANES

if TYPE_CHECKING:
    from textual import events

    from studycli.model.review import StudyCard
    from studycli.tui.desk import Desk
    from studycli.tui.pane import Pane


class Tab(Static):
    """The name of one pane; a click turns to it."""

    class Chosen(Message):
        """The learner clicked a tab."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.pane = name

    def __init__(self, name: str, title: str) -> None:
        super().__init__(Content(title), id=f"tab-{name}", classes="tab")
        self._pane = name

    def on_click(self, event: events.Click) -> None:
        """Say that it was clicked."""
        event.stop()
        self.post_message(self.Chosen(self._pane))


class Tabs(Widget):
    """The names of the card and of the panes beside it; the one that is looked at is marked."""

    def compose(self) -> Iterator[Widget]:
        """A tab for the card, which a wide terminal hides, and one for each pane."""
        yield Tab("card", "Card")
        for place in PANES:
            yield Tab(place.name, place.title)

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
        title = next(place.title for place in PANES if place.name == "notes")
        self.query_one("#tab-notes", Tab).update(Content(f"{title} •" if noted else title))


class Side(Vertical):
    """The panes, of which one is displayed; each is mounted when it is first looked at."""

    def __init__(self) -> None:
        super().__init__(id="side")
        self.current: str | None = None

    @property
    def pane(self) -> Pane | None:
        """The pane that is displayed."""
        from studycli.tui.pane import Pane

        return self.query_one(f"#pane-{self.current}", Pane) if self.current is not None else None

    async def turn_to(self, name: str, desk: Desk, card: StudyCard, revealed: bool) -> Pane:
        """Display a pane, with what belongs to the card."""
        place = next(place for place in PANES if place.name == name)
        if not self.query(f"#pane-{name}"):
            await self.mount(place.load()(desk))
        self.current = name
        for other in PANES:
            for widget in self.query(f"#pane-{other.name}"):
                widget.display = other.name == name
        pane = self.pane
        assert pane is not None
        pane.turn_to(card, revealed)
        return pane
