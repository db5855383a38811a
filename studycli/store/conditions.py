"""Filters and comparisons of a query, as conditions on what the store knows of a card."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    column,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    table,
)

from studycli.model.search_query import Comparison, Filter, FilterName, Group, Quantity, Standing
from studycli.store import match
from studycli.store.schema import documents, notes

Condition = ColumnElement[bool]

INDEX = table("search", column("rowid"))
_GONE = select(documents.c.id).where(documents.c.gone_at.is_not(None))
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}


@dataclass(frozen=True)
class Names:
    """What the names in a query's filters stand for: slugs of decks, and names of concepts, by the filter's value."""

    decks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    concepts: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Conditions:
    """Conditions on an entry of the index. `facts` is the entry of the card that it is, or that it is a note on."""

    entry: FromClause
    facts: FromClause
    names: Names
    today: date

    def of(self, group: Group) -> Condition:
        """That a group's filters and comparisons hold; its terms are another matter.

        What is archived is out unless asked for, but for the learner's notes. Nothing but cards is found where a group
        has neither words nor a place to look in.
        """
        found = [self._signed(self._filter(part), part.excluded) for part in group.filters]
        found += [self._signed(self._comparison(part), part.excluded) for part in group.comparisons]
        if not any(part.value == Standing.ARCHIVED and not part.excluded for part in group.filters):
            found.append(or_(self.entry.c.note_id.is_not(None), not_(self._archived())))
        if not group.sought and not group.looks_in:
            found.append(self.entry.c.card_id.is_not(None))
        return and_(*found)

    def _signed(self, condition: Condition, excluded: bool) -> Condition:
        known = func.coalesce(condition, False)
        return not_(known) if excluded else known

    def _archived(self) -> Condition:
        left = func.coalesce(self.facts.c.archived, False)
        return or_(left, func.coalesce(self.facts.c.document_id.in_(_GONE), False))

    def _filter(self, part: Filter) -> Condition:
        facts = self.facts.c
        match part.name:
            case FilterName.DECK:
                slugs = self.names.decks.get(part.value, ())
                return facts.document_id.in_(select(documents.c.id).where(documents.c.slug.in_(slugs)))
            case FilterName.CONCEPT:
                return self._in_column("concept", self.names.concepts.get(part.value, (part.value,)))
            case FilterName.TAG:
                return self._in_column("tags", (part.value,))
            case FilterName.DIFFICULTY:
                return facts.difficulty == part.value
            case FilterName.LEVEL:
                return facts.level == part.value
            case FilterName.IS:
                return self._standing(Standing(part.value))
            case FilterName.HAS:
                noted = facts.card_id.in_(select(notes.c.card_id))
                return noted if part.value == "note" else facts[part.value]
            case FilterName.IN:
                return self.entry.c[f"{part.value.removesuffix('s')}_id"].is_not(None)

    def _in_column(self, name: str, phrases: Sequence[str]) -> Condition:
        words = match.in_column(name, phrases)
        return self.facts.c.id.in_(matching(words)) if words is not None else false()

    def _standing(self, standing: Standing) -> Condition:
        facts, day = self.facts.c, self.today.isoformat()
        buried = func.coalesce(facts.buried_on == day, False)
        active = and_(not_(facts.suspended), not_(buried))
        match standing:
            case Standing.NEW:
                return and_(facts.due.is_(None), active)
            case Standing.DUE:
                return and_(facts.due <= day, active)
            case Standing.LEARNING:
                return and_(facts.due.is_not(None), facts.repetitions == 0, active)
            case Standing.REVIEW:
                return and_(facts.due.is_not(None), facts.repetitions > 0, active)
            case Standing.BURIED:
                return and_(buried, not_(facts.suspended))
            case Standing.ARCHIVED:
                return self._archived()
            case Standing.SUSPENDED | Standing.FLAGGED | Standing.CRITICAL:
                return facts[standing.value]

    def _comparison(self, part: Comparison) -> Condition:
        facts = self.facts.c
        if part.quantity is Quantity.DUE:
            day = part.value if isinstance(part.value, date) else self.today + timedelta(days=int(part.value))
            return _compared(part.operator, facts.due, day.isoformat())
        stored, at_first = {
            Quantity.EASE: (facts.ease_factor, facts.initial_ease),
            Quantity.INTERVAL: (facts.interval_days, 0),
            Quantity.LAPSES: (facts.lapses, 0),
            Quantity.REPS: (facts.repetitions, 0),
        }[part.quantity]
        value = case((facts.card_id.is_(None), None), (facts.due.is_(None), at_first), else_=stored)
        return _compared(part.operator, value, part.value)


def _compared(sign: str, stored: ColumnElement[Any], value: float | date | str) -> Condition:
    condition: Condition = _OPERATORS[sign](stored, value)
    return condition


def matching(words: str) -> Select[tuple[int]]:
    """The ids of the entries that an expression of the index finds."""
    return select(INDEX.c.rowid).where(finds(words)).correlate(None)


def finds(words: str) -> Condition:
    """That the index finds an entry."""
    return literal_column("search").op("MATCH", is_comparison=True)(bindparam("words", words, unique=True))
