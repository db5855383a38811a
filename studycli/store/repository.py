"""The repository: cards and their states, and the log of every grade."""

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
from studycli.model.review import Review, StudyCard
from studycli.store import connect, listing, location, log, upgrade
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
        with self._writing() as connection:
            result = connection.execute(update(cards).where(cards.c.id == card_id).values(suspended=suspended))
            if result.rowcount == 0:
                raise _unknown(card_id)

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
