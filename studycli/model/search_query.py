"""A search query: groups of words, phrases, filters and comparisons, one of which must hold."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from studycli.model.value import Value


class FilterName(StrEnum):
    """What a filter asks for."""

    DECK = "deck"
    CONCEPT = "concept"
    TAG = "tag"
    DIFFICULTY = "difficulty"
    LEVEL = "level"
    IS = "is"
    HAS = "has"
    IN = "in"


class Standing(StrEnum):
    """The values of `is:`."""

    NEW = "new"
    DUE = "due"
    LEARNING = "learning"
    REVIEW = "review"
    SUSPENDED = "suspended"
    BURIED = "buried"
    FLAGGED = "flagged"
    ARCHIVED = "archived"
    CRITICAL = "critical"


class Quantity(StrEnum):
    """What can be compared: the ease factor, the interval in days, lapses, repetitions, the day a card is due."""

    EASE = "ease"
    INTERVAL = "interval"
    LAPSES = "lapses"
    REPS = "reps"
    DUE = "due"


class Term(Value):
    """A word, or the words of a phrase in their order; with `prefix` the last one may go on."""

    text: str
    prefix: bool = False
    excluded: bool = False


class Filter(Value):
    """A filter and its value; `piece` is as typed, for messages."""

    name: FilterName
    value: str
    excluded: bool = False
    piece: str = ""


class Comparison(Value):
    """A quantity against a number, or `due` against a day or a number of days from today."""

    quantity: Quantity
    operator: str
    value: float | date
    excluded: bool = False


class Group(Value):
    """What must all hold of a hit."""

    terms: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    comparisons: tuple[Comparison, ...] = ()

    @property
    def sought(self) -> tuple[Term, ...]:
        """The terms that a hit must have."""
        return tuple(term for term in self.terms if not term.excluded)

    @property
    def looks_in(self) -> bool:
        """Whether it says where to look: in cards, notes or concepts."""
        return any(part.name is FilterName.IN for part in self.filters)


class SearchQuery(Value):
    """What is looked for: hits of any of the `groups`. Without groups it means every card."""

    text: str = ""
    groups: tuple[Group, ...] = ()
