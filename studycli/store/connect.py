"""The connection: SQLite with its safety settings, and its failures put in words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from studycli.errors import MissingError, StoreError

BUSY_TIMEOUT_SECONDS = 10.0
_PAUSE_SECONDS = 0.01

_FAILURES = (
    (
        "not a database",
        "this file is no studycli database",
        "name another file with --database, or move it away",
    ),
    ("malformed", "the database is damaged", "put a backup in its place, or move it away to start a new one"),
    ("locked", "another program holds the database", "close the other studycli and try again"),
    ("readonly", "the database cannot be written", "check its permissions, or choose another with --database"),
    (
        "unable to open",
        "the database cannot be opened",
        "check the folder's permissions, or choose another with --database",
    ),
    ("full", "the disk is full", "make room and try again"),
    ("disk i/o", "the disk failed", "check the disk, then try again"),
)


def create(path: Path) -> Engine:
    """An engine on the database file. Nothing is opened yet."""

    def connect() -> sqlite3.Connection:
        # Transactions are begun by hand below, so that a writer takes its lock before it reads.
        return sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False)

    # The usual pool of a URL without a file closes connections that other threads are using.
    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=QueuePool, max_overflow=-1)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine, path: Path) -> Iterator[Connection]:
    """A connection with one consistent view of the database. Raises StoreError."""
    with explained(path), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine, path: Path) -> Iterator[Connection]:
    """One write transaction, that holds the write lock from its start. Raises StoreError."""
    with explained(path), engine.connect().execution_options(immediate=True) as connection, connection.begin():
        yield connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the database's own errors into StoreError with a hint, or MissingError where SQLite lacks its text index."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        reason = str(error.orig if isinstance(error, DBAPIError) else error)
        if "no such module: fts5" in reason:
            raise MissingError(
                "this Python's SQLite has no full-text index (FTS5), which the database needs",
                where=str(path),
                hint="run studycli with another Python: those of python.org, uv and conda have it",
            ) from error
        for sign, message, hint in _FAILURES:
            if sign in reason.lower():
                raise StoreError(message, where=str(path), hint=hint) from error
        raise StoreError(f"the database refused: {reason}", where=str(path), hint="--debug shows where") from error


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    _use_write_ahead_log(connection)


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch a new database over. SQLite doesn't wait for others here as it does elsewhere, so this does."""
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
