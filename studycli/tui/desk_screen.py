"""The desk: the layout of a review, the card with the pane beside it, and the way between the two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widget import Widget

from studycli.tui.card_pane import CardPane
from studycli.tui.grade_bar import GradeBar
from studycli.tui.heading import Heading
from studycli.tui.key_line import KeyLine
from studycli.tui.panes import PANES
from studycli.tui.side import Side, Tab, Tabs

if TYPE_CHECKING:
    from textual.app import App

    from studycli.tui.desk import Desk
    from studycli.tui.study import Study

WIDE = 120
"""From so many columns on, a pane stands beside the card."""


class DeskScreen(Screen[None]):
    """What a review is shown on. Time counts while the learner is at the card, and nowhere else."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(place.key, f"pane({place.name!r})", place.title, show=False, id=place.name) for place in PANES),
        Binding("escape", "card", "Card", show=False, id="card"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.desk: Desk | None = None
        self.looking_at = "card"
        self._is_stopped = False

    def compose(self) -> Iterator[Widget]:
        """Heading, card and side, grades, keys."""
        yield Heading(markup=False)
        yield Tabs()
        with Horizontal(id="desk"):
            yield CardPane()
            yield Side()
        yield GradeBar()
        yield KeyLine()

    def on_mount(self) -> None:
        """Hear of it when the whole program is stopped by Ctrl-Z, before that happens."""
        self.query_one(Tabs).mark("card")
        self.app.app_suspend_signal.subscribe(self, self._stopped, immediate=True)
        self.app.app_resume_signal.subscribe(self, self._continued, immediate=True)

    @property
    def study(self) -> Study | None:
        """The review, once the collection is open."""
        return self.desk.study if self.desk is not None else None

    def tell(self, message: str, *, urgent: bool = False) -> None:
        """Say something in the line of the grades, until the next step; '' takes it away. Nothing once it is left."""
        if self.is_attached:
            self.query_one(GradeBar).say(message, urgent=urgent)

    async def action_pane(self, name: str) -> None:
        """Turn to a pane; from that pane, back to the card."""
        study = self.study
        if study is None or study.question is None or self.desk is None:
            return
        if self.looking_at == name:
            self.action_card()
            return
        self.looking_at = name
        self.keep_time()
        self.add_class("-beside")
        self.query_one(Tabs).mark(name)
        pane = await self.query_one(Side).turn_to(name, self.desk, study.question.card, study.revealed)
        pane.focus_target.focus()
        pane.entered()

    def action_card(self) -> None:
        """Turn back to the card."""
        self.looking_at = "card"
        self.keep_time()
        self.remove_class("-beside")
        side = self.query_one(Side).current
        wide = self.app.size.width >= WIDE and side is not None
        self.query_one(Tabs).mark(side if wide and side is not None else "card")
        self.query_one(CardPane).focus_target.focus()

    async def on_tab_chosen(self, message: Tab.Chosen) -> None:
        """A click on a tab."""
        if message.pane == "card":
            self.action_card()
        elif self.looking_at != message.pane:
            await self.action_pane(message.pane)

    async def show_side(self) -> None:
        """Where there is room, begin with a pane beside the card; else have it ready, for a key to show at once."""
        study, side = self.study, self.query_one(Side)
        if self.desk is None or study is None or study.question is None:
            return
        if self.app.size.width >= WIDE:
            await side.turn_to("demo", self.desk, study.question.card, study.revealed)
            self.action_card()
        elif self.desk.engine.state != "idle":
            self.call_after_refresh(self._get_ready, side, self.desk)

    def _get_ready(self, side: Side, desk: Desk) -> None:
        self.run_worker(side.prepare("demo", desk), group="ready")

    def turn_pane(self) -> None:
        """Let the pane that is displayed show what belongs to the standing card."""
        study, pane = self.study, self.query_one(Side).pane
        if pane is not None and study is not None and study.question is not None:
            pane.turn_to(study.question.card, study.revealed)

    def action_browse(self) -> None:
        """Search the cards, notes and concepts."""
        from studycli.tui.browse_screen import BrowseScreen

        if self.desk is not None:
            self.app.push_screen(BrowseScreen(self.desk))

    def action_statistics(self) -> None:
        """Show how the learning goes."""
        from studycli.tui.stats_screen import StatsScreen

        if self.desk is not None:
            self.app.push_screen(StatsScreen(self.desk))

    @property
    def has_learner(self) -> bool:
        """Whether the learner is at the card, as far as can be told."""
        return self.is_active and self.looking_at == "card" and not self._is_stopped

    def keep_time(self) -> None:
        """Let the time go on or stand still, as the learner is at the card or elsewhere."""
        if self.study is not None:
            if self.has_learner:
                self.study.resume()
            else:
                self.study.pause()

    def on_screen_suspend(self) -> None:
        """Another screen is on top."""
        if self.study is not None:
            self.study.pause()

    async def on_screen_resume(self) -> None:
        """It is gone."""
        self.keep_time()

    def _stopped(self, _: App[object]) -> None:
        self._is_stopped = True
        self.keep_time()

    def _continued(self, _: App[object]) -> None:
        self._is_stopped = False
        self.keep_time()
