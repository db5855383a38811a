"""The end of a session: what was done, learned and weak, what comes tomorrow, and what can be done next."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from studycli.errors import StudyError
from studycli.render.safe import one_line
from studycli.review import wording
from studycli.tui import keymap
from studycli.tui.key_line import KeyLine

if TYPE_CHECKING:
    from studycli.review.session import Session
    from studycli.tui.study import Study

Choice = Literal["undo"]


class EndScreen(Screen["Choice | Session"]):
    """Shown when nothing is left to ask. Gives the session to go on with, or 'undo'."""

    DEFAULT_CSS = """
    EndScreen { align: center middle; }
    #end { width: auto; max-width: 90%; height: auto; max-height: 1fr; padding: 1 2; }
    #end Static { width: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "app.leave", "Leave", id="end-leave"),
        Binding("u", "undo", "Undo", id="undo"),
        Binding("r", "go_on", "Go on", id="go-on"),
    ]

    def __init__(self, study: Study, said: str = "") -> None:
        """`said` is what came of the last step."""
        super().__init__()
        self._study = study
        self._said = said
        self._more: Session | None = None

    def compose(self) -> ComposeResult:
        """The account, and below it what can be done."""
        with VerticalScroll(id="end"):
            yield Static(id="end-said", markup=False)
            yield Static(id="end-account", markup=False)
            yield Static(id="end-more", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Show what is known, and look for what is left."""
        study = self._study
        account = wording.account(study.summary(), study.today, study.grading)
        self.query_one("#end-said", Static).update(Text(f"{one_line(self._said)}\n" if self._said else "", "dim"))
        lines = [Text(one_line(line) if not line.startswith(" ") else f"  {one_line(line)}") for line in account]
        self.query_one("#end-account", Static).update(Text("\n").join([Text("That was all.\n", "bold"), *lines]))
        self.run_worker(self._look, thread=True)

    def action_undo(self) -> None:
        """Go back to the last card."""
        self.dismiss("undo")

    def action_go_on(self) -> None:
        """Go on with what is left today."""
        if self._more is not None:
            self.dismiss(self._more)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """To go on there must be something left."""
        return action != "go_on" or self._more is not None

    def _look(self) -> None:
        try:
            more = self._study.more()
        except StudyError:
            return  # whoever leaves is told what is left, or why that can't be said
        self.app.call_from_thread(self._found, more)

    def _found(self, more: Session | None) -> None:
        question = more.next() if more is not None else None
        if question is None:
            return
        self._more = more
        left = wording.left_today(question.remaining.total)
        self.query_one("#end-more", Static).update(
            Text.assemble(f"{left}; ", (keymap.key(self, "go-on"), "bold"), " goes on")
        )
        self.refresh_bindings()
