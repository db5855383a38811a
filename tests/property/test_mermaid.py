"""Laws of the Mermaid reader and of the joining of names."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from studycli.documents import mermaid
from studycli.model.concept_name import NameIndex, Rule, key, slug
from tests.concept_maps import read

PIECES = st.sampled_from(
    [
        *"ABC[](){}<>|\"'`;:&%@~=-.xo#/\\ \n\t",
        "-->",
        "-.->",
        "==>",
        "subgraph ",
        "end",
        "%%",
        "@{",
        "]]",
        "```",
        "<br/>",
    ]
)
TEXT = st.lists(PIECES, max_size=60).map("".join)
IDS = st.sampled_from(["A", "B", "C", "node_1", "x-y", "Überschrift", "o1", "x9"])
LABELS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters='"`\\&#<>'), min_size=1, max_size=30
)
ARROWS = st.sampled_from(["-->", "---", "-.->", "==>", "--o", "--x", "<-->", "o--o", "x--x"])
NAMES = st.lists(
    st.sampled_from(
        ["Layer", "Norm", "Normalization", "Attention", "Network", "Feed-Forward", "FFN", "Residual", "(R)", "Q/K"]
    ),
    min_size=1,
    max_size=3,
).map(" ".join)


@given(TEXT)
def test_no_text_breaks_the_reader(text: str) -> None:
    diagram = mermaid.parse(f"graph TD\n{text}")
    for edge in diagram.edges:
        assert edge.source in diagram.nodes and edge.target in diagram.nodes
    assert all(1 <= problem.line <= text.count("\n") + 2 for problem in diagram.problems)


@given(st.lists(st.tuples(IDS, ARROWS, st.none() | LABELS, IDS), min_size=1, max_size=8))
def test_what_is_written_is_read(written: list[tuple[str, str, str | None, str]]) -> None:
    lines = [f"{a} {arrow}" + ("" if label is None else f'|"{label}"|') + f" {b}" for a, arrow, label, b in written]
    for text in ("\n".join(lines), ";".join(lines)):
        diagram = mermaid.parse(f"flowchart LR\n{text}")
        assert diagram.problems == []
        expected = [(a, arrow, " ".join((label or "").split()) or None, b) for a, arrow, label, b in written]
        assert [(edge.source, edge.drawn, edge.label, edge.target) for edge in diagram.edges] == expected


@given(LABELS)
def test_a_quoted_label_comes_back(label: str) -> None:
    diagram = mermaid.parse(f'graph TD\nA["{label}"] --> B')
    assert diagram.nodes["A"].label == (" ".join(label.split()) or "A")
    assert len(diagram.edges) == 1


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_concepts_do_not_depend_on_the_order_of_rows(rows: list[tuple[str, str]], shuffle: random.Random) -> None:
    def concepts(pairs: list[tuple[str, str]]) -> set[tuple[str, str, frozenset[str]]]:
        table = "".join(f"| {a} | {b} | t |\n" for a, b in pairs)
        found = read(f"# Concept Map: X\n| From | To | Type |\n|--|--|--|\n{table}")
        return {(concept.id, concept.name, frozenset(concept.aliases)) for concept in found.concepts}

    shuffled = rows[:]
    shuffle.shuffle(shuffled)
    assert concepts(shuffled) == concepts(rows)


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=8))
def test_every_row_is_kept_and_related_names_stay_apart(rows: list[tuple[str, str]]) -> None:
    table = "".join(f"| {a} | {b} | t |\n" for a, b in rows)
    found = read(f"# Concept Map: X\n| From | To | Type |\n|--|--|--|\n{table}")
    assert len(found.relationships) == len(rows)
    assert len({concept.id for concept in found.concepts}) == len(found.concepts)
    for (a, b), relationship in zip(rows, found.relationships, strict=True):
        assert (relationship.source == relationship.target) == (key(a) == key(b))


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_name_finds_itself(name: str, other: str) -> None:
    index: NameIndex[str] = NameIndex()
    index.add(name, "it")
    index.add(other, "it")
    assert index.find(name) == ("it", Rule.SPELLING)
    assert slug(name) == slug(slug(name)) or not slug(name).isascii()
