"""The lists of a concept map: concepts of an index by bullets, and definitions written as a list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from studycli.documents.map_tables import DefinitionRow, IndexRow, cell_text
from studycli.documents.outline import Kind, Outline
from studycli.model.concept_name import MAX_NAME

_COUNT = re.compile(r"^(?P<name>[^\d(:]{1,200})[ \t]*[(:–—-][ \t]*(?P<count>\d{1,6})(?:[ \t]+[a-z]+)?[ \t]*\)?$")
_BOLD_NAME = re.compile(r"^\*\*(?P<name>[^*]{1,200})\*\*(?P<rest>[^*]*)$")
_COUNT_WORD = r"incoming|outgoing|in|out|total|connections?|degree|links?"
_NAMED_COUNT = re.compile(
    rf"\b(?P<before>{_COUNT_WORD})[ \t]*[:=][ \t]*(?P<first>\d{{1,6}})"
    rf"|\b(?P<last>\d{{1,6}})[ \t]+(?P<after>{_COUNT_WORD})\b",
    re.IGNORECASE,
)
_DASHED = re.compile(r"^\*\*([^*]{1,200})\*\*[ \t]*[:–—-][ \t]*(\S.*)$")
_PLAIN = re.compile(r"^([^:*]{1,200}):[ \t]+(\S.*)$")


def _counts(text: str) -> Iterator[tuple[str, str]]:
    """The counts that a bullet gives for its concept, as ('incoming' | 'outgoing' | 'total', digits)."""
    for match in _NAMED_COUNT.finditer(text):
        word = (match["before"] or match["after"]).casefold()
        yield (
            ("incoming" if word.startswith("in") else "outgoing" if word.startswith("out") else "total"),
            (match["first"] or match["last"]),
        )
    if bare := re.match(r"[ \t]*[(:–—-]*[ \t]*(\d{1,6})[ \t]*\)?$", text):
        yield "total", bare[1]


def split_names(text: str) -> list[str]:
    """Names between commas; a comma inside parentheses belongs to its name."""
    names, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= depth > 0
        elif character in ",;" and not depth:
            names.append(text[start:position])
            start = position + 1
    names.append(text[start:])
    return [name for raw in names if (name := cell_text(raw).strip(" ."))]


def index_items(outline: Outline, start: int, end: int) -> list[IndexRow]:
    """The concepts that the bullets on lines `start`..`end` list, each with its number of connections if given."""
    found: list[IndexRow] = []
    for line, text in outline.items(start, end):
        if bold := _BOLD_NAME.match(text):
            counts = {meaning: int(count) for meaning, count in _counts(bold["rest"])}
            incoming, outgoing, total = (counts.get(name) for name in ("incoming", "outgoing", "total"))
            found.append(IndexRow(bold["name"].strip(" :"), incoming, outgoing, total, None, line + 1))
            continue
        for name in split_names(text):
            match = _COUNT.match(name) if len(name) <= MAX_NAME else None
            total = int(match["count"]) if match else None
            found.append(IndexRow(match["name"].strip() if match else name, None, None, total, None, line + 1))
    return found


def definition_items(outline: Outline, start: int, end: int) -> list[DefinitionRow]:
    """Definitions written as `**Name**: text`, `- **Name** - text` or `- Name: text`."""
    found = {
        field.line: DefinitionRow(field.name, field.value, None, field.line + 1) for field in outline.fields(start, end)
    }
    for line, text in outline.items(start, end):
        if line not in found and (match := _DASHED.match(text) or _PLAIN.match(text)):
            found[line] = DefinitionRow(cell_text(match[1]), match[2].strip(), None, line + 1)
    for line in range(start, end + 1):
        if (
            outline.kinds[line] == Kind.TEXT
            and line not in found
            and (match := _DASHED.match(outline.lines[line].strip()))
        ):
            found[line] = DefinitionRow(cell_text(match[1]), match[2].strip(), None, line + 1)
    return [row for _, row in sorted(found.items()) if row.name and row.definition]
