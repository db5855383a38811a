"""Names of concepts across maps: the concept that a card, a step or a learner means."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from studycli.model.concept import ConceptMap
from studycli.model.concept_name import NameIndex, Rule


def name_index(concept_map: ConceptMap) -> NameIndex[str]:
    """Every name and node id of a map's concepts, to be looked up by the rules that joined them."""
    index: NameIndex[str] = NameIndex()
    node_ids = {(join.concept, join.name) for join in concept_map.joins if join.rule == Rule.NODE_ID}
    for concept in concept_map.concepts:
        for name in (concept.name, *concept.aliases):
            if (concept.id, name) in node_ids:
                index.add_id(name, concept.id)
            else:
                index.add(name, concept.id)
    return index


def concept_lookup(maps: Sequence[ConceptMap]) -> Callable[[str], tuple[ConceptMap, str] | None]:
    """A function from a name to (map, concept id), or to None for a name that is unknown or ambiguous.

    Where several maps know a name, the map that knows it by the strictest rule is chosen, then the first.
    """
    order = list(Rule)
    indexes = [(concept_map, name_index(concept_map)) for concept_map in maps]

    def find(name: str) -> tuple[ConceptMap, str] | None:
        found = [(order.index(match.rule), concept_map, match.owner) for concept_map, index in indexes
                 if (match := index.find(name)) is not None]  # fmt: skip
        if not found:
            return None
        _, concept_map, concept = min(found, key=lambda candidate: candidate[0])
        return concept_map, concept

    return find
