"""The parts of a lesson that its headings, fields and labels name: objectives, rubric, exercises, pitfalls."""

from __future__ import annotations

import re
from collections.abc import Iterator

from studycli.documents import durations
from studycli.documents.outline import Field, Kind, Node, Outline, plain
from studycli.model.lesson import Exercise, Pitfall, RubricLevel

_BOLD = re.compile(r"\*\*([^*]+)\*\*|__([^_]+)__")
_NUMBERED = re.compile(r"^\d+(?: \d+)* ")
_OBJECTIVES = re.compile(
    r"^(?:(?:key |main )?(?:learning |course |lesson )?(?:objectives|goals|outcomes)\b|what youll (?:learn|be able)"
    r"|what you will (?:learn|be able)|by the end\b|after this (?:lesson|lecture|tutorial)\b)"
)
_RUBRIC = re.compile(r"\b(?:rubric|self assessment|mastery levels?|proficiency levels?)\b")
_LEVEL = re.compile(
    r"^(?:\[[ xX]\][ \t]*)?(?:\*\*|__)?[ \t]*Level[ \t]+(\d{1,3})[ \t]*(?:[(–—-][ \t]*([^()*:–—]*+)\)?)?[ \t]*"
    r"(?:\*\*|__)?[ \t]*[:–—-]?[ \t]*(?:\*\*|__)?[ \t]*(.*)$",
    re.IGNORECASE,
)
_EXERCISE = re.compile(r"^(?:exercise|activity|lab|assignment|practice problem)\s*+#?\s*+\d", re.IGNORECASE)
_EXERCISES = re.compile(r"^(?:(?:hands on|practice|practical|coding) )*(?:exercises|activities|labs|assignments)\b")
_PITFALLS = re.compile(
    r"\b(?:pitfalls?|gotchas?|common (?:mistakes|errors|problems|issues)|misconceptions?|what (?:can|could) go wrong"
    r"|troubleshooting)\b"
)
_PITFALL_PREFIX = re.compile(r"^(?:problem|pitfall|mistake|issue|misconception)\s*\d*\s*[:.–—-]\s*", re.IGNORECASE)
_LEAD = re.compile(r"^(?:\*\*|__)(.+?)(?:\*\*|__)[ \t]*[:–—-]?[ \t]*(.*)$")
_GOAL = ("goal", "objective", "aim", "purpose")
_DELIVERABLE = ("deliverable", "deliverables", "output", "submission", "hand in")


def name(title: str) -> str:
    """A heading's title as a comparable key without its number ('## 2. Overview' -> 'overview')."""
    return _NUMBERED.sub("", plain(title) + " ").strip()


def plain_title(title: str) -> str:
    """A heading's title without bold marks."""
    return _BOLD.sub(lambda match: match[1] or match[2], title).strip()


