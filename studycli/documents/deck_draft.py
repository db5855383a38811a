"""A deck while it is being read."""

from __future__ import annotations

from dataclasses import dataclass, field

from studycli.documents.outline import Outline
from studycli.model.card import Card, Difficulty
from studycli.model.deck import BriefForm, CriticalKnowledge, ReviewDay, ScheduleRow, Table
from studycli.model.lesson import Section
from studycli.model.problem import Problem


@dataclass
class Draft:
    """What has been read so far; a total and a distribution come with their line (1-based)."""

    outline: Outline
    problems: list[Problem]
    cards: list[Card] = field(default_factory=list)
    critical_knowledge: list[CriticalKnowledge] = field(default_factory=list)
    source_mapping: list[Table] = field(default_factory=list)
    schedule: list[ScheduleRow] = field(default_factory=list)
    review_days: list[ReviewDay] = field(default_factory=list)
    connections: list[Table] = field(default_factory=list)
    recommendations: list[str] = field(default_factory=list)
    tsv: list[BriefForm] = field(default_factory=list)
    csv: list[BriefForm] = field(default_factory=list)
    other_sections: list[Section] = field(default_factory=list)
    header: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    total: tuple[int, int] | None = None
    distribution: tuple[dict[Difficulty, int], int] | None = None
