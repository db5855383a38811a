"""Cards to tab-separated text for Anki's text import, with the header lines that tell Anki what each column is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

from studycli.exchange import html, note
from studycli.exchange.anki import NOTE_TYPE_NAME
from studycli.exchange.form import Form
from studycli.model.review import StudyCard

_FIELDS = tuple(name for name in note.FIELDS if not name.startswith("Spare"))
COLUMNS = (*_FIELDS, "Tags", "GUID", "Deck", note.LEARNERS_NOTE)
_FORMULA = re.compile(r"[=+\-@＝＋－＠﹢﹣﹦﹫]")


def write(
    cards: Sequence[StudyCard], form: Form = Form.FULL, written: Mapping[str, str] | None = None
) -> tuple[bytes, int]:
    """UTF-8 text, one line a note, and the number of notes. Cards without a question are left out.

    Where Anki knows the note type of our .apkg, the columns fill its fields by name and a note that came with the
    package is updated; else they fill Front and Back of the note type in use. `written` is what the learner wrote
    about a card (Markdown), by card id; it is the last column.
    """
    notes = note.from_cards(cards, form, written)
    text = io.StringIO()
    text.write("".join(f"#{line}\n" for line in _header()))
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerows(_row(each) for each in notes)
    return text.getvalue().encode("utf-8"), len(notes)


def _header() -> tuple[str, ...]:
    return (
        "separator:tab",
        "html:true",
        f"notetype:{NOTE_TYPE_NAME}",
        "columns:" + "\t".join(COLUMNS),
        f"tags column:{COLUMNS.index('Tags') + 1}",
        f"guid column:{COLUMNS.index('GUID') + 1}",
        f"deck column:{COLUMNS.index('Deck') + 1}",
    )


def _row(each: note.Note) -> list[str]:
    cells = {name: _not_computed(html.on_one_line(value)) for name, value in zip(note.FIELDS, each.fields, strict=True)}
    fields = (cells[name] for name in _FIELDS)
    return [*fields, " ".join(each.tags), each.guid, each.deck, cells[note.LEARNERS_NOTE]]


def _not_computed(value: str) -> str:
    """HTML whose first character, if a spreadsheet would compute it, is written as a character reference."""
    return f"&#{ord(value[0])};{value[1:]}" if _FORMULA.match(value) else value
