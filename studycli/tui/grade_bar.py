"""The grade bar: what to press now, the grades with the intervals they lead to, and one quiet message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import Static

from studycli.render.safe import one_line
from studycli.review import wording
from studycli.scheduler import grades
from studycli.tui import keymap

if TYPE_CHECKING:
    from textual import events

    from studycli.tui.study import Study

_ANSWER = "answer"
_APART = 3


@dataclass(frozen=True)
class _Button:
    """A key and what it does; a click on it gives `choice`, a quality or the answer."""

    text: str
    choice: int | str

    @property
    def content(self) -> Content:
        key, _, rest = self.text.partition(" ")
        clickable = Style.from_meta({"choice": self.choice})
        return Content.assemble((key, "bold"), f" {rest}" if rest else "").stylize(clickable)


class GradeBar(Static):
    """Below the card. The message stands at the right of the keys, or above them where it has no room there."""

    ALLOW_SELECT = False

    class Chosen(Message):
        """The learner clicked a grade; None shows the answer."""

        def __init__(self, quality: int | None) -> None:
            super().__init__()
            self.quality = quality

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._forms: list[list[_Button]] = []
        self._waiting: str | None = ""
        self._message = ""
        self._urgent = False

    @property
    def message(self) -> str:
        """What is said."""
        return self._message

    def on_mount(self) -> None:
        """Say that nothing can be pressed yet."""
        self._draw()

    def on_resize(self) -> None:
        """Use the new width."""
        self._draw()

    def offer_answer(self) -> None:
        """Say how to see the answer."""
        self._forms, self._waiting = [[_Button(f"{keymap.key(self, 'reveal')} shows the answer", _ANSWER)]], None
        self._draw()

    def wait(self, message: str) -> None:
        """Say what is being waited for."""
        self._forms, self._waiting = [], message
        self._draw()

    def offer_grades(self, study: Study) -> None:
        """Show the grades. A quiet message goes, since it was about the card before."""
        assert study.question is not None
        choices, repeat = study.choices(), study.question.repeat
        qualities = [quality for _, quality in grades.keys(study.grading).values()]
        self._forms = [
            [
                _Button(text, quality)
                for text, quality in zip(
                    wording.buttons(study.grading, choices, repeat=repeat, short=short), qualities, strict=True
                )
            ]
            for short in (False, True)
        ]
        self._waiting = None
        self._draw()

    def say(self, message: str, *, urgent: bool = False) -> None:
        """Say something until something else is said; nothing with ''."""
        self._message, self._urgent = one_line(message), urgent
        self._draw()

    def calm(self) -> None:
        """Take a message away that is not urgent."""
        if not self._urgent:
            self.say("")

    def on_click(self, event: events.Click) -> None:
        """Do what stands where the click was."""
        choice = event.style.meta.get("choice")
        if choice is not None:
            event.stop()
            self.post_message(self.Chosen(None if choice == _ANSWER else choice))

    def _draw(self) -> None:
        width = self.content_size.width
        if width:
            self.update(Content("\n").join(self._lines(width)))

    def _lines(self, width: int) -> list[Content]:
        rows = [Content(self._waiting)] if self._waiting is not None else _rows(self._forms, width)
        if not self._message:
            return rows
        said = Content.styled(self._message, "$text-warning bold" if self._urgent else "$text-muted")
        room = width - rows[-1].cell_length - _APART
        if said.cell_length > room:
            return [said, *rows]
        rows[-1] = Content.assemble(rows[-1], " " * (width - rows[-1].cell_length - said.cell_length), said)
        return rows


def _rows(forms: Sequence[Sequence[_Button]], width: int) -> list[Content]:
    """The first form that fits on one line, however close; else the shortest on several."""
    for form in forms:
        for apart in (_APART, 2):
            line = Content(" " * apart).join([button.content for button in form])
            if line.cell_length <= width:
                return [line]
    rows: list[Content] = []
    for button in forms[-1]:
        longer = Content.assemble(rows[-1], "  ", button.content) if rows else button.content
        if rows and longer.cell_length <= width:
            rows[-1] = longer
        else:
            rows.append(button.content)
    return rows
