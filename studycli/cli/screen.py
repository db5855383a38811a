"""A review on a terminal: single keys, and cards printed into the scrollback, a screenful at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studycli.cli import keys
from studycli.cli.dialogue import Command, compute_demo
from studycli.cli.pages import Pages
from studycli.review import wording

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from rich.console import Console, RenderableType
    from rich.text import Text

    from studycli.demos.card_inputs import Choice
    from studycli.model.review import Review, StudyCard
    from studycli.review.session import Question, Session

_COMMANDS = {"u": Command.UNDO, "s": Command.SUSPEND, "d": Command.DEMO, "q": Command.QUIT, keys.END: Command.QUIT}
_COMMAND_LINE = ("d demo ·", "s suspend ·", "u undo ·", "q quit ·", "? help")
_LEAVE_DEMO = ("q", "escape")
_COMMAND_LINE_IN_DEMO = tuple(word for word in _COMMAND_LINE if not word.startswith("q "))
_GAP = "   "
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
        self._pages = Pages(console)
        self._parts_below_demo: int | None = None
        self._since_question = 0

    def ask(self, question: Question) -> None:
        """Show the question, or its first screenful."""
        from studycli.render.card import render_front

        self._pages.clear()
        self._parts_below_demo = None
        self._since_question = 0
        self._console.print()
        self._show(render_front(question.card, wording.progress(question.remaining)))

    def reveal(self, question: Question) -> None:
        """Show the answer under the question, or its first screenful."""
        from studycli.render.card import render_back

        while self._pages.left:
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
            if key in ("space", "enter") and self._pages.left:
                self._turn()
            elif key.lower() in _LEAVE_DEMO and self._is_demo_left():
                self._pages.drop_first()
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

    def demo(self, card: StudyCard, choice: Choice) -> None:
        """Show the demo of a card below it."""
        self._console.print("\ncomputing …", style="dim", end="")
        try:
            result = compute_demo(card, choice, self._console.width)
        finally:
            self._console.file.write(_CLEAR_LINE)
        if self._is_demo_left():
            self._pages.drop_first()
        self._parts_below_demo = self._pages.parts
        self._show(result)

    def _is_demo_left(self) -> bool:
        return self._parts_below_demo is not None and self._pages.parts > self._parts_below_demo

    def _show(self, renderable: RenderableType) -> None:
        """Print a renderable before what is still unshown, or its first screenful."""
        lines = self._pages.push(renderable)
        room = self._room()
        left = room - self._since_question
        self._turn(min(room if lines > left < room // 2 else left, lines))

    def _turn(self, lines: int | None = None) -> None:
        """Print the next lines of the card, by default as many as the screen takes."""
        shown = self._pages.take(max(self._room() if lines is None else lines, 1))
        self._since_question += len(shown)
        self._console.file.write("".join(f"{line}\n" for line in shown))
        self._console.file.flush()

    def _room(self) -> int:
        """How many lines of a card the screen takes above its prompt, at the present width."""
        return self._console.height - self._prompt_room()

    def _prompt_room(self) -> int:
        """A blank line, the question, the buttons at their widest, and the other keys."""
        rows = [*self._rows([self._more(99), *self._buttons()]), *self._rows(_COMMAND_LINE)]
        return 2 + len(rows)

    def _more(self, lines: int) -> Text:
        from rich.text import Text

        return Text(f"{wording.count(lines, 'more line')}: space", style="bold reverse")

    def _print_lines(self, lines: list[str]) -> None:
        from rich.text import Text

        self._since_question += len(lines) + 1
        self._console.print()
        for line in lines:
            self._console.print(Text(line, style="dim"))

    def _press(self, question: Question, revealed: bool, hint: str) -> str:
        """Draw the prompt, wait for a key, erase the prompt; draw it anew where the terminal changes its size."""
        key = keys.RESIZED
        while key == keys.RESIZED:
            lines = self._prompt(question, revealed, hint)
            for line in lines:
                self._console.print(end="\n")
                self._console.print(line, end="", no_wrap=True, overflow="ellipsis")
            self._console.file.flush()
            try:
                key = self._keyboard.read()
            finally:
                # A terminal that became narrower has wrapped the prompt.
                rows = sum(max(-(-line.cell_len // self._console.width), 1) for line in lines)
                self._console.file.write(_CLEAR_LINE + _CLEAR_LINE_ABOVE * rows)
                self._console.file.flush()
        return key

    def _prompt(self, question: Question, revealed: bool, hint: str) -> list[Text]:
        """What was asked, where that has left the screen; what to press; the other keys."""
        from rich.text import Text

        from studycli.render.card import gist

        lines = []
        if self._since_question > self._room() + 1:
            asked = Text(f"Question: {gist(question.card)}", style="dim")
            asked.truncate(self._console.width, overflow="ellipsis")
            lines.append(asked)
        lines += self._rows(self._choices(question, revealed))
        commands = _COMMAND_LINE_IN_DEMO if self._is_demo_left() else _COMMAND_LINE
        return lines + self._rows([Text(hint, style="yellow")] if hint else commands)

    def _rows(self, chunks: Sequence[Text | str]) -> list[Text]:
        """Chunks side by side, on as many lines as they need; one that is longer than a line is wrapped at words."""
        from rich.text import Text

        rows: list[Text] = []
        for chunk in chunks:
            text = Text(chunk, style="dim") if isinstance(chunk, str) else chunk
            gap = " " if isinstance(chunk, str) else _GAP
            if rows and rows[-1].cell_len + len(gap) + text.cell_len <= self._console.width:
                rows[-1] = Text.assemble(rows[-1], gap, text)
            else:
                rows += text.wrap(self._console, self._console.width)
        return rows

    def _choices(self, question: Question, revealed: bool) -> list[Text]:
        from rich.text import Text

        chunks = []
        unshown = self._pages.left
        if unshown:
            chunks.append(self._more(unshown))
        if self._is_demo_left():
            chunks.append(Text.assemble(("q", "bold"), " goes back to the card"))
        elif revealed:
            chunks += self._buttons()
        elif not unshown:
            chunks.append(Text.assemble(("space", "bold"), " shows the answer"))
        return chunks

    def _buttons(self) -> list[Text]:
        from rich.text import Text

        question = self._session.next()
        if question is None:
            return []
        given = wording.buttons(self._grading, self._session.choices(), repeat=question.repeat)
        parts = [button.partition(" ") for button in given]
        return [Text.assemble((key, "bold"), f" {rest}" if rest else "") for key, _, rest in parts]

    def _hint(self, revealed: bool, *, is_grade: bool) -> str:
        if is_grade:
            return "look at the answer first: space"
        if revealed:
            from studycli.scheduler import grades

            given = list(grades.keys(self._grading))
            return f"that key does nothing here; grade with {given[0]} to {given[-1]}, or ? for help"
        return "that key does nothing here; space shows the answer, ? helps"
