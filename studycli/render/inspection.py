"""What was understood of a document, drawn for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from studycli.documents import durations, variants
from studycli.model.card import Card
from studycli.model.concept import ConceptMap
from studycli.model.deck import Deck
from studycli.model.lesson import Lesson
from studycli.model.problem import Problem
from studycli.render.inline import inline
from studycli.render.safe import clean, one_line
from studycli.render.tree import parse


def render(document: Deck | ConceptMap | Lesson, problems: Sequence[Problem]) -> RenderableType:
    """The document's kind, what it holds, and its problems."""
    if isinstance(document, Deck):
        kind, body = "flashcards", _deck(document)
    elif isinstance(document, ConceptMap):
        kind, body = "concept map", _map(document)
    else:
        kind, body = "lesson", _lesson(document)
    head = [Text(clean(document.title), style="bold"), Text(f"{kind} · {clean(document.path)}", style="dim")]
    return Group(*head, Text(), *body, *_problems(problems), Text())


def _text(value: object) -> Text:
    return Text(clean(str(value or "")))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False, show_edge=False)
    for name in columns:
        number = name in ("Line", "In", "Out", "Steps")
        table.add_column(name, justify="right" if number else "left", overflow="fold", no_wrap=number)
    return table


def _facts(pairs: Iterable[tuple[str, object]]) -> list[RenderableType]:
    grid = Table.grid(padding=(0, 2))
    for name, value in pairs:
        if value not in (None, "", (), 0):
            grid.add_row(Text(name, style="dim"), _text(value))
    return [grid, Text()] if grid.row_count else []


def _deck(deck: Deck) -> list[RenderableType]:
    levels = ", ".join(f"{count} {level}" for level, count in deck.declared_distribution.items())
    facts = _facts(
        [
            ("source", deck.source),
            ("subject", deck.subject_area),
            ("date", deck.date),
            ("declares", f"{deck.declared_total} cards: {levels}" if deck.declared_total else ""),
            ("critical", ", ".join(item.concept for item in deck.critical_knowledge)),
            ("also", ", ".join(section.title for section in deck.other_sections)),
        ]
    )
    return [*facts, *(part for card in deck.cards for part in _card(card))]


def _card(card: Card) -> list[RenderableType]:
    """A card in two lines: what it is and how it is scheduled, then how its front begins."""
    asked = f"asked as {', '.join(names)}" if (names := variants.names(card)) else None
    critical = "critical" if card.critical else None
    words = (card.difficulty, card.cognitive_level, card.concept, card.title, critical, asked)
    head = _text(f"{card.number:>3}  {' · '.join(str(word) for word in words if word)}")
    days = f"first interval {card.initial_interval_days} d, ease {card.initial_ease:g}"
    after = f", after card{'s' if len(card.after) > 1 else ''} {', '.join(map(str, card.after))}" if card.after else ""
    parts = "".join(f", {part.title.lower()}" for part in card.parts)
    facts = _text(f"     line {card.line}, {days}{after}{parts}")
    facts.stylize("dim")
    front = _text("     " + " ".join(card.front.split()))
    front.no_wrap, front.overflow = True, "ellipsis"
    return [head, front, facts, Text()]


def _map(concept_map: ConceptMap) -> list[RenderableType]:
    names = {concept.id: concept.name for concept in concept_map.concepts}
    facts = _facts(
        [
            ("source", concept_map.source),
            ("subject", concept_map.subject_area),
            ("date", concept_map.date),
            ("holds", f"{len(concept_map.concepts)} concepts, {len(concept_map.relationships)} relationships"),
            ("diagram", f"{len(concept_map.diagram_edges)} edges"),
            ("also", ", ".join(section.title for section in concept_map.other_sections)),
        ]
    )
    concepts = _table("Concept", "Group", "In", "Out", "Also called")
    for concept in concept_map.concepts:
        incoming = sum(row.target == concept.id for row in concept_map.relationships)
        outgoing = sum(row.source == concept.id for row in concept_map.relationships)
        aliases = ", ".join(concept.aliases)
        concepts.add_row(_text(concept.name), _text(concept.group), str(incoming), str(outgoing), _text(aliases))
    joins = _table("Name", "taken for", "because")
    for join in concept_map.joins:
        joins.add_row(_text(join.name), _text(names.get(join.concept, join.concept)), _text(join.rule))
    paths = _table("Pathway", "Steps", "Goal")
    for path in concept_map.pathways:
        paths.add_row(_text(path.title), str(len(path.steps)), _text(path.goal))
    tables: list[RenderableType] = [*facts]
    for table in (concepts, joins, paths):
        if table.row_count:
            tables += [table, Text()]
    return tables


def _lesson(lesson: Lesson) -> list[RenderableType]:
    facts = _facts(
        [
            ("takes", _minutes(lesson.duration_minutes)),
            ("needs", "\n".join(map(_bare, lesson.prerequisites))),
            ("next", "\n".join(map(_bare, lesson.next_topics))),
            ("exercises", len(lesson.exercises)),
            ("rubric", f"{len(lesson.rubric)} levels" if lesson.rubric else ""),
            ("pitfalls", len(lesson.pitfalls)),
            ("resources", len(lesson.resources)),
            ("code", f"{len(lesson.code_blocks)} blocks" if lesson.code_blocks else ""),
            ("formulas", f"{len(lesson.latex_blocks)} blocks" if lesson.latex_blocks else ""),
        ]
    )
    table = _table("Section", "Takes", "Line")
    for section in lesson.sections:
        title = _bare(durations.without(section.title))
        table.add_row(
            Padding(Text(title), (0, 0, 0, 2 * (section.level - 1))),
            _minutes(section.duration_minutes),
            str(section.line),
        )
    return [*facts, table, Text()]


def _bare(markdown: str) -> str:
    """Markdown on one line as its text alone, without emphasis and without the addresses of links."""
    line = one_line(markdown)
    tree = parse(f"# {line}")  # a heading, in which the number at the beginning of a title is no list
    if tree is None:
        return line
    texts = (inline(node, addresses=False).plain for node in tree.walk() if node.type == "inline")
    return " ".join(" ".join(texts).split()) or line


def _minutes(span: tuple[int, int] | None) -> str:
    if not span:
        return ""
    low, high = span
    return f"{low} min" if low == high else f"{low}-{high} min"


def _problems(problems: Sequence[Problem]) -> list[RenderableType]:
    if not problems:
        return [Text("no problems found", style="green")]
    table = _table("Line", "Severity", "Problem")
    for problem in problems:
        message = _text(problem.message)
        if problem.hint:
            message.append(f" ({clean(problem.hint)})", style="dim")
        table.add_row(str(problem.line or ""), str(problem.severity), message)
    return [table]
