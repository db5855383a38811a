"""The repository: cards and their states, the log of every grade, and the learner's notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, select, update

from studycli.errors import ConflictError, StoreError
from studycli.model.library import DayCounts, DeckSummary
from studycli.model.note import Note
from studycli.model.review import Review, StudyCard
from studycli.model.search_query import SearchQuery
from studycli.model.study_facts import StudyFacts
from studycli.model.teaching import Teaching
from studycli.store import connect, found, listing, location, log, notes, search, statistics, teaching, upgrade
from studycli.store.conditions import Names
from studycli.store.found import Found
from studycli.store.library import Library
from studycli.store.schema import cards


class Repository:
    """One open database. Every method is one transaction, and raises StoreError when the database refuses."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self.path = path

    @classmethod
    def open(cls, url: str) -> Self:
        """Open or make the database that a path or `sqlite:///` URL names, and bring it to the newest revision.

        Raises UsageError for a URL of another kind, StoreError for a file or folder that can't be used.
        """
        path = location.database_path(url)
        location.prepare_folder(path)
        engine = connect.create(path)
        try:
            upgrade.upgrade(engine, path)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, path)

    def close(self) -> None:
        """Close the database; what is committed is on the disk already."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def cards(self, *, today: date, decks: Sequence[str] | None = None, archived: bool = False) -> list[StudyCard]:
        """Cards in document order, of these deck slugs or all; the archived ones too if asked. `today` is a study day.

        The text of a card is read when it is first looked at, so that listing 100,000 cards stays quick.
        """
        with self._reading() as connection:
            statement = listing.query(decks=decks, archived=archived)
            return listing.read(connection, statement, self._payloads, today)

    def decks(self, today: date) -> list[DeckSummary]:
        """Every deck that is there, with its counts for the study day `today`, in document order."""
        with self._reading() as connection:
            return listing.decks(connection, today)

    def card(self, card_id: str, today: date) -> StudyCard:
        """One card, archived or not. Raises StoreError for an unknown id."""
        with self._reading() as connection:
            statement = listing.query(decks=None, archived=True).where(cards.c.id == card_id)
            found = listing.read(connection, statement, self._payloads, today)
        if not found:
            raise _unknown(card_id)
        return found[0]

    def teaching(self, since: int | None = None) -> tuple[int, list[Teaching]]:
        """The number of the log's newest row, and every card that names a concept; archived ones are left out.

        With `since`, only the cards that the log's rows after that number are about.
        """
        with self._reading() as connection:
            return teaching.read(connection, since)

    def ids(self, prefix: str) -> list[str]:
        """The ids that start with `prefix`, archived cards included, in order."""
        with self._reading() as connection:
            statement = select(cards.c.id).where(cards.c.id.startswith(prefix.lower(), autoescape=True))
            return list(connection.execute(statement.order_by(cards.c.id)).scalars())

    def history(self, card_id: str) -> list[Review]:
        """Every row of the log for one card, oldest first; undone rows and their undos too."""
        with self._reading() as connection:
            return log.history(connection, card_id)

    def reviewed_ids(self) -> list[str]:
        """The ids of all cards that the log names, in order."""
        with self._reading() as connection:
            return log.card_ids(connection)

    def last_review(self) -> Review | None:
        """The newest row of the log that was not undone and is no undo itself."""
        with self._reading() as connection:
            return log.last(connection)

    def counts_on(self, study_day: date) -> DayCounts:
        """How many new cards and how many reviews a study day had; extra passes and undone rows don't count."""
        with self._reading() as connection:
            return log.counts_on(connection, study_day)

    def study_facts(self, since: date, decks: Sequence[str] | None = None) -> StudyFacts:
        """What statistics are made of: the log since a study day, and all cards, of these deck slugs or all."""
        with self._reading() as connection:
            return statistics.read(connection, since, decks)

    def record(self, review: Review) -> Review:
        """Append a grade and store the state after it, both or neither; returns the row with its id.

        Raises StoreError when the card is unknown, ConflictError when its state is not the `before` of the review.
        """
        with self._writing() as connection:
            _check_state(connection, review)
            return log.append(connection, review)

    def undo(self, review_id: int, at: datetime, study_day: date) -> Review:
        """Append a row that takes back `review_id` and store the state before it; returns the new row.

        Raises ConflictError unless that row is the card's newest one that stands.
        """
        with self._writing() as connection:
            review = log.undo_of(connection, review_id, at, study_day)
            _check_state(connection, review)
            return log.append(connection, review)

    def suspend(self, card_id: str, suspended: bool = True) -> None:
        """Set a card aside, or bring it back. Raises StoreError for an unknown id."""
        self._mark(card_id, suspended=suspended)

    def flag(self, card_id: str, flagged: bool = True) -> None:
        """Put the learner's flag on a card, or take it off. Raises StoreError for an unknown id."""
        self._mark(card_id, flagged=flagged)

    def bury(self, card_id: str, study_day: date | None) -> None:
        """Set a card aside for a study day, or bring it back with None. Raises StoreError for an unknown id."""
        self._mark(card_id, buried_on=study_day.isoformat() if study_day is not None else None)

    def note(self, card_id: str | None = None, concept: str | None = None) -> Note | None:
        """The note on a card, or on a concept by its name in any spelling. Raises UsageError unless one is named."""
        with self._reading() as connection:
            return notes.read(connection, card_id, concept)

    def save_note(
        self, text: str, *, card_id: str | None = None, concept: str | None = None, at: datetime
    ) -> Note | None:
        """Write the note on a card or a concept; a blank text takes it away, and None is returned.

        Raises UsageError unless it is about one of them, StoreError for an unknown card.
        """
        with self._writing() as connection:
            return notes.save(connection, text, card_id, concept, at)

    def notes(self) -> list[Note]:
        """Every note: those on cards in document order, then those on concepts by name."""
        with self._reading() as connection:
            return notes.listed(connection)

    def search(
        self, query: SearchQuery, names: Names, *, today: date, limit: int, offset: int = 0
    ) -> tuple[list[Found], int]:
        """A page of what a query finds, the best first or in document order, and how much there is on all pages."""
        with self._reading() as connection:
            ids, total = search.find(connection, query, names, today, limit, offset)
            return found.read(connection, ids, self._payloads, today), total

    def concept_names(self) -> list[tuple[str, ...]]:
        """The names of each concept of the maps that are there."""
        with self._reading() as connection:
            return found.concept_names(connection)

    def names_concept(self, names: Sequence[str]) -> bool:
        """Whether a card, a note or a map names a concept so."""
        with self._reading() as connection:
            return found.is_named(connection, names)

    def card_concepts(self) -> list[str]:
        """The concepts that cards name, each once. Reads all cards."""
        with self._reading() as connection:
            return found.card_concepts(connection)

    @contextmanager
    def library(self, *, keep: bool = True) -> Iterator[Library]:
        """One write transaction over sources, documents and cards; with `keep` false it is rolled back at the end."""
        with self._writing() as connection:
            yield Library(connection)
            if not keep:
                connection.rollback()

    @contextmanager
    def shelf(self) -> Iterator[Library]:
        """The same to read from, without the write lock."""
        with self._reading() as connection:
            yield Library(connection)

    def _mark(self, card_id: str, **values: bool | str | None) -> None:
        with self._writing() as connection:
            if connection.execute(update(cards).where(cards.c.id == card_id).values(**values)).rowcount == 0:
                raise _unknown(card_id)

    def _reading(self) -> AbstractContextManager[Connection]:
        return connect.reading(self._engine, self.path)

    def _writing(self) -> AbstractContextManager[Connection]:
        return connect.writing(self._engine, self.path)

    def _payloads(self, ids: Sequence[str]) -> dict[str, str]:
        with self._reading() as connection:
            found = connection.execute(select(cards.c.id, cards.c.payload).where(cards.c.id.in_(ids)))
            return {row.id: row.payload for row in found}


def _check_state(connection: Connection, review: Review) -> None:
    current = listing.current_state(connection, review.card_id)
    if current is None:
        raise _unknown(review.card_id)
    if current != review.before:
        raise ConflictError("the card was graded elsewhere meanwhile", where=review.card_id, hint="run it again")


def _unknown(card_id: str) -> StoreError:
    return StoreError("there is no such card", where=card_id, hint="studycli cards lists them")
