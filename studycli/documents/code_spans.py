"""Where the code of a document lies, as offsets into its text, so that nothing in it is taken for anything else."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from studycli.documents.outline import Kind, Outline

_TICKS = re.compile(r"\\.|(`+)")
_CODE = (Kind.FENCE, Kind.CODE)


class CodeSpans:
    """The fenced blocks and `code spans` of an outline. A code span ends within its paragraph."""

    def __init__(self, outline: Outline) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        offset = 0
        paragraph: list[str] = []
        begin = 0
        for line, kind in zip(outline.lines, outline.kinds, strict=True):
            if kind in _CODE or kind == Kind.BLANK:
                self._add_spans("\n".join(paragraph), begin)
                paragraph = []
                if kind in _CODE:
                    self._starts.append(offset)
                    self._ends.append(offset + len(line))
            else:
                begin = begin if paragraph else offset
                paragraph.append(line)
            offset += len(line) + 1
        self._add_spans("\n".join(paragraph), begin)

    def __contains__(self, offset: int) -> bool:
        """Whether the character at this offset is code."""
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self._ends[index]

    def _add_spans(self, paragraph: str, begin: int) -> None:
        if "`" not in paragraph:
            return
        runs = [match for match in _TICKS.finditer(paragraph) if match[1]]
        by_length: dict[int, list[int]] = {}
        for run in runs:
            by_length.setdefault(len(run[1]), []).append(run.start())
        end = 0
        for run in runs:
            if run.start() < end:
                continue
            same = by_length[len(run[1])]
            following = bisect_left(same, run.end())
            if following < len(same):
                end = same[following] + len(run[1])
                self._starts.append(begin + run.start())
                self._ends.append(begin + end)
