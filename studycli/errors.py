"""Every error a user may see: what happened, where, and a hint with the next step.

StudyError                exit 1   something failed
|- UsageError             exit 2   the command or a setting is wrong
|- DocumentError          exit 3   a document cannot be read as one
|- MissingError           exit 4   something optional is not there (a GPU, an extra)
|- StoreError             exit 1   the database refused, or is damaged
|  `- ConflictError       exit 1   a card changed meanwhile, elsewhere
|- ExportError            exit 1   a file could not be written or read back
`- EngineError            exit 1   the transformer engine got something impossible
"""

from __future__ import annotations


class StudyError(Exception):
    """An error with a message, an optional place (`file:line` or a thing's name) and a hint."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None, where: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text} ({self.hint})" if self.hint else text


class UsageError(StudyError):
    """The command line or a setting is wrong."""

    exit_code = 2


class DocumentError(StudyError):
    """A document cannot be read as one of ours."""

    exit_code = 3


class MissingError(StudyError):
    """Something optional is not there: a device, an extra package."""

    exit_code = 4


class StoreError(StudyError):
    """The database refused, or is damaged."""


class ConflictError(StoreError):
    """What was to be written rests on a state that has changed meanwhile."""


class ExportError(StudyError):
    """A file could not be written, or read back."""


class EngineError(StudyError):
    """The transformer engine was asked for something impossible."""
