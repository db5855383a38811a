"""The log counted: a million rows as the few thousand sums that statistics are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, select, true
from sqlalchemy.sql.selectable import ScalarSelect, Select

from studycli.model.review import ReviewKind
from studycli.model.study_facts import GroupCounts, SlotCounts, Standing, StudyFacts
from studycli.store import collector
from studycli.store.schema import cards, documents, reviews, states

PASSING = 3
MATURE_DAYS = 21
LATEST_ANSWERS = 10_000

_undos = reviews.alias("undos")
# A list of the few rows that were taken back, made once; to look for each row whether one undoes it takes far longer.
_STANDS = (reviews.c.kind != ReviewKind.UNDO.value) & reviews.c.id.not_in(
    select(_undos.c.undoes).where(_undos.c.undoes.is_not(None))
)
_OF_KNOWN_CARD = (reviews.c.kind == ReviewKind.REVIEW.value) & reviews.c.before_due.is_not(None)


def read(connection: Connection, since: date, decks: Sequence[str] | None) -> StudyFacts:
    """The facts of these deck slugs or all, archived cards among them; answers from the study day `since` on."""
    within = reviews.c.card_id.in_(_chosen(decks)) if decks is not None else true()
    recent = and_(_STANDS, reviews.c.study_day >= since.isoformat(), within)
    with collector.paused():
        standings, groups = _cards(connection, recent, decks)
        return StudyFacts(
            since=since,
            standings=standings,
            groups=groups,
            slots=[SlotCounts(*row) for row in connection.execute(_slots(recent))],
            latest_seconds=list(connection.execute(_latest_seconds(recent)).scalars()),
            study_days=_study_days(connection, within),
        )


def _chosen(decks: Sequence[str]) -> Select[Any]:
    return select(cards.c.id).join(documents).where(documents.c.slug.in_(decks))


def _cards(
    connection: Connection, recent: ColumnElement[bool], decks: Sequence[str] | None
) -> tuple[list[Standing], list[GroupCounts]]:
    """Where each card stands, and the reviews by deck and concept. Three sweeps: a join would search card by card."""
    known = {row[0]: row[1:] for row in connection.execute(_states(decks))}
    counts = {row[0]: row[1:] for row in connection.execute(_reviews_by_card(recent))}
    standings = []
    groups: defaultdict[tuple[str, str | None], list[tuple[int, ...]]] = defaultdict(list)
    for card_id, deck, concept, suspended, archived, ease in connection.execute(_listing(decks)):
        state = known.get(card_id) or (0, None, 0, ease)
        standings.append(Standing(suspended, archived, *state))
        if card_id in counts:
            groups[deck, concept].append(counts[card_id])
    summed = [
        GroupCounts(deck, concept, len(rows), *map(sum, zip(*rows, strict=True)))
        for (deck, concept), rows in groups.items()
    ]
    return standings, summed


def _listing(decks: Sequence[str] | None) -> Select[Any]:
    statement = select(
        cards.c.id,
        documents.c.slug,
        func.json_extract(cards.c.payload, "$.concept"),
        cards.c.suspended,
        func.coalesce(cards.c.archived_at, documents.c.gone_at).is_not(None),
        cards.c.initial_ease,
    ).select_from(cards.join(documents))
    return statement if decks is None else statement.where(documents.c.slug.in_(decks))


def _states(decks: Sequence[str] | None) -> Select[Any]:
    statement = select(
        states.c.card_id, states.c.repetitions, states.c.due, states.c.interval_days, states.c.ease_factor
    )
    return statement if decks is None else statement.where(states.c.card_id.in_(_chosen(decks)))


def _reviews_by_card(recent: ColumnElement[bool]) -> Select[Any]:
    young, passed = reviews.c.before_interval_days < MATURE_DAYS, reviews.c.quality >= PASSING
    return (
        select(reviews.c.card_id, *map(_count, (young, young & passed, ~young, ~young & passed)))
        .where(recent, _OF_KNOWN_CARD)
        .group_by(_unsorted(reviews.c.card_id))
    )


def _slots(recent: ColumnElement[bool]) -> Select[Any]:
    # Local hours begin on a quarter of an hour in UTC, in every time zone of today.
    minute = func.substr(reviews.c.reviewed_at, 15, 2)
    quarter = case((minute < "15", "00"), (minute < "30", "15"), (minute < "45", "30"), else_="45")
    slot = func.substr(reviews.c.reviewed_at, 1, 14).concat(quarter)
    by = (reviews.c.study_day, slot, reviews.c.quality)
    return select(*by, func.count(), func.sum(reviews.c.seconds), _count(_OF_KNOWN_CARD)).where(recent).group_by(*by)


def _latest_seconds(recent: ColumnElement[bool]) -> Select[Any]:
    newest = reviews.c.id.desc()
    return select(reviews.c.seconds).where(recent, reviews.c.seconds > 0).order_by(newest).limit(LATEST_ANSWERS)


def _study_days(connection: Connection, within: ColumnElement[bool]) -> list[str]:
    """The days with an answer: the index leads from each day to the next, past all the rows of a day."""
    day = select(func.min(reviews.c.study_day).label("day")).cte("days", recursive=True)
    day = day.union_all(select(_first_after(day.c.day)).where(day.c.day.is_not(None)))
    answered = exists().where(reviews.c.study_day == day.c.day, _STANDS, within).correlate(day)
    return list(connection.execute(select(day.c.day).where(answered).order_by(day.c.day)).scalars())


def _first_after(day: ColumnElement[str]) -> ScalarSelect[str]:
    later = reviews.alias("later")
    return select(func.min(later.c.study_day)).where(later.c.study_day > day).scalar_subquery()


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def _unsorted(column: ColumnElement[str]) -> ColumnElement[str]:
    """A column that SQLite does not read in the order of an index, which leads from one end of the table to another."""
    return column.concat("")
