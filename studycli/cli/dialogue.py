"""The course of a review, whatever it is shown on: ask, reveal, grade, and the commands in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from studycli.cli.drawing import Drawn
from studycli.cli.interrupts import uninterrupted
from studycli.errors import ConflictError
from studycli.review import wording

if TYPE_CHECKING:
    from rich.console import RenderableType

    from studycli.demos.card_inputs import Choice
    from studycli.model.concept import ConceptMap
    from studycli.model.review import Review, StudyCard
    from studycli.review.session import Question, Session


class Command(Enum):
    """What a learner can do with a card besides grading it."""

    REVEAL = "reveal"
    UNDO = "undo"
    SUSPEND = "suspend"
    DEMO = "demo"
    QUIT = "quit"


class Face(Protocol):
    """The side of a review that the learner sees: a screen with keys, or lines of text."""

    def ask(self, question: Question) -> None:
        """Show a question."""
        ...

    def reveal(self, question: Question) -> None:
        """Show its answer."""
        ...

    def listen(self, question: Question, revealed: bool) -> Command | int:
        """What the learner wants next: a command, or a quality 0 to 5."""
        ...

    def graded(self, review: Review) -> None:
        """Say what a grade led to."""
        ...

    def note(self, message: str) -> None:
        """Say something in a line."""
        ...

    def demo(self, card: StudyCard, choice: Choice) -> None:
        """Run and show the demo chosen for a card; raises whatever goes wrong."""
        ...


def converse(
    session: Session,
    face: Face,
    clock: Callable[[], float] = time.monotonic,
    answers: Callable[[str], int] = lambda card_id: 0,
    maps: Callable[[], Sequence[ConceptMap]] = tuple,
) -> None:
    """Ask until nothing is left or the learner quits. `clock` is in seconds; a demo is no thinking time.

    `answers` gives how many answers of a card stand, by its id: on that depends what a computed card draws.
    `maps` gives the concept maps on which a card's concept finds a demo close by.
    """
    while (question := session.next()) is not None:
        if _changed_elsewhere(session, face):
            continue
        drawn = Drawn(question, answers)
        face.ask(drawn.question)
        drawn.begin()
        if not _answer(session, face, drawn, clock, maps):
            return


def _answer(
    session: Session,
    face: Face,
    drawn: Drawn,
    clock: Callable[[], float],
    maps: Callable[[], Sequence[ConceptMap]],
) -> bool:
    """One question until it is graded, suspended or left for another; False to quit."""
    question = drawn.question
    started = clock()
    revealed = False
    while True:
        wish = face.listen(question, revealed)
        if isinstance(wish, int):
            seconds = clock() - started
            if not revealed:
                face.reveal(drawn.answer())
            _grade(session, face, wish, seconds)
            return True
        if wish is Command.QUIT:
            return False
        if wish is Command.REVEAL:
            face.reveal(drawn.answer())
            revealed = True
        elif wish is Command.SUSPEND:
            with uninterrupted():
                session.suspend()
            face.note(wording.suspended(question.card))
            return True
        elif wish is Command.UNDO:
            if _undo(session, face):
                return True
        else:
            before = clock()
            _demo(face, question.card, maps)
            started += clock() - before


def _grade(session: Session, face: Face, quality: int, seconds: float) -> None:
    try:
        with uninterrupted():
            review = session.grade(quality, seconds)
    except ConflictError:
        if not _changed_elsewhere(session, face, "; your grade was not kept"):
            raise
    else:
        face.graded(review)


def _changed_elsewhere(session: Session, face: Face, consequence: str = "") -> bool:
    """Take in what another run did to the card in question, and say so; False where it is as it was."""
    card = session.refresh()
    if card is not None:
        face.note(wording.changed_meanwhile(card) + consequence)
    return card is not None


def _undo(session: Session, face: Face) -> bool:
    """Take back the last step; True when another question stands now."""
    try:
        with uninterrupted():
            card = session.undo()
    except ConflictError:
        face.note(wording.UNDO_REFUSED)
        return False
    if card is None:
        face.note(wording.NOTHING_TO_UNDO)
        return False
    face.note(wording.taken_back(card))
    return True


def _demo(face: Face, card: StudyCard, maps: Callable[[], Sequence[ConceptMap]]) -> None:
    from studycli.demos import card_inputs

    try:
        choice = card_inputs.choose(card.card, () if card.card.demo else maps())
        if choice.reason is not None:
            face.note(choice.reason)
        face.demo(card, choice)
    except Exception as error:  # whatever a demo runs into, the review goes on
        face.note(f"no demo: {str(error) or type(error).__name__}")


def compute_demo(card: StudyCard, choice: Choice, width: int) -> RenderableType:
    """The demo chosen for a card on what the card gives it. Raises StudyError, and what the engine raises."""
    from studycli.demos import card_inputs, registry
    from studycli.render import trace

    inputs = card_inputs.inputs_for(card.card, choice)
    return trace.render(registry.run(choice.demo.name, inputs), width)
