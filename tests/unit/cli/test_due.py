"""due, and the overview of `studycli` alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studycli.cli import app, due


def run(*arguments: str) -> None:
    app.app(args=list(arguments), prog_name="studycli", standalone_mode=False)


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.rstrip() for line in capsys.readouterr().out.rstrip("\n").split("\n")]


def test_new_cards_are_not_due(decks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("due", "--json")
    assert json.loads(capsys.readouterr().out) == []


def test_what_is_buried_is_not_due_and_said_to_come_back(decks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("grade", "blocks:1", "5", "--at", "2026-02-01T12:00")
    run("bury", "blocks:1")
    capsys.readouterr()
    run("due", "blocks", "--json")
    assert json.loads(capsys.readouterr().out) == []
    run("--json")
    assert {deck["slug"]: (deck["due"], deck["new"]) for deck in json.loads(capsys.readouterr().out)["decks"]} == {
        "blocks": (0, 1), "masks": (0, 2),
    }  # fmt: skip
    run("bury", "blocks:2")
    capsys.readouterr()
    run("due", "blocks")
    assert shown(capsys) == [
        "No cards to review today.", "2 cards buried until tomorrow; `studycli unbury CARD` brings one back",
    ]  # fmt: skip


def test_the_most_overdue_relative_to_its_interval_comes_first(decks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("grade", "blocks:1", "5", "--at", "2026-02-01T12:00")
    run("grade", "blocks:1", "5", "--at", "2026-02-10T12:00")
    run("grade", "blocks:2", "5", "--at", "2026-02-20T12:00")
    run("grade", "masks:1", "5", "--at", "2026-03-01T12:00")
    run("grade", "masks:2", "5", "--at", "2026-03-02T11:00")
    capsys.readouterr()
    run("due", "--json")
    listed = json.loads(capsys.readouterr().out)
    assert [(card["deck"], card["number"]) for card in listed] == [("blocks", 2), ("blocks", 1), ("masks", 1)]
    assert set(listed[0]) >= {"id", "deck", "number", "front", "initial_interval_days", "state"}
    assert listed[0]["state"]["due"] == "2026-02-21"

    run("due", "masks", "--json")
    assert [card["deck"] for card in json.loads(capsys.readouterr().out)] == ["masks"]

    run("due")
    assert shown(capsys) == [
        "Card      Due       Interval  Question",
        "blocks:2  9 d ago        1 d  Why scale?",
        "blocks:1  14 d ago       6 d  Why add?",
        "masks:1   today          1 d  Why add?",
        "",
        "3 cards due. Start with: studycli review",
    ]


def test_nothing_due_says_what_to_do(decks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("due", "blocks")
    assert shown(capsys) == ["Today: 0 due, 2 new.", "Start with: studycli review blocks"]
    run("grade", "blocks:1", "5", "--at", "2026-03-02T11:00")
    run("grade", "blocks:2", "5", "--at", "2026-03-02T11:00")
    capsys.readouterr()
    run("due", "blocks")
    assert shown(capsys) == [
        "Nothing is due.",
        "Next: 2 cards tomorrow (2026-03-03), in 1 d.",
        "Study ahead with: studycli review blocks --ahead 1",
        "Practise without changing the schedule with: studycli review blocks --cram",
    ]


def test_the_overview_of_a_new_learner(decks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    due.overview()
    assert shown(capsys) == [
        "Welcome to studycli: flashcards from Markdown, and transformers that compute what they claim.",
        "",
        "Deck    Due  New  Learned  Cards  Title",
        "blocks    0    2        0      2  On blocks",
        "masks     0    2        0      2  On masks",
        "",
        "Today: 0 due, 4 new.",
        "Start with: studycli review",
        "Look around: studycli demo, studycli maps, studycli -h",
    ]


def test_the_welcome_breaks_between_words_on_a_terminal(
    decks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    due.overview()
    lines = shown(capsys)
    welcome = "Welcome to studycli: flashcards from Markdown, and transformers that compute what they claim."
    assert " ".join(lines[:3]) == welcome
    assert lines[-2:] == ["Look around: studycli demo, studycli", "maps, studycli -h"]


def test_the_overview_of_a_day(decks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("grade", "blocks:1", "5", "--at", "2026-02-01T12:00")
    capsys.readouterr()
    due.overview()
    assert shown(capsys) == [
        "Deck    Due  New  Learned  Cards  Title",
        "blocks    1    1        1      2  On blocks",
        "masks     0    2        0      2  On masks",
        "",
        "Today: 1 due, 3 new.",
        "Start with: studycli review",
    ]


def test_the_overview_when_all_is_done(decks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for card in ("blocks:1", "blocks:2", "masks:1", "masks:2"):
        run("grade", card, "5", "--at", "2026-03-02T11:00")
    capsys.readouterr()
    due.overview()
    assert shown(capsys)[-4:] == [
        "Nothing is due.",
        "Next: 4 cards tomorrow (2026-03-03), in 1 d.",
        "Study ahead with: studycli review --ahead 1",
        "Practise without changing the schedule with: studycli review --cram",
    ]


def test_the_overview_without_any_deck(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    due.overview()
    assert "There is nothing to study yet. Add your documents with: studycli add PATH" in shown(capsys)


@pytest.fixture
def long_questions(decks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Two cards with a long question that were due a while ago."""
    text = (decks / "blocks.md").read_text()
    (decks / "blocks.md").write_text(text.replace("?", ", in words of your own" + " and not of others" * 12))
    for card in ("blocks:1", "blocks:2"):
        run("grade", card, "5", "--at", "2026-02-10T12:00")
    capsys.readouterr()


@pytest.mark.usefixtures("long_questions")
@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_only_the_question_is_cut(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    run("due")
    lines = shown(capsys)[:-2]
    assert [line[:28].split() for line in lines if line.startswith("blocks")] == [
        ["blocks:1", "19", "d", "ago", "1", "d"],
        ["blocks:2", "19", "d", "ago", "1", "d"],
    ]
    assert lines[0].startswith("Card      Due       Interval")
    assert sum("Why" in line for line in lines) == 2
    assert max(map(len, lines)) <= width
    assert len(lines) == (3 if width >= 60 else 5)


def test_cards_that_come_back_today_are_listed_after_those_that_are_due(
    decks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("grade", "blocks:1", "3")
    run("grade", "masks:1", "5", "--at", "2026-02-20T12:00")
    capsys.readouterr()
    run("due", "--json")
    listed = json.loads(capsys.readouterr().out)
    assert [(card["deck"], card["pending_repeat"]) for card in listed] == [("masks", False), ("blocks", True)]
    run("due", "blocks", "masks")
    assert shown(capsys) == [
        "Card      Due      Interval  Question",
        "masks:1   9 d ago       1 d  Why add?",
        "blocks:1  again         1 d  Why add?",
        "",
        "1 card due, 1 again. Start with: studycli review blocks masks",
    ]
