"""A review as lines of text, for a pipe or a screen reader: no keys, no boxes, no colour."""

from __future__ import annotations

import io
import sys
from collections import Counter
from typing import TYPE_CHECKING, BinaryIO

from studycli.cli import output
from studycli.cli.dialogue import Command, compute_demo
from studycli.errors import UsageError
from studycli.review import wording

if TYPE_CHECKING:
    from datetime import date

    from studycli.demos.card_inputs import Choice
    from studycli.model.review import Review, StudyCard
    from studycli.review.session import Question, Session

_LONGEST_LINE = 4096
_IDLE_LINES = 10
_PASSES = 10
_WORDS = {
    "u": Command.UNDO, "undo": Command.UNDO, "s": Command.SUSPEND, "suspend": Command.SUSPEND,
    "d": Command.DEMO, "demo": Command.DEMO, "q": Command.QUIT, "quit": Command.QUIT, "exit": Command.QUIT,
}  # fmt: skip
_COMMANDS = "u undo, s suspend, d demo, q quit, ? help"


class Lines:
    """Prints on stdout, reads lines of stdin. A grade before the answer shows the answer and counts.

    What a pipe sends may never end (`yes 1`), so off a terminal the review stops after ten lines that lead nowhere, and
    when a card still comes back after ten extra passes.
    """

    def __init__(self, session: Session, grading: str, today: date) -> None:
        self._session = session
        self._grading = grading
        self._today = today
        self._input: BinaryIO = sys.stdin.buffer if sys.stdin is not None else io.BytesIO()  # None where it was closed
        self._bounded = sys.stdin is None or not sys.stdin.isatty()
        self._passes: Counter[str] = Counter()
        self._done = self._most_done = self._idle = 0

    def ask(self, question: Question) -> None:
        """Print the question with its place in the session."""
        from studycli.render.card import plain_front

        self._passes[question.card.id] += 1
        self._print(f"\n{plain_front(question.card, wording.position(question))}")

    def reveal(self, question: Question) -> None:
        """Print the answer."""
        from studycli.render.card import plain_back

        self._print(f"\n{plain_back(question.card)}")

    def listen(self, question: Question, revealed: bool) -> Command | int:
        """Prompt, and read lines until one is an answer; the end of input quits. Raises UsageError."""
        if self._bounded and self._passes[question.card.id] > _PASSES + 1:
            print(f"\nThis card still comes back after {_PASSES} extra passes; enough for today.")
            return Command.QUIT
        self._print(f"\n{self._prompt(question, revealed)}")
        while True:
            wish = self._understand(self._read(), revealed)
            if wish is not None:
                self._count(wish)
                return wish

    def graded(self, review: Review) -> None:
        """Print what the grade led to."""
        quality = review.quality if review.quality is not None else 0
        self._print(wording.graded(review, wording.label(quality, self._grading), self._today))

    def note(self, message: str) -> None:
        """Print a message."""
        from studycli.render.safe import one_line

        self._print(one_line(message))

    def demo(self, card: StudyCard, choice: Choice) -> None:
        """Print the demo of a card."""
        from rich.console import Console

        console = Console(markup=False, emoji=False, highlight=False, no_color=True, color_system=None, width=80)
        console.print(compute_demo(card, choice, console.width))

    def _print(self, text: str) -> None:
        output.print_lines(text.split("\n"))

    def _prompt(self, question: Question, revealed: bool) -> str:
        if not revealed:
            return f"Enter shows the answer; {_COMMANDS}:"
        given = wording.buttons(self._grading, self._session.choices(), repeat=question.repeat)
        return f"Grade: {', '.join(given)}; {_COMMANDS}:"

    def _read(self) -> str | None:
        """The next line; None at the end of input."""
        if not self._bounded:
            print("> ", end="")
        sys.stdout.flush()
        line = self._input.readline(_LONGEST_LINE)
        return line.decode("utf-8", "replace").strip().lower() if line else None

    def _understand(self, line: str | None, revealed: bool) -> Command | int | None:
        from studycli.scheduler import grades

        if line is None:
            return Command.QUIT
        if line == "" and not revealed:
            return Command.REVEAL
        labels = {label.lower(): quality for label, quality in grades.keys(self._grading).values()}
        quality = grades.parse_key(line, self._grading)
        wish = _WORDS.get(line, labels.get(line)) if quality is None else quality
        if wish is None:
            self._refuse(line)
        return wish

    def _refuse(self, line: str) -> None:
        self._idle += 1
        if line in ("?", "h", "help"):
            self._print("\n".join(wording.keys_help(self._grading)))
        else:
            low, *_, high = self._keys()
            self._print(f"not understood; type a grade from {low} to {high}, or {_COMMANDS}")
        self._check_idle()

    def _count(self, wish: Command | int) -> None:
        if isinstance(wish, int) or wish is Command.SUSPEND:
            self._done += 1
            if self._done > self._most_done:
                self._most_done, self._idle = self._done, 0
        elif wish is not Command.REVEAL:
            self._done -= wish is Command.UNDO and self._done > 0
            self._idle += 1
            self._check_idle()

    def _check_idle(self) -> None:
        if self._bounded and self._idle >= _IDLE_LINES:
            hint = f"send a grade from {self._keys()[0]} to {self._keys()[-1]} for each card, then end the input"
            raise UsageError(f"{_IDLE_LINES} lines of input led nowhere", hint=hint)

    def _keys(self) -> list[str]:
        from studycli.scheduler import grades

        return list(grades.keys(self._grading))
