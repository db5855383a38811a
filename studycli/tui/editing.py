"""Editing: a card's text in the learner's own editor, and back at its place in the document."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from studycli import paths
from studycli.collection import Collection
from studycli.documents import card_edit, variants
from studycli.documents.card_edit import CardText
from studycli.errors import DocumentError, MissingError, StudyError, UsageError
from studycli.model.review import StudyCard
from studycli.review import wording

_USUAL = ("sensible-editor", "nano", "vim", "vi")
_NAME_ONE = "name one, such as: export EDITOR=nano"
_OWN_COPY = "copy it to a folder of yours, and add that with: studycli add FOLDER"
_UPGRADE = "this deck belongs to studycli, and an upgrade would undo the edit"


@dataclass(frozen=True)
class Draft:
    """A card's text in a file of its own. `taken` is what the document has; the file may hold more."""

    file: Path
    document: Path
    taken: CardText


@dataclass(frozen=True)
class Edited:
    """The card as the store has it then, and what there is to say."""

    card: StudyCard
    message: str


class Editing:
    """The cards of one review that are edited. What could not be written back stays in its file."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._kept: dict[str, Draft] = {}
        self._texts: dict[Path, StudyCard] = {}

    def left(self) -> list[str]:
        """What to say at the end of each text that was kept: it is nowhere but in its file."""
        return [
            f"your text for {wording.place(study)} is in {file}"
            for file, study in self._texts.items()
            if os.path.lexists(file)
        ]

    def begin(self, study: StudyCard) -> Draft:
        """The card's text in a file; `study` is as its document has it, with the templates of a computed card.

        What was kept of an edit before is in the file again, if the document's text is still the same. Raises
        DocumentError where the document can't be read or written, or came with studycli, StudyError where no file can
        be made.
        """
        document = Path(os.path.realpath(study.path))
        if paths.is_in_package(document):
            raise DocumentError(_UPGRADE, where=str(document), hint=_OWN_COPY)
        taken = card_edit.card_text(document, study.card)
        if not os.access(document, os.W_OK) or not document.stat().st_mode & 0o222:
            raise DocumentError("the document is read-only", where=str(document), hint=_OWN_COPY)
        kept = self._kept.get(study.id)
        if kept is not None and kept.taken.text == taken.text and kept.file.is_file():
            return Draft(kept.file, document, taken)
        return Draft(_new_file(f"{study.deck}-{study.card.number}.md", _bytes(taken)), document, taken)

    def finish(self, study: StudyCard, draft: Draft) -> Edited | None:
        """Write the text back and let the store know; None where it says nothing new.

        Raises StudyError; the file then stays, if it is there at all, and its name is said.
        """
        try:
            text = draft.file.read_bytes()
        except FileNotFoundError as error:
            self._forget(study, draft)
            raise StudyError("the editor left no file") from error
        except OSError as error:
            self._keep(study, draft)
            reason = error.strerror or str(error)
            raise StudyError(f"the editor's file cannot be read: {reason}", where=str(draft.file)) from error
        if text.rstrip(b"\r\n") == draft.taken.text.encode("utf-8", "surrogatepass").rstrip(b"\r\n"):
            self._forget(study, draft)
            return None
        try:
            message = self._write(study, draft, _decoded(text, draft.file))
        except StudyError as error:
            self._keep(study, draft)
            raise type(error)(error.message, where=error.where, hint=_kept_in(draft, error.hint)) from error
        self._forget(study, draft)
        return Edited(self._collection.repository.card(study.id, self._collection.today), message)

    def abandon(self, study: StudyCard, draft: Draft) -> str:
        """What to say of the file when the editor failed; one that was not changed is removed."""
        try:
            is_changed = draft.file.read_bytes() != _bytes(draft.taken)
        except FileNotFoundError:
            is_changed = False
        except OSError:
            is_changed = True  # for all that can be told
        if is_changed:
            self._keep(study, draft)
            return f"; your text is in {draft.file}"
        self._forget(study, draft)
        return ""

    def _write(self, study: StudyCard, draft: Draft, text: str) -> str:
        """Change the document, and see to it that the card keeps its history."""
        try:
            card = card_edit.replace(draft.document, draft.taken, text)
        except card_edit.CardEditError as error:
            raise DocumentError(error.message, where=error.where, hint=error.hint) from error
        is_lost = any(change.id == study.id for change in self._collection.sync(dry_run=True).archived)
        message = "the card is edited"
        if is_lost and not card.explicit_id and not variants.names(card):
            taken = card_edit.card_text(draft.document, card)
            heading, _, rest = taken.text.partition("\n")
            card_edit.replace(draft.document, taken, f"{heading}\n<!-- id: {study.id} -->\n{rest}")
            message = "the card is edited; so much is new that an id under its heading keeps its history"
        self._collection.sync()
        return message

    def _keep(self, study: StudyCard, draft: Draft) -> None:
        self._kept[study.id] = draft
        self._texts[draft.file] = study

    def _forget(self, study: StudyCard, draft: Draft) -> None:
        self._kept.pop(study.id, None)
        shutil.rmtree(draft.file.parent, ignore_errors=True)


def attempt(draft: Draft) -> StudyError | None:
    """Let the learner edit the file, and wait; what went wrong.

    It raises nothing: Textual's `suspend`, which this is called in, would leave the terminal to the shell.
    """
    try:
        run(draft)
    except StudyError as error:
        return error
    return None


def run(draft: Draft, environment: Mapping[str, str] = os.environ) -> None:
    """Let the learner edit the file, and wait. Raises MissingError without an editor, StudyError where it fails."""
    words = command(environment)
    with _ctrl_c_is_the_editors():
        try:
            code = subprocess.run([*words, str(draft.file)], check=False).returncode
        except OSError as error:
            raise MissingError(
                f"the editor cannot be started: {error.strerror or error}", where=words[0], hint=_NAME_ONE
            ) from error
    if code:
        how = f"with exit code {code}" if code > 0 else f"by signal {-code}"
        raise StudyError(f"the editor ended {how}, so nothing was changed", where=words[0])


def command(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The words that start the editor: those of VISUAL, else of EDITOR, else a usual one that is there.

    Raises UsageError for words with an open quote, MissingError where there is no editor.
    """
    for variable in ("VISUAL", "EDITOR"):
        text = environment.get(variable, "").strip()
        if not text:
            continue
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise UsageError(f"{variable} cannot be read: {text}", hint="close its quotes") from error
        if shutil.which(words[0], path=environment.get("PATH")) is None:
            raise MissingError(f"there is no editor '{words[0]}'", where=variable, hint=_NAME_ONE)
        return words
    for name in _USUAL:
        if (found := shutil.which(name, path=environment.get("PATH"))) is not None:
            return [found]
    raise MissingError("no editor was found", hint=_NAME_ONE)


@contextlib.contextmanager
def _ctrl_c_is_the_editors() -> Iterator[None]:
    """Ctrl-C in the editor reaches this process too, which has nothing to do with it."""
    former = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def _new_file(name: str, text: bytes) -> Path:
    """A file in a folder of its own. Raises StudyError, and leaves nothing behind then."""
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix="studycli-"))
        file = folder / name
        file.write_bytes(text)
    except OSError as error:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        reason = error.strerror or str(error)
        where = str(error.filename) if error.filename else None
        raise StudyError(f"no file can be made for the editor: {reason}", where=where) from error
    return file


def _bytes(taken: CardText) -> bytes:
    """What the file holds at first."""
    return (taken.text + "\n").encode("utf-8", "surrogatepass")


def _decoded(text: bytes, file: Path) -> str:
    try:
        return text.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise DocumentError("the text is not UTF-8", where=str(file), hint="save it as UTF-8") from error


def _kept_in(draft: Draft, hint: str | None) -> str:
    kept = f"your text is in {draft.file}, and editing the card opens it again"
    return f"{hint}; {kept}" if hint else kept
