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
from pathlib import Path

import pytest
from rich.console import Console

from studycli.cli import app, dialogue, keys
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
        "Good: due tomorrow (2026-03-03)\n"
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


class Fingers(keys.Keyboard):
    """Presses keys from a script; runs dry with `END`."""

    def __init__(self, pressed: list[str]) -> None:
        self._waiting = deque(pressed)

    def read(self) -> str:
        return self._waiting.popleft() if self._waiting else keys.END


def console_of(width: int, height: int) -> Console:
    return Console(
        file=io.StringIO(), width=width, height=height, markup=False, emoji=False, highlight=False, force_terminal=True,
        color_system=None, legacy_windows=False,
    )  # fmt: skip


def press(
    session: Session,
    *pressed: str,
    grading: str = "buttons",
    width: int = 80,
    height: int = 24,
    keyboard: keys.Keyboard | None = None,
) -> str:
    console = console_of(width, height)
    dialogue.converse(session, Screen(session, console, keyboard or Fingers(list(pressed)), grading, TODAY))
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
        "→ Good: due tomorrow (2026-03-03)",
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


@pytest.mark.parametrize("leave", ["escape", "q", "Q"])
def test_a_long_demo_comes_before_the_rest_of_the_answer_and_can_be_left(
    monkeypatch: pytest.MonkeyPatch, leave: str
) -> None:
    demo = "\n".join(f"step {number}" for number in range(100))
    monkeypatch.setattr("studycli.cli.screen.compute_demo", lambda *_: demo)
    session, ledger = session_of(cards(1, back="\n\n".join(f"line {number}" for number in range(40))))
    shown = press(session, "space", "d", "space", leave, *["space"] * 5, "3")
    assert "q goes back to the card" in shown
    in_demo = [prompt for prompt in shown.split(keys_erased()) if "q goes back to the card" in prompt]
    assert len(in_demo) == 2 and not any("q quit" in prompt for prompt in in_demo)
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
    assert "below Good: asked once more today; the better the grade, the longer" in shown


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


def test_a_card_graded_elsewhere_while_it_is_on_the_screen() -> None:
    some = cards(2)
    session, ledger = session_of(some)
    other = Session(some, ledger, today=TODAY, study_day=lambda _: TODAY, new_left=99, reviews_left=99)

    class Rival(Fingers):
        def read(self) -> str:
            if len(self._waiting) == 3:
                other.grade(5)
            return super().read()

    shown = visible(press(session, keyboard=Rival(["space", "1", "space", "3"])))
    assert "→ deck:1 was graded elsewhere meanwhile; your grade was not kept" in shown
    assert [(row.card_id, row.quality) for row in ledger.rows] == [("deck:1", 5), ("deck:2", 4)]


def test_a_grade_overtaken_elsewhere_is_not_taken_back() -> None:
    session, ledger = session_of(cards(2))

    class Rival(Fingers):
        def read(self) -> str:
            if len(self._waiting) == 2:
                row = ledger.rows[0]
                ledger.record(row.model_copy(update={"before": row.after, "after": row.before, "quality": 5}))
            return super().read()

    shown = visible(press(session, keyboard=Rival(["space", "3", "u", "q"])))
    assert "→ the last grade cannot be taken back: that card was graded elsewhere meanwhile" in shown


@pytest.mark.parametrize("grading", ["buttons", "sm2"])
@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_the_prompt_shows_every_key_at_any_width(width: int, grading: str) -> None:
    session, _ = session_of([study_card(1, due=TODAY, interval=100)])
    shown = press(session, "space", width=width, grading=grading)
    prompt = shown[shown.index("front") :].split("back")[-1].split(keys_erased())[0]
    words = " ".join(prompt.split())
    names = ["1 Again", "2 Hard", "3 Good", "4 Easy"] if grading == "buttons" else [f"{number}:" for number in range(6)]
    assert [name for name in [*names, "d demo", "s suspend", "u undo", "q quit", "? help"] if name not in words] == []
    assert max(map(len, prompt.split("\n"))) <= width


def keys_erased() -> str:
    return "\r\x1b[2K"


def test_a_new_width_lays_out_the_prompt_and_the_next_pages_anew() -> None:
    words = " ".join(f"word{number}" for number in range(400))
    session, ledger = session_of(cards(1, back=words))
    console = console_of(80, 12)

    class Resizing(Fingers):
        def read(self) -> str:
            key = super().read()
            if key == keys.RESIZED:
                console.width = 40
            return key

    pressed = ["space", keys.RESIZED, *["space"] * 60, "3"]
    dialogue.converse(session, Screen(session, console, Resizing(pressed), "buttons", TODAY))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    before, after = shown.split("more lines: space", 1)
    assert max(map(len, before.split("\n"))) > 40
    after = after[after.index(keys_erased()) :]
    rows = re.split(r"\n|\r?\x1b\[[0-9]*[A-Z]", after)
    assert max(map(len, rows)) <= 40
    seen = re.findall(r"word\d+", shown)
    assert list(dict.fromkeys(seen)) == [f"word{number}" for number in range(400)]
    assert qualities(ledger) == [4]


def test_a_demo_of_another_concept_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studycli.cli.screen.compute_demo", lambda *_: "the demo")
    some = cards(1)
    concept = some[0].card.model_copy(update={"concept": "Warm-up"})
    session, _ = session_of([some[0].model_copy(update={"card": concept})])
    shown = visible(press(session, "d"))
    assert "→ There is no demo for 'Warm-up': this is attention over its own text." in shown
    assert shown.index("no demo for") < shown.index("the demo")
    concept = concept.model_copy(update={"concept": "Multi-head attention"})
    session, _ = session_of([some[0].model_copy(update={"card": concept})])
    assert "no demo for" not in press(session, "d")


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


def test_a_resize_wakes_the_keyboard(terminal: tuple[int, int]) -> None:
    near, far = terminal
    former = signal.getsignal(signal.SIGWINCH)
    with keys.single_keys(far) as keyboard:
        signal.raise_signal(signal.SIGWINCH)
        signal.raise_signal(signal.SIGWINCH)
        assert keyboard.read() == keys.RESIZED
        os.write(near, b"3")
        assert keyboard.read() == "3"
    assert signal.getsignal(signal.SIGWINCH) == former


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
