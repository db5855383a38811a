"""The review dialogue: on lines and on a screen, with a ledger in memory."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import pty
import re
import signal
import termios
from collections import deque
from collections.abc import Iterator
from datetime import date

import pytest
from rich.console import Console

from studycli.cli import dialogue, keys
from studycli.cli.lines import Lines
from studycli.cli.screen import Screen
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
        "Good: due tomorrow\n"
    )


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


@pytest.mark.parametrize("error", [EngineError("no tokens"), RuntimeError("no tokens")])
def test_a_demo_that_fails_does_not_end_the_review(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def fail(card: StudyCard, width: int) -> None:
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


class Fingers(keys.Keyboard):
    """Presses keys from a script; runs dry with `END`."""

    def __init__(self, pressed: list[str]) -> None:
        self._waiting = deque(pressed)

    def read(self) -> str:
        return self._waiting.popleft() if self._waiting else keys.END


def press(session: Session, *pressed: str, grading: str = "buttons", height: int = 24) -> str:
    console = Console(
        file=io.StringIO(), width=80, height=height, markup=False, emoji=False, highlight=False, force_terminal=True,
        color_system=None, legacy_windows=False,
    )  # fmt: skip
    dialogue.converse(session, Screen(session, console, Fingers(list(pressed)), grading, TODAY))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def visible(shown: str) -> str:
    """What is left on the screen: every prompt is erased by clearing its lines."""
    lines = [""]
    for part in re.findall(r"\r?\x1b\[2K|\x1b\[1A|\n|[^\x1b\n\r]+|.", shown):
        if part == "\x1b[1A":
            lines.pop()
        elif part.endswith("\x1b[2K"):
            lines[-1] = ""
        elif part == "\n":
            lines.append("")
        else:
            lines[-1] += part
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("pressed", "expected"),
    [
        (["space", "3", "enter", "4"], [4, 5]),
        (["space", "1", "space", "3", "space", "3"], [2, 4, 4]),
        (["3", "space", "space", "x", "3", "q"], [4]),
        (["space", "3", "u", "space", "2", "q"], [4, None, 3]),
        (["space", "3", "space", "u", "q"], [4, None]),
        (["u", "q"], []),
        (["s", "space", "4"], [5]),
        (["S", "Q"], []),
        ([], []),
    ],
)
def test_keys(pressed: list[str], expected: list[int | None]) -> None:
    session, ledger = session_of(cards())
    press(session, *pressed)
    assert qualities(ledger) == expected


def test_keys_for_six_grades() -> None:
    session, ledger = session_of(cards())
    shown = press(session, "space", "0", "space", "5", "space", "9", "4", grading="sm2")
    assert qualities(ledger) == [0, 5, 4]
    assert "0: 1 d   1: 1 d   2: 1 d   3: 1 d   4: 1 d   5: 1 d" in shown


def test_a_grade_before_the_answer_is_only_a_hint() -> None:
    session, ledger = session_of(cards())
    assert "look at the answer first: space" in press(session, "3")
    assert ledger.rows == []


def test_each_button_shows_its_next_interval() -> None:
    known = study_card(1, due=TODAY, interval=100)
    session, _ = session_of([known])
    assert "1 Again 1 d   2 Hard 7.8 months   3 Good 8.2 months   4 Easy 8.5 months" in press(session, "space")


def test_an_extra_pass_promises_no_interval() -> None:
    session, _ = session_of(cards(1))
    assert "1 Again   2 Hard   3 Good   4 Easy" in press(session, "space", "1", "space")


def test_what_stays_on_the_screen() -> None:
    session, _ = session_of(cards(1))
    assert visible(press(session, "x", "space", "3")).split("\n") == [
        "",
        "── deck · card 1 ──────────────────────────────────── new 1 · due 0 · again 0 ──",
        "new",
        "",
        "What is 1?",
        "",
        "── answer ──────────────────────────────────────────────────────────────────────",
        "",
        "It is 1.",
        "",
        "→ Good: due tomorrow",
        "",
    ]


def test_a_long_answer_comes_by_screenfuls_below_its_question() -> None:
    long = "\n\n".join(f"line {number}" for number in range(60))
    session, ledger = session_of(cards(1, back=long))
    first = visible(press(session, "space"))
    assert "What is 1?" in first and "line 3" in first and "line 59" not in first
    assert len(first.split("\n")) <= 24
    session, _ = session_of(cards(1, back=long))
    shown = press(session, "space", "space")
    assert "Question: What is 1?" in shown
    assert re.search(r"\d+ more lines: space", shown)
    session, ledger = session_of(cards(1, back=long))
    everything = visible(press(session, *["space"] * 20, "3"))
    assert [f"line {number}" in everything for number in range(60)] == [True] * 60
    assert qualities(ledger) == [4]


def test_a_long_answer_may_be_graded_before_its_end() -> None:
    session, ledger = session_of(cards(1, back="line\n\n" * 60))
    press(session, "space", "4")
    assert qualities(ledger) == [5]


def test_a_long_question_is_shown_whole_before_its_answer() -> None:
    session, _ = session_of(cards(1, front="\n\n".join(f"part {number}" for number in range(40))))
    shown = visible(press(session, *["space"] * 10))
    assert shown.index("part 39") < shown.index("── answer")


def test_a_long_demo_comes_before_the_rest_of_the_answer_and_can_be_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = "\n".join(f"step {number}" for number in range(100))
    monkeypatch.setattr("studycli.cli.screen.compute_demo", lambda card, width: demo)
    session, ledger = session_of(cards(1, back="\n\n".join(f"line {number}" for number in range(40))))
    shown = press(session, "space", "d", "space", "escape", *["space"] * 5, "3")
    assert "esc skips the rest of the demo" in shown
    left = visible(shown)
    assert "step 25" in left and "step 99" not in left and "line 39" in left
    assert left.index("line 2") < left.index("step 0") < left.index("line 20")
    assert qualities(ledger) == [4]


@pytest.mark.parametrize("height", [1, 3, 5, 10])
def test_a_tiny_screen_shows_everything(height: int) -> None:
    session, ledger = session_of(cards(1, back="\n\n".join(f"line {number}" for number in range(20))))
    shown = visible(press(session, *["space"] * 100, "3", height=height))
    assert all(f"line {number}" in shown for number in range(20))
    assert qualities(ledger) == [4]


def test_help_names_every_key() -> None:
    session, _ = session_of(cards(1))
    shown = visible(press(session, "?"))
    assert all(word in shown for word in ("space", "Again", "Hard", "Good", "Easy", "undo", "suspend", "demo", "quit"))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (" 3", ["space", "3"]),
        ("\r\n", ["enter", "enter"]),
        ("\x04", [keys.END]),
        ("\x1b[A\x1b[6~\x1bOP3", ["\x1b[A", "space", "\x1bOP", "3"]),
        ("\x1b[1;5C\x1b", ["\x1b[1;5C", "escape"]),
        ("é3", ["é", "3"]),
        ("", []),
    ],
)
def test_keys_in_what_a_terminal_sends(sent: str, expected: list[str]) -> None:
    assert keys.split_keys(sent) == expected


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: the one the keys come in at, and the one the program reads."""
    near, far = pty.openpty()
    yield near, far
    os.close(near)
    os.close(far)


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, RuntimeError])
def test_the_terminal_is_put_back(terminal: tuple[int, int], error: type[BaseException] | None) -> None:
    near, far = terminal
    before = termios.tcgetattr(far)
    handlers = signal.getsignal(signal.SIGTSTP), signal.getsignal(signal.SIGTERM)
    with contextlib.suppress(KeyboardInterrupt, RuntimeError), keys.single_keys(far) as keyboard:
        assert not termios.tcgetattr(far)[3] & (termios.ICANON | termios.ECHO)
        os.write(near, " 3é".encode())
        assert [keyboard.read() for _ in range(3)] == ["space", "3", "é"]
        if error is not None:
            raise error
    assert termios.tcgetattr(far) == before
    assert (signal.getsignal(signal.SIGTSTP), signal.getsignal(signal.SIGTERM)) == handlers


def test_a_terminal_that_goes_away_is_the_end(terminal: tuple[int, int]) -> None:
    near, far = terminal
    with keys.single_keys(far) as keyboard:
        os.write(near, b"\x04")
        assert keyboard.read() == keys.END


def test_ctrl_c_waits_until_a_grade_is_written() -> None:
    written = []
    with pytest.raises(KeyboardInterrupt), keys.uninterrupted():
        signal.raise_signal(signal.SIGINT)
        written.append("grade")
    assert written == ["grade"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
