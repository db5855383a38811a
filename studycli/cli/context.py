"""The learner's collection for a command: settings loaded, documents synced, problems told on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studycli.cli import diagnostics

if TYPE_CHECKING:
    from studycli.collection import Collection
    from studycli.model.library import SourceProblem


def open_collection(sync: bool = True) -> Collection:
    """Open the collection of the current settings. Raises UsageError and StoreError."""
    from studycli import config
    from studycli.collection import Collection

    return Collection.open(config.load(), sync=sync, tell=_tell)


def _tell(found: SourceProblem) -> None:
    diagnostics.problem(found.path, found.problem)
