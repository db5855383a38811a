"""The review behind the workspace: the question that stands, whether its answer is shown, and the time it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from studycli.collection import Collection
from studycli.demos.computed import filling, template
from studycli.errors import ConflictError, StoreError, StudyError
from studycli.model.review import CardState, StudyCard
from studycli.review import wording
from studycli.review.session import Question, Session
from studycli.review.summary import Summary


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: the card that is asked again, or why there is none."""

    card: StudyCard | None
    message: str


class Study:
    """One review, with no widget in it. `question` is as it is shown: the numbers of a computed card are drawn.

    Times are in seconds. `pause` stops the time of the standing question until `resume`. `active_seconds` is the time
    of all questions so far, that of the standing one included. `turn` tells a question from the one before, also where
    both are of one card. `refused` is why the last step was not written down, until one is; it is set in the thread
    that takes the step, so that it is known where nobody waits for that any more.
    """

    def __init__(
        self, collection: Collection, session: Session, names: tuple[str, ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`names` are the decks that were asked for."""
        self.collection = collection
        self.session = session
        self.names = names
        self.grading = collection.settings.grading
        self.today = collection.today
        self.question: Question | None = None
        self.revealed = False
        self.refused: StoreError | None = None
        self.turn = 0
        self._earlier: list[Session] = []
        self._clock = clock
        self._before = 0.0
        self._spent = 0.0
        self._running_since: float | None = None
        self._given = 0

    def ask(self) -> str | None:
        """Turn to the next question, if there is one; says what another run did to its card meanwhile.

        Raises StoreError; then no question stands, and it can be called again.
        """
        said = None
        try:
            while self.session.next() is not None and (changed := self.session.refresh()) is not None:
                said = wording.changed_meanwhile(changed)
            question = self._drawn()
        except StoreError:
            self.question, self.revealed = None, False
            raise
        self._before += self.seconds
        self._spent, self._running_since = 0.0, self._clock()
        self.question = question
        self.revealed = False
        self.turn += 1
        return said

    @property
    def has_next(self) -> bool:
        """Whether there is anything to ask."""
        return self.session.next() is not None

    @property
    def seconds(self) -> float:
        """The time that the standing question took so far."""
        running = self._clock() - self._running_since if self._running_since is not None else 0.0
        return self._spent + running

    @property
    def active_seconds(self) -> float:
        """The time that all questions took, this one included."""
        return self._before + self.seconds

    def add_seconds(self, seconds: float) -> None:
        """Count time in which the standing question was read before it was asked here."""
        self._spent += seconds

    def pause(self) -> None:
        """Stop the time, while the learner does something else."""
        self._spent, self._running_since = self.seconds, None

    def resume(self) -> None:
        """Let the time go on."""
        if self._running_since is None:
            self._running_since = self._clock()

    @property
    def answers_given(self) -> int:
        """How many answers of the standing card count; a computed card draws its numbers by that."""
        return self._given

    @property
    def needs_computing(self) -> bool:
        """Whether the engine has to fill in the answer."""
        return self.question is not None and filling.is_computed(self.standing_card.card)

    @property
    def standing_card(self) -> StudyCard:
        """The card in question as its document has it: the templates of a computed card are not filled."""
        question = self.session.next()
        assert question is not None, "nothing is asked"
        return question.card

    def unanswered(self, error: StudyError) -> StudyCard:
        """The card in question with the reason in the place of all that the engine could not compute."""

        def fail(_: object) -> str:
            raise error

        assert self.question is not None, "nothing is asked"
        card = self.question.card
        sides = {"back": card.card.back, "brief_back": card.card.brief_back, "cloze": card.card.cloze}
        filled = {side: template.filled(text, fail) for side, text in sides.items() if text}
        return card.model_copy(update={"card": card.card.model_copy(update=filled)})

    def reveal(self, answered: StudyCard | None = None) -> None:
        """Show the answer; `answered` is a computed card with its answer filled in."""
        if answered is not None and self.question is not None:
            self.question = replace(self.question, card=answered)
        self.revealed = True

    def choices(self) -> dict[int, CardState]:
        """The state that each quality would lead to."""
        return self.session.choices()

    def grade(self, quality: int) -> str:
        """Grade the standing question, and say what came of it. Raises StoreError."""
        with self._writing():
            try:
                review = self.session.grade(quality, self.seconds)
            except ConflictError:
                changed = self.session.refresh()
                if changed is None:
                    raise
                return f"{wording.changed_meanwhile(changed)}; your grade was not kept"
        quality = review.quality if review.quality is not None else 0
        return wording.graded(review, wording.label(quality, self.grading), self.today)

    def look_again(self) -> str | None:
        """Take in what was done to the standing card elsewhere; says it where the card is asked no more, or anew.

        With a new text the question stands, but an answer has to be computed anew. Raises StoreError.
        """
        known = self.standing_card.card
        if (changed := self.session.refresh()) is not None:
            return wording.changed_meanwhile(changed)
        if self.standing_card.card == known:
            self._restate()
        else:
            self._redraw()
        return None

    def suspend(self) -> str:
        """Suspend the standing card, and say how it comes back. Raises StoreError."""
        with self._writing():
            card = self.session.suspend()
        return wording.suspended(card)

    def bury(self) -> str:
        """Set the standing card aside until tomorrow, and say how it comes back. Raises StoreError."""
        with self._writing():
            card = self.session.bury()
        return wording.buried(card)

    def flag(self) -> str:
        """Put the flag on the standing card, or take it off, and say which. Raises StoreError."""
        with self._writing():
            flagged = self.session.flag().flagged
        self._restate()
        return "flagged; `studycli cards --flagged` lists such cards" if flagged else "no longer flagged"

    def edited(self, card: StudyCard) -> None:
        """Let the question stand with an edited text. The answer of a computed card has to be computed anew.

        The other cards of its document get theirs too: what this one is asked as besides, and what stands below it.
        Raises StoreError.
        """
        self.session.replace(card)
        self.session.renew(self.collection.repository.cards(today=self.collection.today, decks=[card.deck]))
        self._redraw()

    def undo(self) -> Undone:
        """Take back the last step, of this session or of the one before it. Raises StoreError."""
        refused = self.refused
        with self._writing():
            undone = self._take_back()
        if undone.card is None:
            self.refused = refused  # nothing was written
        return undone

    def _take_back(self) -> Undone:
        for number, session in enumerate([self.session, *reversed(self._earlier)]):
            try:
                card = session.undo()
            except ConflictError:
                return Undone(None, wording.UNDO_REFUSED)
            if card is not None:
                self.session = session
                del self._earlier[len(self._earlier) - number :]
                return Undone(card, wording.taken_back(card))
        return Undone(None, wording.NOTHING_TO_UNDO)

    def more(self) -> Session | None:
        """A review of what is left today whatever the limits of this one were, if anything is. Raises StoreError."""
        session = self.collection.session(self.names, adopt=False)
        return session if session.next() is not None else None

    def go_on(self, session: Session) -> None:
        """Turn to another session; an undo can still go back to this one."""
        self._earlier.append(self.session)
        self.session = session

    @property
    def has_done_something(self) -> bool:
        """Whether there is anything that an undo would take back."""
        done = self.summary()
        return bool(done.answered or done.suspended or done.buried)

    def summary(self) -> Summary:
        """What was done so far."""
        return self.session.summary(self._earlier)

    def _restate(self) -> None:
        """Take in what the session knows of the standing card, but keep what is shown of its text."""
        assert self.question is not None, "nothing is asked"
        self.question = replace(
            self.question, card=self.standing_card.model_copy(update={"card": self.question.card.card})
        )

    def _redraw(self) -> None:
        """Show the standing card with the text that it has now."""
        self.question = self._drawn()
        self.revealed = self.revealed and not self.needs_computing

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Keep why a step is refused, until one is not."""
        try:
            yield
        except StoreError as error:
            self.refused = error
            raise
        self.refused = None

    def _drawn(self) -> Question | None:
        """The session's question; of a computed card with the numbers of one draw."""
        question = self.session.next()
        if question is None or not filling.is_computed(question.card.card):
            return question
        self._given = self.collection.answers(question.card.id)
        return replace(question, card=filling.asked(question.card, self._given))
