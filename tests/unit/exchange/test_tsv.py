"""TSV, proven with Anki's own text import."""

import csv as stdlib_csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from anki.collection import (
    Collection,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
    ImportCsvRequest,
    ImportLogWithChanges,
)
from hypothesis import given
from hypothesis import strategies as st

from studycli.exchange import anki, html, note, tsv
from studycli.exchange.form import Form
from studycli.model.card import CardPart, Difficulty
from studycli.model.review import StudyCard
from tests.export_cards import study_card

TEXT = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("=+-@'\"\t\r\n#`|<>*")), max_size=20)
Importer = Callable[..., ImportLogWithChanges.Log]


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


@pytest.fixture
def import_text(collection: Collection, tmp_path: Path) -> Importer:
    """Export cards to text and import it with what Anki reads from the header lines."""

    def run(
        cards: list[StudyCard], form: Form = Form.FULL, written: dict[str, str] | None = None
    ) -> ImportLogWithChanges.Log:
        path = tmp_path / "cards.txt"
        path.write_bytes(tsv.write(cards, form, written)[0])
        metadata = collection.get_csv_metadata(str(path), None)
        return collection.import_csv(ImportCsvRequest(path=str(path), metadata=metadata)).log

    return run


@pytest.fixture
def hard_cards() -> list[StudyCard]:
    part = CardPart(title="P", text="t", line=1)
    return [
        study_card("# heading\n\n\ttab \"quoted\"", "```\na\n  b\n```\n\n| a |\n|---|\n| b |", 1, concept="=1+1"),
        study_card("#tags:x", "- item\n- {{c1::item}}", 2, tags=("two words", "=b"), difficulty=Difficulty.EASY),
        study_card("[sound:x.mp3]", "<b>", 3, deck="b", deck_title="2026", parts=(part,)),
    ]  # fmt: skip


def test_header_lines_and_one_line_a_note(hard_cards: list[StudyCard]) -> None:
    data, count = tsv.write(hard_cards)
    lines = data.decode("utf-8").splitlines()
    assert count == 3
    assert lines[:3] == ["#separator:tab", "#html:true", "#notetype:studycli"]
    assert lines[4:7] == ["#tags column:13", "#guid column:14", "#deck column:15"]
    assert lines[3] == "#columns:" + "\t".join(tsv.COLUMNS)
    assert len(lines) == 7 + 3
    assert [tsv.COLUMNS[n - 1] for n in (13, 14, 15)] == ["Tags", "GUID", "Deck"]
    assert tsv.COLUMNS[15:] == ("Spare 1",)


def test_anki_without_our_note_type_fills_front_and_back(
    hard_cards: list[StudyCard], collection: Collection, import_text: Importer
) -> None:
    log = import_text(hard_cards)
    assert len(log.new) == 3
    imported = {each.guid: each for each in map(collection.get_note, collection.find_notes(""))}
    for item, expected in zip(hard_cards, note.from_cards(hard_cards), strict=True):
        found = imported[item.id]
        assert found.keys() == ["Front", "Back"]
        assert found.fields == [html.on_one_line(field) for field in expected.fields[:2]]
        assert sorted(found.tags) == sorted(expected.tags)
        assert collection.decks.name(found.cards()[0].did) == expected.deck
    assert "<pre><code>a<br>  b</code></pre>" in imported[hard_cards[0].id]["Back"]


def test_anki_with_our_package_updates_its_notes(
    hard_cards: list[StudyCard], collection: Collection, import_text: Importer, tmp_path: Path
) -> None:
    package = tmp_path / "cards.apkg"
    package.write_bytes(anki.package(hard_cards, datetime(2026, 3, 2, tzinfo=UTC))[0])
    request = ImportAnkiPackageRequest(package_path=str(package), options=ImportAnkiPackageOptions())
    collection.import_anki_package(request)
    edited = [item.model_copy(update={"card": item.card.model_copy(update={"back": "edited"})}) for item in hard_cards]
    log = import_text(edited, written={hard_cards[1].id: "=1+1\n\n<script>"})
    assert (len(log.new), len(log.updated)) == (0, 3)
    assert collection.note_count() == 3
    for each in collection.find_notes(""):
        found = collection.get_note(each)
        assert found["Back"] == "<p>edited</p>"
        assert found["Card ID"] == found.guid
        own = "<p>=1+1</p> <p>&lt;script&gt;</p>" if found.guid == hard_cards[1].id else ""
        assert (found["Spare 1"], found["Spare 2"]) == (own, "")


def test_brief_form(collection: Collection, import_text: Importer) -> None:
    import_text([study_card("F", "B", brief_front="f & g", brief_back="=b")], Form.BRIEF)
    assert collection.get_note(collection.find_notes("")[0]).fields == ["<p>f &amp; g</p>", "<p>=b</p>"]


@given(TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)
def test_no_cell_is_a_formula_and_no_row_a_comment(
    front: str, back: str, concept: str, title: str, tag: str, own: str
) -> None:
    item = study_card(f"Q{front}", back, concept=concept, deck_title=title, source_section=title, tags=(tag,))
    data, count = tsv.write([item], written={item.id: own})
    lines = data.decode("utf-8").split("\n")
    assert count == 1
    assert len(lines) == 7 + 1 + 1
    assert not lines[7].startswith("#")
    (row,) = stdlib_csv.reader(io.StringIO(lines[7]), delimiter="\t")
    assert len(row) == len(tsv.COLUMNS)
    assert not [cell for cell in row if cell and cell[0] in "=+-@＝＋－＠\t\r"]
    assert row[13] == item.id
