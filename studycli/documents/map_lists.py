"""The lists of a concept map: concepts of an index by bullets, and definitions written as a list."""

from __future__ import annotations

import re

from studycli.documents.map_tables import DefinitionRow, IndexRow, cell_text
from studycli.documents.outline import Kind, Outline
from studycli.model.concept_name import MAX_NAME

_COUNT = re.compile(r"^(?P<name>[^\d(:]{1,200})[ \t]*[(:–—-][ \t]*(?P<count>\d{1,6})(?:[ \t]+[a-z]+)?[ \t]*\)?$")
_DASHED = re.compile(r"^\*\*([^*]{1,200})\*\*[ \t]*[:–—-][ \t]*(\S.*)$")
_PLAIN = re.compile(r"^([^:*]{1,200}):[ \t]+(\S.*)$")


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
