"""Wire: what is asked of the engine's process and what it answers, each one line of JSON."""

from __future__ import annotations

from pydantic import ConfigDict, NonNegativeInt

from studycli import errors
from studycli.demos.request import DemoRequest
from studycli.errors import EngineError, StudyError
from studycli.model.review import StudyCard
from studycli.model.trace import DemoResult
from studycli.model.value import Value

_LONGEST = 300
"""So many characters of an unforeseen error's message are told."""


class Asked(Value):
    """A computed card whose answer is to be filled in, after so many answers."""

    study: StudyCard
    given: NonNegativeInt


class Request(Value):
    """One line to the process: a demo to compute, or a card's answer."""

    demo: DemoRequest | None = None
    answer: Asked | None = None


class Sides(Value):
    """The sides of a card, filled."""

    front: str
    back: str
    brief_front: str | None = None
    brief_back: str | None = None


class Failure(Value):
    """An error as it travels: `kind` is the name of its class."""

    message: str
    hint: str | None = None
    where: str | None = None
    kind: str = EngineError.__name__

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """What is told of an error; of one that isn't meant for users, its type and the start of its message."""
        kind = type(error).__name__
        if isinstance(error, StudyError):
            return cls(message=_plain(error.message), hint=error.hint, where=error.where, kind=kind)
        message = f"this could not be computed: {named(error)}"
        return cls(message=message, hint="other settings or another text may do", kind=kind)

    def error(self) -> StudyError:
        """The error to raise: of its own class where that is one of ours, else an EngineError."""
        found = getattr(errors, self.kind, None)
        kind = found if isinstance(found, type) and issubclass(found, StudyError) else EngineError
        return kind(self.message, hint=self.hint, where=self.where)


class Reply(Value):
    """One line from the process: that it is ready, a result, filled sides, or an error.

    Infinities and NaN are written as `Infinity` and `NaN`, which JSON lacks, but both ends read.
    """

    model_config = ConfigDict(ser_json_inf_nan="constants")

    ready: bool = False
    demo: DemoResult | None = None
    answer: Sides | None = None
    error: Failure | None = None

    def line(self) -> bytes:
        """The reply as it is sent."""
        return self.model_dump_json(exclude_unset=True).encode() + b"\n"


def named(error: Exception) -> str:
    """An error that isn't meant for users on one line: its type, and the start of its message."""
    said = " ".join(_plain(str(error)[:_LONGEST]).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _plain(text: str) -> str:
    """The text without the halves of characters that no encoding knows."""
    return text.encode("utf-8", "replace").decode()
