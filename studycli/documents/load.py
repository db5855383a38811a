"""A file to the document it is: a deck, a concept map or a lesson."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from studycli.documents import teaching_check
from studycli.documents import text as text_reader
from studycli.documents.outline import Outline, plain
from studycli.errors import DocumentError
from studycli.model.concept import ConceptMap
from studycli.model.deck import Deck
from studycli.model.lesson import Lesson
from studycli.model.problem import Problem, Severity

Document = Deck | ConceptMap | Lesson
SUFFIXES = (".md", ".markdown")

_MAP_HEADING = re.compile(
    r"\b(?:concept (?:map|index|hierarchy)|relationship matrix|relationships|centrality|learning pathways?)\b"
)


def load(path: Path) -> Document:
    """Read and understand one document. Raises DocumentError when the file cannot be read as one."""
    decoded = text_reader.read(path)
    return load_text(decoded.text, str(path), decoded.problems)


def load_text(text: str, path: str, problems: Sequence[Problem] = ()) -> Document:
    """Understand a document's text; `problems` are those already found while decoding it."""
    if not text.strip():
        raise DocumentError("the document is empty", where=path, hint="write a deck, a concept map or a lesson in it")
    outline = Outline(text)
    if not outline.headings and not outline.fields(0, len(outline.lines) - 1):
        hint = "a document has Markdown headings; see docs/document-format.md"
        raise DocumentError("this is no deck, concept map or lesson", where=f"{path}:1", hint=hint)
    found = [*problems, *_fence_problems(outline), *teaching_check.check(outline)]
    kind = kind_of_outline(outline)
    if kind == "flashcards":
        from studycli.documents import flashcards

        return flashcards.parse(outline, path, found)
    if kind == "concept_map":
        from studycli.documents import concept_map

        return concept_map.parse(outline, path, found)
    from studycli.documents import lesson

    return lesson.parse(outline, path, found)


def kind_of_outline(outline: Outline) -> str:
    """'flashcards', 'concept_map' or 'lesson', told by the headings."""
    from studycli.documents import card_heading

    titles = [plain(title) for _, _, title in outline.headings]
    first = titles[0] if titles else ""
    if any(card_heading.parse(title) for _, _, title in outline.headings):
        return "flashcards"
    if re.match(r"^(?:flash ?cards?)\b", first):
        return "flashcards"
    if "concept map" in first or sum(bool(_MAP_HEADING.search(title)) for title in titles) >= 2:
        return "concept_map"
    return "lesson"


def kind_of(document: Document) -> str:
    """'flashcards', 'concept_map' or 'lesson'."""
    if isinstance(document, Deck):
        return "flashcards"
    return "concept_map" if isinstance(document, ConceptMap) else "lesson"


def _fence_problems(outline: Outline) -> list[Problem]:
    problems = []
    for fence in outline.fences:
        if not fence.closed:
            message = "a code block opens here and never closes, so the rest of the document is read as code"
            hint = "close it with a line of ``` or ~~~"
            problems.append(Problem(severity=Severity.ERROR, line=fence.start + 1, message=message, hint=hint))
    if outline.nested_fences:
        line = next(fence.start for fence in outline.fences if "```" in fence.text or "~~~" in fence.text) + 1
        hint = "give the outer block one more backtick than the inner one"
        message = "code blocks of equal length are nested here; they were read as one"
        problems.append(Problem(severity=Severity.INFO, line=line, message=message, hint=hint))
    return problems
