"""The names in one concept map, joined to concepts: which names mean the same, and by which rule.

Concepts come from the diagram, the definitions and the relationship matrix. Hierarchy entries, pathway steps and
the centrality index only refer to concepts. Two names stay apart when each is a node of its own in the diagram,
when each has a definition of its own, or when the document relates one to the other.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from studycli.model.concept import Concept, Join
from studycli.model.concept_name import MAX_NAME, NameIndex, Rule, abbreviates, key, slug, split_parentheses

_LIST = re.compile(r"[ \t]*(?:/|,|;|\+|&|\b(?:vs\.?|versus|and|or)(?=[ \t]))[ \t]*", re.IGNORECASE)
_EMPHASISED = re.compile(r"\*\*([^*]+)\*\*")
_EXPLANATION = re.compile(r":[ \t]|[ \t][-–—][ \t]|[ \t]\(")
_ALIASING = frozenset((Rule.SHORT_WORD, Rule.WORD_FORM, Rule.LAST_WORD, Rule.ACRONYM))  # rules that give other names


class Origin(IntEnum):
    """Where a name stands; the lowest of a concept's names its name."""

    DIAGRAM = 0
    DEFINITION = 1
    MATRIX = 2


@dataclass
class _Group:
    """Names of one spelling, and after joining of one concept."""

    names: dict[str, tuple[Origin, int]] = field(default_factory=dict)
    node_ids: dict[str, int] = field(default_factory=dict)
    origins: set[Origin] = field(default_factory=set)
    related: set[int] = field(default_factory=set)
    members: list[int] = field(default_factory=list)
    joins: dict[str, Rule] = field(default_factory=dict)
    definition: str | None = None
    definition_line: int = 0
    group: str | None = None


