"""A review session as a state machine: a question, a grade that is written down at once, the next question."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from studycli import clock as clocks
from studycli.errors import UsageError
from studycli.model.review import CardState, Review, ReviewKind, StudyCard
from studycli.review.ledger import Ledger
from studycli.review.summary import Counts, Summary, summarize
from studycli.scheduler import queue, sm2
from studycli.scheduler.siblings import are_siblings

# What of a card no grade changes: its text, its place and the learner's flag.
_ABOUT = ("card", "deck", "deck_title", "path", "flagged")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked now. `new`: its first answer ever. `repeat`: an extra pass, which changes no schedule.

    `position` counts the answers of the session from 1; `remaining` includes this card.
    """

    card: StudyCard
    new: bool
    repeat: bool
    position: int
    remaining: Counts


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing done, with what is needed to take it back; without a `review` the card was suspended, or `buried`."""

    question: Question
    review: Review | None = None
    buried: bool = False
    comes_back: bool = False
    settles: bool = False


class Session:
    """Due cards, then new ones, then again and again those that got less than 4, until none is left.

    Every grade is in the ledger before anything here changes: if the ledger raises, the same question stands.
    """

    def __init__(
        self,
        cards: Sequence[StudyCard],
        ledger: Ledger,
        *,
        today: date,
        clock: Callable[[], datetime] = clocks.now,
        study_day: Callable[[datetime], date] = clocks.study_day,
        new_left: int,
        reviews_left: int,
        ahead: int = 0,
        cram: bool = False,
        gating: bool = True,
        limit: int | None = None,
    ) -> None:
        """Limits and switches as in `queue.build`. `study_day` gives the day on which a grade at an instant counts."""
        self._cards = {card.id: card for card in cards}
        self._ledger = ledger
        self._clock = clock
        self._study_day = study_day
        self._today = today
        self._cram = cram
        plan = queue.build(
            tuple(self._cards.values()),
            today,
            new_left=new_left,
            reviews_left=reviews_left,
            ahead=ahead,
            cram=cram,
            gating=gating,
            limit=limit,
        )
        self._due = deque(card.id for card in plan.due)
        self._new = plan.introduction()
        self._repeats = deque(card.id for card in plan.repeats)
        self._steps: list[_Step] = []
        self._question: Question | None = None

    def next(self) -> Question | None:
        """The question that stands, the same one until it is graded; None when all is done."""
        if self._question is None:
            self._question = self._ask()
        return self._question

    def asks(self, card_id: str) -> bool:
        """Whether a card that was answered before still comes in this session, the one in question included."""
        return card_id in self._due or card_id in self._repeats

    def choices(self) -> dict[int, CardState]:
        """The state that each quality 0 to 5 would lead to; an extra pass leaves it as it is. Raises UsageError."""
        question = self._standing()
        state = question.card.state
        if question.repeat:
            return dict.fromkeys(sm2.QUALITIES, state)
        day = self._study_day(self._clock())
        return sm2.preview(state, day, initial_interval=question.card.card.initial_interval_days)

    def grade(self, quality: int, seconds: float = 0.0) -> Review:
        """Grade the question 0 to 5 after so many seconds of thought; returns the row of the log.

        Raises UsageError for no quality or no question, and whatever the ledger raises: after a ConflictError `refresh`
        takes in what happened to the card.
        """
        question = self._standing()
        card = question.card
        review = self._ledger.record(self._review(question, quality, max(0.0, seconds)))
        settles = quality >= sm2.PASSING and not card.answered_well
        self._done(_Step(question, review, comes_back=quality < sm2.SETTLED, settles=settles))
        self._cards[card.id] = card.model_copy(
            update={
                "state": review.after,
                "pending_repeat": quality < sm2.SETTLED,
                "answered_well": card.answered_well or settles,
            }
        )
        return review

    def refresh(self) -> StudyCard | None:
        """The card in question as another session left it, or None where it is still asked as it was.

        It is asked again here only if it still has to be today. A new text, place or flag alone is taken in while the
        question stands. Raises UsageError when there is none.
        """
        question = self._standing()
        known = question.card
        fresh = self._ledger.card(known.id, self._today)
        if _schedule(fresh) == _schedule(known):
            # A new text may bring another state to begin with.
            if (fresh.state, _about(fresh)) != (known.state, _about(known)):
                self._restate(question, known.model_copy(update={"state": fresh.state, **_about(fresh)}))
            return None
        self._cards[fresh.id] = fresh
        self._question = None
        if not _still_asked(fresh, self._today):
            self._drop(question)
        return fresh

    def suspend(self) -> StudyCard:
        """Suspend the card in question; `undo` brings it back. Raises UsageError when there is none."""
        question = self._standing()
        self._ledger.suspend(question.card.id)
        return self._set_aside(_Step(question, settles=not question.card.answered_well), suspended=True)

    def bury(self) -> StudyCard:
        """Set the card in question aside until the next study day; `undo` brings it back. Raises UsageError."""
        question = self._standing()
        self._ledger.bury(question.card.id, self._study_day(self._clock()))
        return self._set_aside(_Step(question, buried=True, settles=not question.card.answered_well), buried=True)

    def flag(self) -> StudyCard:
        """Put the learner's flag on the card in question, or take it off; the question stands. Raises UsageError."""
        question = self._standing()
        flagged = not question.card.flagged
        self._ledger.flag(question.card.id, flagged)
        return self._restate(question, question.card.model_copy(update={"flagged": flagged}))

    def replace(self, card: StudyCard) -> None:
        """Let the question stand with an edited text: that of `card`, which is the card in question.

        Its schedule stays as this session knows it, since that is what a grade is checked against. Raises UsageError
        for another card.
        """
        question = self._standing()
        known = question.card
        if card.id != known.id:
            raise UsageError("another card is being asked", where=known.id)
        self._restate(question, known.model_copy(update=_about(card)))

    def renew(self, cards: Iterable[StudyCard]) -> None:
        """Take in the text and the place of other cards than the one in question, as the store has them now.

        Nothing of the text is read for that. What became of their schedules is taken in when they are asked.
        """
        standing = self._question.card.id if self._question is not None else None
        fresh = {card.id: _about(card) for card in cards if card.id in self._cards and card.id != standing}
        for card_id, about in fresh.items():
            self._cards[card_id] = self._cards[card_id].model_copy(update=about)
        self._retell(fresh)

    def undo(self) -> StudyCard | None:
        """Take back the last grade, suspension or burial of this session and ask that again; None if there is none.

        A card's flag and an edit of its text stay. Raises ConflictError when the card was graded elsewhere since.
        """
        if not self._steps:
            return None
        step = self._steps[-1]
        card = step.question.card
        if step.review is not None:
            at = self._clock()
            self._ledger.undo(_row_id(step.review), at, self._study_day(at))
        elif step.buried:
            self._ledger.bury(card.id, None)
        else:
            self._ledger.suspend(card.id, False)
        self._steps.pop()
        self._put_back(step)
        self._cards[card.id] = card
        self._question = step.question
        return card

    def summary(self, earlier: Sequence[Session] = ()) -> Summary:
        """What was done so far, and what is left; what was done in `earlier` sessions of the same cards counts too."""
        steps = [step for session in (*earlier, self) for step in session._steps]
        reviews = [step.review for step in steps if step.review is not None]
        buried = sum(step.buried for step in steps)
        return summarize(
            reviews,
            self._cards.values(),
            today=self._today,
            remaining=self._remaining(),
            suspended=len(steps) - len(reviews) - buried,
            buried=buried,
        )

    def _ask(self) -> Question | None:
        before = self._steps[-1].question.card if self._steps else None
        found = self._first(before) or self._first(None)
        if found is None:
            return None
        card_id, new, repeat = found
        return Question(self._cards[card_id], new, repeat, len(self._steps) + 1, self._remaining())

    def _first(self, before: StudyCard | None) -> tuple[str, bool, bool] | None:
        """The id of the card to ask, whether it is new, and whether an extra pass; no sibling of the one `before`.

        Only the due cards are looked at no further than the first: they were put apart in the queue.
        """
        if self._due and not are_siblings(self._cards[self._due[0]], before):
            return self._due[0], False, False
        if (first := self._new.first(before)) is not None:
            return first.id, True, False
        for card_id in self._repeats:
            if not are_siblings(self._cards[card_id], before):
                return card_id, False, True
        return None

    def _remaining(self) -> Counts:
        if self._cram:
            return Counts(cram=len(self._repeats))
        return Counts(self._new.left, len(self._due), len(self._repeats))

    def _standing(self) -> Question:
        question = self.next()
        if question is None:
            raise UsageError("no card is being asked", hint="this session is done")
        return question

    def _review(self, question: Question, quality: int, seconds: float) -> Review:
        sm2.check_quality(quality)
        card = question.card
        at = self._clock()
        day = self._study_day(at)
        first_interval = card.card.initial_interval_days
        after = card.state if question.repeat else sm2.review(card.state, quality, day, initial_interval=first_interval)
        return Review(
            card_id=card.id,
            kind=ReviewKind.REPEAT if question.repeat else ReviewKind.REVIEW,
            reviewed_at=at,
            study_day=day,
            quality=quality,
            seconds=seconds,
            before=card.state,
            after=after,
            initial_interval_days=first_interval,
            scheduler=sm2.NAME,
            scheduler_version=sm2.VERSION,
        )

    def _done(self, step: _Step) -> None:
        """Move on from a question; `_put_back` is its exact inverse, and steps are taken back last first."""
        card_id = step.question.card.id
        self._leave(step.question)
        if step.comes_back:
            self._repeats.append(card_id)
        if step.settles:
            self._new.settle(card_id)
        self._steps.append(step)
        self._question = None

    def _set_aside(self, step: _Step, **mark: bool) -> StudyCard:
        self._done(step)
        card = step.question.card.model_copy(update=mark)
        self._cards[card.id] = card
        return card

    def _restate(self, question: Question, card: StudyCard) -> StudyCard:
        """Let the question stand with the card as it is now; questions to come back to by `undo` get it too."""
        self._cards[card.id] = card
        self._question = replace(question, card=card)
        self._retell({card.id: _about(card)})
        return card

    def _retell(self, abouts: Mapping[str, dict[str, Any]]) -> None:
        """Let the questions to come back to know what is new about their cards, by their ids."""
        self._steps = [
            replace(step, question=replace(step.question, card=step.question.card.model_copy(update=about)))
            if (about := abouts.get(step.question.card.id)) is not None
            else step
            for step in self._steps
        ]

    def _leave(self, question: Question) -> None:
        if question.new:
            self._new.take(question.card.id)
        elif question.repeat:
            self._repeats.remove(question.card.id)
        else:
            self._due.popleft()

    def _drop(self, question: Question) -> None:
        """Leave a question that was answered elsewhere; no step, since it isn't ours to take back."""
        card = self._cards[question.card.id]
        self._leave(question)
        if card.pending_repeat and not card.set_aside:
            self._repeats.append(card.id)
        if card.answered_well or card.set_aside:
            self._new.settle(card.id)

    def _put_back(self, step: _Step) -> None:
        card_id = step.question.card.id
        if step.settles:
            self._new.unsettle(card_id)
        # A card that was graded elsewhere since may be gone from here.
        if step.comes_back and card_id in self._repeats:
            self._repeats.remove(card_id)
        if step.question.new:
            self._new.give_back(card_id)
        elif step.question.repeat:
            self._repeats.appendleft(card_id)
        else:
            self._due.appendleft(card_id)


def _about(card: StudyCard) -> dict[str, Any]:
    return {name: getattr(card, name) for name in _ABOUT}


def _schedule(card: StudyCard) -> tuple[CardState | None, bool]:
    """What decides whether and when a card is asked; None for the state of one that was never answered."""
    return (card.state if card.state.due is not None else None, card.set_aside)


def _still_asked(card: StudyCard, today: date) -> bool:
    """True for a card that is new or due, as another session left it."""
    return not card.set_aside and (card.state.due is None or card.state.due <= today)


def _row_id(review: Review) -> int:
    if review.id is None:
        raise UsageError("this grade has no row in the log")
    return review.id
