"""What goes to stderr: messages, errors with a place and a hint, and the exit code that goes with them."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from studycli.errors import StudyError
from studycli.render.safe import clean, one_line

if TYPE_CHECKING:
    from studycli.model.problem import Problem


def say(message: str) -> None:
    """A message for a person, on stderr; on a terminal no word is broken at its edge."""
    text = clean(message)
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        text = "\n".join(
            textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in text.split("\n")
        )
    print(text, file=sys.stderr)


@contextmanager
def waiting(message: str) -> Iterator[Callable[[str], None]]:
    """Show a line on stderr for as long as the body runs, where stderr is a terminal that can take it away again.

    Gives a function that shows another line instead.
    """
    shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("ACCESSIBLE")
    if shown:
        print(clean(message), end="", file=sys.stderr, flush=True)

    def change(text: str) -> None:
        if shown:
            print(f"\r\x1b[K{clean(text)}", end="", file=sys.stderr, flush=True)

    try:
        yield change
    finally:
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def report(error: StudyError) -> int:
    """Print an error with its place and hint; return its exit code."""
    where = f"{one_line(error.where)}: " if error.where else ""
    say(f"error: {where}{error.message}")
    if error.hint:
        say(f"  hint: {error.hint}")
    return error.exit_code


def problem_line(path: str, problem: Problem) -> str:
    """A problem of a document as one line: `file:line: severity: what (hint)`."""
    place = f"{path}:{problem.line}" if problem.line else path
    hint = f" ({problem.hint})" if problem.hint else ""
    return clean(f"{place}: {problem.severity}: {problem.message}{hint}").replace("\n", " ")


def problem(path: str, found: Problem) -> None:
    """A problem of a document, on stderr."""
    say(problem_line(path, found))