class ConceptNames:
    """Collects the names of a map, then joins them; after `join` it finds the concept that a name means."""

    def __init__(self) -> None:
        self._groups: list[_Group] = []
        self._by_key: dict[str, int] = {}
        self._parent: list[int] = []
        self._index: NameIndex[str] = NameIndex()
        self._ids: dict[int, str] = {}
        self._references: dict[str, list[tuple[str, Rule]]] = defaultdict(list)
        self._found: dict[str, str | None] = {}

    def add(self, name: str, origin: Origin, line: int) -> int:
        """Note a name where it stands; the number that comes back stands for it in `relate` and `id_of`."""
        number = self._by_key.setdefault(key(name), len(self._groups))
        if number == len(self._groups):
            self._groups.append(_Group(members=[number]))
            self._parent.append(number)
        group = self._groups[number]
        group.names[name] = min(group.names.get(name, (origin, line)), (origin, line))
        group.origins.add(origin)
        return number

    def add_node(self, name: str, node_id: str, group_title: str | None, line: int) -> int:
        """Note a node of the diagram."""
        number = self.add(name, Origin.DIAGRAM, line)
        group = self._groups[number]
        group.node_ids.setdefault(node_id, line)
        group.group = group.group or group_title
        return number

    def define(self, name: str, definition: str, category: str | None, line: int) -> bool:
        """Note a definition; False where this very name has another one already."""
        group = self._groups[self.add(name, Origin.DEFINITION, line)]
        if group.definition is not None:
            return group.definition == definition
        group.definition, group.definition_line = definition, line
        group.group = group.group or category
        return True

    def relate(self, one: int, other: int) -> None:
        """Note that the document relates two names, so that they are never joined."""
        if one != other:
            self._groups[one].related.add(other)
            self._groups[other].related.add(one)

    def join(self) -> None:
        """Join names rule by rule; the outcome doesn't depend on the order in which names were added."""
        index: NameIndex[int] = NameIndex()
        for number, group in enumerate(self._groups):
            for name in group.names:
                index.add(name, number)
            for node_id in group.node_ids:
                index.add_id(node_id, number)
        order = sorted(range(len(self._groups)), key=lambda number: min(self._groups[number].names))
        for rule in list(Rule)[1:]:
            for number in order:
                self._join_one(index, rule, number)
        self._name_concepts()

    def _join_one(self, index: NameIndex[int], rule: Rule, number: int) -> None:
        for name in sorted(self._groups[number].names):
            own = self._root(number)
            found = {self._root(other) for other in index.candidates(name, rule)} - {own}
            if len(found) == 1:
                (other,) = found
                if self._may_join(own, other):
                    self._merge(own, other, rule)

    def _root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def _may_join(self, one: int, other: int) -> bool:
        first, second = self._groups[one], self._groups[other]
        if Origin.DIAGRAM in first.origins & second.origins:
            return False
        if first.definition is not None and second.definition is not None:
            return False
        if len(first.members) > len(second.members):
            first, second = second, first
        return not any(member in second.related for member in first.members)

    def _merge(self, one: int, other: int, rule: Rule) -> None:
        keep, lose = sorted((one, other), key=lambda number: (*self._rank(number), number))
        kept, lost = self._groups[keep], self._groups[lose]
        self._parent[lose] = keep
        for name in lost.names:
            kept.joins[name] = lost.joins.get(name, rule)
        kept.names.update(lost.names)
        kept.node_ids.update(lost.node_ids)
        kept.origins |= lost.origins
        kept.related |= lost.related
        kept.members += lost.members
        kept.group = kept.group or lost.group
        if kept.definition is None:
            kept.definition, kept.definition_line = lost.definition, lost.definition_line

    def _rank(self, number: int) -> tuple[bool, int, int, str]:
        name = self._best_name(number)
        return (_abbreviation(name) is not None, self._groups[number].names[name][0], -len(name), name)

    def _best_name(self, number: int) -> str:
        names = self._groups[number].names
        return min(names, key=lambda name: (_abbreviation(name) is not None, names[name][0], -len(name), name))

    def _name_concepts(self) -> None:
        roots = [number for number in range(len(self._groups)) if self._root(number) == number]
        self._names = {root: _display_name(self._best_name(root)) for root in roots}
        self._ids = _unique_ids(self._names)
        for root in roots:
            group, identifier = self._groups[root], self._ids[root]
            for name in (self._names[root], *group.names):
                self._index.add(name, identifier)
            for node_id in group.node_ids:
                self._index.add_id(node_id, identifier)

    def id_of(self, number: int) -> str:
        """The id of the concept that the name with this number became."""
        return self._ids[self._root(number)]

    def find(self, name: str) -> str | None:
        """The id of the concept that a name refers to, or None. The join is noted."""
        if name not in self._found:
            match = self._index.find(name) if len(name) <= MAX_NAME else None
            self._found[name] = match.owner if match else None
            if match:
                self._references[match.owner].append((name, match.rule))
        return self._found[name]

    def find_all(self, text: str) -> tuple[str, ...]:
        """The ids of the concepts that a pathway step or an index row names: 'RoPE', 'Q/K/V', 'Encoder vs Decoder'."""
        for name in _readings(text):
            if (identifier := self.find(name)) is not None:
                return (identifier,)
        for name in _readings(text):
            parts = [part for part in _LIST.split(name) if part]
            if 2 <= len(parts) <= 12 and (found := self._find_parts(parts)):
                return found
        return ()

    def _find_parts(self, parts: list[str]) -> tuple[str, ...]:
        first, *tail = parts[-1].split()
        readings = [parts]
        if tail:
            readings.append([f"{part} {' '.join(tail)}" for part in parts[:-1]] + parts[-1:])
            readings.append([*parts[:-1], first])  # 'Q/K/V Projections': the last word belongs to all
        for reading in readings:
            found = [identifier for part in reading if (identifier := self.find(part)) is not None]
            if len(found) == len(reading):
                return tuple(dict.fromkeys(found))
        return ()

    def concepts(self) -> tuple[Concept, ...]:
        """The concepts in the order of the diagram, then the definitions, then the matrix."""
        built = [self._concept(root) for root in self._names]
        return tuple(concept for _, concept in sorted(built, key=lambda pair: pair[0]))

    def _concept(self, root: int) -> tuple[tuple[Origin, int, str], Concept]:
        group, name, identifier = self._groups[root], self._names[root], self._ids[root]
        origin, line = min(group.names.values())
        concept = Concept(
            id=identifier,
            name=name,
            aliases=tuple(self._aliases(root)),
            definition=group.definition,
            definition_line=group.definition_line,
            group=group.group,
            origins=tuple(origin.name.lower() for origin in sorted(group.origins)),
            line=line,
        )
        return (origin, line, identifier), concept

    def _aliases(self, root: int) -> Iterable[str]:
        """The other names of a concept: as written where concepts come from, its node ids, its abbreviations."""
        group, name = self._groups[root], self._names[root]
        found = dict.fromkeys(sorted(group.names, key=lambda other: (group.names[other], other)))
        found.update(dict.fromkeys(group.node_ids))
        found.update(dict.fromkeys(short for text in group.names if (short := _abbreviation(text))))
        referred = (text for text, rule in self._references[self._ids[root]] if rule in _ALIASING)
        found.update(dict.fromkeys(referred))
        found.pop(name, None)
        return found

    def joins(self) -> tuple[Join, ...]:
        """Every name that was joined to a concept of another name, with the rule, in the order of the concepts."""
        found: list[Join] = []
        for root, name in sorted(self._names.items(), key=lambda item: self._ids[item[0]]):
            group, identifier = self._groups[root], self._ids[root]
            rules = dict.fromkeys(group.node_ids, Rule.NODE_ID)
            rules.update({other: group.joins.get(other, Rule.SPELLING) for other in group.names})
            for text in group.names:
                if short := _abbreviation(text):
                    rules.setdefault(short, Rule.ABBREVIATION)
            for text, rule in self._references[identifier]:
                rules.setdefault(text, rule)
            found += [Join(name=other, concept=identifier, rule=rule) for other, rule in rules.items() if other != name]
        return tuple(found)


