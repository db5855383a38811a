"""A deck: the cards of one document and what the document says about them."""

from __future__ import annotations

from studycli.model.card import Card, Difficulty
from studycli.model.lesson import Section
from studycli.model.problem import Problem
from studycli.model.value import Value


class CriticalKnowledge(Value):
    """A concept that the deck calls critical, with the numbers of the cards it appears in."""

    concept: str
    cards: tuple[int, ...] = ()
    reason: str = ""
    line: int = 0


class ScheduleRow(Value):
    """What the schedule table says about one card, as written and as understood."""

    card: int
    initial_interval_days: int | None = None
    initial_ease: float | None = None
    recommended_review: str = ""
    after: tuple[int, ...] = ()
    line: int = 0


class ReviewDay(Value):
    """A row of a review plan by day: the day's name and the cards it names."""

    day: str
    cards: tuple[int, ...] = ()
    text: str = ""
    line: int = 0


class Table(Value):
    """A table kept as it was: header and rows of cell text."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    line: int


class BriefForm(Value):
    """One line of an Anki TSV or CSV block: a short form of a card."""

    front: str
    back: str
    tags: tuple[str, ...] = ()
    difficulty: Difficulty | None = None
    concept: str | None = None
    cognitive_level: str | None = None
    card: int | None = None
    line: int = 0


class Deck(Value):
    """A deck as its document states it. `slug` is the file's stem, `title` has no 'Flashcard Set:' before it."""

    path: str
    slug: str
    title: str
    source: str | None = None
    subject_area: str | None = None
    date: str | None = None
    declared_total: int | None = None
    declared_total_line: int = 0
    declared_distribution: dict[Difficulty, int] = {}
    declared_distribution_line: int = 0
    cards: tuple[Card, ...] = ()
    critical_knowledge: tuple[CriticalKnowledge, ...] = ()
    source_mapping: tuple[Table, ...] = ()
    schedule: tuple[ScheduleRow, ...] = ()
    review_days: tuple[ReviewDay, ...] = ()
    connections: tuple[Table, ...] = ()
    recommendations: tuple[str, ...] = ()
    brief_forms: tuple[BriefForm, ...] = ()
    fields: dict[str, str] = {}
    other_sections: tuple[Section, ...] = ()
    problems: tuple[Problem, ...] = ()
