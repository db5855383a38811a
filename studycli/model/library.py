"""The learner's library: its sources and decks, and what bringing it up to date changed."""

from __future__ import annotations

from studycli.model.problem import Problem
from studycli.model.value import Value
from studycli.model.variant import card_place


class DayCounts(Value):
    """What one study day had so far: first answers of new cards, and reviews of known ones."""

    new: int
    reviews: int


class Source(Value):
    """A folder or file that the learner studies from; `name` is 'bundled' or an absolute path.

    `switched_off` is by the setting 'bundled'; then it is not `available` either.
    """

    name: str
    documents: int = 0
    cards: int = 0
    available: bool = True
    switched_off: bool = False


class DeckSummary(Value):
    """A deck and where its cards stand today. `learned` counts cards answered at least once.

    What is `suspended`, or `buried` for today, is neither new nor due.
    """

    slug: str
    title: str
    path: str
    cards: int
    new: int
    due: int
    learned: int
    suspended: int
    buried: int = 0


class SourceProblem(Value):
    """A problem of a document or source, with its path."""

    path: str
    problem: Problem


class CardChange(Value):
    """One card that a sync touched, where it is now; `from_deck` is where it was before a move.

    `variant` is the way the card is asked, as in `Card`.
    """

    id: str
    deck: str
    number: int
    front: str
    from_deck: str | None = None
    variant: str = ""

    @property
    def place(self) -> str:
        """The card's name as commands take it: 'deck:4', 'deck:4/c2'."""
        return f"{self.deck}:{card_place(self.number, self.variant)}"


class Ambiguity(Value):
    """A card whose identity was not guessed: it started anew as `card`, and may be any of `candidates`."""

    card: CardChange
    candidates: tuple[str, ...]
    reason: str


class SyncReport(Value):
    """What a sync changed, or would change. `read` counts the documents that were read, `documents` all there are.

    `archived_reviewed` are those of `archived` that have a history.
    """

    documents: int = 0
    read: int = 0
    added: tuple[CardChange, ...] = ()
    changed: tuple[CardChange, ...] = ()
    moved: tuple[CardChange, ...] = ()
    archived: tuple[CardChange, ...] = ()
    archived_reviewed: tuple[CardChange, ...] = ()
    restored: tuple[CardChange, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    problems: tuple[SourceProblem, ...] = ()

    @property
    def quiet(self) -> bool:
        """True when no card was touched."""
        return not (self.added or self.changed or self.moved or self.archived or self.restored or self.ambiguous)
