"""Bringing the store up to date with the documents of all sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from studycli.collection.survey import BUNDLED, Loader, Reading, problem_of, read, survey
from studycli.documents import identity, variant_matching, variants
from studycli.documents.identity import Arriving, Known
from studycli.documents.matching import Match
from studycli.model.card import Card
from studycli.model.concept import ConceptMap
from studycli.model.deck import Deck
from studycli.model.library import Ambiguity, CardChange, SourceProblem, SyncReport
from studycli.scheduler import sm2
from studycli.store.library import CardRow, CardUpdate, DocumentRow, Library
from studycli.store.repository import Repository

_DECK = "flashcards"


def sync(repository: Repository, load: Loader, *, now: datetime, bundled: bool, dry_run: bool = False) -> SyncReport:
    """Read what changed since the last time and store it; with `dry_run` only tell what would change.

    A document that can't be read, or whose source is not there, keeps its cards as they are. Raises StoreError.
    """
    with repository.shelf() as library:
        rows = {row.path: row for row in library.documents()}
        sources = [name for name in library.sources() if bundled or name != BUNDLED]
    found = survey(sources, rows)
    readings = [read(path, source, rows.get(path), load) for path, source in found.files.items()]
    changed = [reading for reading in readings if reading is not None]
    gone = [path for path, row in rows.items() if not row.gone and path not in found.files and path not in found.held]
    problems = [*found.problems, *_problems(changed, rows.values())]
    if not changed and not gone:
        return SyncReport(documents=len(found.files), problems=tuple(problems))
    with repository.library(keep=not dry_run) as library:
        update = _Update(library, changed, gone, now)
        update.run()
    return SyncReport(documents=len(found.files), problems=tuple(problems), **update.report())


def _problems(changed: Sequence[Reading], rows: Iterable[DocumentRow]) -> list[SourceProblem]:
    """What failed now, and the decks that failed before and are as they were."""
    failed = [SourceProblem(path=new.row.path, problem=new.problem) for new in changed if new.problem is not None]
    seen = {reading.row.path for reading in changed}
    kept = [problem_of(row) for row in rows if row.kind == _DECK and not row.gone and row.path not in seen]
    return [*failed, *(problem for problem in kept if problem is not None)]


class _Update:
    """One update of the library: match the cards of the documents that changed, and store what follows."""

    def __init__(self, library: Library, readings: Sequence[Reading], gone: Sequence[str], now: datetime) -> None:
        self._library = library
        self._readings = readings
        self._gone = frozenset(gone)
        self._now = now
        self._rows = {row.path: row for row in library.documents()}
        self._cards = {card.id: card for card in library.cards()}
        self._changes: dict[str, list[CardChange]] = defaultdict(list)
        self._ambiguous: list[Ambiguity] = []

    def run(self) -> None:
        """Match the cards, store them, and note what changed."""
        reread = {reading.row.path for reading in self._readings if reading.document is not None}
        was_gone = {path for path, row in self._rows.items() if row.gone}
        scope = reread | self._gone | was_gone
        self._save_documents()
        self._save_concepts()
        arrivals = list(self._arrivals())
        pool = [card for card in self._cards.values() if card.document in scope or card.archived]
        absent = self._gone | (was_gone - reread)
        matches = variant_matching.match(
            [_known(card, gone=card.document in absent) for card in pool],
            [arriving for _, _, arriving in arrivals],
            _taken(card for card in self._cards.values() if not (card.document in scope or card.archived)),
        )
        updates = []
        for (position, card, arriving), match in zip(arrivals, matches, strict=True):
            updates.append(_update(match.id, arriving, position, card))
            self._note(match, arriving, card, was_gone)
        matched = {match.id for match in matches}
        left = [known for known in pool if known.id not in matched and not known.archived]
        archived = [known for known in left if known.document not in was_gone]
        fronts = self._library.fronts([known.id for known in archived])
        reviewed = self._library.reviewed([known.id for known in archived])
        for known in archived:
            change = self._where(known.id, known.document, known.number, fronts[known.id], known.variant)
            self._changes["archived"].append(change)
            if known.id in reviewed:
                self._changes["archived_reviewed"].append(change)
        self._library.save_cards(updates)
        self._library.archive([known.id for known in left if known.document in reread], self._now)
        self._library.mark_gone(self._gone, self._now)

    def report(self) -> dict[str, Any]:
        """The fields of a SyncReport that say what was read and changed."""
        read = sum(reading.document is not None for reading in self._readings)
        return {**self._changes, "ambiguous": self._ambiguous, "read": read}

    def _save_documents(self) -> None:
        for reading in self._readings:
            row = reading.row
            if row.kind == _DECK:
                row = replace(row, slug=self._free_slug(row))
            self._rows[row.path] = row
            self._library.save_document(row)

    def _save_concepts(self) -> None:
        for reading in self._readings:
            if reading.document is not None:
                concept_map = reading.document if isinstance(reading.document, ConceptMap) else None
                self._library.save_concepts(reading.row.path, concept_map)

    def _free_slug(self, row: DocumentRow) -> str:
        """The deck's slug, made unique among the decks that are there."""
        others = [other for path, other in self._rows.items() if path != row.path and path not in self._gone]
        taken = {other.slug for other in others if other.kind == _DECK and not other.gone}
        before = self._rows.get(row.path)
        longer = f"{Path(row.path).parent.name}-{row.slug}"
        wanted = [before.slug] if before is not None and before.kind == _DECK else []
        choices = chain([*wanted, row.slug, longer], (f"{longer}-{number}" for number in count(2)))
        return next(slug for slug in choices if slug not in taken)

    def _arrivals(self) -> Iterator[tuple[int, Card, Arriving]]:
        for reading in self._readings:
            if isinstance(reading.document, Deck):
                asked = chain.from_iterable(map(variants.expand, reading.document.cards))
                for position, card in enumerate(asked):
                    yield position, card, identity.arriving(reading.row.path, reading.document.slug, card)

    def _note(self, match: Match, arriving: Arriving, card: Card, was_gone: Collection[str]) -> None:
        change = self._where(match.id, arriving.document, card.number, card.front, card.variant)
        before = self._cards.get(match.id)
        if before is None:
            self._changes["added"].append(change)
            if match.candidates:
                doubt = Ambiguity(card=change, candidates=match.candidates, reason=match.reason)
                self._ambiguous.append(doubt)
            return
        if before.archived or before.document in was_gone:
            self._changes["restored"].append(change)
        if before.document != arriving.document:
            moved = change.model_copy(update={"from_deck": self._rows[before.document].slug})
            self._changes["moved"].append(moved)
        if before.content_hash != arriving.content:
            self._changes["changed"].append(change)

    def _where(self, card_id: str, document: str, number: int, front: str, variant: str) -> CardChange:
        return CardChange(id=card_id, deck=self._rows[document].slug, number=number, front=front, variant=variant)


def _known(card: CardRow, *, gone: bool) -> Known:
    return Known(
        id=card.id,
        document=card.document,
        slug=Path(card.document).stem,
        number=card.number,
        content=card.content_hash,
        front=card.front,
        explicit=card.explicit_id,
        archived=card.archived,
        gone=gone,
        back=identity.plain_back(card.back),
        variant=card.variant,
    )


def _taken(cards: Iterable[CardRow]) -> set[str]:
    return {key for card in cards for key in (card.id, card.explicit_id) if key is not None}


def _update(card_id: str, arriving: Arriving, position: int, card: Card) -> CardUpdate:
    return CardUpdate(
        id=card_id,
        document=arriving.document,
        position=position,
        content_hash=arriving.content,
        front=arriving.front,
        explicit_id=arriving.explicit,
        initial_ease=sm2.new(card.initial_ease).ease_factor,
        card=card,
    )
