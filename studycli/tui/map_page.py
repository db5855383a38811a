"""A concept of the map as lines: what it is, what it is related to, its cards and pathways; some lead somewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from studycli.knowledge import graph
from studycli.knowledge.graph import Passage
from studycli.knowledge.mastery import Level
from studycli.model.concept import DiagramEdge, Relationship
from studycli.model.review import StudyCard
from studycli.render.safe import one_line
from studycli.review import wording
from studycli.tui.map_atlas import Listed, Sheet
from studycli.tui.secret import ANOTHER_WAY, Secret

Thing = TypeVar("Thing")

MOST_ROWS = 60
"""A section shows so many neighbours; `studycli map` shows them all."""
_NAME_WIDTH = 30
_NAME_SHARE = 0.45  # of the pane's width
_AFTER = "after the answer"
_STYLES = {
    Level.NO_CARDS: "dim",
    Level.NEW: "",
    Level.SHAKY: "bold red",
    Level.LEARNING: "yellow",
    Level.FAMILIAR: "cyan",
    Level.KNOWN: "green",
}


@dataclass(frozen=True)
class Target:
    """Where a line leads: to a concept of the same map, or to a card, by id."""

    concept: str | None = None
    card: str | None = None


@dataclass(frozen=True)
class Line:
    """One entry of the page; without a `target` it is text alone."""

    text: RenderableType
    target: Target | None = None


@dataclass(frozen=True)
class Standing:
    """What the review asks, and the id that its concept has on this map."""

    secret: Secret
    concept: str

    @property
    def revealed(self) -> bool:
        """Whether the answer is shown."""
        return self.secret.revealed

    def asks(self, card: StudyCard) -> bool:
        """Whether this is the card."""
        return self.secret.card is not None and card.id == self.secret.card.id


def page(sheet: Sheet, standing: Standing) -> list[Line]:
    """A concept's lines. Until the answer is shown, what says what the standing card's concept is stays away.

    The neighbours of the card's own concept come before its cards; elsewhere the cards come first.
    """
    at_home = sheet.place.concept == standing.concept
    cards, around = list(_cards(sheet, standing)), list(_neighbours(sheet, standing))
    lines = [*_head(sheet, hidden=at_home and not standing.revealed), *_prerequisites(sheet)]
    lines += [*around, *cards] if at_home else [*cards, *around]
    return [*lines, *_pathways(sheet)]


class Legend:
    """What each mark means, then the keys; a line breaks between them."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._pieces = [mark(level).append(f" {level.word}") for level in reversed(Level)]
        self._pieces += [Text(key, "dim") for key in keys]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = Text()
        for piece in self._pieces:
            if line and line.cell_len + 2 + piece.cell_len > options.max_width:
                yield line
                line = Text()
            line = Text("  ").join([line, piece]) if line else piece.copy()
        yield line


def mark(level: Level) -> Text:
    """The mark of a level, in its colour."""
    return Text(level.glyph, _STYLES[level])


def _head(sheet: Sheet, hidden: bool) -> Iterator[Line]:
    concept, level = sheet.concept, sheet.levels[sheet.place.concept]
    words = f"{level.word}, {wording.count(sheet.card_count, 'card')}" if sheet.card_count else level.word
    yield Line(Text.assemble((one_line(concept.name), "bold"), "  ", mark(level), f" {words}"))
    title = one_line(sheet.place.concept_map.title)
    group = f" · {one_line(concept.group)}" if concept.group else ""
    yield Line(Text(f"on the map {title}{group}", "dim"))
    if concept.definition:
        yield Line(Text(f"what it is: {_AFTER}", "dim italic") if hidden else Text(one_line(concept.definition)))
    yield _blank()


def _prerequisites(sheet: Sheet) -> Iterator[Line]:
    concept_map, concept = sheet.place
    required = graph.requirements(concept_map, concept)
    yield from _section("Know first", required, lambda other: _row(sheet, other, "required"))


