"""The field that a note is written in."""

from __future__ import annotations

from textual import events
from textual.widgets import TextArea

from studycli.render.safe import clean


class NotesField(TextArea):
    """A text area with soft wrap and no frame; what leaves it is the pane's business."""

    DEFAULT_CSS = """
    NotesField { border: none; padding: 0; height: 1fr; display: none; }
    NotesField:focus { border: none; }
    """

    def __init__(self) -> None:
        super().__init__(id="notes-field", placeholder="Markdown. It is saved as you write.")

    def open(self, text: str) -> None:
        """Show a text, the cursor at its end."""
        self.load_text(_harmless(text))
        self.move_cursor(self.document.end)

    def append(self, text: str) -> None:
        """Add to the end of the text; the cursor stays where it is."""
        selection = self.selection
        self.insert(_harmless(text), self.document.end)
        self.selection = selection

    def on_paste(self, event: events.Paste) -> None:
        """Take what a terminal would obey out of the text before it comes in."""
        event.text = _harmless(event.text)


def _harmless(text: str) -> str:
    """The text without control characters, its tabs kept."""
    return "\t".join(map(clean, text.split("\t")))
