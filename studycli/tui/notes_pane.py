"""The notes pane: the learner's own notes on the card and on its concept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from studycli.errors import StudyError
from studycli.render.markdown import render_markdown
from studycli.render.safe import one_line
from studycli.tui import keymap
from studycli.tui.notes_book import Subject
from studycli.tui.notes_field import NotesField
from studycli.tui.pane import Pane
from studycli.tui.secret import Secret
from studycli.tui.side import Tab, Tabs

if TYPE_CHECKING:
    from studycli.model.review import StudyCard
    from studycli.tui.desk import Desk

SECONDS_UNSAVED = 0.3
"""A text that is being written is stored so long after a key at the latest."""
_CARD, _CONCEPT = "note-card", "note-concept"


class NotesPane(Pane):
    """Shows one of the two notes, or the field where it is written.

    What is in the field is stored while it is written, by one task at a time, and when the field is left. A text that
    the store refuses stays in the field.
    """

    NAME = "notes"
    TITLE = "Notes"
    DEFAULT_CSS = """
    NotesPane #notes-head { dock: top; height: 2; }
    NotesPane #notes-foot { dock: bottom; height: auto; max-height: 3; color: $text-muted; }
    NotesPane.-editing #notes-text { display: none; }
    NotesPane.-editing NotesField { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "edit", "Write", show=False, id="notes-edit"),
        Binding("left,right", "other", "The other note", show=False, id="notes-other"),
        Binding("escape", "done", "Done", show=False, id="notes-done"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._book = desk.notebook
        self._field = NotesField()
        self._wanted: StudyCard | None = None
        self._secret = Secret()
        self._turn_number = 0
        self._subjects: tuple[Subject, ...] = ()
        self._at = 0
        self._editing: Subject | None = None
        self._stored = ""
        self._saving: asyncio.Task[bool] | None = None
        self._is_waiting = False
        self._is_open = False
        self._refusal = ""

    def compose(self) -> ComposeResult:
        """Which note, the note, and what to press."""
        with Horizontal(id="notes-head"):
            yield Tab(_CARD, "Card")
            yield Tab(_CONCEPT, "")
        yield Static(id="notes-text", markup=False)
        yield self._field
        yield Static(id="notes-foot", markup=False)

    @property
    def focus_target(self) -> Widget:
        """The field while a note is written."""
        return self._field if self._editing is not None else self

    def show_card(self, card: StudyCard, revealed: bool) -> None:
        """Show the notes on a card and its concept, as they are now."""
        is_other = self._wanted is None or card.id != self._wanted.id
        is_asked_anew = is_other or self.desk.study.turn != self._turn_number
        self._wanted, self._secret, self._turn_number = card, Secret(card, revealed), self.desk.study.turn
        self._is_open = revealed or (self._is_open and not is_asked_anew)
        if is_other:
            self._clear()
        if is_other or self._editing is None:
            self.run_worker(self._turn(card, is_other), group="notes")

    async def _turn(self, card: StudyCard, is_other: bool) -> None:
        """Store what was written on the card before, then read the notes of this one."""
        if not await self._leave():
            return
        try:
            subjects = await asyncio.to_thread(self._read, card)
        except Exception as error:
            # Whatever it is, the review goes on without the notes.
            self._clear()
            self._say(f"the notes cannot be read: {_reason(error)}")
            return
        if card is not self._wanted or self._editing is not None:
            return
        at = min(self._at, len(subjects) - 1)
        if is_other or subjects != self._subjects:
            # The concept's note comes first only where it is the only one.
            at = next((place for place, subject in enumerate(subjects) if self._book.known(subject)), 0)
        self._subjects, self._at = subjects, at
        self._show()

    def _read(self, card: StudyCard) -> tuple[Subject, ...]:
        subjects = self._book.subjects(card)
        for subject in subjects:
            self._book.read(subject)
        return subjects

    def _clear(self) -> None:
        """Take away what belongs to the card before; a text that is being written stays."""
        self.query_one(f"#tab-{_CONCEPT}", Tab).update(Content("Concept"))
        if self._editing is None:
            self._subjects = ()
            self.query_one("#notes-text", Static).update("")

    def _show(self) -> None:
        subject = self._subjects[self._at]
        note = self._book.known(subject)
        concept = self._subjects[-1].concept
        shown: RenderableType = render_markdown(note)
        if not note:
            about = "this card" if subject.concept is None else self._title_of(subject.concept)
            shown = Text(f"No note on {about} yet.", "dim")
        elif not self._is_open:
            shown = Text("Your note is shown after the answer.", "dim")
        self.query_one("#notes-text", Static).update(shown)
        self.query_one(f"#tab-{_CONCEPT}").display = concept is not None
        self._mark(_CARD, "Card", Subject(card_id=self._subjects[0].card_id))
        if concept is not None:
            self._mark(_CONCEPT, f"Concept: {self._title_of(concept)}", self._subjects[-1])
        self._mark_whole()
        enter = "writes one" if not note else "edits it" if self._is_open else "opens it now"
        keys = [f"{keymap.key(self, 'notes-edit')} {enter}"]
        if concept is not None:
            keys.append("← → the other note")
        self._say(" · ".join(keys))
        self.scroll_home(animate=False)

    def _title_of(self, concept: str) -> str:
        return "after the answer" if self._secret.hides_concept else one_line(concept)

    def _mark(self, name: str, title: str, subject: Subject) -> None:
        tab = self.query_one(f"#tab-{name}", Tab)
        tab.update(Content(f"{title} •" if self._book.known(subject) else title))
        tab.set_class(subject == self._subjects[self._at], "-current")

    def _mark_whole(self) -> None:
        """Mark on the tab of this pane whether there is a note."""
        for tabs in self.screen.query(Tabs):
            tabs.mark_noted(any(map(self._book.known, self._subjects)))

    def _say(self, words: str) -> None:
        for foot in self.query("#notes-foot").results(Static):  # none once the app ends
            foot.update(Text(one_line(words)))

    def action_other(self) -> None:
        """Turn to the other note."""
        if len(self._subjects) > 1:
            self.run_worker(self._turn_over(), group="notes")

    async def _turn_over(self) -> None:
        if await self._leave() and self._subjects:
            self._at = (self._at + 1) % len(self._subjects)
            self._show()

    def on_tab_chosen(self, message: Tab.Chosen) -> None:
        """A click on one of the two."""
        message.stop()
        if self._at != (0 if message.pane == _CARD else 1):
            self.action_other()

    def action_edit(self) -> None:
        """Write the note."""
        if not self._subjects or self._editing is not None:
            return
        subject = self._subjects[self._at]
        try:
            # At once, since the next keys belong to the field; readers never wait for writers.
            note = self._book.read(subject)
        except StudyError as error:
            self._say(f"the note cannot be read: {_reason(error)}")
            return
        self._editing, self._is_open = subject, True
        self._field.open(note)
        self._stored = self._field.text
        self.add_class("-editing")
        self._field.focus()
        self._say(f"saved as you write · {keymap.key(self, 'notes-done')} when done")

    def action_done(self) -> None:
        """Leave the field; where there is none, let the key mean what it means elsewhere."""
        if self._editing is None:
            raise SkipAction
        self.run_worker(self._done(), group="notes")

    def on_descendant_blur(self) -> None:
        """Leave the field when the focus does; while another window has it, only store the text."""
        if self._editing is not None:
            self.run_worker(self._done() if self.app.app_focus else self._save(), group="notes")

    def on_text_area_changed(self) -> None:
        """See to it that the text is stored in a moment."""
        if self._is_unsaved and not self._is_waiting:
            self._is_waiting = True
            self.set_timer(SECONDS_UNSAVED, self._save)

    async def on_unmount(self) -> None:
        """Store the text when the app ends. One that the store refuses is told, so that it isn't lost."""
        if self._editing is not None and not await self._save():
            from studycli.tui.app import Workspace

            assert isinstance(self.app, Workspace)
            self.app.told.append(f"your note was not saved: {self._refusal}; it reads:\n{self._field.text}")

    @property
    def _is_unsaved(self) -> bool:
        return self._editing is not None and self._field.text != self._stored

    async def _done(self) -> None:
        """Leave the field; where the review went on while its text was refused, turn to the card that stands now."""
        card = self._wanted
        if await self._leave() and card is not None and self._subjects[:1] != (Subject(card_id=card.id),):
            await self._turn(card, is_other=True)

    async def _leave(self) -> bool:
        """Store the text and close the field; False where it can't be stored, and so stays."""
        if self._editing is None:
            return True
        if not await self._save():
            return False
        if self._editing is not None and self.query("#notes-text"):  # which is gone once the app ends
            self._editing = None
            had_focus = self._field.has_focus
            self.remove_class("-editing")
            self._show()
            if had_focus:
                self.focus()
        return True

    async def _save(self) -> bool:
        """Store what is in the field; False where that fails."""
        self._is_waiting = False
        if self._saving is None or self._saving.done():
            # A task of its own: it goes on when a worker that waits for it is cancelled.
            self._saving = asyncio.create_task(self._write())
        return await asyncio.shield(self._saving)

    async def _write(self) -> bool:
        while (subject := self._editing) is not None and self._is_unsaved:
            text, before = self._field.text, self._book.known(subject)
            try:
                written = await asyncio.to_thread(self._book.write, subject, text)
            except Exception as error:
                # Whatever it is, the text stays in the field.
                self._refusal = _reason(error)
                self._say(f"not saved: {self._refusal}")
                return False
            self._stored = text
            if written.added:
                self._field.append(written.added)
                self._stored += written.added
                self._say("it was changed elsewhere too; both texts are here")
            elif written.text or before:
                self._say("saved" if written.text else "no note left")
        return True


def _reason(error: Exception) -> str:
    if not isinstance(error, StudyError):
        return repr(error)
    return f"{error.message} ({error.hint})" if error.hint else error.message
