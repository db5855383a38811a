"""Where the database is: a plain path or a `sqlite:///` URL, made into a path."""

from __future__ import annotations

import re
from pathlib import Path

from studycli.errors import StoreError, UsageError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def database_path(url: str) -> Path:
    """The database file that `url` names. Raises UsageError for another kind of database, or none at all."""
    if _SCHEME.match(url) and not url.startswith("sqlite:///"):
        hint = "give a file, such as ~/study.db or sqlite:////home/me/study.db"
        raise UsageError(f"'{url}' is no SQLite database", where="--database", hint=hint)
    name = url.removeprefix("sqlite:///")
    if not name.strip() or name == ":memory:" or "\0" in name:
        raise UsageError(
            f"'{url}' names no file", where="--database", hint="give the path of a file, such as ~/study.db"
        )
    return Path(name).expanduser().absolute()


def prepare_folder(path: Path) -> None:
    """Make the folder of the database. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the folder cannot be made: {error.strerror}",
            where=str(path.parent),
            hint="choose another place with --database",
        ) from error
    if path.is_dir():
        raise StoreError("this is a folder", where=str(path), hint="name a file in it with --database")
