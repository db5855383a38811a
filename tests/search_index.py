"""The full-text index of a store, against one that is made anew from the same texts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

TEXTS = "title, front, body, more, concept, tags, deck"


def difference(path: Path) -> set[tuple[object, ...]]:
    """The words, with entry and place, that only one of the two has: none where the index is true."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            f"CREATE VIRTUAL TABLE temp.fresh USING fts5({TEXTS}, content='',"
            ' tokenize="unicode61 remove_diacritics 2")'
        )
        for view in ("search_cards", "search_notes", "search_concepts"):
            connection.execute(f"INSERT INTO fresh (rowid, {TEXTS}) SELECT id, {TEXTS} FROM {view}")
        connection.execute("CREATE VIRTUAL TABLE temp.fresh_words USING fts5vocab(temp, fresh, instance)")
        connection.execute("CREATE VIRTUAL TABLE temp.kept_words USING fts5vocab(main, search, instance)")
        fresh, kept = (set(connection.execute(f"SELECT * FROM {name}_words")) for name in ("fresh", "kept"))
        connection.rollback()
    return fresh ^ kept


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    """The rows of a statement on the database."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement).fetchall()
