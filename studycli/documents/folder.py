"""The documents in a folder: Markdown files at any depth, hidden ones left out."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studycli.documents.load import SUFFIXES
from studycli.errors import UsageError

SYSTEM_FOLDERS = frozenset({"/proc", "/sys", "/dev", "/run"})
"""What the system makes up: without documents, without end, and with files that never stop."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source holds: resolved paths in order, and the folders and files that could not be looked at, with why."""

    files: tuple[Path, ...]
    refused: tuple[tuple[Path, str], ...] = ()


def documents(path: Path) -> Listing | None:
    """The documents of a folder, or the one file that `path` is; None where there is nothing to read any more.

    Links are followed, each folder is visited once, and folders that the system makes up (/proc, /dev) are left out.
    """
    if stat.S_ISREG(_mode(path)):
        return Listing((path.resolve(),))
    if not stat.S_ISDIR(_mode(path)):
        return None
    refused: list[tuple[Path, str]] = []
    files = {file.resolve() for folder in _folders(path.resolve(), refused) for file in _files(folder, refused)}
    return Listing(tuple(sorted(files)), tuple(refused))


def why_nothing(path: Path) -> str:
    """Why `documents` finds nothing at a path, in words."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "there is no such file or folder"
    except OSError as error:
        return f"it cannot be looked at: {error.strerror or error}"
    return "this is no regular file"


def require_source(name: str) -> None:
    """Raises UsageError where the learner's documents can't be at the path `name`."""
    path = Path(name).expanduser()
    if not name.strip():
        raise UsageError("the path is empty", hint="name a folder or a document; . is the current folder")
    if not stat.S_ISREG(_mode(path)) and not stat.S_ISDIR(_mode(path)):
        raise UsageError(why_nothing(path), where=name, hint="check the path")
    if path.resolve() == Path(path.resolve().anchor):
        raise UsageError("this is the whole file system", where=name, hint="name the folder that your documents are in")
    if str(path.resolve()) in SYSTEM_FOLDERS:
        raise UsageError("this folder belongs to the system", where=name, hint="name a folder of documents")


def _folders(top: Path, refused: list[tuple[Path, str]]) -> Iterator[Path]:
    seen: set[tuple[int, int]] = set()

    def refuse(error: OSError) -> None:
        refused.append((Path(str(error.filename or top)), error.strerror or str(error)))

    for folder, inner, _ in os.walk(top, followlinks=True, onerror=refuse):
        try:
            status = Path(folder).stat()
        except OSError as error:
            refuse(error)
            inner.clear()
            continue
        if (status.st_dev, status.st_ino) in seen or str(Path(folder).resolve()) in SYSTEM_FOLDERS:
            inner.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        yield Path(folder)


def _files(folder: Path, refused: list[tuple[Path, str]]) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        if file.name.startswith(".") or file.suffix.lower() not in SUFFIXES or not stat.S_ISREG(_mode(file)):
            continue
        if not _is_text(str(file.resolve())):
            refused.append((file, "its name is not UTF-8"))
            continue
        yield file


def _mode(path: Path) -> int:
    """The kind and permissions of a file, 0 where it can't be looked at."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
