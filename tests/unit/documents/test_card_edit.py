"""A card changed at its place in its document: what may change, what must not, and what is refused."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

import ftfy.bad_codecs  # noqa: F401  registers the sloppy code pages
import pytest

from studycli.documents import card_edit, variants
from studycli.documents.card_edit import CardEditError
from studycli.documents.load import load
from studycli.errors import DocumentError
from studycli.model.card import Card
from studycli.model.deck import Deck

DECK = """# Flashcards: Attention

About “attention” → é.

### Card 1 | Easy
**Concept:** Query

**FRONT (Question):**
What does a query do? →

**BACK (Answer):**
It is compared with keys.

---

### Card 2 | Hard

**FRONT (Question):**
What is a value?

**BACK (Answer):**
What is averaged: é.

---

## Source Mapping

| Card | Section |
|------|---------|
| 1 | Heads |
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "attention.md"
    path.write_bytes(DECK.encode())
    return path


def cards(path: Path) -> tuple[Card, ...]:
    document = load(path)
    assert isinstance(document, Deck)
    return document.cards


def edit(path: Path, number: int, old: str, new: str) -> Card:
    taken = card_edit.card_text(path, cards(path)[number - 1])
    assert old in taken.text
    return card_edit.replace(path, taken, taken.text.replace(old, new))


def test_the_text_is_that_of_the_document_from_heading_to_last_line(path: Path) -> None:
    taken = card_edit.card_text(path, cards(path)[0])
    assert taken.text.startswith("### Card 1 | Easy\n**Concept:** Query\n")
    assert taken.text.endswith("\nIt is compared with keys.")
    assert (taken.line, taken.end_line) == (5, 12)
    assert DECK.split("\n")[4:12] == taken.text.split("\n")


def test_an_edit_changes_the_card_and_nothing_else(path: Path) -> None:
    card = edit(path, 1, "compared with keys.", "held against\nevery key.")
    assert card.back == "It is held against\nevery key."
    assert path.read_text("utf-8") == DECK.replace("compared with keys.", "held against\nevery key.")


def test_the_text_an_editor_leaves_is_tidied(path: Path) -> None:
    taken = card_edit.card_text(path, cards(path)[1])
    card_edit.replace(path, taken, taken.text.replace("value?", "value vector?").replace("\n", "\r\n") + "\r\n\r\n")
    assert path.read_bytes() == DECK.replace("value?", "value vector?").encode()


def test_no_change_leaves_the_file_alone(path: Path) -> None:
    before = path.stat()
    taken = card_edit.card_text(path, cards(path)[0])
    assert card_edit.replace(path, taken, taken.text + "\n") == cards(path)[0]
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_every_way_a_card_is_asked_has_its_text(path: Path) -> None:
    path.write_text(DECK.replace("What does a query do? →", "A {{c1::query}} meets {{c2::keys}}."), "utf-8")
    asked = variants.expand(cards(path)[0])
    assert len(asked) == 2
    assert {card_edit.card_text(path, way).text for way in asked} == {card_edit.card_text(path, asked[0]).text}
    assert edit(path, 1, "{{c2::keys}}", "keys").front == "A {{c1::query}} meets keys."


MISREAD = ["sloppy-windows-1252", "sloppy-windows-1254", "mac_roman"]


def misread(text: str, *pages: str) -> str:
    for page in pages:
        text = text.encode().decode(page)
    return text


@pytest.mark.parametrize(
    ("data", "encode"),
    [
        (DECK.encode(), str.encode),
        (codecs.BOM_UTF8 + DECK.encode(), str.encode),
        (DECK.replace("\n", "\r\n").encode(), lambda text: text.replace("\n", "\r\n").encode()),
        (DECK.replace("\n", "\r").encode(), lambda text: text.replace("\n", "\r").encode()),
        (DECK.encode("utf-16"), lambda text: text.encode("utf-16-le")),
        (codecs.BOM_UTF16_BE + DECK.encode("utf-16-be"), lambda text: text.encode("utf-16-be")),
        (DECK.encode("utf-32"), lambda text: text.encode("utf-32-le")),
        (DECK.rstrip().encode(), str.encode),
        (DECK.replace("→", "-").encode("cp1252"), lambda text: text.replace("→", "-").encode("cp1252")),
        *((misread(DECK, page).encode(), lambda text, page=page: misread(text, page).encode()) for page in MISREAD),
        (
            misread(DECK, "mac_roman", "sloppy-windows-1252").encode(),
            lambda text: misread(text, "mac_roman", "sloppy-windows-1252").encode(),
        ),
    ],
    ids=["utf-8", "bom", "crlf", "cr", "utf-16", "utf-16-be", "utf-32", "no-end", "cp1252", *MISREAD, "twice"],
)
@pytest.mark.parametrize(
    ("number", "old", "new"),
    [(1, "It is compared with keys.", "It is “compared”:\né."), (2, "What is averaged: é.", "The “sum” é.\n\nIts é.")],
)
def test_encodings_line_ends_and_misread_text_stay(path: Path, data: bytes, encode, number, old, new) -> None:
    path.write_bytes(data)
    assert edit(path, number, old, new).back == new
    assert path.read_bytes() == data.replace(encode(old), encode(new))


