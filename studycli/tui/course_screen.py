"""The course of a review: asks one card after the other, and takes one step at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

from studycli.errors import StoreError, StudyError
from studycli.review import wording
from studycli.tui import keymap
from studycli.tui.breaks import Breaks
from studycli.tui.card_pane import CardPane
from studycli.tui.desk_screen import DeskScreen
from studycli.tui.grade_bar import GradeBar
from studycli.tui.heading import Facts, Heading
from studycli.tui.side import Tabs
from studycli.tui.writes import Writes

if TYPE_CHECKING:
    from studycli.model.review import StudyCard
    from studycli.review.session import Session
    from studycli.tui.editing import Edited, Editing
    from studycli.tui.study import Study

PATIENCE = 0.2
"""A step is waited for so many seconds before the keys are listened to again, to leave for instance."""

COMPUTING = "computing the answer …"
_WAITING = "waiting for the database …"
_LEAVING = f"{_WAITING} q again leaves at once"
_LEFT = "the last step was still waiting for the database, so it may not be kept"
_FLAGGED = "⚑ flagged"


class CourseScreen(DeskScreen):
    """What happens to the standing card. The database is asked in threads, so that it may be slow or locked."""

    def __init__(self) -> None:
        super().__init__()
        self.is_stalled = False
        self._steps: asyncio.Task[None] | None = None
        self._gives_way = False
        self._answer: asyncio.Task[StudyCard] | None = None
        self._breaks: Breaks | None = None
        self._editing: Editing | None = None
        self._late_end: str | None = None
        self._writes = Writes()
        self._is_leaving = False

    @property
    def is_busy(self) -> bool:
        """Whether a step is being taken."""
        return self._steps is not None

    @property
    def is_settled(self) -> bool:
        """Whether the standing question stays the one it is; its answer may still be on the way."""
        return self._steps is None or self._gives_way

    @property
    def has_learner(self) -> bool:
        """Whether the learner is at the card, and not waiting."""
        return super().has_learner and not self.is_busy

    async def take(self, course: Coroutine[Any, Any, object], waiting: str = _WAITING, gives_way: bool = False) -> None:
        """Take one step, and no other meanwhile; one that takes long goes on while keys are listened to.

        `gives_way`: another step may end it.
        """
        if self._steps is not None:
            if not self._gives_way:
                course.close()
                return
            self._steps.cancel()
        self._gives_way = gives_way
        self._steps = steps = asyncio.create_task(self._guarded(course))
        self.keep_time()
        await asyncio.wait({steps}, timeout=PATIENCE)
        if self._steps is steps and self.is_attached:
            self.query_one(GradeBar).wait(_LEAVING if self._is_leaving else waiting)

    def leave(self, then: Callable[[], None]) -> None:
        """Call `then` once what is being written is written; at once where this is asked a second time."""
        study = self.study
        if study is None or not self._writes.is_under_way:
            then()
        elif self._is_leaving:
            study.refused = StoreError(_LEFT, hint="the next review asks the card again if it is not")
            then()
        else:
            self._is_leaving = True
            self.query_one(GradeBar).wait(_LEAVING)
            if not self.is_active:
                self.app.notify(_LEAVING, markup=False)
            self._writes.when_done(then)

    async def _guarded(self, course: Coroutine[Any, Any, object]) -> None:
        try:
            await course
        except Exception as error:
            # What nobody expected ends the review as if a key had raised it. Once it is left, nothing can be shown.
            if self.is_attached:
                self.app._handle_exception(error)
        finally:
            if self._steps is asyncio.current_task():
                self._steps = None
                self.keep_time()

    async def step(self, work: Callable[[], str], refusal: str) -> None:
        """Do something that leads to the next question. What the database refuses is said, and the question stands."""
        if (study := self.study) is not None and study.question is not None:
            await self.take(self._stepped(work, refusal))

    async def _stepped(self, work: Callable[[], str], refusal: str) -> None:
        try:
            said = await self._writes.do(work)
        except StoreError as error:
            self.refuse(f"{refusal}: {error.message}", error.hint)
            return
        await self.ask(said)

    async def on_screen_resume(self) -> None:
        """The learner comes back from another screen, where the standing card may have been set aside."""
        study, said = self.study, self._late_end
        if study is not None and said is not None:
            self._late_end = None
            self._end(study, said)
        elif study is not None and study.question is not None and not self.is_busy:
            await self._look_again(study)

    async def _look_again(self, study: Study) -> bool:
        """Take in what was done to the card elsewhere; whether the question still stands.

        One row is read, here and at once, so that no key that comes meanwhile finds the review busy.
        """
        assert study.question is not None
        shown = study.question.card.card
        try:
            changed = study.look_again()
        except StoreError as error:
            self.refuse(f"the card cannot be read: {error.message}", error.hint)
            return False
        if changed is not None:
            await self.ask(changed)
        elif study.question.card.card != shown:
            self._show_question(study, "the card has a new text")
        else:
            self.show_facts()
        return changed is None

    def refuse(self, message: str, hint: str | None) -> None:
        """Say why something was not done; the question stands as it was."""
        self.tell(f"{message} ({hint})" if hint else message, urgent=True)
        if self.is_attached:
            self._offer()

    async def ask(self, said: str = "") -> None:
        """Show the next question, or the end; `said` is what came of the step before."""
        study = self.study
        assert study is not None
        try:
            changed = await asyncio.to_thread(study.ask)
        except StoreError as error:
            self.is_stalled = True
            self.tell("; ".join(filter(None, [said, f"the next card cannot be read: {error.message}"])), urgent=True)
            again, leave = keymap.key(self, "reveal"), keymap.key(self, "quit")
            self.query_one(GradeBar).wait(f"{again} tries again, {leave} leaves")
            return
        self.is_stalled = False
        said = "; ".join(filter(None, [said, changed]))
        if study.question is None:
            self._end(study, said)
            return
        self._breaks = self._breaks or Breaks(study.collection.settings.break_minutes)
        self._show_question(study, " · ".join(filter(None, [said, self._breaks.hint(study.active_seconds)])))
        if study.collection.settings.typed_answers and not study.revealed:
            await self.type_answer()

    def _show_question(self, study: Study, said: str) -> None:
        assert study.question is not None
        self._compute(study)
        card = study.question.card.card
        self.query_one(CardPane).ask(card.front, card.cloze, card.variant)
        if study.revealed:
            self._show_answer(study)
        self._offer()
        self.tell(said)
        self.show_facts()
        self.action_card()
        self.turn_pane()
        if self.desk is not None:
            self.query_one(Tabs).look_for_notes(self.desk, study.question.card)
            self.desk.demos.prepare(study.question.card.card)

    async def type_answer(self) -> None:
        """Open the field to type an answer in."""
        if refusal := await self.query_one(CardPane).type_answer():
            self.tell(refusal)
        else:
            field = self.query_one(CardPane).focus_target
            self.query_one(GradeBar).wait(
                f"enter compares your answer, {keymap.key(field, 'answer-close')} closes the field"
            )

    def on_answer_field_closed(self) -> None:
        """Say again what can be pressed."""
        self._offer()

    def _show_answer(self, study: Study) -> None:
        assert study.question is not None
        self.query_one(CardPane).reveal(study.question.card)

    def show_facts(self) -> None:
        """Say which card it is, and how far the session."""
        study = self.study
        if study is None or study.question is None:
            return
        from studycli.render.card import facts, place

        question = study.question
        kind = kind_of(facts(question.card), question.card.flagged)
        done = wording.course(question, study.active_seconds)
        self.query_one(Heading).show(Facts(place(question.card), kind, wording.progress(question.remaining), done))

    def _offer(self) -> None:
        """Say what can be pressed now."""
        study, bar = self.study, self.query_one(GradeBar)
        assert study is not None
        if study.revealed:
            bar.offer_grades(study)
        else:
            bar.offer_answer()
        self.refresh_bindings()

    def _end(self, study: Study, said: str) -> None:
        """Show the end, once the learner is back from any other screen."""
        from studycli.tui.end_screen import EndScreen

        if not self.is_active:
            self._late_end = said
            return
        if study.has_done_something:
            self.app.push_screen(EndScreen(study, said), self._ended)
        else:
            self.app.exit()  # all of it was done elsewhere

    async def _ended(self, choice: str | Session | None) -> None:
        study = self.study
        assert study is not None
        if isinstance(choice, str):
            await self.take(self.undo(study))
        elif choice is not None:
            study.go_on(choice)
            await self.take(self.ask())

    def _compute(self, study: Study) -> None:
        """Let the engine begin with the answer while the question is read."""
        if self._answer is not None:
            self._answer.cancel()
            self._answer = None
        if study.needs_computing and self.desk is not None:
            answer = self.desk.engine.answer(study.standing_card, study.answers_given)
            self._answer = asyncio.create_task(answer)
            self._answer.add_done_callback(lambda task: None if task.cancelled() else task.exception())

    async def reveal(self, study: Study) -> None:
        """Show the answer, once the engine has computed what it has to."""
        if self._answer is not None:
            if not self._answer.done():
                self.query_one(GradeBar).wait(COMPUTING)
            try:
                study.reveal(await asyncio.shield(self._answer))
            except StudyError as error:
                study.reveal(study.unanswered(error))
        else:
            study.reveal()
        self.query_one(GradeBar).calm()
        self._show_answer(study)
        self._offer()
        self.action_card()
        self.turn_pane()

    async def undo(self, study: Study) -> None:
        """Take back the last step, and ask that card again."""
        try:
            undone = await self._writes.do(study.undo)
        except StoreError as error:
            self.refuse(f"nothing is taken back: {error.message}", error.hint)
            return
        if undone.card is not None or study.question is None:
            await self.ask(undone.message)
        else:
            self.tell(undone.message)
            self._offer()

    async def flag(self, study: Study) -> None:
        """Put the flag on the card, or take it off; the question stands."""
        try:
            said = await self._writes.do(study.flag)
        except StoreError as error:
            self.refuse(f"the flag stays as it was: {error.message}", error.hint)
            return
        self.tell(said)
        self._offer()
        self.show_facts()

    def on_unmount(self) -> None:
        """Say at the end what was written in an editor and is in no document."""
        if self._editing is not None:
            from studycli.tui.app import Workspace

            assert isinstance(self.app, Workspace)
            self.app.told += self._editing.left()

    async def edit(self, study: Study) -> None:
        """Open the card in the learner's editor; the question then stands with what was written."""
        from studycli.tui import editing

        self._editing = self._editing or editing.Editing(study.collection)
        if not await self._look_again(study):
            return
        card = study.standing_card
        try:
            draft = await asyncio.to_thread(self._editing.begin, card)
            try:
                with self.app.suspend():
                    failure = editing.attempt(draft)
            except SuspendNotSupported:
                place = f"the card is in {card.path}, line {draft.taken.line}"
                self.refuse("no editor can be opened from here", place + self._editing.abandon(card, draft))
                return
            if failure is not None:
                self.refuse(f"{failure}{self._editing.abandon(card, draft)}", None)
                return
            self.query_one(GradeBar).wait("reading the document …")
            finish = partial(self._editing.finish, card, draft)
            edited = await self._writes.do(finish, to_its_end=True)
        except StudyError as error:
            self.refuse(f"the card is not edited: {error}", None)
            return
        if edited is None:
            self.tell("nothing was changed")
            self._offer()
        elif edited.card.archived:
            await self.ask(edited.message)
        else:
            await self._show_edited(study, edited)

    async def _show_edited(self, study: Study, edited: Edited) -> None:
        try:
            await asyncio.to_thread(study.edited, edited.card)
        except StoreError as error:
            self.refuse(f"{edited.message}, but it cannot be read: {error.message}", error.hint)
            return
        self._show_question(study, edited.message)


def kind_of(facts: list[str], flagged: bool) -> str:
    """The second line of the heading: what kind of card it is."""
    return " · ".join([_FLAGGED, *facts] if flagged else facts)
