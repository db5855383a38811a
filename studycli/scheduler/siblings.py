"""Siblings: the study cards that one card of a document is asked as, kept apart in a session."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from studycli.model.review import StudyCard


def apart(cards: Iterable[StudyCard]) -> list[StudyCard]:
    """The cards in their order, but no two siblings one right after the other while another card is there to be asked.

    A sibling waits for the next card that is none of its own; everything else keeps its place. Linear.
    """
    spread: list[StudyCard] = []
    waiting: deque[StudyCard] = deque()  # siblings of each other, and of the last card that is in place
    for card in cards:
        if spread and _family(card) == _family(spread[-1]):
            waiting.append(card)
            continue
        spread.append(card)
        if waiting:
            spread.append(waiting.popleft())
    return [*spread, *waiting]


def are_siblings(card: StudyCard, other: StudyCard | None) -> bool:
    """Whether two study cards are of one document's card; its line may have moved since one of them was read."""
    return other is not None and (card.path, card.card.number) == (other.path, other.card.number)


def _family(card: StudyCard) -> tuple[str, int, int]:
    return (card.path, card.card.line, card.card.number)
