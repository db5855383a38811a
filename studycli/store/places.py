"""Paths as the database keeps them: bundled documents by their place in the package, all others absolute."""

from __future__ import annotations

from pathlib import Path

from studycli import paths

_PREFIX = "bundled:"


def stored(path: str) -> str:
    """The text to keep for a resolved path: another installation must find the bundled documents again."""
    for folder in paths.bundled_folders():
        if Path(path).is_relative_to(folder):
            return _PREFIX + Path(path).relative_to(folder.parent).as_posix()
    return path


def actual(text: str) -> str:
    """The path that a stored text stands for, on this machine."""
    if not text.startswith(_PREFIX):
        return text
    return str(paths.bundled_folders()[0].parent / text.removeprefix(_PREFIX))
