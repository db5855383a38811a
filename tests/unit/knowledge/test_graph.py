"""The graph of a concept map."""

from __future__ import annotations

from studycli.knowledge import graph
from tests.concept_maps import GARDEN, read

GARDEN_MAP = read(GARDEN)


def test_neighbours() -> None:
    around = graph.neighbours(GARDEN_MAP, "root-network")
    assert [row.source for row in around.incoming] == ["compost-ripe"]
    assert [row.target for row in around.outgoing] == ["leaf-canopy", "nitrogen-fixation"]
    assert around.drawn == ()
    assert graph.neighbours(GARDEN_MAP, "no-such") == ((), (), ())


def test_edges_that_only_the_diagram_has() -> None:
    drawn = read(
        "# Concept Map: X\n| From | To | Type |\n|--|--|--|\n| A | B | t |\n\n```mermaid\ngraph TD\nB-->A-->C\n```\n"
    )
    assert [(edge.source, edge.target) for edge in graph.neighbours(drawn, "a").drawn] == [("a", "c")]


def test_requirements_are_transitive_and_stop_at_circles() -> None:
    rows = "".join(f"| {row} | requires |\n" for row in ("A | B", "A | C", "B | D", "D | A", "C | D"))
    found = read(f"# Concept Map: X\n| From | To | Type |\n|--|--|--|\n{rows}")
    assert graph.requirements(found, "a") == ("b", "c", "d")


def test_prerequisites_are_requirements_then_earlier_steps() -> None:
    assert graph.prerequisites(GARDEN_MAP, "root-network") == ("nitrogen-fixation", "compost-ripe")
    assert graph.prerequisites(GARDEN_MAP, "nitrogen-fixation") == ("leaf-canopy", "photosynthesis")
    assert graph.prerequisites(GARDEN_MAP, "compost-ripe") == ()
    assert graph.prerequisites(GARDEN_MAP, "photosynthesis") == ()  # a critical path may skip what it needs


def test_centrality_counts_rows_most_connected_first() -> None:
    degrees = graph.centrality(GARDEN_MAP)
    assert list(degrees)[:2] == ["root-network", "leaf-canopy"]
    assert degrees["root-network"] == (1, 2, 3)
    assert sum(degree.incoming for degree in degrees.values()) == len(GARDEN_MAP.relationships)


def test_centrality_of_a_map_without_matrix() -> None:
    drawn = read("# Concept Map: X\n```mermaid\ngraph TD\nA-->B\nA-->C\n```\n")
    assert graph.centrality(drawn)["a"].total == 2


def test_pathways_through_a_concept() -> None:
    found = [
        (passage.pathway.title, passage.position) for passage in graph.pathways_through(GARDEN_MAP, "photosynthesis")
    ]
    assert found == [("Pathway 2: From Above", 0), ("Least to Know", 1)]


def test_nearby_goes_out_along_relationships_and_arrows_in_both_directions_nearest_first() -> None:
    found = list(graph.nearby(GARDEN_MAP, "nitrogen-fixation"))
    assert found[0] == "nitrogen-fixation"
    assert set(found[1:3]) == {"root-network", "bean-plant"}
    assert set(found[3:]) == {"leaf-canopy", "compost-ripe", "photosynthesis"} and found[-1] == "photosynthesis"
    assert list(graph.nearby(GARDEN_MAP, "no-such")) == ["no-such"]


def test_nearby_knows_edges_that_only_the_diagram_has_and_ends_in_circles() -> None:
    drawn = read("# Concept Map: X\n```mermaid\ngraph TD\nA-->B\nB-->C\nC-->A\nC-->D\n```\n")
    assert list(graph.nearby(drawn, "a")) == ["a", "b", "c", "d"]
