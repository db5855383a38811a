"""The review dialogue, line by line, with a ledger in memory."""

from __future__ import annotations

import io
import itertools
import re
import signal
from datetime import date
from pathlib import Path

import pytest

from studycli.cli import app, dialogue, interrupts
from studycli.cli.lines import Lines
from studycli.errors import EngineError, UsageError
from studycli.model.review import StudyCard
from studycli.review.session import Session
from tests.memory_ledger import MemoryLedger, study_card

TODAY = date(2026, 3, 2)


def cards(count: int = 2, front: str = "What is {}?", back: str = "It is {}.") -> list[StudyCard]:
    made = [study_card(number) for number in range(1, count + 1)]
    return [
        card.model_copy(
            update={
                "card": card.card.model_copy(
                    update={"front": front.format(card.card.number), "back": back.format(card.card.number)}
                )
            }
        )
        for card in made
    ]


def session_of(some: list[StudyCard]) -> tuple[Session, MemoryLedger]:
    ledger = MemoryLedger(some)
    session = Session(some, ledger, today=TODAY, study_day=lambda _: TODAY, new_left=99, reviews_left=99)
    return session, ledger


class Input:
    """A standard input that is a pipe, or a terminal."""

    def __init__(self, text: str | bytes, *, terminal: bool = False) -> None:
        self.buffer = io.BytesIO(text if isinstance(text, bytes) else text.encode())
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


class Endless(io.RawIOBase):
    """What `yes LINE` writes."""

    def __init__(self, line: str) -> None:
        self.line = line.encode() + b"\n"

    def readline(self, size: int | None = -1, /) -> bytes:
        return self.line


def pipe(
    monkeypatch: pytest.MonkeyPatch, session: Session, text: str | bytes | Endless, grading: str = "buttons"
) -> None:
    given = Input(b"" if isinstance(text, Endless) else text)
    if isinstance(text, Endless):
        given.buffer = text  # type: ignore[assignment]
    monkeypatch.setattr("sys.stdin", given)
    dialogue.converse(session, Lines(session, grading, TODAY))


def qualities(ledger: MemoryLedger) -> list[int | None]:
    return [row.quality for row in ledger.rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n3\n\n3\n", [4, 4]),
        ("3\n3\n", [4, 4]),
        ("\n4\n2\n", [5, 3]),
        ("good\nEASY\n", [4, 5]),
        ("\n1\n\n3\n\n3\n", [2, 4, 4]),
        ("\r\n3\r\n\r\n3\r\n", [4, 4]),
        ("\n3", [4]),
        ("", []),
        ("\n", []),
        ("q\n3\n", []),
        ("\n\n3\n", [4]),
        ("\n7\nx\n\n3\n", [4]),
        ("s\n3\n", [4]),
        (b"\xff\xfe\n3\n3\n", [4, 4]),
        ("3\nu\n4\n", [4, None, 5]),
    ],
)
def test_lines_of_a_pipe(monkeypatch: pytest.MonkeyPatch, text: str | bytes, expected: list[int | None]) -> None:
    session, ledger = session_of(cards())
    pipe(monkeypatch, session, text)
    assert qualities(ledger) == expected


def test_six_grades_where_the_setting_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    session, ledger = session_of(cards())
    pipe(monkeypatch, session, "\n5\n0\n\n4\n", grading="sm2")
    assert qualities(ledger) == [5, 0, 4]


@pytest.mark.parametrize(("line", "answers"), [("3", 2), ("1", 22), ("2", 22), ("s", 0)])
def test_an_endless_pipe_ends(monkeypatch: pytest.MonkeyPatch, line: str, answers: int) -> None:
    session, ledger = session_of(cards())
    pipe(monkeypatch, session, Endless(line))
    assert len(ledger.rows) == answers


