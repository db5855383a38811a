"""Learning pathways and critical paths: titled sequences of steps, however the arrows between them are drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from studycli.documents.map_lists import split_names
from studycli.documents.outline import Field, Kind, Node, Outline, TableBlock, plain

_ARROW = re.compile(r"[→⟶➔➜➝➞⇒⟹►▶↓⬇⇓]\ufe0f?|(?<![<-])-{1,3}>|(?<![<=])={1,3}>")
_MARKER = re.compile(r"^[ \t]*(?:(?:[-*+]|\d{1,4}[.)])[ \t]+|>[ \t]*)?")
_NUMBERED = re.compile(r"^[ \t]*\d{1,4}[.)][ \t]+\S")
_BAR = re.compile(r"^[ \t]*[|│v]?[ \t]*$")
_PLAIN_FIELD = re.compile(r"^[ \t]*(?:[-*+][ \t]+)?([A-Za-z][A-Za-z /-]{2,30}):[ \t]*(.*)$")
_BOLD_LINE = re.compile(r"^[ \t]*\*\*([^*]{1,200})\*\*[ \t]*$")

_KEYS = {
    "goal": ("goal", "best for", "for", "objective", "purpose", "aim", "focus", "audience", "learning goal", "outcome"),
    "steps": (
        "sequence",
        "path",
        "steps",
        "order",
        "route",
        "concepts",
        "flow",
        "concept sequence",
        "learning sequence",
    ),
    "prerequisites": ("prerequisites", "prerequisite", "requires", "assumes", "assumed knowledge", "before you start"),
    "duration": (
        *("duration", "duration estimate", "estimated duration", "time", "time estimate", "estimated time"),
        *("sessions", "estimated sessions", "number of sessions", "length"),
    ),
    "assessment": (
        "assessment",
        "checkpoint",
        "mastery check",
        "self check",
        "validation",
        "milestone",
        "success criteria",
    ),
    "rationale": ("rationale", "reason", "reasoning", "why", "why this path", "justification"),
}
_MEANING = {name: meaning for meaning, names in _KEYS.items() for name in names}
_NOTHING = frozenset(("none", "no prerequisites", "n a", "nothing", ""))


@dataclass(slots=True)
class Path:
    """A sequence of steps with what is said about it; lines are 1-based. `said` is keyed by meaning, see `_KEYS`."""

    title: str
    line: int
    steps: tuple[str, ...] = ()
    steps_line: int = 0
    said: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)

    def prerequisites(self) -> tuple[str, ...]:
        """What should be known before, one by one."""
        text = self.said.get("prerequisites", "")
        return tuple(name for name in split_names(text) if plain(name) not in _NOTHING)


def split_steps(text: str) -> tuple[str, ...]:
    """The steps between arrows; a sequence may wrap over lines. Without any arrow there are none."""
    if not _ARROW.search(text):
        return ()
    steps = (_clean(step) for part in _ARROW.split(text) for step in part.split("\n"))
    return tuple(step for step in steps if step and not _BAR.match(step))


def _clean(step: str) -> str:
    text = _MARKER.sub("", step, count=1).strip()
    if text.startswith("**") and text.endswith("**") and text.count("**") == 2:
        text = text[2:-2]
    return text.strip("` \t")


def read(outline: Outline, node: Node) -> list[Path]:
    """The paths of a section: one for each subsection that has steps, or each titled sequence in its text."""
    found = list(_in_body(outline, node, own_title=False))
    stack = list(reversed(node.children))
    while stack:
        child = stack.pop()
        found += _in_body(outline, child, own_title=True)
        stack.extend(reversed(child.children))
    return found


def from_table(table: TableBlock) -> list[Path] | None:
    """The paths of a table with a column of sequences; None when it has none."""
    title = table.column("pathway", "path", "name", "title", "learning pathway")
    meanings = [_MEANING.get(plain(name)) for name in table.header]
    if title is None or "steps" not in meanings[title + 1 :]:
        return None
    found = []
    for row, line in zip(table.rows, table.row_lines, strict=True):
        path = Path(_clean(row[title]), line + 1)
        for position, (meaning, cell) in enumerate(zip(meanings, row, strict=True)):
            if position != title and meaning == "steps":
                path.steps, path.steps_line = split_steps(cell), line + 1
            elif position != title and cell:
                path.said[meaning or plain(table.header[position])] = cell
        found.append(path)
    return found


def _in_body(outline: Outline, node: Node, *, own_title: bool) -> Iterator[Path]:
    """The paths directly under a heading. With `own_title` the heading names a path, else it names the section."""
    fields = _fields(outline, node.body_start, node.body_end)
    bounds = [item.line for item in fields] + [node.body_end + 1]
    path = Path(node.title, node.start + 1)
    path.steps, path.steps_line = _steps_in(outline, node.body_start, bounds[0] - 1, bare_list=own_title)
    for item, following in zip(fields, bounds[1:], strict=True):
        meaning = _MEANING.get(item.key)
        if meaning not in (None, "steps"):
            _say(outline, path, meaning, item, following - 1, bare_list=own_title)
            continue
        steps, steps_line = split_steps(item.value), item.line + 1
        if not steps:
            steps, steps_line = _steps_in(outline, item.end + 1, following - 1, bare_list=meaning == "steps")
        if not steps:
            _remark(path, item)
            continue
        if path.steps or (meaning is None and not own_title):
            if path.steps:
                yield path
            path = Path(node.title if meaning else item.name, item.line + 1)
        path.steps, path.steps_line = steps, steps_line
    if path.steps or (own_title and path.said):
        yield path


def _say(outline: Outline, path: Path, meaning: str, item: Field, end: int, *, bare_list: bool) -> None:
    """Note what a field says. What stands apart below it may be the sequence, where the path has none yet."""
    last = item.end
    may_follow = not path.steps and meaning not in ("rationale", "assessment")
    lists_itself = not item.value or meaning == "prerequisites"
    while last < end and outline.kinds[last + 1] == Kind.TEXT:
        line = outline.lines[last + 1]
        if may_follow and (_ARROW.search(line) or (_NUMBERED.match(line) and not lists_itself)):
            break
        last += 1
    if not path.steps:
        path.steps, path.steps_line = _steps_in(outline, last + 1, end, bare_list=bare_list and bool(item.value))
    below = outline.text(item.end + 1, last if path.steps_line > last else end)
    path.said[meaning] = "\n".join(text for text in (item.value, below) if text)


def _remark(path: Path, item: Field) -> None:
    """Keep a field of unknown meaning; under a rationale it is one of its points."""
    if "rationale" in path.said:
        path.said["rationale"] += f"\n**{item.name}:** {item.value}"
    else:
        path.fields[item.name] = item.value


def _fields(outline: Outline, start: int, end: int) -> list[Field]:
    """The fields of a body: bold ones, bold lines that title what follows, and plain `Goal: ...` lines."""
    found = {item.line: _unwrapped(outline, item) for item in outline.fields(start, end)}
    inside = {line for item in found.values() for line in range(item.line, item.end + 1)}
    for number in range(start, end + 1):
        if outline.kinds[number] != Kind.TEXT or number in inside:
            continue
        line = outline.lines[number]
        if bold := _BOLD_LINE.match(line):
            found[number] = Field(bold[1].strip(), plain(bold[1]), "", number, number)
        elif match := _plain_field(line):
            found[number] = Field(match[1], plain(match[1]), match[2].strip(), number, number)
    return [item for _, item in sorted(found.items())]


def _plain_field(line: str) -> re.Match[str] | None:
    match = _PLAIN_FIELD.match(line)
    return match if match and plain(match[1]) in _MEANING else None


def _unwrapped(outline: Outline, item: Field) -> Field:
    """A field without those wrapped lines that are a `Goal: ...` or, outside a sequence, a sequence of their own."""
    other = _MEANING.get(item.key, "steps") != "steps"
    for number in range(item.line + 1, item.end + 1):
        line = outline.lines[number]
        if _plain_field(line) or (other and _ARROW.search(line)):
            tail = " ".join(outline.lines[rest].strip() for rest in range(number, item.end + 1))
            return Field(item.name, item.key, item.value.removesuffix(tail.strip()).rstrip(), item.line, number - 1)
    return item


def _steps_in(outline: Outline, start: int, end: int, *, bare_list: bool) -> tuple[tuple[str, ...], int]:
    """The steps on lines `start`..`end` and their 1-based line: in code fences, in text with arrows, or numbered.

    A numbered list without arrows is a sequence only with `bare_list`.
    """
    lines: list[str] = []
    first = 0
    numbered: list[int] = []
    for number in range(start, end + 1):
        if outline.kinds[number] not in (Kind.TEXT, Kind.CODE):
            continue
        line = outline.lines[number]
        if _NUMBERED.match(line):
            numbered.append(number)
        if _ARROW.search(line):
            first = first or number + 1
    if not first and not (bare_list and numbered):
        return (), 0
    if len(numbered) >= 2 or not first:  # a list: its lines are the steps, and the arrows between them only join them
        items = [_clean(_ARROW.sub(" → ", outline.lines[number])) for number in numbered]
        return tuple(step for item in items for step in split_steps(item) or (item,)), numbered[0] + 1
    for number in range(start, end + 1):
        if outline.kinds[number] in (Kind.TEXT, Kind.CODE):
            lines.append(outline.lines[number])
    return split_steps("\n".join(_sequence(lines))), first


def _sequence(lines: list[str]) -> list[str]:
    """The lines that belong to a sequence: those with an arrow, and those between two arrows."""
    arrows = [position for position, line in enumerate(lines) if _ARROW.search(line)]
    first, last = arrows[0], arrows[-1]
    if not _ARROW.split(lines[first], maxsplit=1)[0].strip():
        first = max(first - 1, 0)
    if not _ARROW.split(lines[last])[-1].strip():
        last = min(last + 1, len(lines) - 1)
    return lines[first : last + 1]
