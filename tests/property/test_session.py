"""A session driven at random against a ledger: log and state agree, undo is exact, and it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from studycli.model.review import ReviewKind, StudyCard
from studycli.review.session import Question, Session
from studycli.review.summary import Summary
from studycli.scheduler import queue, sm2
from tests.memory_ledger import MemoryLedger, study_card

TODAY = date(2026, 3, 1)


@st.composite
def decks(draw: Callable[..., int]) -> list[StudyCard]:
    """Up to eight cards of two decks: new, due, due later, set aside, flagged, with gates that may run in circles."""
    cards = []
    for number in range(1, draw(st.integers(0, 8)) + 1):
        cards.append(
            study_card(
                number,
                deck=draw(st.sampled_from(["a", "b"])),
                due=draw(st.none() | st.dates(TODAY - timedelta(20), TODAY + timedelta(3))),
                interval=draw(st.integers(1, 30)),
                after=tuple(draw(st.lists(st.integers(1, 9), max_size=2))),
                first_interval=draw(st.integers(1, 7)),
                pending_repeat=draw(st.booleans()),
                answered_well=draw(st.booleans()),
                suspended=draw(st.integers(0, 5)) == 0,
                buried=draw(st.integers(0, 5)) == 0,
                flagged=draw(st.booleans()),
            )
        )
    return cards


options = st.fixed_dictionaries(
    {"new_left": st.integers(0, 8), "reviews_left": st.integers(0, 8)},
    optional={
        "ahead": st.integers(0, 3),
        "cram": st.booleans(),
        "gating": st.booleans(),
        "limit": st.none() | st.integers(0, 8),
    },
)


class ReviewMachine(RuleBasedStateMachine):
    """Grades, suspensions, burials, flags, edits, syncs of another run and undos in any order."""

    @initialize(cards=decks(), options=options)
    def start(self, cards: list[StudyCard], options: dict[str, int]) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.ledger = MemoryLedger(cards)
        self.started = {card.id: card.state for card in cards}
        self.limits = options
        self.session = Session(
            cards, self.ledger, today=TODAY, clock=lambda: self.now, study_day=lambda at: at.date(), **options
        )
        self.moments: list[tuple[Question, Summary]] = []
        self.standing: Question | None = None

    def remember(self) -> Question:
        question = self.session.next()
        assert question is not None
        self.moments.append((question, self.session.summary()))
        return question

    @precondition(lambda self: self.session.next() is not None)
    @rule(quality=st.integers(0, 5), hours=st.integers(0, 30))
    def grade(self, quality: int, hours: int) -> None:
        question = self.remember()
        self.now += timedelta(hours=hours)
        promised = self.session.choices()[quality]
        row = self.session.grade(quality)
        assert row.card_id == question.card.id
        assert row.after == promised == self.ledger.states[row.card_id]
        assert (row.kind is ReviewKind.REPEAT) == question.repeat
        assert (row.after == row.before) or not question.repeat

    @precondition(lambda self: self.session.next() is not None)
    @rule()
    def suspend(self) -> None:
        card = self.remember().card
        self.session.suspend()
        assert card.id in self.ledger.suspended

    @precondition(lambda self: self.session.next() is not None)
    @rule()
    def bury(self) -> None:
        card = self.remember().card
        assert self.session.bury() == card.model_copy(update={"buried": True})
        assert self.ledger.buried[card.id] == self.now.date()

    @precondition(lambda self: self.session.next() is not None)
    @rule()
    def flag(self) -> None:
        question = self.session.next()
        assert question is not None
        flagged = not question.card.flagged
        self.change(question, lambda card: card.model_copy(update={"flagged": flagged}))
        assert self.session.flag().flagged is flagged
        assert (question.card.id in self.ledger.flagged) is flagged

    @precondition(lambda self: self.session.next() is not None)
    @rule(back=st.sampled_from(["new", "newer"]))
    def edit(self, back: str) -> None:
        question = self.session.next()
        assert question is not None
        text = question.card.card.model_copy(update={"back": back})
        self.change(question, lambda card: card.model_copy(update={"card": text}))
        self.session.replace(question.card.model_copy(update={"card": text, "state": sm2.new()}))

    @precondition(lambda self: self.session.next() is not None)
    @rule(front=st.sampled_from(["new", "newer"]))
    def sync(self, front: str) -> None:
        question = self.session.next()
        assert question is not None
        text = question.card.card.model_copy(update={"front": front})
        self.ledger.cards[question.card.id] = self.ledger.cards[question.card.id].model_copy(update={"card": text})
        self.change(question, lambda card: card.model_copy(update={"card": text}))
        assert self.session.refresh() is None

    def change(self, standing: Question, change: Callable[[StudyCard], StudyCard]) -> None:
        """What is about a card itself is no step: every earlier question on it is remembered with the change."""
        self.standing = replace(standing, card=change(standing.card))
        self.moments = [
            (replace(question, card=change(question.card)) if question.card.id == standing.card.id else question, done)
            for question, done in self.moments
        ]

    @invariant()
    def a_change_of_the_card_in_question_leaves_it_standing(self) -> None:
        if self.standing is not None:
            assert self.session.next() == self.standing
            self.standing = None

    @rule()
    def undo(self) -> None:
        card = self.session.undo()
        if not self.moments:
            assert card is None
            return
        question, summary = self.moments.pop()
        assert card == question.card
        assert (self.session.next(), self.session.summary()) == (question, summary)
        assert self.ledger.states[question.card.id] == question.card.state
        assert question.card.id not in self.ledger.suspended | self.ledger.buried.keys()

    @invariant()
    def every_state_is_the_replay_of_its_log(self) -> None:
        for card_id, state in self.ledger.states.items():
            log = self.ledger.log(card_id)
            assert state == (sm2.replay(log) if log else self.started[card_id])

    @invariant()
    def every_card_below_4_comes_back_and_no_other_does(self) -> None:
        left = self.session.summary().remaining
        question = self.session.next()
        assert (question is None) == (left.total == 0)
        undone = {row.undoes for row in self.ledger.rows}
        last = {row.card_id: row for row in self.ledger.rows if row.quality is not None and row.id not in undone}
        below = {card for card, row in last.items() if (row.quality or 0) < 4}
        below -= self.ledger.suspended | self.ledger.buried.keys()
        if question is not None and not question.repeat:
            assert question.card.id not in last
        if question is None:
            assert not below
        assert len(below) <= left.repeats + left.cram

    @invariant()
    def limits_are_kept(self) -> None:
        undone = {row.undoes for row in self.ledger.rows}
        first = [row for row in self.ledger.rows if row.kind is ReviewKind.REVIEW and row.id not in undone]
        new = sum(row.before.due is None for row in first)
        assert new <= self.limits["new_left"]
        assert len(first) - new <= self.limits["reviews_left"]
        assert self.limits.get("limit") is None or len(first) <= self.limits["limit"]

    def teardown(self) -> None:
        """Good answers end it, each card once."""
        if not hasattr(self, "session"):
            return
        asked = []
        while (question := self.session.next()) is not None:
            assert len(asked) < 20
            asked.append(question.card.id)
            self.session.grade(4 + len(asked) % 2)
        assert len(asked) == len(set(asked))


TestReview = ReviewMachine.TestCase


@given(decks(), options)
def test_good_answers_ask_the_cards_of_the_queue_in_its_order(cards: list[StudyCard], options: dict[str, int]) -> None:
    planned = queue.build(cards, TODAY, **options)
    session = Session(cards, MemoryLedger(cards), today=TODAY, **options)
    asked: dict[str, list[str]] = {"due": [], "new": [], "repeats": []}
    while (question := session.next()) is not None:
        asked["repeats" if question.repeat else "new" if question.new else "due"].append(question.card.id)
        session.grade(5)
    assert asked == {kind: [card.id for card in getattr(planned, kind)] for kind in asked}


@st.composite
def families(draw: Callable[..., int]) -> list[StudyCard]:
    """Cards that are asked in up to three ways each, new or due."""
    return [
        study_card(number, variant=variant, due=draw(st.none() | st.dates(TODAY - timedelta(9), TODAY)))
        for number in range(1, draw(st.integers(1, 4)) + 1)
        for variant in ("", "c2", "c3")[: draw(st.integers(1, 3))]
    ]


@given(families(), st.lists(st.integers(0, 5), max_size=12))
def test_a_sibling_follows_only_where_nothing_else_is_left(cards: list[StudyCard], qualities: list[int]) -> None:
    session = Session(cards, MemoryLedger(cards), today=TODAY, new_left=99, reviews_left=99)
    left = {card.id: card.card.number for card in cards}
    before = None
    for quality in [*qualities, *[4] * len(cards)]:
        if (question := session.next()) is None:
            break
        number = question.card.card.number
        if number == before:
            assert set(left.values()) == {number}
        if session.grade(quality).quality in (4, 5):
            del left[question.card.id]
        before = number
