"""A whole concept map as one value, and the real sample."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from studycli.documents.load import load
from studycli.model.concept import ConceptMap
from studycli.model.concept_name import Rule
from tests.concept_maps import GARDEN, read


def line_of(beginning: str) -> int:
    return next(number for number, line in enumerate(GARDEN.split("\n"), 1) if line.startswith(beginning))


def names(found: ConceptMap) -> dict[str, tuple[str, ...]]:
    return {concept.id: concept.aliases for concept in found.concepts}


def test_header() -> None:
    found = read(GARDEN)
    assert (found.path, found.slug, found.title) == ("maps/garden.md", "garden", "Kitchen Garden")
    assert (found.source, found.subject_area, found.date) == ("Notes/garden.md", "Growing food", "2026-03-01")
    assert (found.declared_concepts, found.declared_concepts_line) == (7, 6)
    assert (found.declared_relationships, found.declared_relationships_line) == (6, 7)
    assert found.fields == {"Season": "Spring"}
    assert found.problems == ()


def test_concepts_with_their_names_groups_and_definitions() -> None:
    found = read(GARDEN)
    assert names(found) == {
        "root-network": ("Root Network (RN)", "RN"),
        "compost-ripe": ("Compost", "CO"),
        "leaf-canopy": ("LC",),
        "photosynthesis": ("PHO",),
        "nitrogen-fixation": ("Nitrogen Fixation (NF)", "NF"),
        "bean-plant": ("Bean Plants",),
    }
    roots, compost = found.concepts[:2]
    assert (roots.definition, roots.group, roots.line) == (
        "Threads that share water",
        "Below Ground",
        line_of("        RN["),
    )
    assert (compost.name, compost.origins) == ("Compost (Ripe)", ("diagram", "matrix"))


def test_a_join_for_every_other_name() -> None:
    joins = {(join.name, join.concept): join.rule for join in read(GARDEN).joins}
    assert joins["LC", "leaf-canopy"] == Rule.NODE_ID
    assert joins["NF", "nitrogen-fixation"] == Rule.ABBREVIATION
    assert joins["Bean Plants", "bean-plant"] == Rule.SPELLING
    assert joins["Compost", "compost-ripe"] == Rule.QUALIFIER
    assert joins["Root Network (Fungal)", "root-network"] == Rule.QUALIFIER


def test_one_relationship_for_each_row_whatever_the_order_of_columns() -> None:
    found = read(GARDEN)
    assert [(row.source, row.type, row.target, row.strength) for row in found.relationships] == [
        ("root-network", "feeds", "leaf-canopy", "Strong"),
        ("leaf-canopy", "enables", "photosynthesis", "Strong"),
        ("compost-ripe", "feeds", "root-network", "Medium"),
        ("root-network", "requires", "nitrogen-fixation", "Weak"),
        ("bean-plant", "hosts", "nitrogen-fixation", "Strong"),
        ("bean-plant", "grows", "leaf-canopy", "Strong"),
    ]
    assert (found.relationships[0].notes, found.relationships[1].notes) == ("Through the stem", None)
    assert found.relationships[0].line == line_of("| Strong | Leaf Canopy | feeds")


@pytest.mark.parametrize(
    "header",
    [
        "| From | To | Relationship | Strength |", "| Source | Target | Relation | Weight |",
        "| From Concept | To Concept | Relationship (Type) | Strength |", "| Concept A | Concept B | Link | Strength |",
        "| **From** | **To** | **Type** | **Strength** |",
    ],
)  # fmt: skip
def test_names_of_the_matrix_columns(header: str) -> None:
    (row,) = read(f"# Concept Map: X\n## Pairs\n{header}\n|--|--|--|--|\n| A | B | eats | Weak |\n").relationships
    assert (row.source, row.target, row.type, row.strength, row.category) == ("a", "b", "eats", "Weak", None)


def test_a_type_column_beside_the_relationship() -> None:
    (row,) = read(
        "# Concept Map: X\n| From | To | Relationship | Type |\n|--|--|--|--|\n| A | B | eats | Food |\n"
    ).relationships
    assert (row.type, row.category) == ("eats", "Food")


def test_a_row_without_an_end_is_an_error_with_its_line() -> None:
    found = read("# Concept Map: X\n\n| From | To | Type |\n|--|--|--|\n| A | B | eats |\n| A | | eats |\n")
    (problem,) = found.problems
    assert (len(found.relationships), problem.severity, problem.line) == (1, "error", 6)


def test_edges_index_hierarchy_and_the_rest() -> None:
    found = read(GARDEN)
    assert [(edge.source, edge.label, edge.target, edge.arrow, edge.line) for edge in found.diagram_edges] == [
        ("root-network", "feeds", "leaf-canopy", "-->", line_of("    RN -->")),
        ("leaf-canopy", "enables", "photosynthesis", "-->", line_of("    LC -->")),
        ("compost-ripe", "feeds", "root-network", "-.->", line_of("    CO -.->")),
    ]
    hub, *low = found.centrality
    assert (hub.concepts, hub.incoming, hub.outgoing, hub.total, hub.role) == (("root-network",), 1, 2, 3, "Hub")
    assert hub.band == "High Centrality (3+ connections)"
    assert [row.concepts for row in low] == [("compost-ripe",), ("photosynthesis",), ("bean-plant",)]
    assert {row.band for row in low} == {"Low Centrality (1-2 connections)"}
    (root,) = found.hierarchy
    assert (root.name, root.concept, root.line) == ("GARDEN", None, line_of("GARDEN"))
    assert [(child.name, child.concept) for child in root.children] == [
        ("Root Network (Fungal)", "root-network"),
        ("Leaf Canopy", "leaf-canopy"),
    ]
    assert found.cross_lesson[0].title == "To Lesson 2 (Kitchen)"
    assert found.cross_lesson[0].rows == (("Bean Plant", "Stew"),)
    assert found.recommendations == ("Dig first", "Read later")
    assert [(section.title, section.text) for section in found.other_sections] == [("Weather Diary", "It rained.")]


def test_pathways() -> None:
    first, second = read(GARDEN).pathways
    assert first.title == "Pathway 1: From Below"
    assert (first.goal, first.duration, first.assessment) == ("See what feeds what", "One afternoon", "Draw it")
    assert first.steps == ("Compost", "Root Network", "Leaf Canopy")
    assert first.step_concepts == (("compost-ripe",), ("root-network",), ("leaf-canopy",))
    assert first.prerequisites == ("A spade", "patience (much)")
    assert (second.goal, second.prerequisites) == ("Sun lovers", ("Pathway 1",))
    assert second.step_concepts[0] == ("leaf-canopy", "photosynthesis")
    (critical,) = read(GARDEN).critical_paths
    assert (critical.title, critical.steps) == ("Least to Know", ("Root Network", "Photosynthesis"))
    assert critical.rationale == "One feeds, one pays."


@pytest.mark.parametrize(
    "body",
    [
        "## Definitions\n- **Mulch**: a cover\n- **Straw** - dry stems\n",
        "## Glossary\n**Mulch:** a cover\n**Straw:** dry stems\n",
        "## Key Terms\n- Mulch: a cover\n- Straw: dry stems\n",
        "## Definitions\n| Definition | Term |\n|--|--|\n| a cover | **Mulch** |\n| dry stems | Straw |\n",
        "## Definitions\n**Mulch** — a cover\n\n**Straw** — dry stems\n",
        "## Concept Index\n| Concept | Definition | Connections |\n|--|--|--|\n| Mulch | a cover | 0 |\n"
        "| Straw | dry stems | 0 |\n",
    ],
)
def test_definitions_as_a_table_or_a_list(body: str) -> None:
    found = read(f"# Concept Map: X\n\n{body}")
    assert {concept.name: concept.definition for concept in found.concepts} == {
        "Mulch": "a cover",
        "Straw": "dry stems",
    }


def test_a_second_definition_is_reported() -> None:
    found = read("# Concept Map: X\n## Definitions\n- **A**: one\n- **A**: two\n- **a**: one\n")
    assert [concept.definition for concept in found.concepts] == ["one"]
    assert [problem.line for problem in found.problems] == [4]


def relations(*rows: str) -> str:
    return "# Concept Map: X\n| From | To | Type |\n|--|--|--|\n" + "".join(f"| {row} | t |\n" for row in rows)


def test_what_the_document_itself_holds_apart_is_not_joined() -> None:
    related = read(relations("Signal Network | Signal Network Function", "Layer Norm | Layer Normalization"))
    assert len(related.concepts) == 4
    nodes = read("# Concept Map: X\n```mermaid\ngraph TD\nA[Layer Norm]\nB[Layer Normalization]\n```\n")
    assert len(nodes.concepts) == 2
    defined = read("# Concept Map: X\n## Definitions\n- **Layer Norm**: one\n- **Layer Normalization**: two\n")
    assert len(defined.concepts) == 2
    assert len(read(relations("Layer Norm | Mulch", "Layer Normalization | Straw")).concepts) == 3


def identities(found: ConceptMap) -> dict[str, tuple[str, set[str]]]:
    return {concept.id: (concept.name, set(concept.aliases)) for concept in found.concepts}


def test_ids_do_not_depend_on_order_and_are_unique() -> None:
    rows = ["C++ | C", "C# | C", "FFN | D", "Feed-Forward Network | E", "D | Layer Norm", "E | Layer Normalization"]
    expected = identities(read(relations(*rows)))
    assert set(expected) == {"c", "c-2", "c-3", "d", "e", "feed-forward-network", "layer-normalization"}
    for seed in range(20):
        random.Random(seed).shuffle(rows)
        assert identities(read(relations(*rows))) == expected


def test_joins_do_not_depend_on_order_where_only_one_of_two_can_be_made() -> None:
    defined = ["- **Layer Norm**: one\n", "- **Layer Norma**: two\n"]
    first, second = (
        read(relations("Layer Normalization | A") + "## Definitions\n" + "".join(order))
        for order in (defined, defined[::-1])
    )
    assert identities(first) == identities(second)
    assert len(first.concepts) == 3


def test_other_diagrams_and_deep_trees_are_reported() -> None:
    deep = "\n".join(" " * depth + "├── x" for depth in range(80))
    found = read(f"# Concept Map: X\n```mermaid\nmindmap\n  a\n```\n## Hierarchy\n```\n{deep}\n```\n")
    assert [(problem.severity, problem.line) for problem in found.problems] == [("info", 2), ("warning", 7 + 65)]
    assert found.model_dump_json()


def test_a_tree_outside_a_hierarchy_section() -> None:
    found = read("# Concept Map: X\n## Big Picture\n```\nA\n├── B\n└── C\n```\n")
    assert [child.name for child in found.hierarchy[0].children] == ["B", "C"]


def test_the_real_sample(samples: Path) -> None:
    found = load(samples / "lesson-4-transformers-concept-map.md")
    assert isinstance(found, ConceptMap)
    assert found.problems == ()
    assert (len(found.concepts), len(found.relationships), len(found.diagram_edges)) == (48, 42, 34)
    assert [len(path.steps) for path in found.pathways] == [6, 7, 6, 7]
    assert [len(path.steps) for path in found.critical_paths] == [4, 17]
    assert sum(concept.definition is not None for concept in found.concepts) == 28
    assert len(found.centrality) == 11 + 12
    assert [len(table.rows) for table in found.cross_lesson] == [5, 4, 4]
    assert len(found.recommendations) == 12
    assert found.other_sections == ()
    by_name = {name: concept.id for concept in found.concepts for name in (concept.name, *concept.aliases)}
    assert by_name["Scaled Dot-Product"] == by_name["SDPA"] == "scaled-dot-product-attention"
    assert by_name["FFN"] == "feed-forward-network"
    assert by_name["Layer Norm"] == "layer-normalization"
    assert by_name["BERT"] != by_name["Encoder-Only"] != by_name["Encoder"]
    assert len({by_name[name] for name in ("Generation", "Autoregressive", "Decoder", "Decoder-Only")}) == 4
