"""The face of the demo pane: its picture, and the lines around it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from studycli.render import explanation as explained
from studycli.render.safe import one_line
from studycli.tui import demo_words, keymap
from studycli.tui.demo_drawing import lines, together
from studycli.tui.demo_sheet import DemoSheet

if TYPE_CHECKING:
    from studycli.errors import StudyError
    from studycli.model.card import Card
    from studycli.model.explanation import Explanation
    from studycli.tui.demo_plan import DemoPlan
    from studycli.tui.demo_setup import DemoSetup
    from studycli.tui.demo_view import DemoView


_RESERVED = 4
"""So many lines are kept for the numbers and the keys, so that the picture stays where it is when they change."""


class DemoFace(Vertical):
    """Shows what it is told to; the pane decides what."""

    DEFAULT_CSS = """
    DemoFace { overflow: hidden; }
    DemoFace > Static { height: auto; }
    DemoFace #demo-head { max-height: 4; }
    DemoFace #demo-bar { height: 1; }
    DemoFace #demo-numbers { max-height: 6; }
    DemoFace #demo-message { max-height: 4; color: $text-warning; }
    DemoFace #demo-keys { color: $text-muted; max-height: 3; }
    DemoFace Input { display: none; height: 3; }
    DemoFace.-typing Input { display: block; }
    """

    def compose(self) -> Iterator[Widget]:
        """What it is, the steps' names, the picture, its numbers, the controls, and what to press."""
        yield Static(id="demo-head", markup=False)
        yield Static(id="demo-bar", markup=False)
        yield DemoSheet()
        yield Static(id="demo-numbers", markup=False)
        yield Static(id="demo-controls", markup=False)
        yield Input(id="demo-input", select_on_focus=False)
        yield Static(id="demo-message", markup=False)
        yield Static(id="demo-keys", markup=False)

    @property
    def sheet(self) -> DemoSheet:
        """The picture."""
        return self.query_one(DemoSheet)

    @property
    def lines(self) -> int:
        """How many lines a picture has room for, whatever is said below it."""
        fixed = [self.query_one(f"#demo-{name}") for name in ("head", "bar", "controls")]
        taken = sum(part.outer_size.height for part in fixed if part.display)
        return max(self.size.height - taken - _RESERVED, 0)

    @property
    def typing(self) -> bool:
        """Whether a text or a value is being typed."""
        return self.has_class("-typing")

    def offer(self, plan: DemoPlan | None, card: Card | None, *, running: bool) -> None:
        """Show what could be computed."""
        self.sheet.show(lines(demo_words.offer(plan, card, self._key, running=running), self.sheet.room))

    def show_step(self, view: DemoView, *, keep_place: bool = False) -> None:
        """Show the step that is looked at."""
        self.sheet.show(view.page.lines, keep_place=keep_place)
        self.show_marks(view)

    def show_marks(self, view: DemoView) -> None:
        """Mark what is looked at in the step, and bring it in sight."""
        if not self.sheet.shows(view.page.lines):
            self.sheet.show(view.page.lines, keep_place=True)
        marks = view.marks()
        self.sheet.mark(marks)
        if marks:
            self.sheet.reveal(marks[0])

    async def show_all(self, view: DemoView) -> None:
        """Show all steps below each other. They are drawn one a turn, so that no key waits for all of them."""
        pages = []
        for index in range(len(view.drawn.names)):
            pages.append(view.drawn.page(index, view.width))
            await asyncio.sleep(0)
        self.sheet.show(together(pages).lines)

    def show_explanation(self, explanation: Explanation) -> None:
        """Show where a number comes from."""
        alone = explanation.model_copy(update={"onward": ()})
        self.sheet.show(lines([explained.render(alone)], self.sheet.room))

    def show_around(self, plan: DemoPlan | None, setup: DemoSetup | None, view: DemoView | None, mode: str) -> None:
        """Show the lines around the picture."""
        width, by_step = self.sheet.room, view is not None and mode == "step"
        captions = {"all": "all steps", "why": "where the number comes from"}
        self._put("#demo-head", demo_words.head(plan, view.drawn.result) if view is not None else Text())
        self._put("#demo-bar", view.bar(width) if view is not None and by_step else Text(captions.get(mode, ""), "dim"))
        self.say_numbers(view.numbers() if view is not None and by_step else Text())
        self._put("#demo-controls", setup.controls(width) if view is not None and setup is not None else Text())
        self._put("#demo-keys", demo_words.keys(setup, view, "type" if self.typing else mode, width, self._key))

    def _key(self, name: str) -> str:
        return keymap.key(self, name)

    def say_numbers(self, numbers: Text) -> None:
        """Say which numbers are looked at."""
        self._put("#demo-numbers", numbers)

    def say(self, message: str) -> None:
        """Say what happens, or what came of it."""
        self._put("#demo-message", Text(one_line(message)))

    def tell(self, error: StudyError) -> None:
        """Say what went wrong; what is shown stays."""
        self._put("#demo-message", demo_words.problem(error))

    def type(self, what: str, text: str, *, replaced: bool) -> None:
        """Let the learner type; `replaced` says that the first key takes the place of the text."""
        field = self.query_one(Input)
        field.border_title = what
        field.value = text
        field.selection = Selection(0, len(text)) if replaced else Selection.cursor(len(text))
        self.add_class("-typing")
        field.focus()

    def stop_typing(self) -> None:
        """Turn back to the picture."""
        if self.typing:
            focused = self.query_one(Input).has_focus
            self.remove_class("-typing")
            if focused:
                self.sheet.focus()

    def _put(self, where: str, text: Text) -> None:
        line = self.query_one(where, Static)
        line.update(text)
        line.display = bool(text)
