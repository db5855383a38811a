"""Cloze and reversed cards from the document to the terminal and to files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from studycli.cli.app import main

DECK = """\
# Flashcard Set: Testing

**Total Cards:** 3

### Card 1 | Easy
**Concept:** Attention

The {{c1::query}} meets the {{c2::key::what it meets}}.

### Card 2 | Easy
**Concept:** Softmax
**Reversed:** yes

**FRONT:**
softmax

**BACK:**
weights that sum to one

### Card 3 | Easy
**Concept:** Sums

{{compute: n = integer(10, 99)}} less 1 is {{c1::{{compute: n}} - 1}}, and {{c2::more}} is not.
"""
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    path = tmp_path / "facts.md"
    path.write_text(DECK, "utf-8")

    def ran(*arguments: str | Path, typed: str = "") -> str:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        assert not left.value.code
        said = capsys.readouterr()
        ran.told = said.err  # type: ignore[attr-defined]
        return said.out

    ran("check", path)
    ran("add", path)
    return ran


def test_a_review_on_lines_asks_for_each(run: Run) -> None:
    said = run("review", "facts", "--plain", typed="\n4\n" * 6)
    questions = [part.split("Answer:")[0].strip() for part in said.split("Question:")[1:]]
    answers = [part.split("\n")[1] for part in said.split("Answer:")[1:]]
    assert [question.split("\n")[0] for question in questions[:2]] == ["The […] meets the key.", "softmax"]
    assert answers[:2] == ["The query meets the key.", "weights that sum to one"]
    assert "The query meets the [what it meets]." in said
    assert "{{" not in said
    assert "card 1/c2" in said
    assert "card 2/reversed" in said
    assert "6 cards" in said


def test_the_reverse_question_does_not_name_its_concept(run: Run) -> None:
    assert "Softmax" in run("card", "facts:2")
    assert "Softmax" not in run("card", "facts:2/reversed")


def test_cards_are_listed_and_named_with_their_way_of_asking(run: Run) -> None:
    listed = [line.split()[1] for line in run("cards").splitlines()[2:]]
    assert listed == ["1", "1/c2", "2", "2/reversed", "3", "3/c2"]
    assert "facts card 1/c2: The query meets the [what it meets]." in run("grade", "facts:1/c2", "4")
    cards = json.loads(run("cards", "--json"))
    assert [(card["number"], card["variant"]) for card in cards[:3]] == [(1, ""), (1, "c2"), (2, "")]
    assert cards[1]["cloze"] == "The {{c1::query}} meets the {{c2::key::what it meets}}."
    assert cards[2]["cloze"] is None


def test_inspect_and_sync_name_them(run: Run, tmp_path: Path) -> None:
    shown = run("inspect", tmp_path / "facts.md")
    assert "asked as c1, c2" in shown
    assert "asked as forward, reversed" in shown
    (tmp_path / "facts.md").write_text(DECK.replace("meets the", "{{c3::meets}} the"), "utf-8")
    assert "facts:1/c3" in run("sync")


def test_csv_has_a_row_and_tsv_a_line_of_each(run: Run) -> None:
    rows = list(csv.reader(io.StringIO(run("export", "csv", "facts"))))
    assert [row[0] for row in rows[1:4]] == [
        "The […] meets the key.",
        "The query meets the [what it meets].",
        "softmax",
    ]
    lines = [line for line in run("export", "tsv", "facts").splitlines() if not line.startswith("#")]
    assert len(lines) == 6


def test_an_anki_package_fills_the_computed_numbers_of_a_cloze(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anki.collection import Collection, ImportAnkiPackageRequest

    run("export", "anki", "facts", "-o", tmp_path / "facts.apkg")
    assert "left out" not in run.told  # type: ignore[attr-defined]
    assert "4 notes" in run.told  # type: ignore[attr-defined]
    collection = Collection(str(tmp_path / "collection.anki2"))
    collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(tmp_path / "facts.apkg")))
    fronts = sorted(collection.get_note(each)["Front"] for each in collection.find_notes(""))
    collection.close()
    assert len(fronts) == 4
    number = next(front for front in fronts if "less" in front)[3:5]
    assert f"<p>{number} less 1 is {{{{c1::{number} - 1}}}}, and {{{{c2::more}}}} is not.</p>" in fronts


def test_export_json_can_be_read_back(run: Run) -> None:
    from studycli.exchange import json as exchange

    text = run("export", "json", "facts")
    read = exchange.read(text)
    assert [item.card.place for item in read.cards] == ["1", "1/c2", "2", "2/reversed", "3", "3/c2"]
