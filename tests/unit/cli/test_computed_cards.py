"""Computed cards outside of a review: shown with numbers, exported as an example, kept as written in JSON."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from studycli.cli.app import main
from tests.computed_cards import BACK, FRONT, numbers
from tests.study_documents import write_deck

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")

    def ran(*arguments: str | Path) -> str:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        assert not left.value.code
        return capsys.readouterr().out

    ran("add", write_deck(tmp_path / "sums.md", [(FRONT, BACK)]))
    return ran


def test_a_card_is_shown_as_the_next_review_asks_it(run: Run) -> None:
    said = run("card", "sums:1")
    scores, weights, again = numbers(said)
    assert scores == again
    assert sum(weights) == pytest.approx(1, abs=2e-3)
    run("grade", "sums:1", "4")
    assert numbers(run("card", "sums:1")) != [scores, weights, again]
    run("undo")
    assert numbers(run("card", "sums:1")) == [scores, weights, again]


@pytest.mark.parametrize("command", [["cards"], ["grade", "sums:1", "4", "--at", "2026-03-01"]])
def test_lists_name_it_by_numbers(run: Run, command: list[str]) -> None:
    said = run(*command)
    assert "{{" not in said
    assert numbers(said)


def test_what_is_due_is_listed_by_numbers(run: Run) -> None:
    run("grade", "sums:1", "4", "--at", "2026-03-01")
    said = run("due")
    assert "{{" not in said
    assert numbers(said)


def test_json_keeps_what_the_document_says(run: Run) -> None:
    card = json.loads(run("card", "sums:1", "--json"))
    assert (card["front"], card["back"]) == (FRONT, BACK)
    exported = json.loads(run("export", "json"))
    assert exported["cards"][0]["front"] == FRONT


@pytest.mark.parametrize("to", ["csv", "tsv"])
def test_text_exports_hold_one_example(run: Run, to: str, tmp_path: Path) -> None:
    first, second = tmp_path / f"a.{to}", tmp_path / f"b.{to}"
    run("export", to, "-o", first)
    run("grade", "sums:1", "4")
    run("export", to, "-o", second)
    text = first.read_text()
    assert "{{" not in text
    scores, weights, again = numbers(text)[-3:]
    assert scores == again
    assert sum(weights) == pytest.approx(1, abs=2e-3)
    assert text == second.read_text()


@pytest.mark.parametrize("to", ["csv", "tsv"])
def test_an_export_says_how_many_cards_lack_their_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], to: str
) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    said = "It says (not computed: why)."
    cards = [(FRONT, BACK), (FRONT, "{{compute: log(d_k=d_k)}}"), (FRONT, f"{said} {BACK}"), ("Why?", said)]
    for arguments in (["add", write_deck(tmp_path / "sums.md", cards)], ["export", to, "sums"]):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        assert not left.value.code
    assert "warning: 1 card without the answer, which could not be computed" in capsys.readouterr().err


def test_an_export_whose_answers_are_computed_warns_of_nothing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["export", "csv", "sums"])
    assert "warning" not in capsys.readouterr().err


def test_anki_holds_one_example(run: Run, tmp_path: Path) -> None:
    run("export", "anki", "-o", tmp_path / "sums.apkg")
    data = zipfile.ZipFile(tmp_path / "sums.apkg").read("collection.anki2")
    assert b"{{compute" not in data
    assert b"what are the weights?" in data
