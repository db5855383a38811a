"""decks, cards and card, run as a learner does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studycli.cli.app import main
from tests.study_documents import write_deck

Run = Callable[..., tuple[int, str, str]]
CARDS = [
    (
        "What does a query vector stand for, said in one long sentence that does not fit into a narrow column?",
        "Search.",
    ),
    ("A \x1b]0;title\x07 front [red]with[/red] :smile: markup?\nAnd a second line.", "`x`"),
    ("Third?", "Yes."),
]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command on 2 March 2026, UTC; gives its exit code, stdout and stderr."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    monkeypatch.setenv("STUDYCLI_NOW", "2026-03-02T12:00:00Z")

    def ran(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    yield ran
    monkeypatch.delenv("TZ")
    time.tzset()


@pytest.fixture
def deck(run: Run, tmp_path: Path) -> Path:
    path = write_deck(tmp_path / "vectors.md", CARDS, title="All about vectors")
    run("add", path)
    return path


def test_cards_json_has_the_promised_keys(run: Run, deck: Path) -> None:
    code, out, err = run("cards", "--json")
    assert (code, err) == (0, "")
    cards = json.loads(out)
    assert [(card["deck"], card["number"]) for card in cards] == [("vectors", 1), ("vectors", 2), ("vectors", 3)]
    assert cards[2]["front"] == "Third?"
    assert cards[2]["initial_interval_days"] == 1
    assert cards[2]["state"] == {
        "repetitions": 0,
        "interval_days": 0,
        "ease_factor": 2.5,
        "due": None,
        "lapses": 0,
        "status": "new",
    }
    assert "history" not in cards[2]


def test_card_json_has_its_history(run: Run, deck: Path) -> None:
    run("grade", "vectors:3", "4")
    code, out, _ = run("card", "vectors:3", "--json")
    card = json.loads(out)
    assert code == 0
    assert (card["state"]["due"], card["state"]["status"]) == ("2026-03-03", "review")
    (row,) = card["history"]
    assert (row["reviewed_at"], row["quality"], row["kind"]) == ("2026-03-02T12:00:00Z", 4, "review")
    assert (row["study_day"], row["seconds"]) == ("2026-03-02", 0.0)
    assert row["before"] == {"repetitions": 0, "interval_days": 0, "ease_factor": 2.5, "due": None, "lapses": 0}
    assert row["after"]["due"] == "2026-03-03"


def test_decks(run: Run, deck: Path) -> None:
    code, out, _ = run("decks", "--json")
    assert json.loads(out) == [
        {
            "slug": "vectors",
            "title": "All about vectors",
            "path": str(deck),
            "cards": 3,
            "new": 3,
            "due": 0,
            "learned": 0,
            "suspended": 0,
            "buried": 0,
        }
    ]
    code, out, _ = run("decks")
    assert code == 0
    assert out.splitlines()[1].split() == ["vectors", "0", "3", "0", "3", "0", "All", "about", "vectors"]
    assert out.splitlines()[0].split() == ["Deck", "Due", "New", "Learned", "Cards", "Suspended", "Title"]


def test_cards_are_a_line_each_within_80_columns_and_harmless(run: Run, deck: Path) -> None:
    code, out, _ = run("cards")
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 5)
    assert max(map(len, lines)) <= 80
    assert lines[2].rstrip().endswith("…")
    assert "[red]with[/red] :smile:" in out
    assert "\x1b" not in out
    assert "\x07" not in out


@pytest.mark.parametrize("columns", ["40", "200"])
def test_cards_fit_other_widths(run: Run, deck: Path, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    _, out, _ = run("cards")
    assert max(map(len, out.splitlines())) <= int(columns)


def test_on_a_narrow_screen_the_question_and_the_names_stay(
    run: Run, deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = write_deck(tmp_path / "lesson-4-of-twelve-flashcards.md", CARDS[:1], title="A title that has to give way")
    run("add", long)
    monkeypatch.setenv("COLUMNS", "40")
    _, out, _ = run("cards", "vectors")
    assert "What does a query vec" in out
    _, out, _ = run("decks")
    assert any(line.startswith("lesson-4-of-twelve-flashcards ") for line in out.splitlines())
    assert out.splitlines()[0].split() == ["Deck", "Due", "New"]
    monkeypatch.setenv("COLUMNS", "20")
    assert "lesson-4-of-twelve-flashcards\n" in run("decks")[1]


def test_a_pipe_gets_no_trailing_blanks(run: Run, deck: Path) -> None:
    run("grade", "vectors:3", "4")
    for arguments in (["decks"], ["cards"]):
        lines = run(*arguments)[1].splitlines()
        assert lines == [line.rstrip() for line in lines]


def test_cards_by_status(run: Run, deck: Path) -> None:
    run("grade", "vectors:1", "4")
    run("grade", "vectors:2", "1")
    write_deck(deck, CARDS[:2], title="All about vectors")
    numbers = {}
    for status in ("new", "learning", "review", "buried", "suspended", "archived"):
        _, out, _ = run("cards", "--status", status, "--json")
        numbers[status] = [card["number"] for card in json.loads(out)]
    assert numbers == {"new": [], "learning": [2], "review": [1], "buried": [], "suspended": [], "archived": [3]}
    code, out, _ = run("cards", "--status", "suspended")
    assert (code, out) == (0, "There is no card that is suspended. All cards: studycli cards\n")
    code, _, err = run("cards", "--status", "fresh")
    assert code == 2
    assert "new, learning, review, buried, suspended, archived" in err


def test_flagged_and_buried_cards_are_found(run: Run, deck: Path) -> None:
    assert run("cards", "--flagged")[1] == "There is no card that is flagged. All cards: studycli cards\n"
    run("flag", "vectors:1")
    run("flag", "vectors:3")
    run("bury", "vectors:3")
    cards = json.loads(run("cards", "--flagged", "--json")[1])
    assert [(card["number"], card["flagged"], card["buried"], card["state"]["status"]) for card in cards] == [
        (1, True, False, "new"), (3, True, True, "buried"),
    ]  # fmt: skip
    assert [card["number"] for card in json.loads(run("cards", "--status", "buried", "--json")[1])] == [3]
    (line,) = [line for line in run("cards", "--flagged", "--status", "buried")[1].splitlines() if "Third" in line]
    assert line.split()[1:5] == ["3", "buried,", "flagged", "-"]
    nothing = run("cards", "--flagged", "--status", "review")[1]
    assert nothing == "There is no card that is review and flagged. All cards: studycli cards\n"
    (summary,) = json.loads(run("decks", "--json")[1])
    assert (summary["new"], summary["buried"]) == (2, 1)
    assert "flagged; buried; ease 2.50" in run("card", "vectors:3")[1]


def test_a_card_shows_its_note(run: Run, deck: Path) -> None:
    assert json.loads(run("card", "vectors:3", "--json")[1])["note"] is None
    assert "Your note" not in run("card", "vectors:3")[1]
    run("note", "vectors:3", "**mine** [red]x[/red] \x1b[31m")
    assert json.loads(run("card", "vectors:3", "--json")[1])["note"]["text"] == "**mine** [red]x[/red] \x1b[31m"
    lines = run("card", "vectors:3")[1].splitlines()
    assert lines[lines.index("Your note") + 1].rstrip() == "mine [red]x[/red] [31m"


def test_card_shows_all_of_it(run: Run, deck: Path) -> None:
    _, out, _ = run("cards", "--json")
    card_id = json.loads(out)[0]["id"]
    code, out, _ = run("card", card_id[:8])
    assert code == 0
    assert "narrow column?" in out
    assert "Search." in out
    assert card_id in out
    assert max(map(len, out.splitlines())) <= 80


def test_history_is_a_table(run: Run, deck: Path) -> None:
    _, out, _ = run("card", "vectors:3", "--history")
    assert out.splitlines()[-1] == "No grade yet. Start with: studycli review"
    run("grade", "vectors:3", "4", "--at", "2026-03-01T10:00:00Z")
    run("undo")
    _, out, _ = run("card", "vectors:3", "--history")
    rows = [line.split() for line in out.splitlines()[-2:]]
    assert rows[0][2:] == ["review", "(undone)", "4", "0", "1", "d", "2.50", "2026-03-02"]
    assert rows[1][2:] == ["undo", "-", "0", "0", "d", "2.50", "new"]


def test_unknown_names(run: Run, deck: Path) -> None:
    for arguments in (("cards", "vektors"), ("card", "vectors:9"), ("card", "nothing")):
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert "hint:" in err


@pytest.mark.parametrize("command", ["decks", "cards"])
def test_an_empty_library_tells_the_next_command(run: Run, command: str) -> None:
    code, out, _ = run(command)
    assert code == 0
    assert "studycli add PATH" in out
    assert json.loads(run(command, "--json")[1]) == []
