"""One card changed at its place in its document, and nothing else of the document."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studycli.documents import flashcards, raw_lines, variants
from studycli.documents import text as text_reader
from studycli.documents.atomic import replace_file
from studycli.documents.excerpt import excerpt
from studycli.documents.outline import Kind, Outline
from studycli.documents.raw_lines import Line, RawDocument
from studycli.errors import DocumentError
from studycli.model.card import Card

_AGAIN = "edit it again, or leave the document as it is"
_SAVE = "save the document as UTF-8 with an editor, then edit the card"
_SYNC = "studycli sync reads it anew; then edit the card again"


@dataclass(frozen=True, slots=True)
class CardText:
    r"""A card's text in its document, from its heading to its last line that isn't blank or a rule.

    `text` has `\n` line ends and none after its last line. `line` and `end_line` are 1-based, inclusive; `taken` holds
    the bytes of these lines.
    """

    text: str
    line: int
    end_line: int
    taken: bytes


class CardEditError(DocumentError):
    """A card was not changed. `text` is what the learner wrote, so that nothing of it is lost."""

    def __init__(self, message: str, *, text: str, hint: str | None = None, where: str | None = None) -> None:
        super().__init__(message, hint=hint, where=where)
        self.text = text


def card_text(path: Path, card: Card) -> CardText:
    """The text of a card as its document has it now; `card` may be any of the ways in which it is asked.

    Raises DocumentError where the document can't be read, or doesn't hold the card any more.
    """
    document = _document(path, _bytes(path))
    outline = Outline("\n".join(line.text for line in document.lines))
    found = _find(flashcards.parse(outline, str(path)).cards, card)
    if found is None:
        where = f"{path}:{card.line}"
        raise DocumentError("the document has changed, and the card is not there", where=where, hint=_SYNC)
    start, end = found.line - 1, found.end_line - 1
    while end > start and outline.kinds[end] in (Kind.BLANK, Kind.RULE):
        end -= 1
    lines = document.lines[start : end + 1]
    return CardText("\n".join(line.text for line in lines), start + 1, end + 1, _taken(lines))


def replace(path: Path, taken: CardText, new_text: str) -> Card:
    """Put `new_text` in the place of a card's text; return the card as its document has it then.

    No byte outside the card's lines changes, nor one of a line that stays as it was; the file is replaced in one step.
    Raises CardEditError where the new text isn't one card in this document, the document has changed at the card's
    place, or it can't be written.
    """
    try:
        return _replace(Path(os.path.realpath(path)), taken, _tidy(new_text))
    except CardEditError:
        raise
    except DocumentError as error:
        where = error.where or f"{path}:{taken.line}"
        raise CardEditError(error.message, text=new_text, hint=error.hint, where=where) from error


def _replace(path: Path, taken: CardText, new_text: str) -> Card:
    data = _bytes(path)
    document = _document(path, data)
    start, end = taken.line - 1, taken.end_line
    if _taken(document.lines[start:end]) != taken.taken:
        raise DocumentError("the document has changed at this card's place", where=f"{path}:{taken.line}", hint=_SYNC)
    old_texts = [line.text for line in document.lines]
    texts = [*old_texts[:start], *new_text.split("\n"), *old_texts[end:]]
    where = f"{path}:{taken.line}"
    card = _checked(where, Outline("\n".join(old_texts)), Outline("\n".join(texts)), start)
    if new_text != taken.text:
        _write(path, _encoded(document, start, end, new_text, texts))
    return card


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise DocumentError("there is no such file", where=str(path), hint=_SYNC)
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise DocumentError(f"it cannot be read: {reason}", where=str(path), hint="check the file") from error


def _document(path: Path, data: bytes) -> RawDocument:
    try:
        return raw_lines.read(data)
    except DocumentError as error:
        raise DocumentError(error.message, where=str(path), hint=error.hint) from error
    except ValueError as error:
        message = "the file is damaged, so one card alone can't be changed"
        raise DocumentError(message, where=str(path), hint=_SAVE) from error


def _find(cards: Sequence[Card], card: Card) -> Card | None:
    """The document's card that `card` is: at its line, else the only one with its words."""
    same = [
        other
        for other in cards
        if any((way.front, way.back) == (card.front, card.back) for way in (other, *variants.expand(other)))
    ]
    here = [other for other in same if other.line == card.line]
    return (here or same)[0] if here or len(same) == 1 else None


