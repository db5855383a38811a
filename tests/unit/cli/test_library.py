"""add, remove, sources and sync, run as a learner does."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from studycli.cli.app import main
from tests.study_documents import write_deck

Run = Callable[..., tuple[int, str, str]]
Q = ("What does a query vector stand for?", "What its token looks for.")
K = ("Why are scores divided by the root of the key width?", "To keep their spread at one.")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command; gives its exit code, stdout and stderr. The bundled documents are off."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")

    def ran(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return ran


def test_add_and_sources(run: Run, tmp_path: Path) -> None:
    write_deck(tmp_path / "notes" / "a.md", [Q, K])
    code, out, err = run("add", tmp_path / "notes")
    assert (code, out) == (0, "")
    assert err.endswith("notes: 2 cards added\n")
    code, out, _ = run("sources", "--json")
    listed = json.loads(out)
    assert {
        "name": str(tmp_path / "notes"),
        "documents": 1,
        "cards": 2,
        "available": True,
        "switched_off": False,
    } in listed
    code, out, _ = run("sources")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80


def test_add_of_nothing(run: Run, tmp_path: Path) -> None:
    code, _, err = run("add", tmp_path / "nowhere")
    assert code == 2
    assert "no such file or folder" in err


def test_add_of_a_file_that_is_no_document(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.md").write_bytes(bytes(2000))
    code, _, err = run("add", tmp_path / "x.md")
    assert code == 3
    assert str(tmp_path / "x.md") in err


@pytest.mark.parametrize(
    ("path", "message"),
    [("", "the path is empty"), ("/", "whole file system"), ("/proc", "belongs to the system"), ("pipe", "no regular")],
)
def test_add_of_what_holds_no_documents(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    code, _, err = run("add", path)
    assert (code, message in err) == (2, True)
    _, out, _ = run("sources", "--json")
    assert [source["name"] for source in json.loads(out)] == ["bundled"]


def test_remove_of_an_empty_path_is_not_the_current_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("add", ".")
    code, _, err = run("remove", "")
    assert (code, "the path is empty" in err) == (2, True)


def test_add_counts_what_could_not_be_read(run: Run, tmp_path: Path) -> None:
    write_deck(tmp_path / "notes" / "a.md", [Q])
    for name in ("b", "c"):
        (tmp_path / "notes" / f"{name}.md").write_bytes(bytes(2000))
    _, _, err = run("add", tmp_path / "notes")
    assert err.splitlines()[-1] == f"added {tmp_path / 'notes'}: 1 card added, 2 files could not be read"


def test_sources_tell_what_is_switched_off(run: Run) -> None:
    _, out, _ = run("sources")
    assert "switched off" in out
    assert "not there now" not in out


def test_remove(run: Run, tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "a.md", [Q])
    run("add", deck)
    code, _, err = run("remove", deck)
    assert (code, "1 card archived" in err) == (0, True)
    code, _, err = run("remove", deck)
    assert (code, "none of the sources" in err) == (2, True)


def test_sync_shows_every_change(run: Run, tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "a.md", [Q, K])
    run("add", deck)
    write_deck(deck, [(Q[0], "Another answer."), ("A \x1b[31mred\x1b[0m front [bold]?", "x")])
    code, out, _ = run("sync", "--dry-run")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["added", "changed", "archived", "1"]
    assert "\x1b" not in out
    assert "[bold]" in out
    assert out.splitlines()[-1].endswith("(dry run: nothing was written)")
    code, out, _ = run("sync", "--json")
    report = json.loads(out)
    assert {name: len(report[name]) for name in ("added", "changed", "archived", "moved", "restored", "ambiguous")} == {
        "added": 1,
        "changed": 1,
        "archived": 1,
        "moved": 0,
        "restored": 0,
        "ambiguous": 0,
    }
    code, out, _ = run("sync")
    assert out == "1 document, 0 read: nothing changed\n"


def test_a_sync_on_the_way_tells_of_reviewed_cards_that_left(run: Run, tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "sound.md", [Q, K])
    run("add", deck)
    run("grade", "sound:2", "5")
    write_deck(deck, [("Name three instruments.", "Violin, flute and drum."), ("Who was Fourier?", "A physicist.")])
    code, _, err = run("due")
    assert code == 0
    assert "1 reviewed card is no longer in sound and was archived" in err
    assert "studycli cards --status archived" in err
    assert "<!-- id:" in err
    assert err.count("\n") == 1
    _, _, err = run("due")
    assert err == ""


def test_a_sync_on_the_way_is_silent_about_cards_without_a_history(run: Run, tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "sound.md", [Q, K])
    run("add", deck)
    write_deck(deck, [Q])
    assert run("due")[2] == ""


def test_a_sync_on_the_way_tells_what_is_unclear(run: Run, tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "sevens.md", [(f"What is {n} times 7?", str(7 * n)) for n in range(1, 6)])
    run("add", deck)
    write_deck(deck, [(f"What is {n} times 7?", str(7 * n)) for n in (9, 2, 3, 4, 5)])
    _, _, err = run("due")
    assert "1 card of sevens may be one that you know and starts anew" in err


def test_sync_explains_reviewed_cards_that_left(run: Run, tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "sound.md", [Q, K])
    run("add", deck)
    run("grade", "sound:2", "5")
    write_deck(deck, [Q])
    _, out, _ = run("sync", "--dry-run")
    assert "1 archived card had been reviewed" in out
    assert out.splitlines()[-1] == "1 document, 1 read: 1 card archived (dry run: nothing was written)"


def test_sync_tells_what_is_ambiguous_and_what_to_do(run: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_deck(tmp_path / "notes" / f"{name}.md", [Q])
    run("add", tmp_path / "notes")
    _, out, _ = run("cards", "--json")
    ids = [card["id"] for card in json.loads(out)]
    for name in ("a", "b"):
        write_deck(tmp_path / "notes" / f"{name}.md", [K if name == "a" else ("Something else?", "x")])
    write_deck(tmp_path / "notes" / "c.md", [Q])
    _, out, _ = run("sync")
    assert "c:1 starts anew" in out
    assert all(card_id in out for card_id in ids)
    assert out.count("<!-- id:") == 1
    assert out.splitlines()[-1].endswith("1 unclear")


def test_a_broken_document_is_told_on_stderr(run: Run, tmp_path: Path) -> None:
    write_deck(tmp_path / "notes" / "a.md", [Q])
    (tmp_path / "notes" / "b.md").write_bytes(bytes(2000))
    code, out, err = run("add", tmp_path / "notes")
    assert (code, out) == (0, "")
    assert str(tmp_path / "notes" / "b.md") in err


def test_verify_tells_a_state_that_the_log_does_not_give(run: Run, tmp_path: Path, home: Path) -> None:
    write_deck(tmp_path / "notes" / "a.md", [Q, K])
    run("add", tmp_path / "notes")
    run("grade", "a:1", "5")
    code, out, _ = run("verify")
    assert (code, out) == (0, "1 reviewed card: every state follows from its log\n")
    with closing(sqlite3.connect(home / "data" / "studycli" / "studycli.db")) as database, database:
        database.execute("UPDATE states SET interval_days = 99 WHERE repetitions = 1")
    code, out, err = run("verify", "--json")
    assert code == 1
    assert len(json.loads(out)["wrong"]) == 1
    assert "1 of 1 reviewed cards does not follow" in err


def test_no_sources_tells_the_next_command(run: Run) -> None:
    run("sources")
    _, _, err = run("remove", "bundled")
    assert err.startswith("removed bundled")
    code, out, _ = run("sources")
    assert code == 0
    assert "studycli add PATH" in out


@pytest.mark.parametrize("command", ["add", "remove", "sources", "sync", "decks", "cards"])
def test_another_kind_of_database(run: Run, command: str, tmp_path: Path) -> None:
    paths = [tmp_path] if command in ("add", "remove") else []
    code, out, err = run("--database", "postgresql://localhost/x", command, *paths)
    assert (code, out) == (2, "")
    assert "no SQLite database" in err
