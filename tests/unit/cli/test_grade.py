"""grade, undo, and marks on a card, from a script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studycli.cli import app
from studycli.errors import ConflictError, StudyError, UsageError
from studycli.model.review import Review
from studycli.store.repository import Repository

DECK = """\
# Flashcard Set: Blocks

### Card 1 | Easy
**FRONT (Question):**
Why add?

**BACK (Answer):**
For the gradients.

### Card 2 | Hard
**FRONT (Question):**
Why scale?

**BACK (Answer):**
For the softmax.
"""


@pytest.fixture(autouse=True)
def blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deck as the only source, at noon of 2 March 2026."""
    monkeypatch.setenv("STUDYCLI_NOW", "2026-03-02T12:00")
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    path = tmp_path / "blocks.md"
    path.write_text(DECK)
    run("add", str(path))
    return path


def run(*arguments: str) -> int:
    """Run the program; errors for users are raised."""
    try:
        app.app(args=list(arguments), prog_name="studycli", standalone_mode=False)
    except SystemExit as left:
        return int(left.code or 0)
    return 0


@pytest.fixture
def data(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command with --json and read what it printed."""

    def read(*arguments: str) -> Any:
        capsys.readouterr()
        assert run(*arguments, "--json") == 0
        return json.loads(capsys.readouterr().out)

    return read


def test_a_grade_at_a_time_of_ones_choice(data: Any) -> None:
    card = data("grade", "blocks:1", "4", "--at", "2026-02-01T09:30", "--seconds", "12.5")
    assert card["number"] == 1
    state = {
        "repetitions": 1,
        "interval_days": 1,
        "ease_factor": 2.5,
        "due": "2026-02-02",
        "lapses": 0,
        "status": "review",
    }
    assert card["state"] == state
    assert [(row["quality"], row["after"]["due"]) for row in card["history"]] == [(4, "2026-02-02")]
    assert data("card", "blocks:1") == card
    again = data("grade", "blocks:1", "5", "--at", "2026-02-02T09:30")
    assert (again["state"]["interval_days"], again["state"]["due"]) == (6, "2026-02-08")


def test_the_study_day_turns_over_at_the_hour_of_the_setting(data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert data("grade", "blocks:1", "4", "--at", "2026-02-02T03:59")["state"]["due"] == "2026-02-02"
    assert data("grade", "blocks:2", "4", "--at", "2026-02-02T04:00")["state"]["due"] == "2026-02-03"
    monkeypatch.setenv("STUDYCLI_DAY_START_HOUR", "6")
    assert data("grade", "blocks:2", "4", "--at", "2026-02-03T05:59")["state"]["due"] == "2026-02-08"


def test_every_grade_is_a_full_review(data: Any) -> None:
    data("grade", "blocks:1", "2", "--at", "2026-02-01T09:30")
    card = data("grade", "blocks:1", "4", "--at", "2026-02-01T09:31")
    assert card["state"]["repetitions"] == 1
    assert card["state"]["lapses"] == 1


@pytest.mark.parametrize(
    ("at", "message"),
    [("2026-03-02T12:01", "in the future"), ("2026-02-01T09:29", "reviewed after that"), ("yesterday", "not a time")],
)
def test_times_that_cannot_be(data: Any, at: str, message: str) -> None:
    data("grade", "blocks:1", "4", "--at", "2026-02-01T09:30")
    with pytest.raises(UsageError, match=message):
        run("grade", "blocks:1", "4", "--at", at)
    assert len(data("card", "blocks:1")["history"]) == 1


def test_a_grade_that_was_taken_back_forbids_no_time(data: Any) -> None:
    data("grade", "blocks:1", "4", "--at", "2026-02-20T09:30")
    data("undo")
    assert data("grade", "blocks:1", "4", "--at", "2026-02-01T09:30")["state"]["due"] == "2026-02-02"


@pytest.mark.parametrize(
    "arguments", [("blocks:1", "6"), ("blocks:1", "-1"), ("blocks:1", "good"), ("blocks:9", "4"), ("nope", "4")]
)
def test_no_such_grade_or_card(arguments: tuple[str, str], data: Any) -> None:
    with pytest.raises(Exception) as raised:
        run("grade", *arguments)
    assert getattr(raised.value, "exit_code", None) == 2
    assert data("due") == []


def test_a_card_that_left_its_document_is_not_graded(blocks: Path, data: Any) -> None:
    card_id = data("card", "blocks:2")["id"]
    blocks.write_text(DECK[: DECK.index("### Card 2")])
    with pytest.raises(UsageError, match="archived"):
        run("grade", card_id, "4")


def test_undo_takes_back_the_last_grade_of_any_run(data: Any) -> None:
    data("grade", "blocks:1", "4", "--at", "2026-02-01T09:30")
    data("grade", "blocks:2", "1", "--at", "2026-02-01T10:00")
    card = data("undo")
    assert (card["number"], card["state"]["status"], card["state"]["lapses"]) == (2, "new", 0)
    card = data("undo")
    assert (card["number"], card["state"]["due"]) == (1, None)
    with pytest.raises(StudyError, match="no grade to take back") as raised:
        run("undo")
    assert raised.value.exit_code == 1


def test_what_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    run("grade", "blocks:1", "4")
    assert capsys.readouterr().out == "blocks card 1: Why add?\ngraded 4; interval 1 d, due tomorrow (2026-03-03)\n"
    run("undo")
    assert capsys.readouterr().out == "blocks card 1: Why add?\ntook back grade 4 of 2026-03-02 12:00; new\n"


def test_suspend_and_back(data: Any) -> None:
    data("grade", "blocks:1", "4", "--at", "2026-02-01T09:30")
    assert data("suspend", "blocks:1")["state"]["status"] == "suspended"
    assert data("due") == []
    assert data("unsuspend", "blocks:1")["state"]["status"] == "review"
    assert [card["number"] for card in data("due")] == [1]


def test_bury_and_back(data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data("grade", "blocks:1", "4", "--at", "2026-02-01T09:30")
    buried = data("bury", "blocks:1")
    assert (buried["buried"], buried["state"]["status"]) == (True, "buried")
    assert data("due") == []
    monkeypatch.setenv("STUDYCLI_NOW", "2026-03-03T03:59")
    assert data("due") == []
    monkeypatch.setenv("STUDYCLI_NOW", "2026-03-03T04:00")
    assert [card["number"] for card in data("due")] == [1]
    data("bury", "blocks:1")
    assert data("unbury", "blocks:1")["state"]["status"] == "review"
    assert [card["number"] for card in data("due")] == [1]
    assert run("verify") == 0


def test_a_flag_leaves_the_schedule(data: Any) -> None:
    before = data("grade", "blocks:1", "4", "--at", "2026-02-01T09:30")
    assert data("flag", "blocks:1") == before | {"flagged": True}
    assert [card["number"] for card in data("due")] == [1]
    assert data("unflag", "blocks:1") == before


def test_a_card_to_ask_once_more_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    run("grade", "blocks:1", "3")
    assert capsys.readouterr().out.endswith("graded 3; interval 1 d, due tomorrow (2026-03-03) and once more today\n")
    run("grade", "blocks:1", "4")
    assert capsys.readouterr().out.endswith("graded 4; interval 6 d, due on Sun 8 March\n")


def test_suspending_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str) -> str:
        capsys.readouterr()
        run(*arguments)
        return capsys.readouterr().out.split("\n")[1]

    assert said("unsuspend", "blocks:1") == "was not suspended; new"
    assert said("suspend", "blocks:1") == "suspended; bring it back with: studycli unsuspend blocks:1"
    assert said("suspend", "blocks:1") == "is already suspended; bring it back with: studycli unsuspend blocks:1"
    assert said("grade", "blocks:1", "4") == "graded 4; it stays suspended, so no review asks it"
    assert said("unsuspend", "blocks:1") == "back in review; interval 1 d, due tomorrow (2026-03-03)"


def test_burying_and_flagging_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str) -> str:
        capsys.readouterr()
        run(*arguments)
        return capsys.readouterr().out.split("\n")[1]

    assert said("unbury", "blocks:1") == "was not buried; new"
    assert said("bury", "blocks:1") == "buried until tomorrow; bring it back with: studycli unbury blocks:1"
    assert said("bury", "blocks:1").startswith("is already buried until tomorrow; bring it back")
    assert said("grade", "blocks:1", "4") == "graded 4; it stays buried, so no review asks it"
    assert said("unbury", "blocks:1") == "back in review; interval 1 d, due tomorrow (2026-03-03)"
    assert said("unflag", "blocks:2") == "was not flagged; new"
    assert said("flag", "blocks:2") == "flagged; list them with: studycli cards --flagged"
    assert said("flag", "blocks:2") == "is already flagged; list them with: studycli cards --flagged"
    assert said("unflag", "blocks:2") == "flag taken off; new"


@pytest.mark.parametrize(
    ("now", "at", "due"),
    [
        ("2026-03-02T12:00", "2026-02-10", "2026-02-11"),
        ("2026-03-02T09:00", "2026-03-02", "2026-03-03"),
        ("2026-03-03T01:00", "2026-03-02", "2026-03-03"),
    ],
)
def test_a_day_without_a_time_is_that_study_day(
    data: Any, monkeypatch: pytest.MonkeyPatch, now: str, at: str, due: str
) -> None:
    monkeypatch.setenv("STUDYCLI_NOW", now)
    assert data("grade", "blocks:1", "4", "--at", at)["state"]["due"] == due


def test_tomorrow_has_its_date_past_midnight(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STUDYCLI_NOW", "2026-03-03T01:00")
    run("grade", "blocks:1", "4")
    assert capsys.readouterr().out.endswith("due tomorrow (2026-03-03)\n")


def test_a_card_that_another_program_graded_at_the_same_time_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(self: Repository, review: Review) -> Review:
        monkeypatch.undo()
        monkeypatch.setenv("STUDYCLI_NOW", "2026-03-02T12:00")
        record(self, review.model_copy(update={"quality": 5}))
        return record(self, review)

    record = Repository.record
    monkeypatch.setattr(Repository, "record", overtaken)
    with pytest.raises(ConflictError) as raised:
        run("grade", "blocks:2", "4")
    assert (raised.value.where, raised.value.hint) == ("blocks:2", "run it again")
