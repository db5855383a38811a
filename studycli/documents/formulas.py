"""Displayed formulas: what stands between `$$` and `$$`, or between `\\[` and `\\]`."""

from __future__ import annotations

import re

from studycli.documents.code_spans import CodeSpans
from studycli.documents.outline import Kind, Outline
from studycli.model.lesson import CodeBlock
from studycli.model.problem import Problem, Severity

_MARK = re.compile(r"(?<!\\)\$\$|(?<!\\)\\[\[\]]")
_CLOSED_BY = {"$$": "$$", "\\[": "\\]"}


def formulas(outline: Outline, problems: list[Problem]) -> tuple[CodeBlock, ...]:
    """The displayed formulas, in order. One that doesn't close before the next heading or code is a problem.

    `\\[` opens one only at the start of a line: elsewhere it is an escaped bracket.
    """
    found: list[CodeBlock] = []
    code = CodeSpans(outline)
    opened: tuple[str, int, int] | None = None  # the mark, its offset, its 0-based line
    offset = 0
    text = "\n".join(outline.lines)
    for number, (line, kind) in enumerate(zip(outline.lines, outline.kinds, strict=True)):
        if opened and kind in (Kind.HEADING, Kind.FENCE):
            problems += _unclosed(outline, opened)
            opened = None
        if kind not in (Kind.FENCE, Kind.CODE):
            start = len(line) - len(line.lstrip(" \t>*-"))
            for mark in _MARK.finditer(line):
                place = offset + mark.start()
                if opened and mark[0] == _CLOSED_BY[opened[0]]:
                    formula = text[opened[1] + len(opened[0]) : place].strip()
                    found.append(CodeBlock(language="latex", text=formula, line=opened[2] + 1))
                    opened = None
                elif not opened and place not in code and (mark[0] == "$$" or mark.start() == start):
                    opened = (mark[0], place, number)
        offset += len(line) + 1
    problems += _unclosed(outline, opened) if opened else []
    return tuple(formula for formula in found if formula.text)


def _unclosed(outline: Outline, opened: tuple[str, int, int]) -> list[Problem]:
    mark, _, number = opened
    if not outline.lines[number].lstrip().startswith(mark):
        return []
    message = f"a formula opens here with {mark} and never closes"
    hint = f"close it with {_CLOSED_BY[mark]}"
    return [Problem(severity=Severity.WARNING, line=number + 1, message=message, hint=hint)]