def test_a_last_line_without_an_end_keeps_none(path: Path) -> None:
    path.write_text("# Flashcards: X\n\n### Card 1 | Easy\n**Front:**\nA?\n\n**Back:**\nB", "utf-8")
    edit(path, 1, "\nB", "\nB\nC")
    assert path.read_bytes().endswith(b"**Back:**\nB\nC")


def test_lines_that_stay_keep_bytes_that_are_no_text(path: Path) -> None:
    data = DECK.encode().replace(b"What is a value?", b"What is a \xff value?\x1b[31m")
    path.write_bytes(data)
    edit(path, 2, "averaged", "summed")
    assert path.read_bytes() == data.replace(b"averaged", b"summed")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("### Card 1 | Easy\n", "", "has no heading"),
        ("keys.", "keys.\n\n### Card 7 | Easy\nWhat?", "more than one card"),
        ("keys.", "keys:\n```\ncode", "other parts of the document"),
        ("keys.", "keys.\n# Another chapter", "other parts of the document"),
        ("What does a query do? →", "", "no question"),
        ("It is compared with keys.", "", "no answer"),
        ("keys.", "keys \0.", "binary"),
        ("keys.", "keys \x1b[31m.", "read as something else"),
        ("keys.", "keys \ud800.", "has no"),
    ],
)
def test_a_text_that_is_not_this_one_card_is_refused_and_kept(path: Path, old: str, new: str, message: str) -> None:
    taken = card_edit.card_text(path, cards(path)[0])
    with pytest.raises(CardEditError, match=message) as caught:
        card_edit.replace(path, taken, taken.text.replace(old, new))
    assert caught.value.text == taken.text.replace(old, new)
    assert caught.value.hint and str(path) in str(caught.value.where)
    assert path.read_bytes() == DECK.encode()


def test_an_empty_text_is_refused(path: Path) -> None:
    taken = card_edit.card_text(path, cards(path)[0])
    with pytest.raises(CardEditError, match="no heading"):
        card_edit.replace(path, taken, "\n\n")


def test_a_character_that_the_encoding_lacks(path: Path) -> None:
    path.write_bytes(DECK.replace("→", "-").encode("cp1252"))
    with pytest.raises(CardEditError, match=r"windows-1252.* has no '→'"):
        edit(path, 1, "keys.", "keys →")


def test_a_document_that_changed_meanwhile(path: Path) -> None:
    taken = card_edit.card_text(path, cards(path)[1])
    path.write_text(DECK.replace("is averaged", "is summed"), "utf-8")
    with pytest.raises(CardEditError, match="changed at this card's place"):
        card_edit.replace(path, taken, taken.text + " More.")
    path.write_text(DECK.replace("About", "All about"), "utf-8")
    assert card_edit.replace(path, taken, taken.text + " More.").back.endswith("é. More.")
    assert "All about" in path.read_text("utf-8")
    path.write_text("short\n", "utf-8")
    with pytest.raises(CardEditError, match="changed at this card's place"):
        card_edit.replace(path, taken, taken.text)
    path.unlink()
    with pytest.raises(CardEditError, match="no such file"):
        card_edit.replace(path, taken, taken.text)


def test_a_card_that_moved_is_found_and_one_that_is_gone_is_not(path: Path) -> None:
    card = cards(path)[1]
    path.write_text(DECK.replace("About", "One more line\n\nAbout"), "utf-8")
    assert card_edit.card_text(path, card).line == card.line + 2
    path.write_text(DECK.replace("What is averaged", "What is summed"), "utf-8")
    with pytest.raises(DocumentError, match="the card is not there"):
        card_edit.card_text(path, card)
    with pytest.raises(DocumentError, match="no such file"):
        card_edit.card_text(path.with_name("other.md"), card)


def test_a_read_only_document_stays(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(CardEditError, match="read-only"):
        edit(path, 1, "keys", "locks")
    assert path.read_bytes() == DECK.encode()


def test_links_and_permissions_stay(path: Path) -> None:
    link = path.with_name("link.md")
    link.symlink_to(path)
    path.chmod(0o640)
    edit(link, 1, "keys", "locks")
    assert link.is_symlink() and "locks" in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(file.name for file in path.parent.iterdir()) == ["attention.md", "link.md"]


def test_an_edit_that_would_change_how_another_card_is_read(path: Path) -> None:
    """Blocks of equal length are read as nested where that closes them all; the edit makes that impossible."""
    nested = "```\n```python\nx\n```\n**Source Section:** in the block\n```"
    path.write_text(DECK.split("## Source Mapping")[0].replace("What is averaged: é.", nested), "utf-8")
    assert cards(path)[1].source_section is None
    with pytest.raises(CardEditError, match="would change card 2 too"):
        edit(path, 1, "It is compared with keys.", "```\n```python\n```")


def test_every_card_of_the_sample_deck(samples: Path, tmp_path: Path) -> None:
    source = samples / "lesson-4-transformers-flashcards.md"
    path = tmp_path / source.name
    for number in range(len(cards(source))):
        path.write_bytes(source.read_bytes())
        card = cards(path)[number]
        taken = card_edit.card_text(path, card)
        assert card_edit.replace(path, taken, taken.text + "\n\nMore.").line == card.line
        assert path.read_bytes() == source.read_bytes().replace(taken.taken, taken.taken + b"\n\nMore.")
