"""The words of a review."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from studycli.model.review import CardState, StudyCard
from studycli.review import wording
from studycli.review.session import Question
from studycli.review.summary import Counts, Summary
from studycli.review.weakness import Tally
from tests.memory_ledger import study_card

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "0 d"),
        (1, "1 d"),
        (30, "30 d"),
        (59, "59 d"),
        (60, "2 months"),
        (45, "45 d"),
        (61, "2 months"),
        (364, "12 months"),
        (365, "12 months"),
        (366, "1 year"),
        (548, "1.5 years"),
        (36_500, "99.9 years"),
    ],
)
def test_intervals(days: int, words: str) -> None:
    assert wording.interval(days) == words


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (TODAY, "today"),
        (TODAY + timedelta(days=1), "tomorrow (2026-03-03)"),
        (date(2026, 3, 6), "on Fri 6 March"),
        (date(2027, 1, 1), "on Fri 1 January 2027"),
    ],
)
def test_days(when: date, words: str) -> None:
    assert wording.day(when, TODAY) == words


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (study_card(1), "new"),
        (study_card(1, suspended=True), "suspended"),
        (study_card(1, due=TODAY, buried=True), "buried"),
        (study_card(1, due=TODAY, interval=6), "interval 6 d, due today"),
        (study_card(1, due=TODAY - timedelta(days=3), interval=6), "interval 6 d, due 3 d ago"),
        (study_card(1, due=TODAY + timedelta(days=4), interval=90), "interval 3 months, due on Fri 6 March"),
    ],
)
def test_where_a_card_stands(card: StudyCard, words: str) -> None:
    assert wording.standing(card, TODAY) == words


def done(**values: object) -> Summary:
    base: dict[str, object] = {
        "answered": 3,
        "cards": 2,
        "by_quality": {0: 0, 1: 0, 2: 1, 3: 0, 4: 2, 5: 0},
        "by_button": {"Again": 1, "Hard": 0, "Good": 2, "Easy": 0},
        "new_learned": 2,
        "lapses": 1,
        "suspended": 0,
        "seconds": 75.0,
        "remaining": Counts(),
        "upcoming": {TODAY + timedelta(days=1): 2},
    }
    return Summary(**{**base, **values})  # type: ignore[arg-type]


def test_the_summary_says_what_was_done_and_what_comes() -> None:
    assert wording.summary(done(), TODAY, "buttons", [], 0) == [
        "3 answers on 2 cards in 1 minute",
        "  Again 1 · Hard 0 · Good 2 · Easy 0",
        "due tomorrow (2026-03-03): 2 cards",
        "take back the last grade with: studycli undo",
    ]


def test_the_summary_names_what_was_learned_and_what_is_weak() -> None:
    weak = (Tally("Softmax", 3, 4), Tally("RoPE", 1, 1))
    lines = wording.summary(done(learned=tuple("abcdefg"), weakest=weak), TODAY, "buttons", [], 0)
    assert lines[2:4] == [
        "learned: a, b, c, d, e and 2 more",
        "weakest (answers below Good): Softmax 3 of 4, RoPE 1 of 1",
    ]


def test_the_summary_in_six_grades() -> None:
    lines = wording.summary(done(weakest=(Tally("Softmax", 3, 4),)), TODAY, "sm2", [], 0)
    assert lines[1:3] == ["  grade 2: 1 · grade 4: 2", "weakest (answers below Grade 4): Softmax 3 of 4"]


def test_the_summary_of_a_session_that_was_left() -> None:
    left = done(answered=0, suspended=1, remaining=Counts(new=1, due=2), upcoming={TODAY + timedelta(days=4): 1})
    assert wording.summary(left, TODAY, "buttons", ["my deck"], 3) == [
        "nothing was graded",
        "1 card suspended; `studycli unsuspend CARD` brings one back",
        "due tomorrow (2026-03-03): 0 cards",
        "next: 1 card on Fri 6 March",
        "left for today: 3 cards; go on with:",
        "  studycli review 'my deck'",
    ]


def test_the_summary_says_what_was_buried() -> None:
    lines = wording.summary(done(suspended=1, buried=2), TODAY, "buttons", [], 0)
    assert lines[2:4] == [
        "1 card suspended; `studycli unsuspend CARD` brings one back",
        "2 cards buried until tomorrow; `studycli unbury CARD` brings one back",
    ]


def test_nothing_due_tells_what_is_buried() -> None:
    buried = [study_card(1, due=TODAY, buried=True), study_card(2, buried=True, suspended=True)]
    said = "1 card buried until tomorrow; `studycli unbury CARD` brings one back"
    assert wording.nothing_due(buried, TODAY, []) == ["No cards to review today.", said]
    later = study_card(3, due=TODAY + timedelta(days=4))
    assert wording.nothing_due([*buried, later], TODAY, [])[:3] == [
        "Nothing is due.", said, "Next: 1 card on Fri 6 March, in 4 d.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("card", "what"),
    [
        (study_card(1, suspended=True), "is suspended now"),
        (study_card(1, buried=True), "is buried until tomorrow"),
        (study_card(1), "was graded elsewhere meanwhile"),
    ],
)
def test_a_card_that_changed_meanwhile(card: StudyCard, what: str) -> None:
    assert wording.changed_meanwhile(card) == f"deck:1 {what}"


def test_a_card_that_left_its_document() -> None:
    assert wording.changed_meanwhile(study_card(1, archived=True)) == "deck:1 is no longer in its document"


@pytest.mark.parametrize(("days", "words"), [(45, "45 d"), (76, "2.5 mo"), (366, "1 y"), (438, "1.2 y")])
def test_a_short_interval(days: int, words: str) -> None:
    assert wording.interval(days, short=True) == words


def test_nothing_due_tells_when_and_how() -> None:
    later = study_card(1, due=TODAY + timedelta(days=4))
    assert wording.nothing_due([later, study_card(2, suspended=True)], TODAY, ["my deck"]) == [
        "Nothing is due.",
        "Next: 1 card on Fri 6 March, in 4 d.",
        "Study ahead with: studycli review 'my deck' --ahead 4",
        "Practise without changing the schedule with: studycli review 'my deck' --cram",
    ]


def test_nothing_due_because_of_limits_or_gates() -> None:
    lines = wording.nothing_due([study_card(1), study_card(2)], TODAY, [])
    assert "2 new cards left: the day's limit is used up, or they wait for cards that come before them." in lines
    assert "Take them now with: studycli review --new 2 --no-gating" in lines


@pytest.mark.parametrize(
    ("cards", "reason"),
    [
        ([], "There are no cards yet."),
        ([study_card(1, suspended=True)], "No cards to review: all of these are suspended or archived."),
    ],
)
def test_nothing_to_review_at_all(cards: list[StudyCard], reason: str) -> None:
    assert wording.nothing_due(cards, TODAY, []) == [reason, "Add your documents with: studycli add PATH"]


def test_choices_show_where_each_grade_leads() -> None:
    choices = {quality: CardState(interval_days=quality * 20) for quality in range(6)}
    assert wording.buttons("buttons", choices, repeat=False) == [
        "1 Again 40 d",
        "2 Hard 2 months",
        "3 Good 2.6 months",
        "4 Easy 3.3 months",
    ]
    assert wording.buttons("sm2", choices, repeat=False)[:2] == ["0: 0 d", "1: 20 d"]
    assert wording.buttons("sm2", choices, repeat=True) == ["0", "1", "2", "3", "4", "5"]


def test_a_cram_is_no_again() -> None:
    question = Question(study_card(1), new=False, repeat=True, position=1, remaining=Counts(cram=5))
    assert wording.progress(question.remaining) == "cram 5"
    assert wording.position(question) == "cram, 5 left"
