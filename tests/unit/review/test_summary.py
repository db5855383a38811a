"""What a session's summary says was learned, and what went worst."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from studycli.model.review import CardState, Review, ReviewKind, StudyCard
from studycli.review.summary import Counts, Summary, summarize
from studycli.review.weakness import Tally
from tests.memory_ledger import study_card

TODAY = date(2026, 3, 1)
NEW = CardState()
KNOWN = CardState(repetitions=2, interval_days=6, due=TODAY)


def about(number: int, concept: str | None = None, title: str = "") -> StudyCard:
    study = study_card(number)
    return study.model_copy(update={"card": study.card.model_copy(update={"concept": concept, "title": title})})


def answer(card: StudyCard, quality: int, before: CardState = KNOWN, kind: ReviewKind = ReviewKind.REVIEW) -> Review:
    return Review(
        card_id=card.id,
        kind=kind,
        reviewed_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        study_day=TODAY,
        quality=quality,
        before=before,
        after=before.model_copy(update={"due": TODAY + timedelta(days=1)}),
    )


def summary(*reviews: tuple[StudyCard, Review]) -> Summary:
    return summarize([row for _, row in reviews], [card for card, _ in reviews], today=TODAY, remaining=Counts())


def test_learned_are_new_cards_that_got_a_3_by_concept_title_or_place_each_once() -> None:
    cards = [
        about(1, "Softmax"),
        about(2, "softmax"),
        about(3, None, "The  scores"),
        about(4, " "),
        about(5, "Failed"),
        about(6, "Known"),
    ]
    rows = [answer(card, 2 if card.card.number == 5 else 3, KNOWN if card.card.number == 6 else NEW) for card in cards]
    assert summary(*zip(cards, rows, strict=True)).learned == ("Softmax", "The scores", "deck:4")


def test_a_card_that_failed_first_is_learned_by_its_extra_pass() -> None:
    card = about(1, "Softmax")
    rows = [answer(card, 1, NEW), answer(card, 4, KNOWN, ReviewKind.REPEAT)]
    assert summary(*[(card, row) for row in rows]).learned == ("Softmax",)


def test_the_weakest_have_a_miss_and_few_answers_say_little() -> None:
    slip, weak, known, fine = about(1, "Slip"), about(2, "Weak"), about(3, "Known"), about(4, "Fine")
    answers = [(slip, 3), *[(weak, 2)] * 4, (weak, 5), *[(known, 4)] * 20, (known, 3), (fine, 5)]
    found = summary(*[(card, answer(card, quality)) for card, quality in answers]).weakest
    assert found == (Tally("Weak", 4, 5), Tally("Slip", 1, 1), Tally("Known", 1, 21))


def test_at_most_three_are_the_weakest() -> None:
    cards = [about(number, f"Concept {number}") for number in range(5)]
    assert len(summary(*[(card, answer(card, 2)) for card in cards]).weakest) == 3
