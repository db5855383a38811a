"""Cards to an Anki package (.apkg), through genanki."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import sqlite3
import zipfile
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import genanki

from studycli.exchange import note
from studycli.model.review import StudyCard

# Both stay for ever: they are how Anki knows that a second import belongs to the first.
NOTE_TYPE_ID = 1_754_023_906_417
NOTE_TYPE_NAME = "studycli"
# When the template last changed (seconds since 1970). Anki replaces the learner's copy only if this is later.
_TEMPLATE_CHANGED = 1_767_225_600
_DECK_ID_BASE = 1 << 40
_DECK_ID_BITS = 39
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def package(cards: Sequence[StudyCard], at: datetime) -> tuple[bytes, int]:
    """The bytes of an .apkg and the number of its notes; equal cards and `at` give equal bytes.

    `at` dates the notes: Anki updates a note it has already only from a later export. Cards without a question are
    left out. Suspended cards are marked so; Anki honours it when progress is imported too.
    """
    notes = note.from_cards(cards)
    slugs = {name: slug for slug, name in note.deck_names(cards).items()}
    decks = {name: genanki.Deck(deck_id(slug), name) for name, slug in slugs.items()}
    for position, each in enumerate(notes, start=1):
        decks[each.deck].add_note(_genanki_note(each, position))
    used = [deck for deck in decks.values() if deck.notes]
    return _zipped(_database(genanki.Package(used), at.timestamp())), len(notes)


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


def _template(name: str) -> str:
    return (files("studycli.exchange") / "anki_template" / name).read_text("utf-8")


def _genanki_note(each: note.Note, position: int) -> genanki.Note:
    made = genanki.Note(_note_type(), list(each.fields), guid=each.guid, tags=list(each.tags), due=position)
    for card in made.cards:
        card.suspend = each.suspended
    return made


def _database(package: genanki.Package, seconds: float) -> bytes:
    """The package's SQLite file. genanki's own writer leaves a temporary file behind, so it is built in memory."""
    connection = sqlite3.connect(":memory:")
    try:
        package.write_to_db(connection.cursor(), seconds, itertools.count(int(seconds * 1000)))
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
