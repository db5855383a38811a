"""What a section of a concept map is about, told by its title or by that of the section around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from studycli.documents.outline import Node


class Role(Enum):
    """What a section of a concept map holds."""

    CROSS_LESSON = "cross-lesson connections"
    CRITICAL_PATH = "critical path"
    PATHWAYS = "learning pathways"
    RECOMMENDATIONS = "study recommendations"
    DEFINITIONS = "definitions"
    CENTRALITY = "centrality index"
    MATRIX = "relationship matrix"
    HIERARCHY = "hierarchy"
    DIAGRAM = "diagram"


_LESSON = "(?:lesson|module|topic|course|unit|chapter|week|map)s?"
_TITLES = (
    (
        Role.CROSS_LESSON,
        rf"\bcross {_LESSON}\b|\bconnections? (?:to|with) (?:other|{_LESSON})\b|\b(?:other|related) {_LESSON}\b",
    ),
    (Role.CRITICAL_PATH, r"\bcritical (?:learning )?paths?\b|\bminimum viable\b"),
    (Role.PATHWAYS, r"\bpath ?ways?\b|\b(?:learning|study) (?:paths?|sequences?|routes?)\b"),
    (Role.RECOMMENDATIONS, r"\brecommendations?\b|\b(?:study|learning) (?:tips|advice|guide|strategy|strategies)\b"),
    (Role.DEFINITIONS, r"\bdefinitions?\b|\bglossary\b|\bkey terms\b|\bterminology\b|\bvocabulary\b"),
    (Role.CENTRALITY, r"\bcentrality\b|\bconcept index\b|\bhub concepts\b"),
    (Role.MATRIX, r"\brelationships?\b|\brelations\b"),
    (Role.HIERARCHY, r"\bhierarchy\b|\btaxonomy\b|\bconcept (?:tree|outline)\b"),
    (Role.DIAGRAM, r"\bmermaid\b|\bdiagram\b|\bvisual\b|\bconcept map\b"),
)
_ROLES = tuple((role, re.compile(pattern)) for role, pattern in _TITLES)


def role_of(title_key: str) -> Role | None:
    """The role that a section's title (as `plain` gives it) announces."""
    return next((role for role, pattern in _ROLES if pattern.search(title_key)), None)


def sections(root: Node, title: Node | None) -> Iterator[tuple[Node, Role | None]]:
    """Every section in reading order with its role; the document's title lends no role to what stands under it."""
    stack: list[tuple[Node, Role | None]] = [(root, None)]
    while stack:
        node, around = stack.pop()
        role = None if node.level == 0 or node is title else role_of(node.key) or around
        yield node, role
        stack.extend((child, role) for child in reversed(node.children))
