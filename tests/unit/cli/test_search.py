"""search, run as a learner does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from studycli.cli.app import main
from tests.study_documents import write_deck

Run = Callable[..., tuple[int, str, str]]
LONG = "A sentence that goes on. " * 12 + "Here is the needle in it. " + "And it goes on after that. " * 12
CARDS = [
    ("What is a \x1b]0;title\x07 [red]needle[/red]?", LONG),
    ("What is hay?", "Dry grass, without any pin."),
    ("A third, on needles?", "Many."),
]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command where one deck is known; gives its exit code, stdout and stderr."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")
    monkeypatch.setenv("STUDYCLI_NOW", "2026-03-02T12:00:00Z")

    def ran(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    ran("add", str(write_deck(tmp_path / "stack.md", CARDS, title="Haystack")))
    return ran


def test_a_hit_shows_where_it_is_and_marks_the_words(run: Run) -> None:
    code, out, err = run("search", "needle")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0] == "stack:1  What is a [red]*needle*[/red]?"
    assert any("Here is the *needle* in it." in line for line in lines[1:4])
    assert lines[-2:] == ["1 found.", "Look at one: studycli card stack:1"]
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in out


@pytest.mark.parametrize("columns", ["30", "40", "120"])
def test_it_fits_other_widths(run: Run, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    listed = run("search", "is:new")[1].split("\n\n")[0]
    assert max(map(len, listed.splitlines())) <= int(columns)


def test_json_is_a_list_of_hits(run: Run) -> None:
    code, out, _ = run("search", "hay", "is:new", "--json")
    (hit,) = json.loads(out)
    assert code == 0
    assert (hit["kind"], hit["deck"], hit["title"]) == ("card", "stack", "What is hay?")
    assert (hit["card"]["number"], hit["card"]["state"]["status"]) == (2, "new")
    (hit,) = json.loads(run("search", "grass", "--json")[1])
    ((start, end),) = hit["found"]
    assert hit["excerpt"][start:end] == "grass"
    assert json.loads(run("search", "nothing", "--json")[1]) == []


def test_limit(run: Run) -> None:
    code, out, _ = run("search", "is:new", "--limit", "2")
    assert code == 0
    assert "2 of 3 shown. More: --limit 3" in out
    assert [line[:7] for line in out.splitlines() if line.startswith("stack:")] == ["stack:1", "stack:2"]
    assert len(json.loads(run("search", "is:new", "--limit", "1", "--json")[1])) == 1


def test_words_that_begin_with_a_minus(run: Run) -> None:
    assert "stack:2" in run("search", "is:new", "-needle", "-needles")[1]
    assert "stack:2" in run("search", "--", "-needle")[1]


def test_nothing_found(run: Run) -> None:
    code, out, _ = run("search", "unicorn")
    assert (code, out.count("\n")) == (0, 1)
    assert "studycli search -h" in out


@pytest.mark.parametrize("query", ['"open', "is:fresh", "deck:stak", "concept:Tsting"])
def test_a_wrong_query_is_a_usage_error(run: Run, query: str) -> None:
    code, out, err = run("search", query)
    assert (code, out) == (2, "")
    assert query in err
    assert "hint:" in err


def test_a_concept_leads_to_its_map(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "map.md"
    path.write_text("# Concept Map: Farm\n\n```mermaid\ngraph TD\n    A[Barn Door] --> B[Meadow]\n```\n", "utf-8")
    run("add", str(path))
    out = run("search", "barn")[1]
    assert out.startswith("concept of map  *Barn* Door\n")
    command = out.splitlines()[-1].removeprefix("Look at one: studycli ").split()
    assert run(*command)[0] == 0
