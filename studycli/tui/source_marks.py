"""Marks: words in a drawn text, made to stand out wherever they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style

from studycli.model.concept_name import split_parentheses

_MARK = Style(bold=True, underline=True, color="magenta")
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 200


class Marked:
    """A renderable in which each of some names is marked, in any case, also over the end of a line."""

    def __init__(self, renderable: RenderableType, names: Iterable[str]) -> None:
        self._renderable = renderable
        self._pattern = _pattern(names)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._pattern is None:
            yield self._renderable
            return
        lines = console.render_lines(self._renderable, options, pad=False, new_lines=True)
        yield from _marked([segment for line in lines for segment in line], self._pattern)


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of the names, the longest first: their words, with spaces or dashes between, and in the plural."""
    found = set()
    for name in names:
        for form in (name, *(split_parentheses(name) or ())):
            words = _WORD.findall(form[:_LONGEST])
            if words:
                found.add(tuple(words))
    if not found:
        return None
    forms = sorted((_form(words) for words in found), key=lambda form: (-len(form), form))
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE)


def _form(words: Sequence[str]) -> str:
    *leading, last = map(re.escape, words)
    stem = last[:-1] if len(last) > 3 and last.endswith("s") and not last.endswith("ss") else last
    # A word of one letter has no plural that would be meant.
    return r"[\s\-‐‑–/]+".join([*leading, f"{stem}(?:e?s)?" if len(stem) > 1 else stem])


def _marked(segments: Sequence[Segment], pattern: re.Pattern[str]) -> Iterator[Segment]:
    """The segments, cut where a match begins or ends."""
    text = "".join(segment.text for segment in segments if not segment.control)
    cuts = [place for match in pattern.finditer(text) for place in match.span()]
    position = number = 0
    for segment in segments:
        if segment.control:
            yield segment
            continue
        rest = segment.text
        while rest:
            while number < len(cuts) and cuts[number] <= position:
                number += 1
            length = min(cuts[number] - position, len(rest)) if number < len(cuts) else len(rest)
            piece, rest = rest[:length], rest[length:]
            # An odd number of cuts lies before a place within a match.
            within = number % 2 == 1 and not piece.isspace()
            style = segment.style or Style.null()
            yield Segment(piece, style + _MARK if within else segment.style)
            position += length
