"""maps and map, run as a learner does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from studycli.cli.app import main
from tests.concept_maps import GARDEN
from tests.study_documents import write_deck

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command; gives its exit code, stdout and stderr."""
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")

    def ran(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return ran


@pytest.fixture
def garden(run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "garden.md"
    path.write_text(GARDEN, "utf-8")
    assert run("add", path)[0] == 0
    return path


def test_maps_as_json_and_as_a_table(run: Run, garden: Path) -> None:
    code, out, err = run("maps", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == [
        {
            "slug": "garden",
            "title": "Kitchen Garden",
            "path": str(garden),
            "concepts": 6,
            "relationships": 6,
            "pathways": 2,
        }
    ]
    assert run("maps")[1].splitlines() == [
        "Map     Concepts  Relationships  Pathways  Title",
        "garden         6              6         2  Kitchen Garden",
    ]


def test_the_list_of_maps_on_a_narrow_screen(run: Run, garden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, row in (("30", ["garden", "6", "Kitchen", "Gar…"]), ("25", ["garden", "6"]), ("5", ["garden"])):
        monkeypatch.setenv("COLUMNS", columns)
        assert run("maps")[1].splitlines()[1].split() == row


def test_no_maps(run: Run) -> None:
    assert run("maps", "--json") == (0, "[]\n", "")
    code, out, err = run("maps")
    assert (code, out) == (0, "") and "there are no concept maps" in err


@pytest.mark.parametrize("name", ["garden", "Kitchen Garden", "kitch"])
def test_a_map_drawn(run: Run, garden: Path, name: str) -> None:
    code, out, err = run("map", name)
    assert (code, err) == (0, "")
    assert "feeds    ━━▶ Leaf Canopy" in out
    assert max(map(len, out.split("\n"))) <= 80


def test_a_map_by_its_path_needs_no_source(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "loose.md"
    path.write_text(GARDEN, "utf-8")
    code, out, _ = run("map", path, "--json")
    data = json.loads(out)
    assert code == 0
    assert {
        "concepts",
        "relationships",
        "diagram_edges",
        "pathways",
        "critical_paths",
        "hierarchy",
        "cross_lesson",
    } <= set(data)
    assert data["concepts"][0]["id"] == "root-network"
    assert set(data["pathways"][0]) >= {"title", "goal", "steps", "prerequisites", "assessment"}
    assert json.loads(run("maps", "--json")[1]) == []


def test_one_concept(run: Run, garden: Path) -> None:
    code, out, _ = run("map", "garden", "--concept", "rn")
    assert code == 0 and "From Root Network" in out
    data = json.loads(run("map", "garden", "--concept", "Root Networks", "--json")[1])
    assert (data["map"], data["concept"]["id"]) == ("garden", "root-network")
    assert [row["target"] for row in data["outgoing"]] == ["leaf-canopy", "nitrogen-fixation"]
    assert data["prerequisites"] == ["nitrogen-fixation", "compost-ripe"]
    assert data["pathways"][0] == {"title": "Pathway 1: From Below", "step": 2, "steps": 3}


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["map", "gardn"], "there is no concept map 'gardn'", "is it garden?"),
        (
            ["map", "garden", "--concept", "Photosintesis"],
            "there is no concept 'Photosintesis'",
            "is it Photosynthesis?",
        ),
        (["map", "guardians"], "there is no concept map 'guardians'", "studycli maps lists them"),
        (["map", "garden", "--concept", "Photography"], "there is no concept", "shows all of them"),
        (["map"], "Missing argument 'NAME'", ""),
    ],
)
def test_what_there_is_not(run: Run, garden: Path, arguments: list[str], message: str, hint: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err and hint in err


def test_a_document_that_is_no_map(run: Run, tmp_path: Path) -> None:
    path = write_deck(tmp_path / "deck.md", [("Q?", "A.")])
    code, _, err = run("map", path)
    assert code == 2 and "no concept map but flashcards" in err
