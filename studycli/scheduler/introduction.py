"""The introduction of new cards: in document order, each once the cards it waits for are settled."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from studycli.model.review import StudyCard
from studycli.scheduler import gates
from studycli.scheduler.siblings import apart, are_siblings


class Introduction:
    """New cards in document order behind their gates, siblings apart; every step can be taken back.

    Documents are opened one by one as their cards are needed: no gate reaches across, and a library may hold thousands.
    """

    def __init__(self, documents: Iterable[Sequence[StudyCard]], slots: int, *, gating: bool = True) -> None:
        """`documents` are the active cards of each, of which at most `slots` new ones are introduced."""
        self._documents = iter(documents)
        self._slots = slots
        self._gating = gating
        self._cards: list[StudyCard] = []
        self._place: dict[str, int] = {}
        self._gates: dict[str, tuple[str, ...]] = {}
        self._followers: dict[str, list[str]] = {}
        self._settled: set[str] = set()
        self._taken: set[str] = set()
        # Every open card is in the heap at least once; what is taken or waits again is passed over when it comes up.
        self._heap: list[int] = []

    def first(self, before: StudyCard | None = None) -> StudyCard | None:
        """The first card in document order that is open, or None when none is or the slots are used up.

        A sibling of the card `before` is passed over.
        """
        if len(self._taken) >= self._slots:
            return None
        passed: list[int] = []
        try:
            while True:
                while self._heap:
                    card = self._cards[self._heap[0]]
                    is_open = card.id not in self._taken and self._open(card.id)
                    if is_open and not are_siblings(card, before):
                        return card
                    place = heapq.heappop(self._heap)
                    if is_open:
                        passed.append(place)
                document = next(self._documents, None)
                if document is None:
                    return None
                self._add(document)
        finally:
            for place in passed:
                heapq.heappush(self._heap, place)

    def take(self, card_id: str) -> None:
        """Introduce a card: it uses a slot."""
        self._taken.add(card_id)

    def give_back(self, card_id: str) -> None:
        """Take back `take`."""
        self._taken.discard(card_id)
        heapq.heappush(self._heap, self._place[card_id])

    def settle(self, card_id: str) -> None:
        """Open the gates of the cards that wait for this one."""
        self._settled.add(card_id)
        for follower in self._followers.get(card_id, ()):
            if self._open(follower):
                heapq.heappush(self._heap, self._place[follower])

    def unsettle(self, card_id: str) -> None:
        """Take back `settle`."""
        self._settled.discard(card_id)

    @property
    def left(self) -> int:
        """How many slots are left."""
        return self._slots - len(self._taken)

    def _add(self, document: Sequence[StudyCard]) -> None:
        if self._gating:
            built = gates.build(document)
            self._gates.update(built)
            self._followers.update(gates.followers(built))
        new = [card for card in document if card.state.due is None]
        for card in apart(sorted(new, key=lambda card: (card.card.line, card.card.number))):
            self._place[card.id] = len(self._cards)
            self._cards.append(card)
            if self._open(card.id):
                heapq.heappush(self._heap, self._place[card.id])

    def _open(self, card_id: str) -> bool:
        return all(leader in self._settled for leader in self._gates.get(card_id, ()))
