"""Search: what a query finds in the store, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, false, func, literal, or_, select, text

from studycli.model.search_query import Group, SearchQuery
from studycli.store import match, repeated
from studycli.store.conditions import INDEX, Conditions, Names, finds, matching
from studycli.store.schema import documents, search_entries

# Of title, front, body, more, concept, tags, deck: what names a thing says more than what mentions it.
_RELEVANCE = "bm25(search, 6.0, 5.0, 2.0, 1.0, 4.0, 2.0, 0.5)"
# A name of two words is so short that one of them weighs more in it than in any question.
_CONCEPT_WEIGHT = 0.7
_RANK = text(f"{_RELEVANCE} * (CASE WHEN entry.concept_id IS NULL THEN 1.0 ELSE {_CONCEPT_WEIGHT} END), search.rowid")
_ENTRY = search_entries.alias("entry")
_FACTS = search_entries.alias("facts")
_CONCEPTS = func.group_concat(_ENTRY.c.concept_id)
_KIND = case((_ENTRY.c.card_id.is_not(None), 0), (_ENTRY.c.note_id.is_not(None), 1), else_=2)


def find(
    connection: Connection, query: SearchQuery, names: Names, today: date, limit: int, offset: int = 0
) -> tuple[list[int], int]:
    """The entries of a page of what a query finds, and how much there is on all pages.

    The best come first. Filters alone, and an empty query, find cards in document order. A concept of several maps is
    found once.
    """
    groups = query.groups or (Group(),)
    only_cards = not any(group.sought or group.looks_in for group in groups)
    filtered = any(group.filters or group.comparisons for group in groups)
    # A card's facts are its own; those of a note on a card are a step away.
    facts = _FACTS if filtered and not only_cards else _ENTRY
    search = _Search(connection, groups, Conditions(_ENTRY, facts, names, today))
    if all(group.sought for group in groups):
        return search.ranked(limit, offset)
    return search.in_document_order(limit, offset, only_cards)


class _Search:
    """One look into the store."""

    def __init__(self, connection: Connection, groups: tuple[Group, ...], conditions: Conditions) -> None:
        self._connection = connection
        self._groups = groups
        self._asked = [conditions.of(group) for group in groups]
        self._source: FromClause = _ENTRY
        if conditions.facts is not _ENTRY:
            self._source = _ENTRY.join(_FACTS, _FACTS.c.id == func.coalesce(_ENTRY.c.subject, _ENTRY.c.id))

    def ranked(self, limit: int, offset: int) -> tuple[list[int], int]:
        """The ids of a page, the best first, and how many there are."""
        words = match.expression(self._groups)
        if words is None:
            return [], 0
        found = INDEX.join(self._source, INDEX.c.rowid == _ENTRY.c.id)
        where = and_(finds(words), self._asked[0] if len(self._groups) == 1 else self._any())
        counting = select(func.count(), _CONCEPTS).select_from(found).where(where)
        count, concept_ids = self._connection.execute(counting).one()
        again = repeated.entries(self._connection, [concept_ids])
        page = select(INDEX.c.rowid).select_from(found).where(where, repeated.is_none_of(_ENTRY.c.id, again))
        page = page.order_by(_RANK).limit(limit).offset(offset)
        return list(self._connection.execute(page).scalars()) if count else [], count - len(again)

    def in_document_order(self, limit: int, offset: int, only_cards: bool) -> tuple[list[int], int]:
        """The same for cards, then notes, then concepts, each in the order of their documents.

        They are counted document by document first: sorting 100,000 would take longer than finding them.
        """
        where, kind = self._any(), literal(0) if only_cards else _KIND
        document = _ENTRY.c.document_id
        counting = select(kind, document, func.count(), _CONCEPTS).select_from(self._source).where(where)
        counting = counting.group_by(document) if only_cards else counting.group_by(kind, document)
        order = select(documents.c.id).order_by(documents.c.source_id, documents.c.path)
        places = {found: place for place, found in enumerate(self._connection.execute(order).scalars())}
        rows = sorted(self._connection.execute(counting).all(), key=lambda row: (row[0], places.get(row[1], -1)))
        again = repeated.entries(self._connection, [row[3] for row in rows])
        left_out = Counter(one.document for one in again)
        counts = [(kind, of, count - (left_out[of] if concepts else 0)) for kind, of, count, concepts in rows]
        where = and_(where, repeated.is_none_of(_ENTRY.c.id, again))
        ids: list[int] = []
        for section, of, skipped, wanted in _sections(counts, limit, offset):
            here = document.is_(None) if of is None else document == of
            page = select(_ENTRY.c.id).select_from(self._source).where(where, here)
            page = page if only_cards else page.where(_KIND.op("=")(section))
            page = page.order_by(_ENTRY.c.position, _ENTRY.c.id).limit(wanted).offset(skipped)
            ids += self._connection.execute(page).scalars()
        return ids, sum(count for _, _, count in counts)

    def _any(self) -> ColumnElement[bool]:
        return or_(*(and_(_has(group), asked) for group, asked in zip(self._groups, self._asked, strict=True)))


def _sections(
    counts: Sequence[tuple[int, int | None, int]], limit: int, offset: int
) -> Iterator[tuple[int, int | None, int, int]]:
    """The parts of a page: of each document's hits how many to leave out, and how many to take."""
    for kind, document, count in counts:
        wanted = min(count - offset, limit)
        if wanted > 0:
            yield kind, document, max(offset, 0), wanted
            limit -= wanted
        offset = max(offset - count, 0)


def _has(group: Group) -> ColumnElement[bool]:
    """That an entry has the terms of a group."""
    if group.sought:
        words = match.of_group(group)
        return _ENTRY.c.id.in_(matching(words)) if words is not None else false()
    words = match.excluded(group)
    return _ENTRY.c.id.not_in(matching(words)) if words is not None else _ENTRY.c.id.is_not(None)
