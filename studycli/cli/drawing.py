"""The computed cards of a review: numbers drawn when a card is asked, its answer computed while that is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from studycli.demos.computed import filling

if TYPE_CHECKING:
    from studycli.model.review import StudyCard
    from studycli.review.session import Question


class Drawn:
    """A question as it is shown: of a computed card one draw, the same until it is answered."""

    def __init__(self, question: Question, answers: Callable[[str], int]) -> None:
        """`answers` gives how many answers of the card with this id stand; only a computed card needs it."""
        self.question = question
        self._answered = question.card
        self._computing: Thread | None = None
        if filling.is_computed(question.card.card):
            given = answers(question.card.id)
            self.question = replace(question, card=filling.asked(question.card, given))
            self._computing = Thread(target=partial(self._compute, question.card, given))

    def begin(self) -> None:
        """Start to compute the answer, in the background."""
        if self._computing is not None:
            self._computing.start()

    def answer(self) -> Question:
        """The question with its answer, once that is computed. `begin` comes first."""
        if self._computing is None:
            return self.question
        self._computing.join()
        return replace(self.question, card=self._answered)

    def _compute(self, study: StudyCard, given: int) -> None:
        self._answered = filling.answered(study, given)
