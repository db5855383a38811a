"""The queue of a session: which cards are asked, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from studycli.model.review import StudyCard
from studycli.scheduler.introduction import Introduction
from studycli.scheduler.siblings import apart


@dataclass(frozen=True, slots=True)
class Queue:
    """What a session asks: first `due`, then `new`, then `repeats`.

    `due` is the most overdue first, cut to the limits. `new` is the order of introduction if every answer is good, cut
    to the limits too; `documents` are the active cards of each document that it is taken from. `repeats` are extra
    passes that change no schedule.
    """

    due: tuple[StudyCard, ...]
    new: tuple[StudyCard, ...]
    repeats: tuple[StudyCard, ...]
    documents: tuple[Sequence[StudyCard], ...]
    gating: bool

    @property
    def cards(self) -> tuple[StudyCard, ...]:
        """Every card in the order it is asked, if every answer is good, and no sibling goes before."""
        return self.due + self.new + self.repeats

    def introduction(self) -> Introduction:
        """The new cards at the start of the session."""
        return Introduction(self.documents, len(self.new), gating=self.gating)


def build(
    cards: Sequence[StudyCard],
    today: date,
    *,
    new_left: int,
    reviews_left: int,
    ahead: int = 0,
    cram: bool = False,
    gating: bool = True,
    limit: int | None = None,
) -> Queue:
    """The queue for the study day `today`. Documents count in the order in which `cards` first names them.

    What is suspended, buried or archived is left out everywhere, and no card waits for it.
    `new_left` and `reviews_left` are what the day's limits leave over, `limit` the number of cards of this session.
    Passes that a card still needs today cost no limit. `ahead` counts cards due within so many days as due. With `cram`
    every card is an extra pass, whatever is due; limits of the day and gates don't count. Siblings don't follow one
    another where another card can stand between them.
    """
    documents = _by_document(cards)
    if cram:
        asked = apart(card for document in documents for card in sorted(document, key=_place))
        return Queue(due=(), new=(), repeats=tuple(asked[:limit]), documents=(), gating=False)
    due: list[StudyCard] = []
    repeats: list[StudyCard] = []
    horizon = date.fromordinal(min(today.toordinal() + ahead, date.max.toordinal()))
    for document in documents:
        due += sorted((card for card in document if _is_due(card, today, horizon)), key=_place)
        repeats += sorted((card for card in document if _needs_a_pass(card, today)), key=_place)
    due = apart(sorted(due, key=lambda card: _overdue(card, today), reverse=True))
    repeats = apart(repeats)
    del due[_at_most(reviews_left, limit) :]
    slots = _at_most(new_left, None if limit is None else limit - len(due))
    introduction = Introduction(documents, slots, gating=gating)
    new = _introduced(introduction, due, repeats)
    return Queue(tuple(due), tuple(new), tuple(repeats), documents=tuple(documents), gating=gating)


def _by_document(cards: Iterable[StudyCard]) -> list[list[StudyCard]]:
    documents: dict[str, list[StudyCard]] = {}
    for card in cards:
        if not card.set_aside:
            documents.setdefault(card.path, []).append(card)
    return list(documents.values())


def _place(card: StudyCard) -> tuple[int, int]:
    return (card.card.line, card.card.number)


def _is_due(card: StudyCard, today: date, horizon: date) -> bool:
    day = card.state.due
    return day is not None and (day <= today or (day <= horizon and not card.pending_repeat))


def _needs_a_pass(card: StudyCard, today: date) -> bool:
    """True for a card that got less than 4 today. One that is due or new had no review yet, so that comes first."""
    return card.pending_repeat and card.state.due is not None and card.state.due > today


def _overdue(card: StudyCard, today: date) -> float:
    """How late a card is, in intervals: (today - due) / interval."""
    if card.state.due is None:
        return 0.0
    return (today.toordinal() - card.state.due.toordinal()) / max(1, card.state.interval_days)


def _at_most(left: int, limit: int | None) -> int:
    return max(0, left if limit is None else min(left, limit))


def _introduced(introduction: Introduction, due: Sequence[StudyCard], repeats: Sequence[StudyCard]) -> list[StudyCard]:
    """The new cards in the order of introduction, if every answer of the session is good."""
    for card in due:
        introduction.settle(card.id)
    order = _drain(introduction)
    for card in repeats:
        introduction.settle(card.id)
        order += _drain(introduction)
    return order


def _drain(introduction: Introduction) -> list[StudyCard]:
    order = []
    while (card := introduction.first()) is not None:
        introduction.take(card.id)
        introduction.settle(card.id)
        order.append(card)
    return order
