"""Mermaid flowcharts, construct by construct."""

from __future__ import annotations

import pytest

from studycli.documents import mermaid


def draw(text: str, header: str = "graph TD\n") -> mermaid.Diagram:
    return mermaid.parse(header + text)


def edges(diagram: mermaid.Diagram) -> list[tuple[str, str, str | None]]:
    return [(edge.source, edge.target, edge.label) for edge in diagram.edges]


@pytest.mark.parametrize(
    "shape",
    [
        "[Leaf cell]", "(Leaf cell)", "((Leaf cell))", "(((Leaf cell)))", "([Leaf cell])", "[[Leaf cell]]",
        "[(Leaf cell)]", "{Leaf cell}", "{{Leaf cell}}", ">Leaf cell]", "[/Leaf cell/]", "[\\Leaf cell\\]",
        "[/Leaf cell\\]", "[\\Leaf cell/]", "(-Leaf cell-)", '["Leaf cell"]', '(("Leaf cell"))', '{ "Leaf cell" }',
        '@{ shape: rect, label: "Leaf cell" }', ' ["Leaf cell"]', "[Leaf<br/>cell]", "[Leaf<br>cell]", r"[Leaf\ncell]",
        '["`Leaf **cell**`"]', "[<b>Leaf</b> cell]", "[fa:fa-leaf Leaf cell]", "[Leaf cell]:::green",
    ],
)  # fmt: skip
def test_every_shape_gives_its_label(shape: str) -> None:
    diagram = draw(f"A{shape} --> B")
    assert diagram.nodes["A"].label == "Leaf cell"
    assert edges(diagram) == [("A", "B", None)]
    assert diagram.problems == []


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ('A["O(n²) [sic] {x} (y) | z; --> #amp; done"]', "O(n²) [sic] {x} (y) | z; --> & done"),
        ("A[Cost O(n) each]", "Cost O(n) each"),
        ("A(Softmax (by row))", "Softmax (by row)"),
        ("A[x &amp; y &lt; z]", "x & y < z"),
        ("A[#35;1 #quot;q#quot;]", '#1 "q"'),
        ("A[a < b and c > d]", "a < b and c > d"),
        ('A["say "hi" twice"]', 'say "hi" twice'),
    ],
)
def test_labels_with_any_characters(written: str, label: str) -> None:
    diagram = draw(written)
    assert diagram.nodes["A"].label == label
    assert diagram.problems == []


@pytest.mark.parametrize(
    ("arrow", "drawn", "both"),
    [
        ("-->", "-->", False), ("---", "---", False), ("-.->", "-.->", False), ("-.-", "-.-", False),
        ("==>", "==>", False), ("===", "===", False), ("--o", "--o", False), ("--x", "--x", False),
        ("o--o", "o--o", True), ("x--x", "x--x", True), ("<-->", "<-->", True), ("<-.->", "<-.->", True),
        ("<==>", "<==>", True), ("---->", "---->", False), ("-..->", "-..->", False), ("=====>", "=====>", False),
    ],
)  # fmt: skip
def test_every_arrow(arrow: str, drawn: str, both: bool) -> None:
    (edge,) = draw(f"A {arrow} B").edges
    assert (edge.source, edge.target, edge.drawn, edge.both, edge.label) == ("A", "B", drawn, both, None)


@pytest.mark.parametrize(
    ("arrow", "drawn"),
    [
        ("-->|feeds|", "-->"), ('-->|"feeds"|', "-->"), ("--> |feeds|", "-->"), ("---|feeds|", "---"),
        ("-- feeds -->", "-->"), ("--feeds-->", "-->"), ("-- feeds ---", "---"), ('-- "feeds" -->', "-->"),
        ("-. feeds .->", "-.->"), ("-.feeds.->", "-.->"), ("-. feeds .-", "-.-"), ("== feeds ==>", "==>"),
        ("-.->|feeds|", "-.->"), ("==>|feeds|", "==>"), ("<-->|feeds|", "<-->"), ("<-- feeds -->", "<-->"),
        ("--o|feeds|", "--o"),
    ],
)  # fmt: skip
def test_a_label_in_pipes_or_in_the_arrow(arrow: str, drawn: str) -> None:
    (edge,) = draw(f"A {arrow} B").edges
    assert (edge.label, edge.drawn) == ("feeds", drawn)
    assert draw(f"A{arrow}B").edges[0].label == "feeds"


def test_label_with_arrows_and_pipes_in_quotes() -> None:
    assert draw('A -->|"a | b --> c"| B').edges[0].label == "a | b --> c"
    assert draw('A -- "not -- yet" --> B').edges[0].label == "not -- yet"


def test_chains_and_groups_multiply() -> None:
    assert edges(draw("A --> B -->|x| C")) == [("A", "B", None), ("B", "C", "x")]
    assert edges(draw("A & B --> C & D")) == [(a, c, None) for a in "AB" for c in "CD"]


def test_several_statements_on_a_line_and_after_the_header() -> None:
    diagram = mermaid.parse("graph LR; A-->B; C-->D;E")
    assert edges(diagram) == [("A", "B", None), ("C", "D", None)]
    assert "E" in diagram.nodes


