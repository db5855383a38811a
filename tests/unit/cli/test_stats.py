"""stats: on a terminal, as JSON, and as a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studycli.cli import app
from studycli.errors import ExportError, UsageError


@pytest.fixture
def answered(decks: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Three answers on two cards of one deck, of which one was taken back, and one on a card of the other."""
    run("grade", "blocks:1", "4", "--at", "2026-02-26T12:00", "--seconds", "8")
    run("grade", "masks:1", "5", "--at", "2026-02-28T12:00")
    run("grade", "blocks:1", "1", "--at", "2026-03-01T12:00", "--seconds", "6")
    run("grade", "blocks:2", "5", "--at", "2026-03-02T11:00")
    run("undo")
    capsys.readouterr()
    return decks


def run(*arguments: str) -> None:
    app.app(args=list(arguments), prog_name="studycli", standalone_mode=False)


def test_a_log_without_answers_says_how_to_start(decks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("stats", "blocks")
    assert capsys.readouterr().out.splitlines() == [
        "Nothing was answered yet, so there is nothing to count.",
        "Start with: studycli review blocks",
    ]


def test_without_cards_it_says_how_to_add_some(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    run("stats")
    assert "There are no cards yet. Add your documents with: studycli add PATH" in capsys.readouterr().out


def test_the_terminal_shows_every_section(answered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("stats")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Overview"
    assert "Answers    3 since 2025-03-03, 14 s of thought, 7.0 s each (median)" in lines
    assert "Streak     2 days now, 2 days at most" in lines
    assert any(line.split() == ["Residual", "stream", "0.0", "%", "1", "1", "1"] for line in lines)
    for title in ("Answers by day", "Retention by deck", "Due in the next 30 days", "Intervals", "Hours of the day"):
        assert title in lines
    assert max(map(len, lines)) <= 80


def test_json_has_all_of_it(answered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("stats", "--json")
    data = json.loads(capsys.readouterr().out)
    assert (data["today"], data["since"], data["answers"], data["median_seconds"]) == ("2026-03-02", "2025-03-03", 3, 7)
    assert [day["day"] for day in data["days"]] == ["2026-02-26", "2026-02-28", "2026-03-01"]
    assert data["retention"] == {"reviews": 1, "passed": 0, "share": 0.0}
    assert data["concepts"][0]["name"] == "Residual stream"
    assert data["forecast"][0] == {"day": "2026-03-02", "cards": 2}
    assert data["overdue"] == 1
    assert data["by_status"] == {"new": 2, "learning": 1, "review": 1, "suspended": 0, "archived": 0}
    assert (data["current_streak"], data["longest_streak"]) == (2, 2)


def test_only_the_decks_that_are_named(answered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("stats", "masks", "--json")
    data = json.loads(capsys.readouterr().out)
    assert (data["answers"], sum(data["by_status"].values())) == (1, 2)
    with pytest.raises(UsageError):
        run("stats", "nothing-like-it")


def test_save_writes_a_page_and_prints_nothing(
    answered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "mine.HTML"
    run("stats", "blocks", "--save", str(page))
    said = capsys.readouterr()
    assert said.out == ""
    assert f"statistics written to {page}" in said.err
    assert "<h1>Study statistics of blocks</h1>" in page.read_text()
    run("stats", "--save", str(page), "--json")
    said = capsys.readouterr()
    assert "in place of an earlier file" in said.err
    assert json.loads(said.out)["answers"] == 3
    assert "<h1>Study statistics</h1>" in page.read_text()
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.parametrize("name", ["stats.txt", "stats", ".html", "stats.html.png", ""])
def test_save_refuses_other_names_before_anything_is_read(name: str) -> None:
    with pytest.raises(UsageError, match="is no name for a page"):
        run("stats", "--save", name)


def test_save_into_a_folder_that_is_not_there(answered: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="its folder does not exist"):
        run("stats", "--save", str(tmp_path / "nowhere" / "stats.html"))