@pytest.mark.parametrize("line", ["", "x", "?", "u", "9", "\x1b[A", "x" * 5000])
def test_an_endless_pipe_without_answers_is_an_error(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    session, ledger = session_of(cards())
    with pytest.raises(UsageError, match="10 lines of input led nowhere"):
        pipe(monkeypatch, session, Endless(line))
    assert ledger.rows == []


def test_grading_and_taking_back_without_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    session, _ = session_of(cards())
    turns = itertools.cycle([b"3\n", b"u\n"])
    endless = Endless("")
    monkeypatch.setattr(endless, "readline", lambda size=-1: next(turns))
    with pytest.raises(UsageError):
        pipe(monkeypatch, session, endless)


def test_what_a_pipe_reads(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    session, _ = session_of(cards(1, back="| A | B |\n|---|---|\n| `x` | 1 |"))
    pipe(monkeypatch, session, "\nbad\n3\n")
    assert capsys.readouterr().out == (
        "\ndeck · card 1\nnew\n1 new, 0 due, 0 again\n\nQuestion:\nWhat is 1?\n"
        "\nEnter shows the answer; u undo, s suspend, d demo, q quit, ? help:\n"
        "\nAnswer:\nA: `x`\nB: 1\n"
        "\nGrade: 1 Again 1 d, 2 Hard 1 d, 3 Good 1 d, 4 Easy 1 d; u undo, s suspend, d demo, q quit, ? help:\n"
        "not understood; type a grade from 1 to 4, or u undo, s suspend, d demo, q quit, ? help\n"
        "Good: due tomorrow (2026-03-03)\n"
    )


def test_help_tells_what_the_dialogue_understands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session, ledger = session_of(cards())
    pipe(monkeypatch, session, "?\n\n4\n")
    said = capsys.readouterr().out
    assert re.findall(r"^(\w+) {2,}\w", said, re.MULTILINE) == ["Enter", "1", "2", "3", "4", "u", "s", "d", "q"]
    assert "space" not in said and qualities(ledger) == [5]


def test_the_answer_is_shown_also_when_the_grade_comes_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session, _ = session_of(cards(1))
    pipe(monkeypatch, session, "3\n")
    shown = capsys.readouterr().out
    assert shown.index("It is 1.") < shown.index("Good: due tomorrow")


def test_thinking_time_leaves_out_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    session, ledger = session_of(cards(1))
    ticks = iter([100.0, 110.0, 150.0, 165.0])
    monkeypatch.setattr("sys.stdin", Input("d\n3\n"))
    face = Lines(session, "buttons", TODAY)
    monkeypatch.setattr(face, "demo", lambda card: None)
    dialogue.converse(session, face, clock=lambda: next(ticks))
    assert ledger.rows[0].seconds == pytest.approx(25.0)


def test_a_wrong_demo_field_is_told_and_the_review_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = cards(1)[0]
    session, ledger = session_of([first.model_copy(update={"card": first.card.model_copy(update={"demo": "nothing"})})])
    pipe(monkeypatch, session, "d\n3\n")
    assert "no demo: there is no demo 'nothing'" in capsys.readouterr().out
    assert qualities(ledger) == [4]


@pytest.mark.parametrize("error", [EngineError("no tokens"), RuntimeError("no tokens")])
def test_a_demo_that_fails_does_not_end_the_review(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    session, ledger = session_of(cards(1))
    monkeypatch.setattr("studycli.cli.lines.compute_demo", fail)
    pipe(monkeypatch, session, "d\n3\n")
    assert "no demo: no tokens" in capsys.readouterr().out
    assert qualities(ledger) == [4]


def test_a_ledger_that_fails_ends_the_review_with_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    session, ledger = session_of(cards(1))
    ledger.broken = True
    with pytest.raises(Exception, match="the disk is full"):
        pipe(monkeypatch, session, "3\n")


def test_ctrl_c_waits_until_a_grade_is_written() -> None:
    written = []
    with pytest.raises(KeyboardInterrupt), interrupts.uninterrupted():
        signal.raise_signal(signal.SIGINT)
        written.append("grade")
    assert written == ["grade"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_two_reviews_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    some = cards(3)
    session, ledger = session_of(some)
    other = Session(some, ledger, today=TODAY, study_day=lambda _: TODAY, new_left=99, reviews_left=99)
    for _ in range(2):
        other.grade(5)
    pipe(monkeypatch, session, "3\n")
    shown = capsys.readouterr().out
    assert "deck:1 was graded elsewhere meanwhile\ndeck:2 was graded elsewhere meanwhile\n" in shown
    assert [(row.card_id, row.quality) for row in ledger.rows] == [("deck:1", 5), ("deck:2", 5), ("deck:3", 4)]


def test_lines_on_a_terminal_break_between_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = " ".join(["embedding"] * 40)
    session, _ = session_of(cards(1, front=words))
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    pipe(monkeypatch, session, "3\n")
    shown = capsys.readouterr().out
    assert max(map(len, shown.split("\n"))) <= 50
    assert shown.split().count("embedding") == 40


DECK = "# Flashcard Set: Blocks\n" + "".join(
    f"\n### Card {number} | Easy\n**FRONT (Question):**\nWhy {number}?\n\n**BACK (Answer):**\nSo.\n"
    for number in (1, 2, 3)
)


@pytest.mark.parametrize(
    ("before", "options", "given", "expected"),
    [
        ([], ["--limit", "1"], "3\n", "left for today: 2 cards; go on with:"),
        ([1, 2, 3], ["--cram"], "", None),
        ([1], ["--cram", "--limit", "1"], "3\n", "left for today: 2 cards; go on with:"),
        ([1, 2, 3], ["--ahead", "3"], "", None),
    ],
)
def test_what_is_left_is_what_a_review_would_ask_today(
    before: list[int],
    options: list[str],
    given: str,
    expected: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("STUDYCLI_NOW", "2026-03-02T12:00")
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    (tmp_path / "blocks.md").write_text(DECK)
    commands = [["add", str(tmp_path)], *(["grade", f"blocks:{number}", "5"] for number in before)]
    monkeypatch.setattr("sys.stdin", Input(given))
    for command in [*commands, ["review", *options]]:
        capsys.readouterr()
        app.app(args=command, prog_name="studycli", standalone_mode=False)
    left = [line for line in capsys.readouterr().out.split("\n") if line.startswith("left")]
    assert left == ([expected] if expected else [])
