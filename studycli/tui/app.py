"""The workspace: a Textual app that shows a review with the panes beside it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from studycli.config import Settings
from studycli.errors import UsageError
from studycli.tui import keymap, themes
from studycli.tui.desk_screen import WIDE
from studycli.tui.review_screen import ReviewScreen

if TYPE_CHECKING:
    from textual.app import SystemCommand
    from textual.filter import LineFilter
    from textual.screen import Screen

    from studycli.store.glance import Glance
    from studycli.tui.desk import Desk
    from studycli.tui.engine_process import EngineProcess
    from studycli.tui.study import Study

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 5.0
"""So many seconds the end may take once the terminal is closed."""


@dataclass
class Opened:
    """What opening the collection gave: the review, what there is to tell, and `first`, a word to begin with."""

    study: Study
    told: list[str] = field(default_factory=list)
    first: str = ""

    def notice(self) -> str:
        """All of it in a short line; what was told is said in full at the end."""
        problems = self.study.collection.problems
        told = f"{len(self.told)} messages about your documents; they follow at the end"
        if not self.told:
            told = ""
        elif len(self.told) == 1:
            of_one = len(problems) == 1
            told = f"{Path(problems[0].path).name}: {problems[0].problem.message}" if of_one else self.told[0]
        return "; ".join(filter(None, [told, self.first]))


class Workspace(App[None]):
    """Opens the collection in a thread while the first card is read.

    After `run`, `study` is the review, None where it could not be opened; `error` is what ended the app; `ended_by` is
    the signal that did: SIGINT stands for Ctrl-C, which is a key here.
    """

    TITLE = "studycli"
    CSS_PATH = Path(__file__).parent / "workspace.tcss"
    COMMAND_PALETTE_BINDING = "colon"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+d", "leave", "Quit", id="quit"),
        Binding("ctrl+c", "interrupt", "Quit at once", show=False, priority=True, id="interrupt"),
        Binding("ctrl+z", "suspend_process", "To the shell; fg comes back", show=False, id="suspend-process"),
        Binding("colon", "command_palette", "Commands", show=False, id="palette"),
        Binding("question_mark", "help", "Help", id="help"),
    ]

    def __init__(
        self,
        open_study: Callable[[], Opened],
        first: Glance | None = None,
        settings: Settings | None = None,
        *,
        preload: bool = True,
    ) -> None:
        """`open_study` opens the collection and makes the review; `first` is the question that it will ask first.

        Of the settings, the theme, the grading and the keys count here. Without `preload`, the engine starts when it is
        first asked for something. Raises UsageError for a theme that there isn't; keys that cannot be are the app's
        `error`.
        """
        self.settings = settings = settings or Settings()
        colorless = "NO_COLOR" in os.environ  # the app takes this out of the environment
        super().__init__()
        for theme in themes.OWN:
            self.register_theme(theme)
        self.theme = themes.NO_COLOR.name if colorless else self._known_theme(settings)
        self.set_keymap(settings.keys)
        self.study: Study | None = None
        self.desk: Desk | None = None
        self.error: BaseException | None = None
        self.ended_by: signal.Signals | None = None
        self.told: list[str] = []
        self._open_study = open_study
        self._preload = preload
        self.review = ReviewScreen(first)

    def get_default_screen(self) -> Screen[None]:
        """The review: a screen below it would be laid out and painted first, for nothing."""
        return self.review

    def on_mount(self) -> None:
        """Open the collection once the first question is painted."""
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            loop.add_signal_handler(number, self._end_by, number)
        self.app_resume_signal.subscribe(self, self._repaint, immediate=True)
        self.call_after_refresh(self._begin)

    def _repaint(self, _: App[object]) -> None:
        """The shell has written over everything."""
        self.screen.refresh(layout=True)

    def _begin(self) -> None:
        self.run_worker(self._open, thread=True, exit_on_error=False, name="opening")

    def _open(self) -> None:
        try:
            keymap.check(self.settings)
            opened = self._open_study()
        except BaseException as error:
            self.call_from_thread(self._failed, error)
        else:
            if self._exit:
                opened.study.collection.close()  # the learner left meanwhile
            else:
                self.call_from_thread(self.call_later, self._opened, opened)

    def _failed(self, error: BaseException) -> None:
        self.error = error
        self.exit()

    def _handle_exception(self, error: Exception) -> None:
        """End the app with what went wrong in it: the command says it, once the terminal is as it was."""
        if self.error is None:
            self._failed(error)

    async def _opened(self, opened: Opened) -> None:
        from studycli.tui.desk import Desk

        self.told = opened.told
        self.study = opened.study
        if not opened.study.has_next:
            self.exit()
            return
        self.desk = Desk(opened.study, self._new_engine())
        await self.review.begin(self.desk, opened.notice())

    def say(self, message: str) -> None:
        """Say something that belongs to no card: in the line of the review, if that is shown."""
        if self.screen is self.review:
            self.review.tell(message)
        else:
            self.notify(message, markup=False)

    def _new_engine(self) -> EngineProcess:
        from studycli.tui.engine_process import EngineProcess

        engine = EngineProcess()
        if self._preload:
            engine.start()
        return engine

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and the one that takes colour away."""
        filters = super().get_line_filters()
        colorless = self.no_color or self.theme == themes.NO_COLOR.name
        return [*filters, themes.COLORLESS] if colorless else filters

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette finds."""
        from studycli.tui import commands

        return commands.of(self, screen)

    def _known_theme(self, settings: Settings) -> str:
        if settings.theme not in self.available_themes:
            raise UsageError(
                f"there is no theme '{settings.theme}'",
                where=(settings.origins or {}).get("theme"),
                hint=f"the themes are {', '.join(sorted(self.available_themes))}",
            )
        return settings.theme

    async def on_unmount(self) -> None:
        """Stop the engine."""
        if self.desk is not None:
            await self.desk.engine.close()

    def action_help(self) -> None:
        """Show every key that means something here."""
        from studycli.tui import commands
        from studycli.tui.help_screen import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen.active_bindings, commands.without(self.settings.grading)))

    def action_suspend_process(self) -> None:
        """Stop the program for a while; a page in a browser has no shell behind it."""
        if self.is_web:
            self.say("a page in a browser has no shell to go to")
        else:
            super().action_suspend_process()

    def action_leave(self) -> None:
        """End the session, once the last grade is stored."""
        self.review.leave(self.exit)

    def action_interrupt(self) -> None:
        """End it by Ctrl-C; where a part of a text field is selected, copy that instead."""
        from textual.widgets import Input, TextArea

        if isinstance(self.focused, (Input, TextArea)) and self.focused.selected_text:
            self.focused.action_copy()
        else:
            self._end_by(signal.SIGINT)

    def _end_by(self, number: signal.Signals) -> None:
        self.ended_by = number
        if number is signal.SIGHUP:
            # Writing to a terminal that is gone may wait forever, whatever is asked of this thread meanwhile.
            end = threading.Timer(_PATIENCE, os._exit, [128 + number])
            end.daemon = True
            end.start()
        self.review.leave(self.exit)