def outermost(root: Node, pattern: re.Pattern[str]) -> Iterator[Node]:
    """The sections whose names match, without those that lie in another of them."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.level and pattern.search(name(node.title)):
            yield node
        else:
            stack.extend(reversed(node.children))


def objectives(outline: Outline, fields: list[Field]) -> tuple[str, ...]:
    """What the learner will be able to do: the items of the sections and labels that say so."""
    found = [text for node in outermost(outline.root, _OBJECTIVES) for _, text in outline.items(node.start, node.end)]
    for label in fields:
        if _OBJECTIVES.match(label.key):
            found += [label.value] if label.value else [text for _, text in _items_below(outline, label.end)]
    return tuple(dict.fromkeys(found))


def _items_below(outline: Outline, line: int) -> list[tuple[int, str]]:
    """The items of the list that follows a line, blank lines between them allowed."""
    last = start = line + 1
    while last < len(outline.lines) and outline.kinds[last] in (Kind.BLANK, Kind.TEXT):
        text = outline.lines[last]
        if outline.kinds[last] == Kind.TEXT and not text.startswith((" ", "\t")) and not outline.items(last, last):
            break
        last += 1
    return outline.items(start, last - 1)


def rubric(outline: Outline) -> tuple[RubricLevel, ...]:
    """The steps of knowledge: list items such as `Level 2 (Intermediate): ...`; in a rubric headings and rows too."""
    found = [_rubric_level(text, line) for line, text in outline.items(0, len(outline.lines) - 1)]
    for node in outermost(outline.root, _RUBRIC):
        for child in node.children:
            level = _rubric_level(child.title, child.start)
            text = outline.text(child.start + 1, child.end)
            found.append(level and level.model_copy(update={"name": level.name or level.text, "text": text}))
        for table in outline.tables(node.start, node.body_end):
            for line, row in zip(table.row_lines, table.rows, strict=True):
                found.append(_rubric_level(f"{row[0]}: {' | '.join(row[1:])}", line))
    return tuple(sorted((level for level in found if level), key=lambda level: level.line))


def _rubric_level(text: str, line: int) -> RubricLevel | None:
    match = _LEVEL.match(text)
    if not match:
        return None
    return RubricLevel(level=int(match[1]), name=(match[2] or "").strip(), text=match[3].strip(), line=line + 1)


def exercises(outline: Outline) -> tuple[Exercise, ...]:
    """Sections named `Exercise 1: ...`, and the direct subsections of 'Exercises', or its list where it has none."""
    found: list[Exercise] = []
    stack = [(outline.root, False)]
    while stack:
        node, listed = stack.pop()
        if node.level and (listed or _EXERCISE.match(plain_title(node.title))):
            found.append(_exercise(outline, node))
            continue
        inside = bool(node.level and _EXERCISES.match(name(node.title)))
        if inside and not node.children:
            found += _listed_exercises(outline, node)
        stack.extend((child, inside) for child in reversed(node.children))
    return tuple(found)


def _listed_exercises(outline: Outline, node: Node) -> Iterator[Exercise]:
    for line, item in outline.items(node.start + 1, node.end):
        if not outline.lines[line].startswith((" ", "\t")):
            lead = _LEAD.match(item)
            title, text = (lead[1].rstrip(":"), lead[2]) if lead else (item, "")
            yield Exercise(
                title=durations.without(title),
                goal=None,
                deliverable=None,
                text=text,
                duration_minutes=durations.of_title(item),
                line=line + 1,
            )


def _exercise(outline: Outline, node: Node) -> Exercise:
    values = {label.key: label.value for label in reversed(outline.fields(node.start + 1, node.end))}
    stated = next((values[key] for key in ("time", "duration", "estimated time") if key in values), "")
    return Exercise(
        title=durations.without(plain_title(node.title)),
        goal=next((values[key] for key in _GOAL if values.get(key)), None),
        deliverable=next((values[key] for key in _DELIVERABLE if values.get(key)), None),
        text=outline.text(node.start + 1, node.end),
        duration_minutes=durations.of_title(node.title) or durations.minutes(stated),
        line=node.start + 1,
    )


def pitfalls(outline: Outline, fields: list[Field]) -> tuple[Pitfall, ...]:
    """Common problems and misconceptions: the subsections, else the list, of the sections and labels named so."""
    found: list[Pitfall] = []
    covered: set[int] = set()
    for node in outermost(outline.root, _PITFALLS):
        covered.update(range(node.start, node.end + 1))
        for child in node.children:
            title = _PITFALL_PREFIX.sub("", plain_title(child.title))
            found.append(Pitfall(title=title, text=outline.text(child.start + 1, child.end), line=child.start + 1))
        if not node.children:
            found += [_pitfall(line, text) for line, text in outline.items(node.start + 1, node.end)]
    for label in fields:
        if label.line not in covered and not label.value and _PITFALLS.search(label.key):
            found += [_pitfall(line, text) for line, text in _items_below(outline, label.end)]
    return tuple(sorted(found, key=lambda pitfall: pitfall.line))


def _pitfall(line: int, item: str) -> Pitfall:
    lead = _LEAD.match(item)
    title, text = (lead[1], lead[2]) if lead else (item, "")
    return Pitfall(title=title.rstrip(":").strip(), text=text.strip(), line=line + 1)
