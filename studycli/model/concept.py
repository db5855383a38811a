"""Concepts, the relationships between them, and the map that a document draws of them."""

from __future__ import annotations

from studycli.model.deck import Table
from studycli.model.lesson import Section
from studycli.model.problem import Problem
from studycli.model.value import Value

_REQUIRING = frozenset(
    ("requires", "require", "dependson", "needs", "assumes", "buildson", "hasprerequisite", "presupposes")
)


class Concept(Value):
    """One concept. `id` is a slug unique in the map; `aliases` are the other names it goes by in the document.

    `origins` says where the document names it: "diagram", "definition", "matrix".
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    definition: str | None = None
    definition_line: int = 0
    origins: tuple[str, ...] = ()
    group: str | None = None
    line: int = 0


class Join(Value):
    """Why two names were taken for one concept; shown by `inspect`."""

    name: str
    concept: str
    rule: str


class Relationship(Value):
    """One row of the relationship matrix; `source` and `target` are concept ids.

    `category` is the row's 'Type' where the matrix has a column for that beside 'Relationship'.
    """

    source: str
    target: str
    type: str
    strength: str | None = None
    category: str | None = None
    notes: str | None = None
    line: int = 0

    @property
    def requires(self) -> bool:
        """Whether the row says that the source needs its target first."""
        return "".join(filter(str.isalpha, self.type.casefold())) in _REQUIRING


class DiagramEdge(Value):
    """One arrow of the diagram; `arrow` is as written, `both` true for a two-headed one."""

    source: str
    target: str
    label: str | None = None
    arrow: str = "-->"
    both: bool = False
    line: int = 0


class HierarchyNode(Value):
    """One entry of the hierarchy tree; `concept` is an id where the entry names a known concept."""

    name: str
    concept: str | None = None
    line: int = 0
    children: tuple[HierarchyNode, ...] = ()


class Centrality(Value):
    """What the centrality or concept index declares for a concept.

    `concept` is the name as written, `concepts` the ids it stands for ('Query/Key/Value' is three), `band` the heading
    above it, such as 'High Centrality (6+ connections)'.
    """

    concept: str
    concepts: tuple[str, ...] = ()
    band: str | None = None
    incoming: int | None = None
    outgoing: int | None = None
    total: int | None = None
    role: str | None = None
    line: int = 0


class Pathway(Value):
    """A way through the map. `step_concepts` holds, for each step, the ids of the concepts that it names."""

    title: str
    goal: str | None = None
    steps: tuple[str, ...] = ()
    step_concepts: tuple[tuple[str, ...], ...] = ()
    prerequisites: tuple[str, ...] = ()
    duration: str | None = None
    assessment: str | None = None
    fields: dict[str, str] = {}
    line: int = 0
    steps_line: int = 0


class CriticalPath(Value):
    """A shortest way to a working understanding, with its rationale."""

    title: str
    steps: tuple[str, ...] = ()
    step_concepts: tuple[tuple[str, ...], ...] = ()
    rationale: str | None = None
    line: int = 0
    steps_line: int = 0


class ConceptMap(Value):
    """A concept map as its document states it."""

    path: str
    slug: str
    title: str
    source: str | None = None
    subject_area: str | None = None
    date: str | None = None
    declared_concepts: int | None = None
    declared_concepts_line: int = 0
    declared_relationships: int | None = None
    declared_relationships_line: int = 0
    concepts: tuple[Concept, ...] = ()
    joins: tuple[Join, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    diagram_edges: tuple[DiagramEdge, ...] = ()
    hierarchy: tuple[HierarchyNode, ...] = ()
    centrality: tuple[Centrality, ...] = ()
    pathways: tuple[Pathway, ...] = ()
    critical_paths: tuple[CriticalPath, ...] = ()
    cross_lesson: tuple[Table, ...] = ()
    recommendations: tuple[str, ...] = ()
    fields: dict[str, str] = {}
    other_sections: tuple[Section, ...] = ()
    problems: tuple[Problem, ...] = ()
