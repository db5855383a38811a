"""The session: what is asked when, what is written down, and what can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from studycli import clock
from studycli.errors import ConflictError, StoreError, UsageError
from studycli.model.review import CardState, ReviewKind, StudyCard
from studycli.review.session import Session
from studycli.review.summary import Counts
from studycli.scheduler import sm2
from tests.memory_ledger import MemoryLedger, study_card

TODAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Bench:
    """A session over some cards, with its ledger and a clock that can be set."""

    def __init__(self, *cards: StudyCard, **options: object) -> None:
        self.ledger = MemoryLedger(list(cards))
        self.now = NOON
        settings = {"new_left": 20, "reviews_left": 200, "study_day": lambda instant: instant.date(), **options}
        self.session = Session(cards, self.ledger, today=TODAY, clock=lambda: self.now, **settings)

    @property
    def asked(self) -> int | None:
        question = self.session.next()
        return question.card.card.number if question else None

    def answer(self, *qualities: int) -> list[int | None]:
        """Grade one question after the other; the numbers of the cards that were asked."""
        asked = []
        for quality in qualities:
            asked.append(self.asked)
            self.session.grade(quality)
        return asked


def due(number: int, days_late: int = 0, **fields: object) -> StudyCard:
    return study_card(number, due=TODAY - timedelta(days=days_late), **fields)


def test_due_cards_come_first_then_new_ones_then_those_that_got_less_than_4() -> None:
    bench = Bench(study_card(1), due(2), due(3, 3))
    assert bench.answer(0, 3, 2, 4, 4, 4) == [3, 2, 1, 3, 2, 1]
    assert bench.asked is None


def test_a_card_comes_back_until_it_gets_a_4() -> None:
    bench = Bench(study_card(1), study_card(2))
    assert bench.answer(3, 1, 0, 3, 4, 2, 5) == [1, 2, 1, 2, 1, 2, 2]
    assert bench.asked is None


def test_the_same_question_stands_until_it_is_graded() -> None:
    session = Bench(study_card(1), study_card(2)).session
    assert session.next() is session.next()


def test_a_question_says_what_kind_it_is_and_what_is_left() -> None:
    bench = Bench(due(1), study_card(2), study_card(3))
    kinds = []
    for quality in (2, 4, 4, 4):
        question = bench.session.next()
        assert question is not None
        kinds.append((question.new, question.repeat, question.position, question.remaining))
        bench.session.grade(quality)
    assert kinds == [
        (False, False, 1, Counts(new=2, due=1)),
        (True, False, 2, Counts(new=2, repeats=1)),
        (True, False, 3, Counts(new=1, repeats=1)),
        (False, True, 4, Counts(repeats=1)),
    ]


def test_the_card_of_an_extra_pass_is_as_its_last_grade_left_it() -> None:
    bench = Bench(study_card(1))
    seen = []
    for quality in (2, 3, 1):
        state = bench.session.grade(quality).after
        question = bench.session.next()
        assert question is not None
        assert question.card.state == state
        seen.append((question.card.pending_repeat, question.card.answered_well))
    assert seen == [(True, False), (True, True), (True, True)]


def test_a_first_pass_is_scheduled_and_an_extra_pass_is_not() -> None:
    bench = Bench(due(1))
    first, extra = bench.session.grade(3, 2.5), bench.session.grade(5, -1.0)
    assert (first.id, first.kind, first.quality, first.seconds) == (1, ReviewKind.REVIEW, 3, 2.5)
    assert (first.before, first.after) == (due(1).state, sm2.review(due(1).state, 3, TODAY))
    assert (extra.kind, extra.quality, extra.seconds, extra.before, extra.after) == (
        ReviewKind.REPEAT, 5, 0.0, first.after, first.after,
    )  # fmt: skip
    assert bench.ledger.rows == [first, extra]


def test_the_first_interval_of_the_deck_is_used_and_written_down() -> None:
    bench = Bench(study_card(1, first_interval=7))
    assert bench.session.choices()[4].interval_days == 7
    review = bench.session.grade(4)
    assert (review.after.interval_days, review.initial_interval_days) == (7, 7)


def test_choices_show_the_next_state_for_every_quality() -> None:
    bench = Bench(due(1))
    assert bench.session.choices() == sm2.preview(due(1).state, TODAY)
    after = bench.session.grade(2).after
    assert bench.session.choices() == dict.fromkeys(range(6), after)


def test_a_failed_ledger_leaves_the_question_standing() -> None:
    bench = Bench(due(1, 1), due(2))
    bench.ledger.broken = True
    question, before = bench.session.next(), bench.session.summary()
    for act in (partial(bench.session.grade, 4), bench.session.suspend, bench.session.bury, bench.session.flag):
        with pytest.raises(StoreError):
            act()
        assert (bench.session.next(), bench.session.summary()) == (question, before)
    bench.ledger.broken = False
    assert bench.answer(4, 4) == [1, 2]
    bench.ledger.broken = True
    with pytest.raises(StoreError):
        bench.session.undo()
    assert (bench.asked, bench.session.summary().answered) == (None, 2)


@pytest.mark.parametrize("quality", [-1, 6, True])
@pytest.mark.parametrize("repeat", [False, True])
def test_what_is_no_quality_is_not_written_down(quality: int, repeat: bool) -> None:
    bench = Bench(due(1))
    if repeat:
        bench.answer(2)
    rows = list(bench.ledger.rows)
    with pytest.raises(UsageError):
        bench.session.grade(quality)
    assert (bench.ledger.rows, bench.asked) == (rows, 1)


def test_when_all_is_done_there_is_nothing_to_grade_suspend_or_undo() -> None:
    session = Bench().session
    assert (session.next(), session.undo()) == (None, None)
    for act in (
        partial(session.grade, 4), session.suspend, session.choices, session.bury, session.flag,
        partial(session.replace, due(1)),
    ):  # fmt: skip
        with pytest.raises(UsageError, match="no card"):
            act()


def test_undo_goes_back_step_by_step_to_the_start() -> None:
    bench = Bench(due(1, 1), study_card(2))
    questions = []
    for quality in (1, 3, 2, 4, 5):
        questions.append((bench.session.next(), bench.session.summary()))
        bench.session.grade(quality)
    assert bench.asked is None
    for question, summary in reversed(questions):
        assert question is not None
        assert bench.session.undo() == question.card
        assert (bench.session.next(), bench.session.summary()) == (question, summary)
    assert bench.session.undo() is None
    assert bench.ledger.states == {"deck:1": due(1, 1).state, "deck:2": sm2.new()}
    assert [row.undoes for row in bench.ledger.rows[5:]] == [5, 4, 3, 2, 1]


def test_after_an_undo_the_session_goes_on_as_if_the_grade_had_not_been() -> None:
    bench = Bench(due(1, 1), due(2))
    bench.answer(1, 4)
    bench.session.undo()
    bench.session.undo()
    assert bench.answer(4, 4) == [1, 2]
    assert bench.asked is None


def test_an_answer_of_3_lets_in_the_cards_that_wait() -> None:
    bench = Bench(study_card(1), study_card(2, after=(1,)), study_card(3))
    assert bench.answer(2, 4, 3, 4, 4) == [1, 3, 1, 2, 1]


def test_undo_of_the_grade_that_let_a_card_in_keeps_it_out_again() -> None:
    bench = Bench(study_card(1), study_card(2, after=(1,)), study_card(3))
    bench.answer(4)
    assert bench.asked == 2
    bench.session.undo()
    assert bench.answer(0) == [1]
    assert bench.asked == 3
    bench.session.undo()
    assert bench.answer(5, 4, 4) == [1, 2, 3]


def test_undo_of_a_later_good_answer_leaves_the_earlier_one_standing() -> None:
    bench = Bench(study_card(1), study_card(2), study_card(3, after=(1, 2)))
    assert bench.answer(3, 2, 4) == [1, 2, 1]
    bench.session.undo()
    assert bench.answer(0, 4) == [1, 2]
    assert bench.asked == 3


def test_without_gating_nobody_waits() -> None:
    bench = Bench(study_card(1), study_card(2, after=(1,)), gating=False)
    assert bench.answer(0, 4, 4) == [1, 2, 1]


def test_a_free_slot_goes_to_the_next_open_card_when_the_planned_one_still_waits() -> None:
    bench = Bench(study_card(1), study_card(2, after=(1,)), study_card(3), new_left=2)
    assert bench.answer(1, 4, 4) == [1, 3, 1]
    assert bench.asked is None


def test_a_suspended_card_leaves_the_session_and_holds_nothing_back() -> None:
    bench = Bench(study_card(1), study_card(2, after=(1,)))
    assert bench.session.suspend().suspended
    assert bench.ledger.suspended == {"deck:1"}
    assert bench.answer(4) == [2]
    assert (bench.asked, bench.session.summary().suspended) == (None, 1)


def test_undo_brings_a_suspended_card_back() -> None:
    bench = Bench(study_card(1), study_card(2, after=(1,)))
    bench.answer(2)
    bench.session.suspend()
    assert bench.asked == 2
    card = bench.session.undo()
    assert card is not None
    assert (card.suspended, bench.ledger.suspended, bench.asked) == (False, set(), 1)
    assert bench.answer(3) == [1]
    assert bench.asked == 2


def test_a_buried_card_leaves_the_session_and_holds_nothing_back() -> None:
    bench = Bench(study_card(1), study_card(2, after=(1,)))
    assert bench.session.bury() == study_card(1, buried=True)
    assert bench.ledger.buried == {"deck:1": TODAY}
    assert bench.answer(4) == [2]
    summary = bench.session.summary()
    assert (bench.asked, summary.buried, summary.suspended) == (None, 1, 0)


def test_undo_takes_back_grades_suspensions_and_burials_in_turn() -> None:
    cards = (due(1, 3), due(2, 2), due(3, 1))
    bench = Bench(*cards)
    bench.session.bury()
    bench.answer(2)
    bench.session.suspend()
    bench.session.bury()
    assert (bench.asked, bench.ledger.buried.keys()) == (None, {"deck:1", "deck:2"})
    assert (bench.session.undo(), bench.asked, bench.ledger.buried.keys()) == (
        due(2, 2).model_copy(update={"state": bench.ledger.states["deck:2"], "pending_repeat": True}),
        2,
        {"deck:1"},
    )
    assert [bench.session.undo() for _ in range(4)] == [*reversed(cards), None]
    assert (bench.asked, bench.ledger.buried, bench.ledger.suspended) == (1, {}, set())
    assert bench.answer(4, 4, 4) == [1, 2, 3]


def test_a_card_is_buried_on_the_study_day_of_the_moment() -> None:
    bench = Bench(due(1))
    bench.now = NOON + timedelta(days=1)
    bench.session.bury()
    assert bench.ledger.buried == {"deck:1": TODAY + timedelta(days=1)}


def test_a_flag_is_no_step_and_the_question_stands() -> None:
    bench = Bench(due(1, 1), due(2))
    bench.answer(2)
    assert bench.session.flag().flagged
    question = bench.session.next()
    assert question is not None
    assert (question.card, bench.ledger.flagged) == (due(2, flagged=True), {"deck:2"})
    assert not bench.session.flag().flagged
    assert (bench.session.next(), bench.ledger.flagged) == (replace(question, card=due(2)), set())
    assert bench.session.undo() == due(1, 1)


def test_a_flag_stays_when_earlier_steps_are_taken_back() -> None:
    bench = Bench(due(1))
    bench.answer(2, 3)
    bench.session.flag()
    for _ in range(2):
        card = bench.session.undo()
        assert card is not None and card.flagged
    bench.answer(4)
    assert bench.ledger.flagged == {"deck:1"}


def test_an_edited_card_is_asked_with_its_new_text_and_its_own_state() -> None:
    bench = Bench(due(1))
    bench.answer(2)
    question = bench.session.next()
    assert question is not None
    edited = due(1, flagged=True).card.model_copy(update={"front": "edited"})
    bench.session.replace(due(1, flagged=True).model_copy(update={"card": edited, "deck_title": "New"}))
    stands = bench.session.next()
    assert stands is not None
    new = {"card": edited, "deck_title": "New", "flagged": True}
    assert stands == replace(question, card=question.card.model_copy(update=new))
    assert bench.session.grade(4).kind is ReviewKind.REPEAT
    for _ in range(2):
        card = bench.session.undo()
        assert card is not None and card.card == edited


def test_another_card_cannot_take_the_place_of_the_one_in_question() -> None:
    bench = Bench(due(1), due(2))
    with pytest.raises(UsageError, match="another card"):
        bench.session.replace(due(2))
    assert bench.asked == 1


def test_the_passes_left_over_from_a_killed_session_are_asked() -> None:
    bench = Bench(study_card(1, due=TODAY + timedelta(days=1), pending_repeat=True), new_left=0, reviews_left=0)
    assert bench.session.grade(4).kind is ReviewKind.REPEAT
    assert bench.asked is None


def test_cram_changes_no_schedule() -> None:
    cards = (study_card(1), due(2, 9), due(3, -9))
    bench = Bench(*cards, cram=True)
    assert bench.answer(1, 4, 4, 4) == [1, 2, 3, 1]
    assert {row.kind for row in bench.ledger.rows} == {ReviewKind.REPEAT}
    assert bench.ledger.states == {card.id: card.state for card in cards}


def test_a_card_named_twice_is_asked_once() -> None:
    bench = Bench(due(1), due(1))
    assert bench.answer(4) == [1]
    assert bench.asked is None


def test_the_study_day_of_a_grade_is_that_of_its_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    study_day = partial(clock.study_day, day_start_hour=4)
    turn = datetime(2026, 3, 2, 4).astimezone(UTC)
    bench = Bench(due(1, 1), due(2), study_day=study_day)
    bench.now = turn - timedelta(seconds=1)
    before = bench.session.grade(4)
    bench.now = turn
    assert bench.session.choices()[4].due == date(2026, 3, 17)
    after = bench.session.grade(4)
    assert [(row.study_day, row.after.due) for row in (before, after)] == [
        (date(2026, 3, 1), date(2026, 3, 16)),
        (date(2026, 3, 2), date(2026, 3, 17)),
    ]


def test_the_summary_counts_answers_cards_grades_and_what_comes() -> None:
    bench = Bench(due(1), study_card(2), study_card(3), study_card(4), due(5, -9), due(6, -9, suspended=True))
    for quality, seconds in ((2, 1.5), (4, 2.0), (1, 3.0)):
        bench.session.grade(quality, seconds)
    summary = bench.session.summary()
    assert (summary.answered, summary.cards, summary.seconds, summary.again) == (3, 3, 6.5, 2)
    assert summary.by_quality == {0: 0, 1: 1, 2: 1, 3: 0, 4: 1, 5: 0}
    assert summary.by_button == {"Again": 2, "Hard": 0, "Good": 1, "Easy": 0}
    assert (summary.new_learned, summary.lapses, summary.suspended) == (1, 2, 0)
    assert summary.remaining == Counts(new=1, repeats=2)
    assert summary.upcoming == {TODAY + timedelta(days=1): 3, TODAY + timedelta(days=9): 1}


def test_only_cards_that_were_new_count_as_learned_and_only_later_days_as_upcoming() -> None:
    bench = Bench(due(1), due(2))
    bench.answer(4)
    summary = bench.session.summary()
    assert (summary.new_learned, summary.upcoming) == (0, {TODAY + timedelta(days=15): 1})


def test_a_suspended_card_is_not_upcoming() -> None:
    bench = Bench(due(1))
    bench.answer(2)
    bench.session.suspend()
    assert bench.session.summary().upcoming == {}


def test_a_buried_card_comes_tomorrow_or_when_it_is_due() -> None:
    bench = Bench(due(1), due(2), due(3, -4), ahead=4)
    for _ in range(3):
        bench.session.bury()
    assert bench.session.summary().upcoming == {TODAY + timedelta(days=1): 2, TODAY + timedelta(days=4): 1}


def test_a_new_card_is_learned_once_an_extra_pass_gets_a_3() -> None:
    bench = Bench(study_card(1))
    bench.answer(1)
    assert bench.session.summary().new_learned == 0
    bench.answer(3)
    assert (bench.session.summary().new_learned, bench.session.summary().lapses) == (1, 1)


def test_what_was_undone_is_not_in_the_summary() -> None:
    bench = Bench(due(1))
    fresh = bench.session.summary()
    bench.answer(4)
    bench.session.undo()
    assert bench.session.summary() == fresh


def other_run(cards: list[StudyCard], ledger: MemoryLedger) -> Session:
    return Session(cards, ledger, today=TODAY, study_day=lambda _: TODAY, new_left=99, reviews_left=99)


@pytest.mark.parametrize(("quality", "comes_back"), [(5, False), (2, True)])
def test_a_card_that_was_graded_elsewhere_is_left_out_or_comes_back(quality: int, comes_back: bool) -> None:
    cards = [study_card(1, due=TODAY), study_card(2, due=TODAY)]
    ledger = MemoryLedger(cards)
    here, there = other_run(cards, ledger), other_run(cards, ledger)
    assert here.next() is not None and here.refresh() is None
    there.grade(quality)
    with pytest.raises(ConflictError):
        here.grade(4)
    fresh = here.refresh()
    assert fresh is not None and fresh.state == ledger.states["deck:1"]
    asked = []
    while (question := here.next()) is not None:
        asked.append((question.card.id, question.repeat))
        here.grade(4)
    assert asked == [("deck:2", False), *([("deck:1", True)] if comes_back else [])]
    assert len(ledger.log("deck:1")) == 1 + comes_back


def test_a_card_that_was_suspended_or_taken_back_elsewhere() -> None:
    cards = [study_card(1, due=TODAY), study_card(2)]
    ledger = MemoryLedger(cards)
    here, there = other_run(cards, ledger), other_run(cards, ledger)
    assert here.next() is not None
    there.grade(4)
    there.undo()
    assert here.refresh() is None
    there.suspend()
    fresh = here.refresh()
    assert fresh is not None and fresh.suspended
    question = here.next()
    assert question is not None and question.card.id == "deck:2"


def test_a_card_that_was_buried_elsewhere_is_left_out() -> None:
    cards = [study_card(1, due=TODAY), study_card(2, after=(1,), deck="deck")]
    ledger = MemoryLedger(cards)
    here, there = other_run(cards, ledger), other_run(cards, ledger)
    assert here.next() is not None
    there.bury()
    fresh = here.refresh()
    assert fresh is not None and fresh.buried
    question = here.next()
    assert question is not None and question.card.id == "deck:2"


def test_a_flag_from_elsewhere_is_taken_in_while_the_question_stands() -> None:
    cards = [study_card(1, due=TODAY)]
    ledger = MemoryLedger(cards)
    here = other_run(cards, ledger)
    here.grade(2)
    assert here.next() is not None
    ledger.flag("deck:1")
    assert here.refresh() is None
    question = here.next()
    assert question is not None and (question.card.flagged, question.repeat) == (True, True)
    assert here.grade(4).kind is ReviewKind.REPEAT


def test_a_grade_that_was_overtaken_elsewhere_cannot_be_taken_back() -> None:
    cards = [study_card(1, due=TODAY), study_card(2, due=TODAY)]
    ledger = MemoryLedger(cards)
    here = other_run(cards, ledger)
    here.grade(2)
    ledger.record(ledger.rows[0].model_copy(update={"before": ledger.states["deck:1"], "after": sm2.new()}))
    question = here.next()
    with pytest.raises(ConflictError):
        here.undo()
    assert here.next() == question


def with_back(card: StudyCard, back: str) -> StudyCard:
    return card.model_copy(update={"card": card.card.model_copy(update={"back": back})})


def test_a_new_text_is_taken_in_while_the_question_stands() -> None:
    cards = [study_card(1, due=TODAY)]
    ledger = MemoryLedger(cards)
    here = other_run(cards, ledger)
    here.grade(2)
    assert here.next() is not None
    ledger.cards["deck:1"] = with_back(cards[0], "another back").model_copy(update={"path": "moved.md"})
    assert here.refresh() is None
    question = here.next()
    assert question is not None and question.repeat
    assert (question.card.card.back, question.card.path) == ("another back", "moved.md")
    undone = here.undo()
    assert undone is not None and undone.card.back == "another back" and undone.state == cards[0].state


def test_a_new_text_may_change_the_state_that_a_card_begins_with() -> None:
    cards = [study_card(1)]
    ledger = MemoryLedger(cards)
    here = other_run(cards, ledger)
    assert here.next() is not None
    ledger.states["deck:1"] = CardState(ease_factor=2.1)
    assert here.refresh() is None
    assert here.grade(4).before == CardState(ease_factor=2.1)


def test_other_cards_get_their_new_text_without_a_look_at_it() -> None:
    bench = Bench(due(1), due(2), due(3))
    standing = bench.session.next()
    assert standing is not None
    bench.session.renew([with_back(card, "another back") for card in (due(1), due(2), due(4))])
    assert bench.session.next() == standing
    backs = []
    while (question := bench.session.next()) is not None:
        backs.append(question.card.card.back)
        bench.session.grade(4)
    assert backs == ["back", "another back", "back"]
    bench.session.renew([with_back(due(3), "a third")])
    undone = bench.session.undo()
    assert undone is not None and (undone.card.back, undone.state) == ("a third", due(3).state)


def order(bench: Bench, quality: int = 4, limit: int = 9) -> list[str]:
    """The cards in the order they are asked, without their deck."""
    asked: list[str] = []
    while (question := bench.session.next()) is not None and len(asked) < limit:
        asked.append(question.card.card.place)
        bench.session.grade(quality)
    return asked


def test_a_sibling_waits_where_due_cards_end_and_new_ones_begin() -> None:
    assert order(Bench(due(1), study_card(1, variant="c2"), study_card(2))) == ["1", "2", "1/c2"]
    assert order(Bench(due(1), study_card(1, variant="c2"), study_card(2, deck="later"))) == ["1", "2", "1/c2"]
    assert order(Bench(due(1, 1), due(1, variant="c2"), study_card(2))) == ["1", "2", "1/c2"]
    assert order(Bench(due(1), study_card(1, variant="c2"), study_card(1, variant="c3"))) == ["1", "1/c2", "1/c3"]


def test_a_sibling_waits_for_an_extra_pass_of_another_card() -> None:
    cards = [due(2, 2), due(1, 1), study_card(1, variant="c2")]
    bench = Bench(*cards)
    assert bench.answer(2, 4) == [2, 1]
    question = bench.session.next()
    assert question is not None and question.repeat and question.card.card.number == 2
    bench.session.undo()
    assert order(bench) == ["1", "2", "1/c2"]
