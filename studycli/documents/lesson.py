"""Lesson plans, topic pages and tutorials: an outline to the lesson it describes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from studycli.documents import durations, lesson_parts
from studycli.documents.formulas import formulas
from studycli.documents.html import drop_html
from studycli.documents.links import links
from studycli.documents.outline import Field, Outline
from studycli.model.lesson import CodeBlock, Lesson, Section
from studycli.model.problem import Problem, Severity

_DURATION_FIELDS = ("estimated time", "duration", "total time", "total duration", "time", "length", "time required")
_PREREQUISITES = ("prerequisites", "prerequisite", "requires", "prior knowledge", "before you start")
_NEXT = ("next topics", "next topic", "next", "next steps", "next lesson", "next lecture", "follow up topics")
_HEAD = re.compile(r"^(?:overview|about|summary|metadata|at a glance|introduction)\b")
_SEPARATOR = re.compile(r"[(\[]|[)\]]|[,;](?=\s)")


def parse(outline: Outline, path: str, problems: Sequence[Problem] = ()) -> Lesson:
    """The lesson in an outline; `problems` are those found before. Sections of any name are kept.

    HTML is dropped first, so nothing of it shows up in a text. Line numbers are those of the document.
    """
    outline, found = drop_html(outline)
    found = [*problems, *found]  # more are added on the way
    fields = outline.fields(0, len(outline.lines) - 1)
    head = _head_fields(outline, fields)
    sections = _sections(outline, fields)
    duration, more = _duration(sections, head)
    latex = formulas(outline, found)
    return Lesson(
        path=path,
        title=next((section.title for section in sections if section.level == 1), "") or _first_title(sections, path),
        duration_minutes=duration,
        prerequisites=_named_list(outline, fields, _PREREQUISITES),
        next_topics=_values(fields, _NEXT),
        objectives=lesson_parts.objectives(outline, fields),
        fields={label.name: label.value for label in head},
        sections=sections,
        rubric=lesson_parts.rubric(outline),
        exercises=lesson_parts.exercises(outline),
        pitfalls=lesson_parts.pitfalls(outline, fields),
        resources=links(outline),
        code_blocks=tuple(
            CodeBlock(language=(fence.language.split() or [""])[0], text=fence.text, line=fence.start + 1)
            for fence in outline.fences
        ),
        latex_blocks=latex,
        problems=tuple(sorted([*found, *more], key=lambda problem: problem.line)),
    )


def _head_fields(outline: Outline, fields: list[Field]) -> list[Field]:
    """The fields that speak of the whole lesson: those under its title, and those of an overview outside its lists."""
    lines: set[int] = set()
    for node in outline.root.walk():
        body = range(node.body_start, node.body_end + 1)
        if node.level == 0 or (node.level == 1 and node.parent and node is node.parent.children[0]):
            lines.update(body)
        elif node.level == 2 and _HEAD.match(lesson_parts.name(node.title)):
            lines.update(line for line in body if outline.lines[line].startswith("**"))
    return [label for label in fields if label.line in lines and label.value]


def _sections(outline: Outline, fields: list[Field]) -> tuple[Section, ...]:
    stated = {label.line: durations.minutes(label.value) for label in fields if label.key in _DURATION_FIELDS}
    found: list[Section] = []
    path: list[tuple[int, str]] = []
    for node in outline.root.walk():
        text = outline.body(node)
        if node.level == 0:
            if text:
                found.append(Section(level=1, title="", line=1, text=text))
            continue
        while path and path[-1][0] >= node.level:
            path.pop()
        title = lesson_parts.plain_title(node.title)
        own = (stated[line] for line in range(node.body_start, node.body_end + 1) if line in stated)
        found.append(
            Section(
                level=node.level,
                title=title,
                line=node.start + 1,
                text=text,
                path=tuple(name for _, name in path),
                duration_minutes=durations.of_title(title) or next(own, None),
            )
        )
        path.append((node.level, title))
    return tuple(found)


def _first_title(sections: tuple[Section, ...], path: str) -> str:
    return next((section.title for section in sections if section.title), "") or PurePath(path).stem


def _duration(sections: tuple[Section, ...], head: list[Field]) -> tuple[tuple[int, int] | None, list[Problem]]:
    """What the lesson takes: as its head states it, else its outermost section that states one.

    Where the sections directly below that one state theirs, a sum that can't be the same is a problem.
    """
    stated = (durations.minutes(label.value) for label in head if label.key in _DURATION_FIELDS)
    duration = next((value for value in stated if value), None)
    timed = [section for section in sections if section.duration_minutes]
    whole = min(timed, key=lambda section: section.level, default=None)
    if whole is None or sum(section.level == whole.level for section in timed) > 1:
        return duration, []
    return duration or whole.duration_minutes, _sum_problems(whole, timed)


def _sum_problems(whole: Section, timed: list[Section]) -> list[Problem]:
    below = [section for section in timed if section.path == (*whole.path, whole.title)]
    parts = [section.duration_minutes for section in below if section.duration_minutes]
    low, high = sum(part[0] for part in parts), sum(part[1] for part in parts)
    declared = whole.duration_minutes
    if declared is None or len(parts) < 2 or (low <= declared[1] and high >= declared[0]):
        return []
    message = f"'{whole.title}' declares {_span(declared)} minutes, and its sections add up to {_span((low, high))}"
    hint = "change the one or the others"
    return [Problem(severity=Severity.WARNING, line=whole.line, message=message, hint=hint)]


def _span(minutes: tuple[int, int]) -> str:
    return f"{minutes[0]}-{minutes[1]}" if minutes[0] != minutes[1] else str(minutes[0])


def _values(fields: list[Field], keys: tuple[str, ...]) -> tuple[str, ...]:
    values = [part for label in fields if label.key in keys for part in _split(label.value)]
    return tuple(dict.fromkeys(value for value in values if value))


def _split(value: str) -> list[str]:
    """The parts of a list in words; a comma in brackets separates nothing."""
    parts: list[str] = []
    start = depth = 0
    for mark in _SEPARATOR.finditer(value):
        if mark[0] in "([":
            depth += 1
        elif mark[0] in ")]":
            depth = max(depth - 1, 0)
        elif not depth:
            parts.append(value[start : mark.start()].strip())
            start = mark.end()
    return [*parts, value[start:].strip()]


def _named_list(outline: Outline, fields: list[Field], keys: tuple[str, ...]) -> tuple[str, ...]:
    """The values of the fields with these names, and the items of the sections with these names."""
    items = [
        text
        for node in outline.root.walk()
        if node.level and lesson_parts.name(node.title) in keys
        for _, text in outline.items(node.body_start, node.body_end)
    ]
    return tuple(dict.fromkeys([*_values(fields, keys), *items]))