def _taken(lines: Sequence[Line]) -> bytes:
    """The bytes of a card's lines; the end of the last one is not the card's."""
    parts = [part for line in lines for part in (line.content, line.end)]
    return b"".join(parts[:-1])


def _checked(where: str, old: Outline, new: Outline, start: int) -> Card:
    """The card that begins on the 0-based line `start` in `new`.

    Raises DocumentError unless it is one card there, among the other cards as they were in `old`.
    """
    before, after = flashcards.card_places(old), flashcards.card_places(new)
    own = next((number for number, place in enumerate(before) if place.start == start), None)
    if own is None:
        raise DocumentError("the document has changed at this card's place", where=where, hint=_SYNC)
    heading = f"begin it with a line such as '{excerpt(old.lines[start].strip())}'"
    if len(after) > len(before):
        raise DocumentError("the text holds more than one card", where=where, hint=f"keep one card heading; {_AGAIN}")
    if all(place.start != start for place in after):
        raise DocumentError("the card has no heading", where=where, hint=heading)
    shift = len(new.lines) - len(old.lines)
    moved = [(place.start + shift * (n > own), place.end + shift * (n >= own)) for n, place in enumerate(before)]
    if [(place.start, place.end) for place in after] != moved:
        hint = f"close every code block, keep headings below the card's, and {heading}"
        raise DocumentError("the text would take other parts of the document into the card", where=where, hint=hint)
    known, cards = flashcards.parse(old, where).cards, flashcards.parse(new, where).cards
    for number, (one, other) in enumerate(zip(known, cards, strict=True)):
        if number != own and (one.front, one.back) != (other.front, other.back):
            raise DocumentError(f"the text would change card {one.number} too", where=where, hint=_AGAIN)
    return _complete(cards[own], where)


def _complete(card: Card, where: str) -> Card:
    if not card.front.strip():
        raise DocumentError("the card has no question", where=where, hint=f"write one; {_AGAIN}")
    if not card.back.strip() and not variants.is_cloze(card.front):
        raise DocumentError("the card has no answer", where=where, hint=f"write one; {_AGAIN}")
    return card


def _encoded(document: RawDocument, start: int, end: int, new_text: str, texts: list[str]) -> bytes:
    """The document's bytes with the new lines, of which it is certain that they are read as `texts`."""
    missing: UnicodeError | None = None
    for reading in raw_lines.readings(document):
        try:
            lines = raw_lines.written(document, start, end, new_text.split("\n"), reading)
        except UnicodeError as error:
            missing = error
            continue
        data = document.data([*document.lines[:start], *lines, *document.lines[end:]])
        if text_reader.decode(data).text == "\n".join(texts):
            return data
    if isinstance(missing, UnicodeEncodeError):
        character = missing.object[missing.start]
        hint = "save the document as UTF-8 with an editor, or leave the character out"
        raise DocumentError(f"the document's encoding ({document.encoding}) has no '{character}'", hint=hint)
    raise DocumentError("written into this document, the text would be read as something else", hint=_SAVE)


def _write(path: Path, data: bytes) -> None:
    hint = "check its permissions, or copy it to a folder of yours and add that"
    try:
        if not path.stat().st_mode & 0o222 or not os.access(path, os.W_OK):
            raise DocumentError("the document is read-only", where=str(path), hint=hint)
        replace_file(path, data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DocumentError(f"the document can't be written: {reason}", where=str(path), hint=hint) from error
