"""A hierarchy drawn with box characters, ASCII or indents, read as a tree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_DEPTH = 64  # deeper entries join the deepest level: no reader needs more, and nested values stay printable

_RUNGS = " \t\u00a0│|┃║"
_BRANCH = re.compile(r"(?:[├└┌╰╭┣┗╠╚┬]|[|+`\\](?=[-─]))[-─━═┬┐>]*[ \t\u00a0]*|(?:[-*+]|\d{1,9}[.)])[ \t]+")
_CONNECTOR = re.compile(r"^[ \t\u00a0│|┃║]*(?:[├└╰┣┗╠╚][-─━═]|[|+`\\]--)")
_BOX = re.compile(r"[┐┘╗╝╮╯]")


@dataclass(slots=True)
class Entry:
    """One entry of a hierarchy; `line` is 1-based."""

    name: str
    line: int
    children: list[Entry] = field(default_factory=list)


def is_tree(lines: Iterable[str]) -> bool:
    """Whether lines draw a tree: at least two branches, and no boxes with right-hand corners."""
    branches = 0
    for line in lines:
        if _BOX.search(line):
            return False
        branches += _CONNECTOR.match(line) is not None
    return branches >= 2


def read(lines: Iterable[tuple[int, str]]) -> tuple[list[Entry], int | None]:
    """The trees on numbered lines, and the first line that was nested more than MAX_DEPTH deep (or None).

    An entry belongs to the nearest entry above that starts further left. At the same column an entry with a branch
    belongs to one without, as the first branch stands right under its root.
    """
    roots: list[Entry] = []
    open_entries: list[tuple[int, Entry]] = []
    too_deep: int | None = None
    for number, raw in lines:
        line = raw.expandtabs(4).rstrip()
        body = line.lstrip(_RUNGS)
        column = len(line) - len(body)
        if body[:1] in "-─" and column and line[column - 1] == "|":  # the `|` of `|--` is a branch, not a rung
            column -= 1
            body = line[column:]
        branch = _BRANCH.match(body)
        name = (body[branch.end() :] if branch else body).strip().strip("*`").strip()
        if not name or not any(character.isalnum() for character in name):
            continue
        place = 2 * column + (branch is not None)
        while open_entries and open_entries[-1][0] >= place:
            open_entries.pop()
        entry = Entry(name, number)
        (open_entries[-1][1].children if open_entries else roots).append(entry)
        if len(open_entries) < MAX_DEPTH:
            open_entries.append((place, entry))
        elif too_deep is None:
            too_deep = number
    return roots, too_deep
