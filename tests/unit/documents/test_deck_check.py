"""What `check` finds in a deck: each rule with the line it names, and silence on a sound deck."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli.documents import deck_check, flashcards
from studycli.documents.check import problems_of, read_all, unknown_concepts
from studycli.documents.load import load
from studycli.documents.outline import Outline
from studycli.model.problem import Problem, Severity

SOUND = """# Flashcards: X
**Total Cards:** 2
**Distribution:** 1 Easy | 1 Hard
### Card 1 | Easy
**FRONT:** Q1
**BACK:** A1
### Card 2 | Hard
**FRONT:** Q2
**BACK:** A2
## Critical Knowledge
- **X**: Appears in Cards 1, 2
## Schedule
| Card | Initial Interval | Recommended Review |
|---|---|---|
| 1 | 1 day | |
| 2 | 2 days | After Card 1 |
"""


def problems(text: str) -> list[tuple[str, int, str]]:
    found = deck_check.check(flashcards.parse(Outline(text), "x.md"))
    return [(str(problem.severity), problem.line, problem.message) for problem in found]


def test_a_sound_deck_has_no_problem() -> None:
    assert problems(SOUND) == []


@pytest.mark.parametrize(
    ("old", "new", "severity", "line", "words"),
    [
        ("Total Cards:** 2", "Total Cards:** 3", "error", 2, "declares 3 cards and holds 2"),
        ("1 Hard", "2 Hard", "error", 3, "declares 2 hard cards and holds 1"),
        ("1 Easy | ", "", "error", 3, "declares 0 easy cards and holds 1"),
        ("Card 2 | Hard", "Card 1 | Hard", "error", 7, "second time"),
        ("**BACK:** A2", "", "error", 7, "empty back"),
        ("**FRONT:** Q1\n", "", "error", 4, "empty front"),
        ("Card 2 | Hard", "Card 2", "warning", 7, "no difficulty"),
        ("Q2", "q1", "warning", 7, "asks the same as card 1"),
        ("| 2 | 2 days", "| 9 | 2 days", "error", 16, "names card 9"),
        ("After Card 1", "After Card 8", "warning", 16, "should follow card 8"),
        ("Cards 1, 2", "Cards 1, 7", "warning", 11, "names card 7"),
        ("| 2 | 2 days | After Card 1 |\n", "", "warning", 7, "not in the schedule"),
    ],
)
def test_each_rule(old: str, new: str, severity: str, line: int, words: str) -> None:
    assert old in SOUND
    found = problems(SOUND.replace(old, new))
    assert [(s, at) for s, at, message in found if words in message] == [(severity, line)], found


def test_a_heading_that_counts_other_cards_is_reported() -> None:
    deck = flashcards.parse(Outline(SOUND.replace("Card 2 | Hard", "Card 2 of 5 | Hard")), "x.md")
    assert [(problem.line, "'of 5'" in problem.message) for problem in deck.problems] == [(7, True)]


def test_an_empty_deck_is_an_error() -> None:
    assert problems("# Flashcards: nothing\n") == [("error", 1, "the deck has no cards")]


def test_an_open_fence_is_an_error_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "x.md"
    file.write_text("# Flashcards: X\n### Card 1 | Easy\n**FRONT:** Q\n**BACK:**\n```\ncode\n")
    found = problems_of(load(file))
    assert [(problem.severity, problem.line) for problem in found] == [(Severity.ERROR, 5)]
    assert "never closes" in found[0].message


def test_unknown_concepts_of_cards() -> None:
    text = "### Card 1 | Easy\n**Concept:** Known\n**FRONT:** Q\n**BACK:** A\n"
    text += "### Card 2 | Easy\n**Concept:** Odd\n**FRONT:** R\n**BACK:** B\n"
    deck = flashcards.parse(Outline(text), "x.md")
    ((path, problem),) = unknown_concepts([deck], {"Known": 1}.get)
    assert (path, problem.line) == ("x.md", 5)
    assert "'Odd'" in problem.message


def test_a_broken_file_never_stops_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\x00\x01\x02binary\x00")
    (tmp_path / "b.md").write_text("")
    (tmp_path / "c.md").write_text(SOUND)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "d.md").write_text(SOUND)
    found = dict(read_all([tmp_path, tmp_path / "nothing.md"]))
    assert [Path(name).name for name in found] == ["a.md", "b.md", "c.md", "nothing.md"]
    assert [isinstance(value, Problem) for value in found.values()] == [True, True, False, True]
