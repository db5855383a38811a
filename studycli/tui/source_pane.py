"""The source pane: the sections of the learner's documents that a card comes from."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from studycli.errors import StudyError
from studycli.render.safe import one_line
from studycli.tui import keymap, source_page
from studycli.tui.pane import Pane
from studycli.tui.secret import Secret

if TYPE_CHECKING:
    from studycli.documents.passages import Passage
    from studycli.model.card import Card
    from studycli.model.review import StudyCard
    from studycli.tui.desk import Desk


class SourcePane(Pane):
    """Shows one section at a time. Until the answer is shown, or the learner asks for them, only their titles."""

    NAME = "source"
    TITLE = "Source"
    DEFAULT_CSS = """
    SourcePane #source-head { dock: top; height: 3; display: none; }
    SourcePane.-open #source-head { display: block; }
    SourcePane.-open #source-text { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,right_square_bracket", "turn(1)", "Next place", show=False, id="source-next"),
        Binding("left,left_square_bracket", "turn(-1)", "Place before", show=False, id="source-previous"),
        # Enter is the pane's own in any case: it would reach the review and reveal the card that stands there.
        Binding("enter", "open", "Show it now", show=False, id="source-open"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._card: Card | None = None
        self._secret = Secret()
        self._asked: tuple[object, ...] | None = None
        self._found: tuple[Passage, ...] | None = None
        self._names: list[str] = []
        self._at = 0
        self._is_open = False

    def compose(self) -> ComposeResult:
        """What section it is, and its text."""
        yield Static(id="source-head", markup=False)
        yield Static(id="source-text", markup=False)

    def show_card(self, card: StudyCard, revealed: bool) -> None:
        """Find a card's sections. When only its answer came, stay at the one that was looked at."""
        own = card.card
        asked = (card.id, own.source_section, own.concept, own.related_concepts, self.desk.study.turn)
        stays = asked == self._asked and self._found is not None
        self._card, self._secret, self._asked = own, Secret(card, revealed), asked
        if stays:
            was_open, self._is_open = self._is_open, self._is_open or revealed
            if not was_open or not self._is_open:
                self._show()
            return
        self._found, self._at, self._is_open = None, 0, revealed
        self._say(Text("looking in your documents …", "dim"))
        self.run_worker(self._look(card), group="source", exclusive=True)

    async def _look(self, card: StudyCard) -> None:
        library = self.desk.library
        try:
            found = await asyncio.to_thread(library.passages, card)
            self._names = await asyncio.to_thread(library.names, card.card)
        except Exception as error:
            # Whatever it is, the review goes on without the source.
            message = error.message if isinstance(error, StudyError) else repr(error)
            self._say(Text(f"The source cannot be shown: {one_line(message)}"))
            return
        self._found = found
        # The answer may have come meanwhile.
        self._is_open = self._is_open or self._secret.revealed
        self._show()

    def action_turn(self, by: int) -> None:
        """Turn to the next section or the one before, around the ends."""
        if self._found and self._is_open:
            self._at = (self._at + by) % len(self._found)
            self._show()

    def action_open(self) -> None:
        """Show the sections before the answer; where they are shown, scroll."""
        if self._is_open or not self._found:
            self.scroll_page_down(animate=False)
        else:
            self._is_open = True
            self._show()

    def _show(self) -> None:
        assert self._card is not None and self._found is not None
        named = not self._secret.hides_concept
        if not self._found:
            self._say(source_page.nothing(self._card, named=named))
        elif not self._is_open:
            self._say(source_page.titles(self._found, keymap.key(self, "source-open"), named=named))
        else:
            self.query_one("#source-head", Static).update(source_page.Head(self._found, self._at))
            self.query_one("#source-text", Static).update(source_page.text(self._found[self._at], self._names))
            self.add_class("-open")
            self.scroll_home(animate=False)

    def _say(self, words: Text) -> None:
        self.remove_class("-open")
        self.query_one("#source-text", Static).update(words)
        self.scroll_home(animate=False)
