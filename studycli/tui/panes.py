"""The panes beside the card, in the order of their tabs; each is imported when it is first looked at."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studycli.tui.pane import Pane


@dataclass(frozen=True)
class Place:
    """A pane by name: its title on the tab, its key, and the `module:class` that draws it."""

    name: str
    title: str
    key: str
    target: str

    def load(self) -> type[Pane]:
        """The pane's class."""
        module, name = self.target.split(":")
        found: type[Pane] = getattr(import_module(module), name)
        return found


PANES = (
    Place("demo", "Demo", "d", "studycli.tui.demo_pane:DemoPane"),
    Place("map", "Map", "m", "studycli.tui.map_pane:MapPane"),
    Place("source", "Source", "o", "studycli.tui.source_pane:SourcePane"),
    Place("notes", "Notes", "n", "studycli.tui.notes_pane:NotesPane"),
)