def _readings(text: str) -> list[str]:
    """What of a step may be a name: all of it, the part in bold, the part before an explanation."""
    found = [text.replace("**", "").strip()]
    if bold := _EMPHASISED.search(text):
        found.append(bold[1].strip(" :"))
    if explained := _EXPLANATION.search(found[0]):
        found.append(found[0][: explained.start()].strip())
    return [name for name in dict.fromkeys(found) if 0 < len(name) <= MAX_NAME]


def _abbreviation(name: str) -> str | None:
    """The abbreviation that a name has in its parentheses: 'Query (Q)' and 'Q (Query)' -> 'Q'."""
    parts = split_parentheses(name)
    if parts is None:
        return None
    base, inner = parts
    if abbreviates(inner, base):
        return inner
    return base if abbreviates(base, inner) else None


def _display_name(name: str) -> str:
    """A name without an abbreviation in parentheses."""
    parts = split_parentheses(name)
    return parts[0] if parts and _abbreviation(name) else name


def _unique_ids(names: dict[int, str]) -> dict[int, str]:
    """Slugs of the names. Where names share a slug, they are numbered in the order of the names themselves."""
    slugs = {number: slug(name) for number, name in names.items()}
    shared = Counter(slugs.values())
    taken = {text for text, count in shared.items() if count == 1}
    next_number: Counter[str] = Counter()
    for number in sorted(names, key=lambda number: names[number]):
        text = slugs[number]
        if shared[text] == 1:
            continue
        candidate = text
        while candidate in taken:
            next_number[text] += 1
            candidate = f"{text}-{next_number[text] + 1}"
        taken.add(candidate)
        slugs[number] = candidate
    return slugs