def test_what_only_styles_is_ignored() -> None:
    diagram = draw(
        "%% a comment\n%%{init: {'theme': 'dark'}}%%\nA --> B %% after\nclassDef big fill:#fff,stroke:#000; C --> D\n"
        'class A,B big\nstyle A fill:#f9f\nlinkStyle 0 stroke:red\nclick A "http://x.test/;y" "tip"\n'
        "accTitle: a title; with more\naccDescr {\n many words\n of it\n}\nA ~~~ C\ne1@{ animate: true }\nB e9@--> C"
    )
    assert edges(diagram) == [("A", "B", None), ("C", "D", None), ("B", "C", None)]
    assert set(diagram.nodes) == {"A", "B", "C", "D", "e1"}
    assert diagram.problems == []


def test_words_that_look_like_keywords_can_be_nodes() -> None:
    diagram = draw("style --> classic\nendpoint --> subgraphs")
    assert edges(diagram) == [("style", "classic", None), ("endpoint", "subgraphs", None)]


def test_subgraphs_group_their_nodes() -> None:
    diagram = draw(
        'subgraph one["Light (reactions)"]\n  A[Photon] --> B\n'
        "  subgraph Deep inside\n    direction LR\n    C\n  end\n  D\nend\n"
        'subgraph two [Dark]\nE\nend\nA --> F\nsubgraph "Quoted: title"\nG\nend'
    )
    groups = {name: node.group for name, node in diagram.nodes.items()}
    assert groups == {
        "A": "Light (reactions)", "B": "Light (reactions)", "C": "Deep inside", "D": "Light (reactions)",
        "E": "Dark", "F": None, "G": "Quoted: title",
    }  # fmt: skip
    assert diagram.problems == []


def test_a_node_belongs_to_the_first_subgraph_that_names_it() -> None:
    diagram = draw("A --> B\nsubgraph S\nA\nend\nsubgraph T\nA\nend")
    assert (diagram.nodes["A"].group, diagram.nodes["B"].group) == ("S", None)


def test_an_edge_to_a_subgraph_ends_at_its_title() -> None:
    diagram = draw('subgraph S["Calvin cycle"]\nA\nend\nB --> S')
    assert diagram.nodes["S"].label == "Calvin cycle"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("A B C", "an arrow was expected"), ("A[open", "not closed"), ("A -->", "a node was expected"),
        ("A -- text", "has no end"), ("A -->|text B", "no closing '|'"), ("--> B", "a node was expected"),
        ("end", "without a subgraph"), ("A@{ label: x", "no closing '}'"), ("subgraph S", "has no 'end'"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_reported_with_its_line(line: str, says: str) -> None:
    diagram = mermaid.parse(f"flowchart LR\nX --> Y\n{line}\n", first_line=11)
    (problem,) = diagram.problems
    assert says in problem.message and problem.line == 13 and problem.hint
    assert edges(diagram)[0] == ("X", "Y", None)
    assert set(diagram.nodes) == {"X", "Y"}


def test_a_bad_statement_takes_nothing_else_with_it() -> None:
    diagram = draw('A --> ; C --> D; E["x;y"] F; G --> H')
    assert edges(diagram) == [("C", "D", None), ("G", "H", None)]
    assert len(diagram.problems) == 2


def test_two_labels_for_one_node_are_reported_and_the_last_counts() -> None:
    diagram = draw("A[Root]\nA[Stem] --> B\nA")
    assert diagram.nodes["A"].label == "Stem"
    assert "'Root' and also 'Stem'" in diagram.problems[0].message


def test_lines_are_those_of_the_document() -> None:
    diagram = mermaid.parse("---\ntitle: x\n---\n%% c\n\ngraph TD\n\nA --> B", first_line=40)
    assert (diagram.edges[0].line, diagram.nodes["A"].line) == (47, 47)


def test_multi_line_strings() -> None:
    diagram = draw('A["`first\n  second`"] --> B\nC@{\n shape: rect\n label: "Third"\n}\nD --> E')
    assert (diagram.nodes["A"].label, diagram.nodes["C"].label) == ("first second", "Third")
    assert edges(diagram) == [("A", "B", None), ("D", "E", None)]
    assert diagram.edges[1].line == 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [("graph TD", True), ("flowchart LR", True), ("%% c\n\nflowchart", True), ("---\na: b\n---\ngraph TB;A", True),
     ("sequenceDiagram", False), ("graphite", False), ("mindmap\n graph TD", False), ("", False), ("---\n", False)],
)  # fmt: skip
def test_which_diagrams_are_flowcharts(text: str, expected: bool) -> None:
    assert mermaid.is_flowchart(text) is expected


def test_a_multiplying_group_stops_at_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mermaid, "MAX_EDGES", 10)
    diagram = draw("A & B & C --> D & E & F\nA --> Z\nG & H --> I & J\nK --> L")
    assert len(diagram.edges) == 10
    assert [problem.line for problem in diagram.problems] == [4]


def test_problems_stop_at_a_limit_with_their_number() -> None:
    diagram = draw("x y\n" * 150)
    assert len(diagram.problems) == mermaid.MAX_PROBLEMS + 1
    assert "50 more" in diagram.problems[-1].message
