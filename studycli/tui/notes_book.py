"""The notebook: the learner's notes on cards and concepts, as the workspace reads and writes them."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from studycli import clock
from studycli.errors import StudyError
from studycli.knowledge.aliases import concept_lookup

if TYPE_CHECKING:
    from studycli.model.review import StudyCard
    from studycli.store.repository import Repository
    from studycli.tui.desk import Desk

_BETWEEN = "\n\n---\n\n"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a note is about: a card, by its id, or a concept, by its name. The other one is None."""

    card_id: str | None = None
    concept: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What is stored now. `added` is the end of it that was written elsewhere meanwhile, "" as a rule."""

    text: str
    added: str = ""


class Notebook:
    """One for the workspace. Safe to share between threads; all that it does takes the store, so do it in one.

    It remembers how each note read when it was last looked at, so that it never writes over one that is newer.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = Lock()
        self._known: dict[Subject, str] = {}

    def subjects(self, card: StudyCard) -> tuple[Subject, ...]:
        """The card itself, and its concept if it names one. Reads the maps, for their names. Raises StoreError."""
        own = Subject(card_id=card.id)
        concept = card.card.concept
        return (own, Subject(concept=self._name_of(concept))) if concept and concept.strip() else (own,)

    def read(self, subject: Subject) -> str:
        """The note as it is now, "" where there is none. Raises StoreError."""
        with self._lock:
            self._known[subject] = text = self._stored(subject)
            return text

    def known(self, subject: Subject) -> str:
        """The note as it was last read or written; takes no time."""
        return self._known.get(subject, "")

    def write(self, subject: Subject, text: str) -> Written:
        """Store a note, "" to take it away. Raises StoreError.

        Where it was changed elsewhere since it was read, both texts are kept, one below the other.
        """
        with self._lock:
            stored = self._stored(subject)
            kept, added = both(text, self.known(subject), stored)
            if kept != stored:
                note = self._repository.save_note(
                    kept, card_id=subject.card_id, concept=subject.concept, at=clock.now()
                )
                kept = note.text if note is not None else ""
            self._known[subject] = kept
            return Written(kept, added)

    def has_note(self, card: StudyCard) -> bool:
        """Whether there is a note on the card or on its concept; False where the store can't say."""
        concept = card.card.concept
        try:
            if self._stored(Subject(card_id=card.id)):
                return True
            if not concept or not concept.strip():
                return False
            # Other names of the concept count only where there is a note that may be meant: the maps take longer.
            if self._stored(Subject(concept=concept)):
                return True
            any_concepts = any(note.concept is not None for note in self._repository.notes())
            return any_concepts and bool(self._stored(Subject(concept=self._name_of(concept))))
        except StudyError:
            return False

    def _name_of(self, concept: str) -> str:
        """What the maps call a concept; the card's own name where none does, or where the note is under that."""
        found = concept_lookup(self._desk.maps)(concept)
        if found is None:
            return concept
        concept_map, wanted = found
        name = next(other.name for other in concept_map.concepts if other.id == wanted)
        under_own_name = not self._stored(Subject(concept=name)) and self._stored(Subject(concept=concept))
        return concept if under_own_name else name

    def _stored(self, subject: Subject) -> str:
        note = self._repository.note(subject.card_id, subject.concept)
        return note.text if note is not None else ""

    @property
    def _repository(self) -> Repository:
        return self._desk.collection.repository


def both(mine: str, before: str, theirs: str) -> tuple[str, str]:
    """What to keep of two edits of the note `before`, and what of that has to be added to `mine`.

    Where one holds the other, it is enough; else both are kept, mine first.
    """
    own = mine.rstrip()
    if theirs == before or theirs in mine:
        return mine, ""
    if theirs.startswith(own):
        return theirs, theirs.removeprefix(own)
    added = f"{_BETWEEN}{theirs}"
    return own + added, added
