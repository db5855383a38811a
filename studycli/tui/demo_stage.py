"""The stage of the demo pane: a card's demo as it was set up, computed and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from textual.widget import Widget

from studycli.errors import StudyError, UsageError
from studycli.tui.demo_drawing import Drawn
from studycli.tui.demo_face import DemoFace
from studycli.tui.demo_plan import DemoPlan
from studycli.tui.demo_run import DemoRun
from studycli.tui.demo_setup import DemoSetup
from studycli.tui.demo_sheet import DemoSheet
from studycli.tui.demo_view import DemoView
from studycli.tui.pane import Pane

if TYPE_CHECKING:
    from studycli.demos.request import DemoRequest
    from studycli.model.review import StudyCard
    from studycli.model.trace import DemoResult
    from studycli.tui.desk import Desk


class DemoStage(Pane, can_focus=False, inherit_bindings=False):
    """Shows a card's demo once the answer is revealed, or the learner asks for it.

    A new setting is computed while the picture before it stays; what cannot be computed is said below it. `mode` says
    what the sheet shows: one step, all of them, or where the number under the cursor comes from.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._card: StudyCard | None = None
        self._standing: tuple[object, ...] = ()
        self._wanted = False
        self._plan: DemoPlan | None = None
        self.setup: DemoSetup | None = None
        self.view: DemoView | None = None
        self.mode = "step"
        self._has_failed = False
        self.left_at = ""
        self._drawn_of: DemoRequest | None = None
        self._run = DemoRun(self, desk.engine, self.tell, self.say, "demo")
        self.whole_run = DemoRun(self, desk.engine, self.tell, self.say, "demo-whole")

    def compose(self) -> Iterator[Widget]:
        """The picture with its lines around."""
        yield DemoFace()

    @property
    def face(self) -> DemoFace:
        """What shows it."""
        return self.query_one(DemoFace)

    @property
    def focus_target(self) -> Widget:
        """The picture."""
        return self.query_one(DemoSheet)

    def entered(self) -> None:
        """Run the demo: the learner asked for it."""
        self._wanted = True
        self._begin()

    def show_card(self, card: StudyCard, revealed: bool) -> None:
        """Offer a card's demo, and once the answer is shown run it."""
        question = self.desk.study.question
        position = question.position if question is not None else 0
        standing = (card.id, card.card.demo, card.card.concept, card.card.front, position)
        if standing != self._standing:
            self._standing, self._card, self._wanted = standing, card, False
            self._forget()
            self.run_worker(self._make_plan(card), group="demo-plan", exclusive=True)
        if revealed and not self._wanted:
            self.entered()

    def _forget(self) -> None:
        """Begin anew with another card."""
        self._plan = self.setup = self.view = None
        self._has_failed = False
        self.mode, self.left_at = "step", ""
        self._run.stop()
        self.whole_run.stop()
        self.face.stop_typing()
        self.say("")
        self.show()
        assert self._card is not None
        if (plan := self.desk.demos.known(self._card.card)) is not None:
            self._planned(plan)

    async def _make_plan(self, card: StudyCard) -> None:
        if self._plan is not None:
            return
        try:
            plan = await self.desk.demos.plan(card.card)
        except StudyError as error:
            self._has_failed = True
            self.show()
            self.tell(error)
        else:
            self._planned(plan)

    def _planned(self, plan: DemoPlan) -> None:
        self._plan, self.setup = plan, DemoSetup(plan)
        self.show()
        if self._wanted:
            self._begin()

    def _begin(self) -> None:
        """Run the demo, unless it is there."""
        if self.setup is not None and self.view is None:
            self.compute()
            if self.view is None:  # a known result is there at once
                self.show()

    def compute(self) -> None:
        """Compute what is set up, and show it once it is there."""
        if self.setup is not None:
            asked = self.setup.asked
            self._run.ask(asked, lambda result: self._computed(result, asked))

    def _computed(self, result: DemoResult, asked: DemoRequest) -> None:
        """Show a result in the place of the one before."""
        setup, before = self.setup, self.view
        if setup is None:
            return
        setup.learn(result)
        view = DemoView(Drawn(result), self.face.sheet.room, self.face.lines)
        if before is not None:
            view.follow(before)
        if self.left_at and not setup.silences:
            view.go_to(self.left_at)
            self.left_at = ""
        self.view, self.mode = view, "step" if self.mode == "why" else self.mode
        if before is not None and _places(self._drawn_of) == _places(asked):
            view.compare(before)
        self.say(view.change)
        self._drawn_of = asked
        self.show(keep_place=before is not None and before.name == view.name)

    def show(self, *, keep_place: bool = False) -> None:
        """Show everything as it stands, once there is a place for it."""
        if not self.face.sheet.room:
            return
        if self.view is None:
            card = self._card.card if self._card is not None and not self._has_failed else None
            self.face.offer(self._plan, card, running=self._wanted)
        elif self.mode == "all":
            self.run_worker(self.face.show_all(self.view), group="demo-all", exclusive=True)
        elif self.mode == "step":
            self.face.show_step(self.view, keep_place=keep_place)
        self.show_around()

    def show_around(self) -> None:
        """Show what stands around the picture."""
        self.face.show_around(self._plan, self.setup, self.view, self.mode)

    def say(self, message: str) -> None:
        """Say what happens, or what came of it."""
        self.face.say(message)

    def tell(self, error: StudyError) -> None:
        """Say what went wrong; what is shown stays."""
        self.face.tell(error)

    def on_demo_sheet_resized(self) -> None:
        """Draw for other room."""
        view, width = self.view, self.face.sheet.room
        if view is not None:
            is_wider = width != view.width
            is_other = view.resize(width, self.face.lines)
            if not is_wider and not (is_other and self.mode == "step"):
                return
            self.mode = "step" if self.mode == "why" else self.mode
        self.show(keep_place=True)

    def set_up(self, change: Callable[[DemoSetup], None]) -> None:
        """Change the setup and compute anew; what may not be is said."""
        if self.setup is None or self.view is None:
            return
        before = self.setup.asked
        try:
            change(self.setup)
        except UsageError as error:
            self.tell(error)
            return
        self.show_around()
        if self.setup.asked != before:
            self.compute()


def _places(request: DemoRequest | None) -> tuple[int | None, int | None] | None:
    """The layer and the head that a request picks out."""
    return (request.layer, request.head) if request is not None else None
