"""The documents in a folder: Markdown files at any depth, hidden ones left out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studycli.documents.load import SUFFIXES


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source holds: resolved paths in order, and the folders and files that could not be looked at, with why."""

    files: tuple[Path, ...]
    refused: tuple[tuple[Path, str], ...] = ()


def documents(path: Path) -> Listing | None:
    """The documents of a folder, or the one file that `path` is; None where there is nothing any more.

    Links are followed, each folder is visited once.
    """
    if path.is_file():
        return Listing((path.resolve(),))
    if not path.is_dir():
        return None
    refused: list[tuple[Path, str]] = []
    files = {file.resolve() for folder in _folders(path.resolve(), refused) for file in _files(folder, refused)}
    return Listing(tuple(sorted(files)), tuple(refused))


def _folders(top: Path, refused: list[tuple[Path, str]]) -> Iterator[Path]:
    seen: set[tuple[int, int]] = set()

    def refuse(error: OSError) -> None:
        refused.append((Path(str(error.filename or top)), error.strerror or str(error)))

    for folder, inner, _ in os.walk(top, followlinks=True, onerror=refuse):
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in seen:
            inner.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        yield Path(folder)


def _files(folder: Path, refused: list[tuple[Path, str]]) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        if file.name.startswith(".") or file.suffix.lower() not in SUFFIXES or not file.is_file():
            continue
        if not _is_text(str(file.resolve())):
            refused.append((file, "its name is not UTF-8"))
            continue
        yield file


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
