"""A ledger in memory, and cards to study: what the tests of a session need instead of a database."""

from __future__ import annotations

from datetime import date, datetime

from studycli.errors import ConflictError, StoreError
from studycli.model.card import Card
from studycli.model.review import CardState, Review, ReviewKind, StudyCard
from studycli.model.variant import card_place
from studycli.scheduler import sm2


class MemoryLedger:
    """Rows, states and marks, kept with the rules that the store keeps; `broken` makes every call fail."""

    def __init__(self, cards: list[StudyCard]) -> None:
        self.rows: list[Review] = []
        self.cards = {card.id: card for card in cards}
        self.states = {card.id: card.state for card in cards}
        self.suspended = {card.id for card in cards if card.suspended}
        self.flagged = {card.id for card in cards if card.flagged}
        self.buried: dict[str, date] = {}
        self.broken = False

    def record(self, review: Review) -> Review:
        self._check()
        if self.states[review.card_id] != review.before:
            raise ConflictError("the card was graded elsewhere meanwhile", where=review.card_id)
        return self._append(review, review.after)

    def undo(self, review_id: int, at: datetime, study_day: date) -> Review:
        self._check()
        row = self.rows[review_id - 1]
        assert row.kind is not ReviewKind.UNDO
        if self.states[row.card_id] != row.after:
            raise ConflictError("only the last grade of a card can be taken back", where=row.card_id)
        undo = Review(
            card_id=row.card_id,
            kind=ReviewKind.UNDO,
            reviewed_at=at,
            study_day=study_day,
            quality=None,
            before=row.after,
            after=row.before,
            undoes=review_id,
        )
        return self._append(undo, row.before)

    def suspend(self, card_id: str, suspended: bool = True) -> None:
        self._check()
        (self.suspended.add if suspended else self.suspended.remove)(card_id)

    def flag(self, card_id: str, flagged: bool = True) -> None:
        self._check()
        (self.flagged.add if flagged else self.flagged.remove)(card_id)

    def bury(self, card_id: str, study_day: date | None) -> None:
        self._check()
        if study_day is None:
            del self.buried[card_id]
        else:
            self.buried[card_id] = study_day

    def card(self, card_id: str, today: date) -> StudyCard:
        """The card with its state; a pass is pending as the last standing grade of the day says."""
        undone = {row.undoes for row in self.rows}
        stand = [row for row in self.log(card_id) if row.quality is not None and row.id not in undone]
        last = stand[-1] if stand else None
        pending = last is not None and last.quality is not None and last.quality < 4 and last.study_day == today
        return self.cards[card_id].model_copy(
            update={
                "state": self.states[card_id],
                "suspended": card_id in self.suspended,
                "flagged": card_id in self.flagged,
                "buried": self.buried.get(card_id) == today,
                "pending_repeat": pending,
                "answered_well": self.cards[card_id].answered_well or any((row.quality or 0) >= 3 for row in stand),
            }
        )

    def log(self, card_id: str) -> list[Review]:
        return [row for row in self.rows if row.card_id == card_id]

    def _append(self, row: Review, state: CardState) -> Review:
        written = row.model_copy(update={"id": len(self.rows) + 1})
        self.rows.append(written)
        self.states[row.card_id] = state
        return written

    def _check(self) -> None:
        if self.broken:
            raise StoreError("the disk is full")


def study_card(
    number: int,
    *,
    deck: str = "deck",
    due: date | None = None,
    interval: int = 6,
    after: tuple[int, ...] = (),
    first_interval: int = 1,
    variant: str = "",
    **fields: bool,
) -> StudyCard:
    """A card `deck:number`; with a due day it is in review with this interval, without one it is new."""
    state = sm2.new() if due is None else CardState(repetitions=2, interval_days=interval, due=due)
    return StudyCard(
        id=f"{deck}:{card_place(number, variant)}",
        deck=deck,
        deck_title=deck,
        path=f"{deck}.md",
        card=Card(
            number=number,
            front="front",
            back="back",
            after=after,
            initial_interval_days=first_interval,
            variant=variant,
        ),
        state=state,
        **{"answered_well": due is not None, **fields},
    )