def _neighbours(sheet: Sheet, standing: Standing) -> Iterator[Line]:
    concept_map, concept = sheet.place
    around = graph.neighbours(concept_map, concept)
    name = one_line(sheet.concept.name)

    def row(edge: Relationship, other: str) -> Line:
        strength = f" ({one_line(edge.strength)})" if edge.strength else ""
        shown = standing.revealed or standing.concept not in (edge.source, edge.target)
        return _row(sheet, other, one_line(edge.type) + strength, edge.notes if shown else None)

    yield from _section(f"From {name}", around.outgoing, lambda edge: row(edge, edge.target))
    yield from _section(f"To {name}", around.incoming, lambda edge: row(edge, edge.source))
    yield from _section("Only in the diagram", around.drawn, lambda edge: _drawn(sheet, edge))


def _drawn(sheet: Sheet, edge: DiagramEdge) -> Line:
    leaves = edge.source == sheet.place.concept
    direction = "to and from here" if edge.both else "from here" if leaves else "to here"
    label = f"{one_line(edge.label)}, {direction}" if edge.label else direction
    return _row(sheet, edge.target if leaves else edge.source, label)


def _cards(sheet: Sheet, standing: Standing) -> Iterator[Line]:
    yield _heading(f"Cards on {one_line(sheet.concept.name)}")
    yield from (_card_row(listed, standing) for listed in sheet.cards)
    if not sheet.cards:
        yield Line(Text("none yet", "dim"))
    yield from _more(sheet.card_count - len(sheet.cards))
    yield _blank()


def _card_row(listed: Listed, standing: Standing) -> Line:
    card = listed.card
    grid = _grid()
    grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    aside = " (suspended)" if card.suspended else " (asked now)" if standing.asks(card) else ""
    words = (ANOTHER_WAY, "dim") if standing.secret.hides_question(card) else listed.gist
    grid.add_row(mark(listed.level), Text.assemble((f"{card.card.number}{aside} ", "dim"), words))
    return Line(grid, Target(card=card.id))


def _pathways(sheet: Sheet) -> Iterator[Line]:
    passages = graph.pathways_through(*sheet.place)
    if not passages:
        return
    yield _heading("Pathways")
    for passage in passages:
        yield from _passage(sheet, passage)


def _passage(sheet: Sheet, passage: Passage) -> Iterator[Line]:
    path, position = passage
    steps = path.step_concepts
    yield Line(Text(f"step {position + 1} of {len(steps)} on {one_line(path.title)}"))
    for place, label in ((position - 1, "before"), (position + 1, "after")):
        if 0 <= place < len(steps):
            others = [other for other in steps[place] if other in sheet.names and other != sheet.place.concept]
            yield from (_row(sheet, other, label) for other in others)
            if not steps[place]:
                yield Line(Text(f"  {label}: {one_line(path.steps[place])}", "dim"))
    yield _blank()


def _section(title: str, things: Sequence[Thing], row: Callable[[Thing], Line]) -> Iterator[Line]:
    if not things:
        return
    yield _heading(title)
    yield from map(row, things[:MOST_ROWS])
    yield from _more(len(things) - MOST_ROWS)
    yield _blank()


def _more(count: int) -> Iterator[Line]:
    if count > 0:
        yield Line(Text(f"and {count} more", "dim"))


def _row(sheet: Sheet, concept: str, words: str, notes: str | None = None) -> Line:
    """A concept with its mark, how it is related, and the notes on that."""
    about = Text(words, "dim")
    if notes and (said := one_line(notes)):
        about.append(f"\n{said}", "dim italic")
    name = Text(sheet.names[concept], overflow="fold")
    return Line(_Row(mark(sheet.levels[concept]), name, about, min(_NAME_WIDTH, sheet.widest)), Target(concept=concept))


@dataclass(frozen=True)
class _Row:
    """A mark, a name, and what is said of it in its own column; names take `widest` cells, less where it is narrow."""

    mark: Text
    name: Text
    about: Text
    widest: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        grid = _grid()
        grid.add_column(width=min(self.widest, round(options.max_width * _NAME_SHARE)), overflow="fold")
        grid.add_column(ratio=1, overflow="fold")
        grid.add_row(self.mark, self.name, self.about)
        yield grid


def _grid() -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0), expand=True)
    grid.add_column(width=1, no_wrap=True)
    return grid


def _heading(title: str) -> Line:
    return Line(Text(title, "bold underline"))


def _blank() -> Line:
    return Line(Text(""))
