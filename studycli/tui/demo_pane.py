"""The demo pane: the card's computation, live: its steps and cells, and what becomes of them when something is set."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from studycli.demos import explain
from studycli.demos.cells import Cell
from studycli.render.safe import one_line
from studycli.tui import demo_controls, demo_numbers, keymap
from studycli.tui.demo_sheet import DemoSheet
from studycli.tui.demo_stage import DemoStage

if TYPE_CHECKING:
    from studycli.model.trace import DemoResult
    from studycli.tui.desk import Desk

_LAST = sys.maxsize


class DemoPane(DemoStage, can_focus=False, inherit_bindings=False):
    """The keys of a demo: which step, row and cell is looked at, and what is set."""

    NAME = "demo"
    TITLE = "Demo"
    DEFAULT_CSS = "DemoPane { overflow: hidden; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "move(0, 1)", "Next step, or cell", show=False, id="demo-next"),
        Binding("left,h", "move(0, -1)", "Step before, or cell", show=False, id="demo-previous"),
        Binding("down,j", "move(1, 0)", "Next row", show=False, id="demo-down"),
        Binding("up,k", "move(-1, 0)", "Row before", show=False, id="demo-up"),
        Binding("home", "first", "First step", show=False, id="demo-first"),
        Binding("end", "last", "Last step", show=False, id="demo-last"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="demo-page-down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="demo-page-up"),
        Binding("enter", "enter", "Run; point at a cell", show=False, id="demo-enter"),
        Binding("w", "why", "Where the number comes from", show=False, id="demo-why"),
        Binding("a", "all", "All steps, or one", show=False, id="demo-all"),
        Binding("right_square_bracket", "place('layer', 1)", "Next layer", show=False, id="demo-layer-next"),
        Binding("left_square_bracket", "place('layer', -1)", "Layer before", show=False, id="demo-layer-previous"),
        Binding("full_stop", "place('head', 1)", "Next head", show=False, id="demo-head-next"),
        Binding("comma", "place('head', -1)", "Head before", show=False, id="demo-head-previous"),
        Binding("c", "choose", "Next setting", show=False, id="demo-setting"),
        Binding("plus,shift+right", "slide(1)", "More of it", show=False, id="demo-more"),
        Binding("minus,shift+left", "slide(-1)", "Less of it", show=False, id="demo-less"),
        Binding("equals_sign", "type_value", "Type its value", show=False, id="demo-value"),
        Binding("i", "type_text", "Type another text", show=False, id="demo-text"),
        Binding("z", "silence", "Silence the head", show=False, id="demo-silence"),
        Binding("r", "reset", "As the card has it", show=False, id="demo-reset"),
        Binding("escape", "back", "Back", show=False, id="demo-back"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._types_value = False

    # Steps, rows and cells.

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor; without one, go to another step or row, or scroll."""
        view = self.view
        if view is None or self.mode != "step":
            self.face.sheet.scroll_relative(y=down, animate=False)
        elif view.spot is not None:
            view.move_spot(down, right)
            self._show_marks()
        elif right:
            self._turn(view.index + right)
        elif view.move_row(down):
            self._show_marks()
        else:
            self.face.sheet.scroll_relative(y=down, animate=False)

    def action_first(self) -> None:
        """Go to the first step, or the top."""
        self._turn(0)

    def action_last(self) -> None:
        """Go to the last step, or the end."""
        self._turn(_LAST)

    def _turn(self, index: int) -> None:
        view = self.view
        if view is None or self.mode != "step":
            scroll = self.face.sheet.scroll_end if index == _LAST else self.face.sheet.scroll_home
            scroll(animate=False)
        elif view.go(index):
            self.say(view.change)
            self.show()

    def action_page(self, by: int) -> None:
        """Scroll by a page."""
        sheet = self.face.sheet
        sheet.scroll_relative(y=by * max(sheet.size.height - 1, 1), animate=False)

    def action_all(self) -> None:
        """Show all steps at once, or one again."""
        if self.view is not None:
            self.mode = "step" if self.mode == "all" else "all"
            self.say("")
            self.show()

    def action_enter(self) -> None:
        """Run the demo; then put a cursor on a cell; then say where its number comes from."""
        view = self.view
        if view is None:
            self.entered()
        elif self.mode == "step" and view.spot is None:
            if view.point():
                self.say("")
                self._show_marks()
            else:
                self.say("no cells to point at in this step")
        else:
            self.action_why()

    def action_why(self) -> None:
        """Say where the number under the cursor comes from."""
        view, setup = self.view, self.setup
        if view is None or setup is None or self.mode != "step":
            return
        cell = view.cell
        if cell is None:
            self.say(f"point at a cell first: {keymap.key(self, 'demo-enter')}")
        elif setup.silences:
            self.say("an edited number follows from no others: z lets the head be again")
        else:
            self.whole_run.ask(replace(setup.asked, whole=True), lambda whole: self._explain(whole, cell))

    def _explain(self, whole: DemoResult, cell: Cell) -> None:
        if self.view is not None and self.view.cell == cell:
            found = explain.explain(whole, demo_numbers.address(cell))
            self.mode = "why"
            self.say("")
            self.face.show_explanation(found)
            self.show_around()

    def _show_marks(self) -> None:
        if self.view is not None:
            self.face.show_marks(self.view)
            self.show_around()

    def on_demo_sheet_pointed(self, message: DemoSheet.Pointed) -> None:
        """Say what number the mouse points at; a click puts the cursor there."""
        view = self.view
        if view is None or self.mode != "step":
            return
        spot = view.page.spot(message.line, message.x) if message.line is not None else None
        if message.clicked and spot is not None:
            view.spot = spot
            self._show_marks()
        elif spot is not None and (cell := view.cell_at(spot)) is not None:
            self.face.say_numbers(demo_numbers.cell_words(cell, view.width))
        else:
            self.face.say_numbers(view.numbers())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape goes back where there is something to go back from; else it is the screen's."""
        if action == "back":
            pointed = self.view is not None and self.view.spot is not None
            return self.face.typing or self.mode != "step" or pointed
        return True

    def action_back(self) -> None:
        """Leave what is typed, the explanation, all steps, or the cursor: one at a time."""
        self.say("")
        if self.face.typing:
            self._stop_typing()
        elif self.mode != "step":
            self.mode = "step"
            self.show()
        elif self.view is not None:
            self.view.spot = None
            self._show_marks()

    # What is set.

    def action_place(self, axis: str, by: int) -> None:
        """Turn to another layer or head."""
        self.set_up(lambda setup: setup.move(axis, by))

    def action_choose(self) -> None:
        """Let the slider set another parameter."""
        self.set_up(lambda setup: setup.choose())

    def action_slide(self, by: int) -> None:
        """Move the slider."""
        self.set_up(lambda setup: setup.slide(by))

    def action_silence(self) -> None:
        """Silence the head that is looked at, or let it be again."""
        view, setup = self.view, self.setup
        if view is None or setup is None:
            return
        left_at, was_silent = view.name, setup.silences
        self.set_up(lambda setup: setup.silence())
        if setup.silences and not was_silent:
            self.left_at = left_at

    def action_reset(self) -> None:
        """Everything as the card has it."""
        self.face.stop_typing()
        if self.view is None or self.setup is None:
            self.entered()
        else:
            self.setup.reset()
            self.compute()
            self.show_around()

    def action_type_value(self) -> None:
        """Type the exact value of the parameter."""
        setup = self.setup
        if self.view is None or setup is None:
            return
        if setup.parameter is None:
            self.say("this demo has nothing to set")
            return
        self._types_value = True
        title = f"{setup.parameter.name}: {setup.parameter.allowed}"
        self.face.type(title, demo_controls.shown(setup.value), replaced=True)
        self.show_around()

    def action_type_text(self) -> None:
        """Type another text to compute on."""
        setup = self.setup
        if self.view is None or setup is None:
            return
        if setup.demo.reads == "no text":
            self.say("this demo reads no text")
            return
        self._types_value = False
        self.face.type("the text to compute on", one_line(setup.text), replaced=False)
        self.show_around()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Compute on the text as it is typed."""
        message.stop()
        setup = self.setup
        if self.face.typing and not self._types_value and setup is not None and message.value != one_line(setup.text):
            self.set_up(lambda setup: setup.read(message.value))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Take the value that was typed."""
        message.stop()
        if self._types_value:
            self.set_up(lambda setup: setup.type(message.value))
        self._stop_typing()

    def _stop_typing(self) -> None:
        self.face.stop_typing()
        self.show_around()
