"""Search in the learner's collection: names in filters resolved, what was found as hits with excerpts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches

from studycli.collection import naming
from studycli.errors import UsageError
from studycli.model.concept_name import key
from studycli.model.search import HitKind, SearchHit, SearchResult
from studycli.model.search_query import Filter, FilterName, SearchQuery
from studycli.review import excerpt
from studycli.review.search_query import parse
from studycli.store.conditions import Names
from studycli.store.found import Found
from studycli.store.library import DocumentRow
from studycli.store.repository import Repository

_SHOWN = 3


def search(
    repository: Repository,
    decks: Sequence[DocumentRow],
    text: str,
    *,
    today: date,
    limit: int,
    offset: int = 0,
    partial: bool = False,
) -> SearchResult:
    """A page of what a learner's text finds. Raises UsageError for a text that is no query, and for unknown names."""
    query = parse(text, partial=partial)
    filters = [part for group in query.groups for part in group.filters]
    names = Names(
        decks={part.value: _decks(part, decks) for part in filters if part.name is FilterName.DECK},
        concepts=_concepts(repository, [part for part in filters if part.name is FilterName.CONCEPT]),
    )
    found, total = repository.search(query, names, today=today, limit=limit, offset=offset)
    return SearchResult(hits=tuple(_hit(one, query) for one in found), total=total, query=query)


def _decks(part: Filter, decks: Sequence[DocumentRow]) -> list[str]:
    found = naming.decks_like(part.value, decks)
    if not found:
        error = naming.no_such_deck(part.value, decks)
        raise UsageError(error.message, where=part.piece, hint=error.hint)
    return [deck.slug for deck in found]


def _concepts(repository: Repository, parts: Sequence[Filter]) -> dict[str, list[str]]:
    """What each concept is called, in maps too. Raises UsageError for a name that nothing bears."""
    known = repository.concept_names() if parts else []
    resolved = {}
    for part in parts:
        same = [names for names in known if key(part.value) in map(key, names)]
        resolved[part.value] = list(dict.fromkeys([part.value, *(name for names in same for name in names)]))
        if not same and not repository.names_concept([part.value]):
            names = [*(names[0] for names in known), *repository.card_concepts()]
            raise UsageError(f"there is no concept '{part.value}'", where=part.piece, hint=_close(part.value, names))
    return resolved


def _close(name: str, known: Sequence[str]) -> str:
    by_name = {other.casefold(): other for other in known}
    close = [by_name[other] for other in get_close_matches(name.casefold(), by_name, n=_SHOWN, cutoff=0.6)]
    if not close:
        return "studycli search in:concepts lists them"
    return f"is it {' or '.join(_filter(other) for other in close)}?"


def _filter(name: str) -> str:
    return f'concept:"{name}"' if " " in name else f"concept:{name}"


def _hit(found: Found, query: SearchQuery) -> SearchHit:
    if found.note is not None:
        about = found.note.concept or (_question(found) if found.card is not None else "")
        return SearchHit(
            kind=HitKind.NOTE,
            title=excerpt.marked(about, query),
            excerpt=excerpt.excerpt([excerpt.flat(found.note.text)], query),
            deck=found.card.deck if found.card is not None else None,
            concept=found.note.concept or (found.card.card.concept if found.card is not None else None),
            card=found.card,
            note_id=found.note.id,
        )
    if found.concept is not None:
        concept = found.concept
        others = [alias for alias in concept.aliases if alias.casefold() != concept.name.casefold()]
        aliases = f"also: {', '.join(others)}" if others else ""
        return SearchHit(
            kind=HitKind.CONCEPT,
            title=excerpt.marked(concept.name, query),
            excerpt=excerpt.excerpt([excerpt.flat(concept.definition or ""), aliases], query),
            concept=concept.name,
            map_slug=concept.map,
            concept_id=concept.slug,
            other_maps=concept.other_maps,
        )
    assert found.card is not None
    card = found.card.card
    texts = [card.back, *(part.text for part in card.parts), card.front, card.title, card.concept or ""]
    return SearchHit(
        kind=HitKind.CARD,
        title=excerpt.marked(_question(found), query),
        excerpt=excerpt.excerpt(map(excerpt.flat, texts), query),
        deck=found.card.deck,
        concept=card.concept,
        card=found.card,
    )


def _question(found: Found) -> str:
    """The first line of a card's question that says anything, else its id."""
    assert found.card is not None
    lines = map(excerpt.flat, found.card.card.front.split("\n"))
    return next(filter(None, lines), found.card.id)
