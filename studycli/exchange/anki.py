"""Cards to an Anki package (.apkg), through genanki."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import genanki

from studycli.exchange import note
from studycli.model.review import StudyCard

# They stay for ever: they are how Anki knows that a second import belongs to the first.
NOTE_TYPE_ID = 1_754_023_906_417
NOTE_TYPE_NAME = "studycli"
CLOZE_TYPE_ID = 1_754_023_906_418
CLOZE_TYPE_NAME = "studycli cloze"
# When the template last changed (seconds since 1970). Anki replaces the learner's copy only if this is later.
_TEMPLATE_CHANGED = 1_795_824_000
_DECK_ID_BASE = 1 << 40
_DECK_ID_BITS = 39
# genanki writes no flags. Anki numbers its colours from 1, red.
_SET_FLAG = "UPDATE cards SET flags = ? WHERE nid = (SELECT id FROM notes WHERE guid = ?) AND ord = ?"
_RED = 1
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def package(cards: Sequence[StudyCard], at: datetime, written: Mapping[str, str] | None = None) -> tuple[bytes, int]:
    """The bytes of an .apkg and the number of its notes; equal cards and `at` give equal bytes.

    `at` dates the notes: Anki updates a note it has already only from a later export. Cards without a question are
    left out. Suspended and flagged cards are marked so; Anki honours it when progress is imported too.
    `written` is what the learner wrote about a card (Markdown), by card id.
    """
    notes = note.with_clozes(cards, written)
    slugs = {name: slug for slug, name in note.deck_names(cards).items()}
    decks = {name: genanki.Deck(deck_id(slug), name) for name, slug in slugs.items()}
    for position, each in enumerate(notes, start=1):
        decks[each.deck].add_note(_genanki_note(each, position))
    used = [deck for deck in decks.values() if deck.notes]
    flagged = [place for each in notes for place in _flagged(each)]
    return _zipped(_database(genanki.Package(used), at.timestamp(), flagged)), len(notes)


def deck_id(slug: str) -> int:
    """Anki's id for the deck with this slug, whatever its title.

    39 bits of SHA-256 on top of 2^40: it looks like the millisecond of creation that Anki's own ids are, never lies
    in the future, and a thousand decks meet by chance once in a million times.
    """
    digest = hashlib.sha256(f"studycli deck {slug}".encode()).digest()
    return _DECK_ID_BASE + (int.from_bytes(digest[:8], "big") >> (64 - _DECK_ID_BITS))


class _NoteType(genanki.Model):  # type: ignore[misc]
    """A note type that says when its template changed, not when it was exported."""

    def to_json(self, timestamp: float, deck_id: int) -> dict[str, Any]:
        return dict(super().to_json(_TEMPLATE_CHANGED, deck_id))


@cache
def _note_type() -> _NoteType:
    return _NoteType(
        NOTE_TYPE_ID,
        NOTE_TYPE_NAME,
        fields=[{"name": name} for name in note.FIELDS],
        templates=[{"name": "Card", "qfmt": _template("front.html"), "afmt": _template("back.html")}],
        css=_template("card.css"),
    )


@cache
def _cloze_type() -> _NoteType:
    front = _template("front.html").replace("{{Front}}", "{{cloze:Front}}")
    back = _template("back.html").replace("{{FrontSide}}", front)
    return _NoteType(
        CLOZE_TYPE_ID,
        CLOZE_TYPE_NAME,
        fields=[{"name": name} for name in note.FIELDS],
        templates=[{"name": "Cloze", "qfmt": front, "afmt": back}],
        css=_template("card.css") + _template("cloze.css"),
        model_type=genanki.Model.CLOZE,
    )


def _template(name: str) -> str:
    return (files("studycli.exchange") / "anki_template" / name).read_text("utf-8")


def _genanki_note(each: note.Note, position: int) -> genanki.Note:
    kind = _cloze_type() if each.clozes else _note_type()
    made = genanki.Note(kind, list(each.fields), guid=each.guid, tags=list(each.tags), due=position)
    if each.clozes:
        # genanki's own search for clozes passes over those within others.
        made.cards = [genanki.Card(cloze.number - 1, suspend=cloze.suspended) for cloze in each.clozes]
        return made
    for card in made.cards:
        card.suspend = each.suspended
    return made


def _flagged(each: note.Note) -> list[tuple[str, int]]:
    """The flagged cards of a note, as its GUID and their place in it."""
    places = [cloze.number - 1 for cloze in each.clozes if cloze.flagged] or [0] * each.flagged
    return [(each.guid, place) for place in places]


def _database(package: genanki.Package, seconds: float, flagged: Sequence[tuple[str, int]]) -> bytes:
    """The package's SQLite file. genanki's own writer leaves a temporary file behind, so it is built in memory."""
    connection = sqlite3.connect(":memory:")
    try:
        package.write_to_db(connection.cursor(), seconds, itertools.count(int(seconds * 1000)))
        connection.executemany(_SET_FLAG, [(_RED, *place) for place in flagged])
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


def _zipped(database: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (("collection.anki2", database), ("media", json.dumps({}).encode())):
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
