"""Computed cards in a review: numbers that stay while the card is asked, and an answer that is there when revealed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from studycli import clock, config
from studycli.cli.app import main
from studycli.store.repository import Repository
from tests.computed_cards import BACK, FRONT, numbers
from tests.study_documents import write_deck
from tests.unit.cli.test_review import Input

TODAY = date(2026, 3, 2)


def questions(said: str) -> list[str]:
    return re.findall(r"^Scores .*$", said, re.MULTILINE)


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    return write_deck(tmp_path / "sums.md", [(FRONT, BACK), ("What broke?", "{{compute: nothing(a=1)}} is told.")])


def reviewed(deck: Path, lines: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setattr("sys.stdin", Input(lines))
    with pytest.raises(SystemExit) as left:
        main(["review", str(deck), "--plain"])
    assert not left.value.code
    return capsys.readouterr().out


def test_a_review_asks_with_numbers_and_answers_with_their_weights(
    deck: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = reviewed(deck, "\n3\n\n3\n", monkeypatch, capsys)
    (asked,) = questions(said)
    answer = next(line for line in said.split("\n") if line.startswith("[") and ", for [" in line)
    weights, scores = numbers(answer)
    assert numbers(asked) == [scores]
    assert sum(weights) == pytest.approx(1, abs=2e-3)
    assert "What broke?" in said
    assert re.search(r"\(not computed: .*nothing.*\) is told\.", said)
    assert "{{" not in said


def test_numbers_stay_after_an_undo_and_are_new_for_an_extra_pass_and_the_next_review(
    deck: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = reviewed(deck, "\n1\nu\n\n1\n\n3\n\n3\n", monkeypatch, capsys)
    first, taken_back, extra = questions(said)
    assert first == taken_back != extra
    monkeypatch.setenv("STUDYCLI_NOW", "2036-01-01T12:00:00Z")
    (later,) = questions(reviewed(deck, "\n3\nq\n", monkeypatch, capsys))
    assert later not in (first, extra)


def test_the_answer_is_shown_also_when_the_grade_comes_first(
    deck: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = reviewed(deck, "3\nq\n", monkeypatch, capsys)
    assert ", for [" in said


def test_what_is_stored_keeps_the_template(
    deck: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed(deck, "\n3\n\n3\n", monkeypatch, capsys)
    with Repository.open(config.load().database) as repository:
        card = repository.cards(today=clock.study_day(clock.now()))[0].card
    assert (card.front, card.back) == (FRONT, BACK)
