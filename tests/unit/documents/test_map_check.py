"""What a concept map declares against what it holds, difference by difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from studycli.documents import map_check
from studycli.documents.cycle import find_cycle
from studycli.documents.index_check import band_limits
from studycli.documents.load import load
from studycli.documents.pathway_check import mentioned
from studycli.model.concept import ConceptMap
from tests.concept_maps import GARDEN, read

MATRIX = "| From | To | Type |\n|--|--|--|\n"


def found(text: str) -> list[tuple[str, int, str]]:
    return [(str(problem.severity), problem.line, problem.message) for problem in map_check.check(read(text))]


def rows(*written: str) -> str:
    return "# Concept Map: X\n" + MATRIX + "".join(f"| {row} |\n" for row in written)


def diagram(*lines: str) -> str:
    return "\n```mermaid\ngraph TD\n" + "\n".join(lines) + "\n```\n"


def test_declared_totals_are_errors_with_both_counts() -> None:
    text = "# Concept Map: X\n**Total Concepts:** 3\n**Total Relationships:** 5\n" + MATRIX + "| A | B | t |\n"
    (concepts, relationships) = found(text)
    assert concepts[:2] == ("error", 2) and "declares 3 concepts but holds 2 (2 of them in the matrix)" in concepts[2]
    assert relationships == ("error", 3, "the map declares 5 relationships but the matrix holds 1")
    assert found(text.replace("3", "2").replace("5", "1")) == []


def test_a_diagram_counts_where_there_is_no_matrix() -> None:
    text = "# Concept Map: X\n**Total Relationships:** 2\n" + diagram("A --> B")
    assert found(text) == [("error", 2, "the map declares 2 relationships but the diagram holds 1")]


def test_a_map_without_concepts() -> None:
    assert found("# Concept Map: X\n") == [("error", 0, "the map holds no concepts")]


def test_duplicate_rows_and_rows_in_a_circle_of_one() -> None:
    assert found(rows("A | B | eats", "A | B | sees", "A | B | Eats", "C | c | is")) == [
        ("warning", 6, "'A Eats B' stands in line 4 already"),
        ("warning", 7, "this row relates 'C' to itself"),
    ]


def test_requirements_in_a_circle() -> None:
    (problem,) = found(rows("A | B | requires", "B | C | depends on", "C | A | requires", "C | D | uses"))
    assert problem == ("warning", 6, "these concepts require each other in a circle: A → B → C → A")
    assert found(rows("A | B | uses", "B | A | uses")) == []


def test_definitions() -> None:
    text = rows("A | B | eats") + "\n## Definitions\n- **A**: one\n- **Z**: loose\n"
    assert found(text) == [
        ("info", 4, "'B' has no definition"),
        ("warning", 8, "'Z' is defined but stands in neither the diagram nor the matrix"),
    ]


def test_diagram_against_matrix() -> None:
    text = rows("A | B | eats", "C | D | sees", "B | C | is-a", "C | E | has") + diagram(
        "A -->|grows| B", "D --> C", "B -->|is| C", "A --> D", "A --> A", "E[E]"
    )
    assert found(text) == [
        ("info", 7, "'C' has 'E' is missing from the diagram"),
        ("warning", 11, "the diagram labels 'A' --> 'B' 'grows', the matrix 'eats'"),
        ("warning", 12, "the diagram has 'D' --> 'C', the matrix the other way round (C sees D)"),
        ("warning", 14, "the diagram's 'A' --> 'D' is missing from the matrix"),
        ("warning", 15, "this arrow leads from 'A' to itself"),
    ]


def test_a_two_headed_arrow_agrees_with_a_row_in_either_direction() -> None:
    assert found(rows("A | B | eats") + diagram("B <-->|eats| A")) == []


def test_a_row_whose_concept_is_no_node_says_so() -> None:
    (problem,) = found(rows("A | B | eats", "A | C | eats") + diagram("A --> B"))
    assert problem == ("info", 5, "'A' eats 'C' is missing from the diagram ('C' is no node of it)")


INDEX = (
    "\n## Centrality Index\n**High Centrality (2+ connections):**\n"
    "| Concept | Incoming | Outgoing | Total |\n|--|--|--|--|\n"
)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("A | 0 | 2 | 2", []),
        ("A | 1 | 2 | 3", ["the index gives 'A' 1 incoming, 3 in total; the matrix has 0 incoming, 2 in total"]),
        ("A | 0 | 2 | 5", ["'A': 0 incoming and 2 outgoing are not 5 in total",
                           "the index gives 'A' 5 in total; the matrix has 2 in total"]),
        ("B | 1 | 0 | 1", ["'B' stands under 'High Centrality (2+ connections)' with 1 connection"]),
        ("B/C | 2 | 0 | 2", []),
        ("Ape | 1 | 1 | 2", ["the index lists 'Ape', which no concept of the map is called"]),
        ("A | | | 2", []),
    ],
)  # fmt: skip
def test_figures_of_the_index(row: str, expected: list[str]) -> None:
    problems = found(rows("A | B | eats", "A | C | eats") + INDEX + f"| {row} |\n")
    assert [message for _, _, message in problems] == expected
    assert {(severity, line) for severity, line, _ in problems} <= {("warning", 11)}


def test_a_listed_concept_outside_its_band() -> None:
    text = rows("A | B | eats", "A | C | eats") + "\n## Centrality\n**Low (1-1 connections):**\n- A, B\n"
    assert found(text) == [("warning", 9, "'A' stands under 'Low (1-1 connections)' with 2 connections")]


@pytest.mark.parametrize(
    ("title", "limits"),
    [("High (6+ connections)", (6, None)), ("Medium: 3–5", (3, 5)), ("5 or more", (5, None)), ("at least 4", (4, None)),
     ("≥ 4", (4, None)), ("Low (1 to 2)", (1, 2)), ("High Centrality", None)],
)  # fmt: skip
def test_limits_of_a_band(title: str, limits: tuple[int, int | None] | None) -> None:
    assert band_limits(title) == limits


def test_steps_and_prerequisites_of_pathways() -> None:
    text = rows("Stem Cell | B | eats") + (
        "\n## Learning Pathways\n### Pathway 1: One\n**Sequence:** Stem → B → Stem Cell\n"
        "**Prerequisites:** Pathways 2-3\n"
        "### Pathway 2: Two\n**Goal:** x\n**Prerequisites:** Pathway 1\n"
    )
    assert found(text) == [
        ("warning", 7, "'Pathway 1: One' requires pathway 3, which the map does not have"),
        ("warning", 8, "no concept of the map is called 'Stem', a step of 'Pathway 1: One'"),
        ("warning", 10, "'Pathway 2: Two' has no steps"),
        (
            "warning",
            10,
            "these pathways require each other in a circle: 'Pathway 1: One' → 'Pathway 2: Two' → 'Pathway 1: One'",
        ),
    ]
    hints = [problem.hint for problem in map_check.check(read(text)) if "'Stem'" in problem.message]
    assert hints == ["did you mean 'Stem Cell'?"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("Pathway 1", [1]), ("Pathways 1-3 (all)", [1, 2, 3]), ("pathways 1 and 3", [1, 3]),
     ("Pathways 1, 2 & 4", [1, 2, 4]),
     ("Path 2 first", [2]), ("two sessions of 3 hours", [])],
)  # fmt: skip
def test_pathways_that_prerequisites_name(text: str, numbers: list[int]) -> None:
    assert mentioned([text]) == numbers


@pytest.mark.parametrize(
    ("graph", "circle"),
    [({}, []), ({1: [2], 2: [3]}, []), ({1: [1]}, [1]), ({0: [1], 1: [2], 2: [3, 1]}, [1, 2]),
     ({1: [2, 3], 2: [4], 3: [4], 4: []}, [])],
)  # fmt: skip
def test_circles(graph: dict[int, list[int]], circle: list[int]) -> None:
    assert find_cycle(graph) == circle


def test_a_long_way_is_no_problem() -> None:
    assert len(find_cycle({number: [(number + 1) % 50_000] for number in range(50_000)})) == 50_000


def test_a_flood_of_problems_is_counted_instead() -> None:
    messages = [message for _, _, message in found(rows(*(f"A{n} | A{n} | t" for n in range(500))))]
    assert len(messages) == 201
    assert "there are 300 more problems like these" in messages


def test_the_written_map_has_exactly_its_known_differences() -> None:
    messages = [message for _, _, message in found(GARDEN)]
    assert messages == [
        "the map declares 7 concepts but holds 6"
        " (4 of them in the diagram, 3 of them defined, 6 of them in the matrix)",
        "'Compost (Ripe)' has no definition",
        "'Leaf Canopy' has no definition",
        "'Photosynthesis' has no definition",
        "'Root Network' requires 'Nitrogen Fixation' is missing from the diagram"
        " ('Nitrogen Fixation' is no node of it)",
        "'Bean Plant' hosts 'Nitrogen Fixation' is missing from the diagram"
        " ('Bean Plant' and 'Nitrogen Fixation' are no node of it)",
        "'Bean Plant' grows 'Leaf Canopy' is missing from the diagram ('Bean Plant' is no node of it)",
    ]


def test_the_real_sample(samples: Path) -> None:
    sample = load(samples / "lesson-4-transformers-concept-map.md")
    assert isinstance(sample, ConceptMap)
    problems = {
        (problem.line, str(problem.severity)) for problem in map_check.check(sample) if problem.severity != "info"
    }
    index = {(line, "warning") for line in (250, 251, 252, 253, 254, 259, 260, 261, 262, 263, 264)}
    edges = {(line, "warning") for line in (78, 86, 108)}
    steps = {(line, "warning") for line in (282, 289, 296, 318)}
    assert problems == {(6, "error")} | edges | index | steps
