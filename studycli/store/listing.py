"""Cards with their states, many at a time: what a queue needs at once, the text when it is looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, func, select

from studycli.model.library import DeckSummary
from studycli.model.review import CardState, StudyCard
from studycli.store import collector, places, rows
from studycli.store.lazy import Payloads, lazy_card, unchecked
from studycli.store.schema import cards, documents, states

ReadPayloads = Callable[[Sequence[str]], dict[str, str]]

_ARCHIVED = func.coalesce(cards.c.archived_at, documents.c.gone_at).is_not(None)
_OF_DOCUMENT = (cards.c.document_id == documents.c.id) & cards.c.archived_at.is_(None)
_COLUMNS = (
    cards.c.id,
    documents.c.slug,
    documents.c.title,
    documents.c.path,
    cards.c.number,
    cards.c.line,
    cards.c.after,
    cards.c.initial_interval_days,
    cards.c.initial_ease,
    cards.c.suspended,
    cards.c.flagged,
    cards.c.buried_on,
    _ARCHIVED,
    states.c.repetitions,
    states.c.interval_days,
    states.c.ease_factor,
    states.c.due,
    states.c.lapses,
    states.c.answered_well,
    states.c.last_quality,
    states.c.last_study_day,
)


def query(*, decks: Sequence[str] | None, archived: bool) -> Select[Any]:
    """Cards in document order, sources in the order they were added."""
    statement = select(*_COLUMNS).select_from(cards.join(documents).outerjoin(states))
    if not archived:
        statement = statement.where(~_ARCHIVED)
    if decks is not None:
        statement = statement.where(documents.c.slug.in_(decks))
    return statement.order_by(documents.c.source_id, documents.c.path, cards.c.position, cards.c.id)


def read(connection: Connection, statement: Select[Any], payloads: ReadPayloads, today: date) -> list[StudyCard]:
    """The cards that `query` or a narrower statement selects; `today` is the study day."""
    found = connection.execute(statement).all()
    with collector.paused():
        return _listed(found, payloads, today)


def _listed(found: Sequence[Sequence[Any]], payloads: ReadPayloads, today: date) -> list[StudyCard]:
    texts = Payloads([row[0] for row in found], payloads)
    day = today.isoformat()
    parsed_day, new_state, after = cache(rows.day), cache(_new_state), cache(_after)
    path = cache(places.actual)
    listed = []
    for place, (
        card_id, slug, title, stored, number, line, after_text, interval, ease, suspended, flagged, buried_on, archived,
        repetitions, interval_days, ease_factor, due, lapses, answered_well, last_quality, last_day,
    ) in enumerate(found):  # fmt: skip
        state = new_state(ease)
        if due:
            values = {
                "repetitions": repetitions,
                "interval_days": interval_days,
                "ease_factor": ease_factor,
                "due": parsed_day(due),
                "lapses": lapses,
            }
            state = unchecked(CardState, values)
        known = {"number": number, "line": line, "after": after(after_text), "initial_interval_days": interval}
        study = {
            "id": card_id,
            "deck": slug,
            "deck_title": title,
            "path": path(stored),
            "card": lazy_card(known, texts, place),
            "state": state,
            "suspended": bool(suspended),
            "archived": bool(archived),
            "flagged": bool(flagged),
            "buried": buried_on == day,
            "pending_repeat": last_quality is not None and last_quality < 4 and last_day == day,
            "answered_well": bool(answered_well),
        }
        listed.append(unchecked(StudyCard, study))
    return listed


def decks(connection: Connection, today: date) -> list[DeckSummary]:
    """The decks with the counts of their cards; what is archived counts nowhere."""
    day = today.isoformat()
    buried = func.coalesce(cards.c.buried_on == day, False)
    here, active = cards.c.id.is_not(None), cards.c.suspended.is_(False) & ~buried
    statement = (
        select(
            documents.c.slug,
            documents.c.title,
            documents.c.path,
            func.count(cards.c.id),
            func.count().filter(here, active, states.c.due.is_(None)),
            func.count().filter(active, states.c.due <= day),
            func.count(states.c.due),
            func.count().filter(cards.c.suspended),
            func.count().filter(buried & cards.c.suspended.is_(False)),
        )
        .select_from(documents.outerjoin(cards, _OF_DOCUMENT).outerjoin(states))
        .where(documents.c.kind == "flashcards", documents.c.gone_at.is_(None))
        .group_by(documents.c.id)
        .order_by(documents.c.source_id, documents.c.path)
    )
    return [
        DeckSummary(
            slug=slug,
            title=title,
            path=places.actual(path),
            cards=count,
            new=new,
            due=due,
            learned=learned,
            suspended=suspended,
            buried=buried,
        )
        for slug, title, path, count, new, due, learned, suspended, buried in connection.execute(statement)
    ]


def current_state(connection: Connection, card_id: str) -> CardState | None:
    """The state of a card as it is now, the starting one where it was never answered; None for no such card."""
    statement = (
        select(cards.c.initial_ease, *(states.c[name] for name in rows.STATE_FIELDS))
        .select_from(cards.outerjoin(states))
        .where(cards.c.id == card_id)
    )
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    return rows.state(row) if row["due"] else _new_state(row["initial_ease"])


def _new_state(ease: float) -> CardState:
    return CardState(ease_factor=ease)


def _after(text: str) -> tuple[int, ...]:
    return tuple(json.loads(text))
