"""A lesson, lecture plan, topic page or tutorial: a tree of sections, kept flat in reading order."""

from __future__ import annotations

from studycli.model.problem import Problem
from studycli.model.value import Value


class CodeBlock(Value):
    """A fenced block; `language` is "" when the fence names none."""

    language: str
    text: str
    line: int


class Section(Value):
    """One section. `level` is 1 to 6, `text` the Markdown under the heading up to the next heading.

    `duration_minutes` is (low, high) where the heading or a field states one.
    """

    level: int
    title: str
    line: int
    text: str
    path: tuple[str, ...] = ()
    duration_minutes: tuple[int, int] | None = None


class RubricLevel(Value):
    """One step of a knowledge rubric, such as `Level 2 (Intermediate)`."""

    level: int
    name: str
    text: str
    line: int


class Exercise(Value):
    """An exercise with its goal, deliverable and text (Markdown)."""

    title: str
    goal: str | None
    deliverable: str | None
    text: str
    duration_minutes: tuple[int, int] | None
    line: int


class Pitfall(Value):
    """A common problem or misconception and what to do about it (Markdown)."""

    title: str
    text: str
    line: int


class Resource(Value):
    """A link that the lesson points to."""

    title: str
    url: str
    group: str
    line: int


class Lesson(Value):
    """A lesson as its document states it."""

    path: str
    title: str
    duration_minutes: tuple[int, int] | None = None
    prerequisites: tuple[str, ...] = ()
    next_topics: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    fields: dict[str, str] = {}
    sections: tuple[Section, ...] = ()
    rubric: tuple[RubricLevel, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    pitfalls: tuple[Pitfall, ...] = ()
    resources: tuple[Resource, ...] = ()
    code_blocks: tuple[CodeBlock, ...] = ()
    latex_blocks: tuple[CodeBlock, ...] = ()
    problems: tuple[Problem, ...] = ()
