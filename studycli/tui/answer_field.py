"""The field to type an answer in, before the card's own is shown."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from studycli.render.safe import one_line

LONGEST = 10_000
"""Characters of an answer. Each key would take longer with more, since the field draws all of them."""


class AnswerField(Input):
    """A line of text. While it has the focus it takes every key that writes something."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back to the question", show=False, id="answer-close"),
    ]

    class Given(Message):
        """The learner has typed the answer."""

    class Closed(Message):
        """The learner wants to leave the field."""

    class Cut(Message):
        """What was pasted did not fit in."""

    def __init__(self) -> None:
        super().__init__(placeholder="your answer", max_length=LONGEST, select_on_focus=False, id="answer-field")
        self.border_title = "type your answer"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Compare it."""
        event.stop()
        self.post_message(self.Given())

    def _on_paste(self, event: events.Paste) -> None:
        """Take all lines of what is pasted, without what a terminal would obey."""
        event.stop()
        event.prevent_default()
        room = LONGEST - len(self.value) + len(self.selected_text)
        text = one_line(event.text[: 2 * LONGEST])
        self.replace(text[:room], *self.selection)
        if len(event.text) > room:
            self.post_message(self.Cut())

    def action_close(self) -> None:
        """Leave the field; what was typed stays in it."""
        self.post_message(self.Closed())
