"""Exports, byte by byte: `cards.json` gives the cards, and every other file is what they become."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from studycli.exchange import anki, csv, json, note, tsv
from studycli.exchange.form import Form

GOLDEN = Path(__file__).parent / "exchange"
EXPORTED = json.read((GOLDEN / "cards.json").read_bytes())
CARDS = EXPORTED.cards
NOTES = [*EXPORTED.notes.values(), *EXPORTED.concept_notes]
WRITTEN = {card_id: each.text for card_id, each in EXPORTED.notes.items()}
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def fields_page() -> bytes:
    """All fields of all notes as one readable HTML page."""
    lines = []
    for each in note.from_cards(CARDS, written=WRITTEN):
        lines.append(f"<!-- {each.guid} | {each.deck} | {' '.join(each.tags)} -->")
        lines += [f"<!-- {name} -->\n{value}" for name, value in zip(note.FIELDS, each.fields, strict=True) if value]
    return ("\n".join(lines) + "\n").encode()


WRITERS = {
    "cards.json": lambda: json.write(CARDS, EXPORTED.exported_at, EXPORTED.history, NOTES),
    "full.csv": lambda: csv.write(CARDS, written=WRITTEN),
    "brief.csv": lambda: csv.write(CARDS, Form.BRIEF, WRITTEN),
    "full.tsv": lambda: tsv.write(CARDS, written=WRITTEN)[0],
    "brief.tsv": lambda: tsv.write(CARDS, Form.BRIEF, WRITTEN)[0],
    "fields.html": fields_page,
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_is_what_it_was(name: str) -> None:
    assert WRITERS[name]() == (GOLDEN / name).read_bytes()


def test_an_export_of_the_first_version_gives_the_same_cards() -> None:
    first = json.read((GOLDEN / "version-1.json").read_bytes())
    unmarked = tuple(item.model_copy(update={"flagged": False}) for item in CARDS)
    assert (first.cards, first.history) == (unmarked, EXPORTED.history)
    assert (first.notes, first.concept_notes) == ({}, ())


def test_a_package_depends_on_its_cards_and_its_time_only() -> None:
    assert anki.package(CARDS, AT, WRITTEN) == anki.package(CARDS, AT, WRITTEN)
    assert anki.package(CARDS, AT, WRITTEN)[1] == 4
