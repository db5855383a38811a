"""The text of a cloze card as Markdown: with the places of one number hidden, or shown in bold."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from studycli.documents.cloze import Cloze, Clozes

_MATH = re.compile(
    r"\\\\|\\\$|\$\$.{1,2000}?\$\$|\$(?![\s$])[^$\n]{1,2000}?(?<!\s)\$(?!\w)|\\\(.{1,2000}?\\\)|\\\[.{1,2000}?\\\]",
    re.DOTALL,
)
_BLOCKS = re.compile(r"\n\s*(?:\n|[-+] |>|#+ |```|~~~|[0-9]+[.)] )")
_Edit = tuple[int, int, str]


def question(text: str, clozes: Clozes, number: int) -> str:
    """The text with `[…]`, or `[hint]`, in the places of this number, and the other clozes filled."""
    math = _Math(text)
    edits: list[_Edit] = []
    for cloze in clozes.found:
        edits += [(cloze.start, cloze.end, _mask(text, cloze, math))] if cloze.number == number else _filled(cloze)
    return _edited(text, edits)


def answer(text: str, clozes: Clozes, number: int) -> str:
    """The whole text, with the answers of this number in bold where Markdown can have bold there."""
    math = _Math(text)
    edits: list[_Edit] = []
    end = 0
    for cloze in clozes.found:
        if cloze.number == number and cloze.start >= end:
            end = cloze.end
            edits += _bold(text, cloze) if _can_be_bold(text, cloze, math) else _filled(cloze)
        else:
            edits += _filled(cloze)
    return _edited(text, edits)


def _filled(cloze: Cloze) -> list[_Edit]:
    return [(cloze.start, cloze.inner, ""), (cloze.tail, cloze.end, "")]


def _bold(text: str, cloze: Cloze) -> list[_Edit]:
    inside = text[cloze.inner : cloze.tail]
    first = cloze.inner + len(inside) - len(inside.lstrip())
    last = cloze.inner + len(inside.rstrip())
    return [(cloze.start, first, "**"), (last, cloze.end, "**")]


def _edited(text: str, edits: Iterable[_Edit]) -> str:
    parts: list[str] = []
    at = 0
    for start, end, instead in sorted(edits):
        if start >= at:  # an edit within a hidden place is hidden too
            parts += [text[at:start], instead]
            at = end
    return "".join([*parts, text[at:]])


def _mask(text: str, cloze: Cloze, math: _Math) -> str:
    # A bracket that a link's target, or a definition, seems to follow is escaped, else the answer's place would go.
    looks_like_link = text[cloze.end : cloze.end + 1] in ("(", "[", ":") and cloze.start not in math
    return f"[{cloze.hint or '…'}{chr(92) if looks_like_link else ''}]"


def _can_be_bold(text: str, cloze: Cloze, math: _Math) -> bool:
    """Whether `**` at both ends makes the answer bold, and changes nothing else."""
    inside = text[cloze.inner : cloze.tail].strip()
    if "*" in inside or "|" in inside or inside.endswith("\\") or _BLOCKS.search("\n" + inside) or cloze.start in math:
        return False
    line = text[text.rfind("\n", 0, cloze.start) + 1 : cloze.start]
    if line.startswith(("    ", "\t")):  # it may be shown as code
        return False
    if line.count("*") % 2 or line.count("**") % 2 or "__" in line:
        return False
    before, after = text[cloze.start - 1 : cloze.start], text[cloze.end : cloze.end + 1]
    opens = inside[0].isalnum() or _is_edge(before)
    return opens and (inside[-1].isalnum() or _is_edge(after)) and "*" not in (before, after)


def _is_edge(beside: str) -> bool:
    """Whether what stands beside `**` lets a sign within it be bold; the braces of other clozes will be gone."""
    return not beside or beside.isspace() or not (beside.isalnum() or beside in "{}:")


class _Math:
    """Where the formulas of a text lie: in them nothing is bold and a bracket needs no escape."""

    def __init__(self, text: str) -> None:
        found = [match.span() for match in _MATH.finditer(text) if len(match[0]) > 2] if _may_hold_math(text) else []
        self._starts = [start for start, _ in found]
        self._ends = [end for _, end in found]

    def __contains__(self, offset: int) -> bool:
        place = bisect_right(self._starts, offset) - 1
        return place >= 0 and offset < self._ends[place]


def _may_hold_math(text: str) -> bool:
    return "$" in text or "\\(" in text or "\\[" in text
