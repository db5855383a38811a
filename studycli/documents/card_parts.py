"""The text of one card taken apart: front, back, extra parts, and the fields around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from studycli.documents.outline import Field, Kind, Outline, plain
from studycli.model.card import CardPart

_MARKER = re.compile(
    r"^ {0,3}\*\*(?P<open>\[)?[ ]*(?P<name>[A-Za-z][A-Za-z' ]{1,40}?)[ ]*(?:\((?P<more>[^)*]{0,40})\))?[ ]*"
    r"(?P<close>\])?(?P<colon>:?)\*\*(?P<after>:?)[ \t]*(?P<rest>.*)$"
)
_ID = re.compile(r"^\s*<!--\s*id:\s*(\S+?)\s*-->\s*$", re.IGNORECASE)
_FRONT = ("front", "question")
_BACK = ("back", "answer")
_SHOUTED_PARTS = ("mnemonic", "mnemonics", "common misconceptions", "misconceptions", "key insight", "hint", "example")

# Fields that are about a card wherever they stand in it; the others are so only before its front or after its back.
ALWAYS_FIELDS = {
    "cognitive level": "cognitive_level",
    "blooms level": "cognitive_level",
    "bloom level": "cognitive_level",
    "blooms taxonomy": "cognitive_level",
    "source section": "source_section",
    "related concepts": "related_concepts",
    "centrality": "centrality",
    "critical knowledge flag": "critical",
    "critical knowledge": "critical",
}
EDGE_FIELDS = {
    "concept": "concept",
    "difficulty": "difficulty",
    "difficulty level": "difficulty",
    "source": "source_section",
    "tags": "tags",
    "tag": "tags",
    "demo": "demo",
    "claims": "claims",
    "id": "id",
    "mnemonic": "mnemonic",
}
# A field that is one only with a value that it can have: the words are common in answers too.
_REVERSED_VALUES = {
    "reversed": ("yes", "true", "no", "false"),
    "type": ("reversed", "basic and reversed card", "basic and reversed", "both ways"),
}


def asks_for_reverse(fields: Sequence[Field]) -> Field | None:
    """The field that wants a card asked in both directions."""
    return next((item for item in fields if _about_reverse(item) and plain(item.value) not in ("no", "false")), None)


def _about_reverse(item: Field) -> bool:
    return plain(item.value) in _REVERSED_VALUES.get(item.key, ())


@dataclass
class CardText:
    """What stands in a card, before its fields are read. `lines` are the 1-based first lines of its sides."""

    front: str | None = None
    back: str | None = None
    loose: str = ""
    parts: list[CardPart] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    explicit_id: str | None = None
    lines: dict[str, int] = field(default_factory=dict)


@dataclass
class _Mark:
    """Where a part begins: its name, the first line of its text, and text on the marker's own line."""

    name: str
    title: str
    line: int
    rest: str


def take_apart(outline: Outline, start: int, end: int, level: int) -> CardText:
    """Take apart the card whose heading (of `level`) is on line `start` and whose last line is `end` (0-based)."""
    marks = _marks(outline, start + 1, end, level)
    found = CardText(explicit_id=_explicit_id(outline, start + 1, end))
    edges = [mark.line for mark in marks] + [end + 1]
    found.loose = _part_text(outline, start + 1, edges[0] - 1, "", found, before_front=True)
    for mark, following in zip(marks, edges[1:], strict=True):
        text = _part_text(outline, mark.line + 1, following - 1, mark.rest, found, before_front=False)
        if mark.name == "front" and found.front is None:
            found.front = text
        elif mark.name == "back" and found.back is None:
            found.back = text
        else:
            found.parts.append(CardPart(title=mark.title, text=text, line=mark.line + 1))
            continue
        if (first := _first_line(outline.lines, mark, text)) is not None:
            found.lines[mark.name] = first + 1
    return found


def _marks(outline: Outline, start: int, end: int, level: int) -> list[_Mark]:
    """The lines on which a part of the card begins, in order."""
    headings = {line: (depth, title) for line, depth, title in outline.headings_in(start, end)}
    part_level = _part_level(headings, level)
    explicit = _names_sides(outline, start, end, headings, part_level)
    marks: list[_Mark] = []
    seen: set[str] = set()
    for number in range(start, end + 1):
        mark: _Mark | None = None
        if number in headings:
            depth, title = headings[number]
            if depth == part_level:
                mark = _Mark(_side(title, explicit) or "part", title.strip("*: "), number, "")
        elif outline.kinds[number] == Kind.TEXT and "**" in outline.lines[number]:
            mark = _bold_mark(outline.lines[number], number, explicit, seen)
        if mark:
            marks.append(mark)
            seen.add(mark.name)
    return marks


