"""A collection over a folder of its own, with the bundled documents switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from studycli.collection import Collection
from studycli.config import Settings

TODAY = date(2026, 3, 2)
Open = Callable[..., Collection]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for documents."""
    made = tmp_path / "notes"
    made.mkdir()
    return made


@pytest.fixture
def open_collection(tmp_path: Path) -> Iterator[Open]:
    """Open the collection; every call sees the same database."""
    with ExitStack() as stack:

        def opened(**others: object) -> Collection:
            names = ("bundled", "new_per_day", "reviews_per_day", "gating")
            chosen = {"bundled": False} | {name: others.pop(name) for name in names if name in others}
            settings = Settings(database=str(tmp_path / "study.db"), **chosen)  # type: ignore[arg-type]
            return stack.enter_context(Collection.open(settings, today=TODAY, **others))  # type: ignore[arg-type]

        yield opened


@pytest.fixture
def collection(open_collection: Open, folder: Path) -> Collection:
    """A collection whose one source is `folder`."""
    made = open_collection()
    made.add(str(folder))
    return made
