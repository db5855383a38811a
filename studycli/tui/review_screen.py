"""The review screen: the keys of a review, and the question that is shown before the collection is open."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from studycli.render import card_head
from studycli.scheduler import grades
from studycli.tui import keymap
from studycli.tui.card_pane import CardPane
from studycli.tui.course_screen import COMPUTING, CourseScreen, kind_of
from studycli.tui.grade_bar import GradeBar
from studycli.tui.heading import Facts, Heading

if TYPE_CHECKING:
    from studycli.store.glance import Glance
    from studycli.tui.desk import Desk
    from studycli.tui.study import Study

_OPENING = "Opening your cards …"
_STILL_OPENING = "still opening your cards …"
_SECONDS_BETWEEN_FACTS = 10.0


class ReviewScreen(CourseScreen):
    """Asks one card after the other. Until `begin`, it shows the question that was glanced at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "reveal", "Answer", id="reveal"),
        Binding("space,enter", "page_on", "Go on in a long answer", show=False, id="reveal"),
        *(Binding(key, f"grade({key!r})", f"Grade {key}", show=False, id=f"grade-{key}") for key in "012345"),
        Binding("u", "undo", "Undo", id="undo"),
        Binding("s", "suspend_card", "Suspend", id="suspend"),
        Binding("b", "bury", "Bury", id="bury"),
        Binding("f", "flag", "Flag", id="flag"),
        Binding("e", "edit", "Edit", id="edit"),
        Binding("slash", "browse", "Browse", id="browse"),
        Binding("p", "statistics", "Progress", show=False, id="statistics"),
        Binding("t", "type_answer", "Type", id="type"),
        Binding("x", "notation", "LaTeX source", show=False, id="notation"),
    ]

    def __init__(self, first: Glance | None = None) -> None:
        super().__init__()
        self._first = first
        self._first_at = 0.0
        self._wants_answer = False
        self._has_begun = False

    def on_mount(self) -> None:
        """Show what was glanced at."""
        first, bar = self._first, self.query_one(GradeBar)
        if first is None or first.is_computed:
            self.query_one(CardPane).ask(_OPENING)
            bar.wait("")
        if first is None:
            return
        self._first_at = time.monotonic()
        facts = card_head.facts(
            concept=first.concept,
            difficulty=first.difficulty,
            cognitive_level=first.cognitive_level,
            variant=first.variant,
            new=first.new,
            critical=first.critical,
        )
        place = card_head.place(first.deck_title, first.number, first.variant, first.title)
        self.query_one(Heading).show(Facts(place, kind_of(facts, first.flagged)))
        if not first.is_computed:
            self.query_one(CardPane).ask(first.front)
            bar.offer_answer()

    async def begin(self, desk: Desk, said: str = "") -> None:
        """Ask the first question of the review; where it is the one that was shown, go on with that. Say `said`."""
        self.desk = desk
        self.set_interval(_SECONDS_BETWEEN_FACTS, self.show_facts)
        await self.take(self._begin(desk.study, said))

    async def _begin(self, study: Study, said: str) -> None:
        await self.ask(said)
        self._has_begun = True
        first, question = self._first, study.question
        if first is not None and question is not None and first.front == question.card.card.front:
            study.add_seconds(time.monotonic() - self._first_at)
            if self._wants_answer:
                self.call_later(self.action_reveal)
        self.call_later(self.show_side)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Space and Enter lead to the answer, and go on in it once it is there; then none is typed any more."""
        is_revealed = self.study is not None and self.study.revealed
        if action in ("reveal", "type_answer"):
            return not is_revealed
        return is_revealed if action == "page_on" else True

    def action_page_on(self) -> None:
        """Go on in a long answer."""
        self.query_one(CardPane).page_on()

    async def action_reveal(self) -> None:
        """Go on in a long question, then show the answer; where the next question could not be read, try again."""
        study = self.study
        if not self.is_stalled and self.query_one(CardPane).page_on():
            return
        if study is None or not self._has_begun:
            self._wants_answer = True
            self.query_one(GradeBar).wait(_STILL_OPENING)
        elif self.is_stalled:
            await self.take(self.ask())
        elif study.question is not None and not study.revealed and not self.is_busy:
            await self.take(self.reveal(study), COMPUTING, gives_way=True)

    async def action_grade(self, key: str) -> None:
        """Grade the card."""
        if self.study is None or not self._has_begun:
            self.tell(f"{_STILL_OPENING} give the grade again then")
        else:
            await self._grade(grades.parse_key(key, self.study.grading))

    async def on_grade_bar_chosen(self, message: GradeBar.Chosen) -> None:
        """A click on the grade bar."""
        if message.quality is None:
            await self.action_reveal()
        else:
            await self._grade(message.quality)

    async def _grade(self, quality: int | None) -> None:
        study = self.study
        if study is None or study.question is None or quality is None or self.is_busy:
            return
        if study.revealed:
            await self.step(lambda: study.grade(quality), "the grade is not kept, so give it again")
        else:
            self.tell(f"look at the answer first: {keymap.key(self, 'reveal')}")

    async def action_undo(self) -> None:
        """Take back the last step."""
        if self.study is not None:
            await self.take(self.undo(self.study))

    async def action_suspend_card(self) -> None:
        """Suspend the card."""
        if self.study is not None:
            await self.step(self.study.suspend, "the card is not suspended")

    async def action_bury(self) -> None:
        """Bury the card until tomorrow."""
        if self.study is not None:
            await self.step(self.study.bury, "the card is not buried")

    async def action_flag(self) -> None:
        """Put the flag on the card, or take it off."""
        if self.study is not None and self.study.question is not None:
            await self.take(self.flag(self.study))

    async def action_edit(self) -> None:
        """Edit the card in the learner's editor."""
        if self.study is not None and self.study.question is not None:
            await self.take(self.edit(self.study), "reading the document …")

    async def action_type_answer(self) -> None:
        """Open the field to type an answer in."""
        if self.study is not None and self.study.question is not None and not self.is_busy:
            self.action_card()
            await self.type_answer()

    async def on_answer_field_given(self) -> None:
        """Show the answer with what is different in the one that was typed."""
        await self.action_reveal()

    def on_answer_field_cut(self) -> None:
        """Say that not all of what was pasted is compared."""
        self.tell("what was pasted is too long: its end is left out", urgent=True)

    def action_browse(self) -> None:
        """Search the cards, once it is certain which one is asked: its answer is kept away there."""
        if self._is_settled():
            super().action_browse()

    def action_statistics(self) -> None:
        """Show how the learning goes, the last grade included."""
        if self._is_settled():
            super().action_statistics()

    def _is_settled(self) -> bool:
        if not self.is_settled:
            self.tell("one moment: the step before is still being written down")
        return self.is_settled

    def action_notation(self) -> None:
        """Show the source of the formulas, or the formulas."""
        if self.study is not None and self.study.question is not None:
            self.tell(self.query_one(CardPane).turn_notation())