def _part_level(headings: dict[int, tuple[int, str]], level: int) -> int:
    """The heading level of the parts: that of `Front` or `Back` where there is one, else one below the card's."""
    for depth, title in headings.values():
        if depth > level and _side(title, explicit=False):
            return depth
    return level + 1


def _names_sides(outline: Outline, start: int, end: int, headings: dict[int, tuple[int, str]], part_level: int) -> bool:
    """True when the card says Front or Back somewhere, so that Question and Answer are ordinary words in it."""
    if any(depth == part_level and _side(title, explicit=True) for depth, title in headings.values()):
        return True
    for number in range(start, end + 1):
        if outline.kinds[number] == Kind.TEXT and "**" in outline.lines[number]:
            match = _MARKER.match(outline.lines[number])
            if match and _marks_a_part(match) and plain(match["name"]) in ("front", "back"):
                return True
    return False


def _side(title: str, explicit: bool) -> str | None:
    """'front' or 'back' when a heading names that side of a card."""
    key = plain(re.sub(r"\([^)]*\)", "", title).strip("[]"))
    if key in (_FRONT[:1] if explicit else _FRONT):
        return "front"
    return "back" if key in (_BACK[:1] if explicit else _BACK) else None


def _marks_a_part(match: re.Match[str]) -> bool:
    bracketed = bool(match["open"]) and bool(match["close"])
    return bracketed or bool(match["colon"] or match["after"]) or not match["rest"].strip()


def _bold_mark(line: str, number: int, explicit: bool, seen: set[str]) -> _Mark | None:
    match = _MARKER.match(line)
    if not match or not _marks_a_part(match):
        return None
    key = plain(match["name"])
    side = _side(key, explicit)
    rest = match["rest"].strip()
    if side and side not in seen and not (side == "front" and "back" in seen):
        return _Mark(side, match["name"], number, rest)
    shouted = match["name"].isupper() and key in _SHOUTED_PARTS
    bracketed = match["open"] and match["close"]
    if (bracketed and not side) or (shouted and "back" in seen):
        return _Mark("part", match["name"].strip().capitalize(), number, rest)
    return None


def _explicit_id(outline: Outline, start: int, end: int) -> str | None:
    for number in range(start, end + 1):
        if outline.kinds[number] == Kind.COMMENT and (match := _ID.match(outline.lines[number])):
            return match[1]
    return None


def _part_text(outline: Outline, start: int, end: int, rest: str, found: CardText, before_front: bool) -> str:
    """The Markdown of lines `start`..`end` without the card's fields and comments, which go to `found`."""
    fields = outline.fields(start, end) if start <= end else []
    taken = {line for item in _about_the_card(outline, fields, end, before_front, found) for line in item}
    lines = [] if not rest else [rest]
    kinds = outline.kinds
    while start <= end and (start in taken or kinds[start] in (Kind.BLANK, Kind.RULE, Kind.COMMENT)) and not rest:
        start += 1
    while end >= start and (end in taken or kinds[end] in (Kind.BLANK, Kind.RULE, Kind.COMMENT)):
        end -= 1
    lines += [outline.lines[n] for n in range(start, end + 1) if n not in taken and kinds[n] != Kind.COMMENT]
    return "\n".join(lines).strip("\n")


def _first_line(lines: list[str], mark: _Mark, text: str) -> int | None:
    """The line on which the text of a side begins; None for an empty one, or where lines were left out inside it."""
    if not text:
        return None
    head, *tail = text.split("\n")
    first = mark.line if mark.rest else lines.index(head, mark.line + 1)
    return first if lines[first + 1 : first + 1 + len(tail)] == tail else None


def _about_the_card(
    outline: Outline, fields: list[Field], end: int, before_front: bool, found: CardText
) -> list[range]:
    """The lines of the fields that are about the card itself; they are added to `found`."""
    taken: list[range] = []
    kept: list[Field] = []
    edge = end  # everything after this line is blank, a rule, or a field already taken
    for item in reversed(fields):
        while edge > item.end and outline.kinds[edge] in (Kind.BLANK, Kind.RULE, Kind.COMMENT):
            edge -= 1
        at_edge = edge <= item.end
        of_edge = item.key in EDGE_FIELDS or _about_reverse(item)
        if before_front or item.key in ALWAYS_FIELDS or (of_edge and at_edge):
            kept.append(item)
            taken.append(range(item.line, item.end + 1))
            if at_edge:
                edge = item.line - 1
    found.fields += reversed(kept)
    return taken
