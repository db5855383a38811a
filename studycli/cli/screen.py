"""A review on a terminal: single keys, and cards printed into the scrollback, a screenful at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studycli.cli import keys, wording
from studycli.cli.dialogue import Command, compute_demo

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console, RenderableType
    from rich.text import Text

    from studycli.model.review import Review, StudyCard
    from studycli.review.session import Question, Session

_PROMPT_LINES = 4
_COMMANDS = {"u": Command.UNDO, "s": Command.SUSPEND, "d": Command.DEMO, "q": Command.QUIT, keys.END: Command.QUIT}
_COMMAND_LINE = "d demo · s suspend · u undo · q quit · ? help"
_CLEAR_LINE = "\r\x1b[2K"
_CLEAR_LINE_ABOVE = "\x1b[1A\x1b[2K"


class Screen:
    """Draws on a console that is a terminal, reads single keys. The prompt is erased when a key is pressed."""

    def __init__(self, session: Session, console: Console, keyboard: keys.Keyboard, grading: str, today: date) -> None:
        self._session = session
        self._console = console
        self._keyboard = keyboard
        self._grading = grading
        self._today = today
        self._unshown: list[str] = []
        self._skippable = 0
        self._since_question = 0

    def ask(self, question: Question) -> None:
        """Show the question, or its first screenful."""
        from studycli.render.card import render_front

        self._unshown.clear()
        self._skippable = 0
        self._since_question = 0
        self._console.print()
        self._show(render_front(question.card, wording.progress(question.remaining)))

    def reveal(self, question: Question) -> None:
        """Show the answer under the question, or its first screenful."""
        from studycli.render.card import render_back

        while self._unshown:
            self._turn()
        self._console.print()
        self._since_question += 1
        self._show(render_back(question.card))

    def listen(self, question: Question, revealed: bool) -> Command | int:
        """Wait for a key that means something here; turn the pages of a long card on the way."""
        from studycli.scheduler import grades

        hint = ""
        while True:
            key = self._press(question, revealed, hint)
            hint = ""
            quality = grades.parse_key(key, self._grading)
            if key in ("space", "enter") and self._unshown:
                self._turn()
            elif key == "escape" and self._skippable:
                del self._unshown[: self._skippable]
                self._skippable = 0
            elif key in ("space", "enter") and not revealed:
                return Command.REVEAL
            elif quality is not None and revealed:
                return quality
            elif key.lower() in _COMMANDS:
                return _COMMANDS[key.lower()]
            elif key == "?":
                self._print_lines(wording.keys_help(self._grading))
            else:
                hint = self._hint(revealed, is_grade=quality is not None)

    def graded(self, review: Review) -> None:
        """Say what the grade led to."""
        quality = review.quality if review.quality is not None else 0
        self.note(wording.graded(review, wording.label(quality, self._grading), self._today))

    def note(self, message: str) -> None:
        """Say something in a line that stays."""
        from studycli.render.safe import one_line

        self._print_lines([f"→ {one_line(message)}"])

    def demo(self, card: StudyCard) -> None:
        """Show the demo of a card below it."""
        self._console.print("\ncomputing …", style="dim", end="")
        try:
            result = compute_demo(card, self._console.width)
        finally:
            self._console.file.write(_CLEAR_LINE)
        self._skippable = self._show(result)

    def _show(self, renderable: RenderableType) -> int:
        """Print a renderable before what is still unshown, or its first screenful; returns the lines left of it."""
        with self._console.capture() as captured:
            self._console.print(renderable)
        lines = captured.get().rstrip("\n").split("\n")
        waiting = len(self._unshown)
        self._unshown[:0] = lines
        room = self._console.height - _PROMPT_LINES
        left = room - self._since_question
        self._turn(min(room if len(lines) > left < room // 2 else left, len(lines)))
        return len(self._unshown) - waiting

    def _turn(self, lines: int | None = None) -> None:
        """Print the next lines of the card, by default as many as the screen takes."""
        take = max(self._console.height - _PROMPT_LINES if lines is None else lines, 1)
        shown, self._unshown = self._unshown[:take], self._unshown[take:]
        self._skippable = max(self._skippable - take, 0)
        self._since_question += len(shown)
        self._console.file.write("".join(f"{line}\n" for line in shown))
        self._console.file.flush()

    def _print_lines(self, lines: list[str]) -> None:
        from rich.text import Text

        self._since_question += len(lines) + 1
        self._console.print()
        for line in lines:
            self._console.print(Text(line, style="dim"))

    def _press(self, question: Question, revealed: bool, hint: str) -> str:
        """Draw the prompt, wait for a key, erase the prompt."""
        lines = self._prompt(question, revealed, hint)
        for line in lines:
            self._console.print(end="\n")
            self._console.print(line, end="", no_wrap=True, overflow="ellipsis")
        self._console.file.flush()
        try:
            return self._keyboard.read()
        finally:
            self._console.file.write(_CLEAR_LINE + _CLEAR_LINE_ABOVE * len(lines))
            self._console.file.flush()

    def _prompt(self, question: Question, revealed: bool, hint: str) -> list[Text]:
        """What was asked, where that has left the screen; what to press; the other keys. Three lines at most."""
        from rich.text import Text

        from studycli.render.card import gist

        lines = []
        if self._since_question > self._console.height - _PROMPT_LINES + 1:
            lines.append(Text(f"Question: {gist(question.card)}", style="dim"))
        lines.append(self._choices(question, revealed))
        lines.append(Text(hint, style="yellow") if hint else Text(_COMMAND_LINE, style="dim"))
        return lines

    def _choices(self, question: Question, revealed: bool) -> Text:
        from rich.text import Text

        line = Text()
        if self._unshown:
            line.append(f"{wording.count(len(self._unshown), 'more line')}: space   ", style="bold reverse")
            line.append("  ")
        if self._skippable:
            line.append("esc", style="bold").append(" skips the rest of the demo   ")
        elif revealed:
            given = wording.buttons(self._grading, self._session.choices(), repeat=question.repeat)
            for number, button in enumerate(given):
                key, _, rest = button.partition(" ")
                line.append("   " if number else "").append(key, style="bold").append(f" {rest}")
        elif not self._unshown:
            line.append("space", style="bold").append(" shows the answer")
        return line

    def _hint(self, revealed: bool, *, is_grade: bool) -> str:
        if is_grade:
            return "look at the answer first: space"
        if revealed:
            from studycli.scheduler import grades

            given = list(grades.keys(self._grading))
            return f"that key does nothing here; grade with {given[0]} to {given[-1]}, or ? for help"
        return "that key does nothing here; space shows the answer, ? helps"
