"""Excerpts: the stretch of a text where a query's words stand, as segments with these words marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from studycli.model.search import Segment
from studycli.model.search_query import SearchQuery, Term

LENGTH = 150
_BEFORE = 40
# As the index takes a text apart: letters and digits, with the accents that follow them.
_WORD = re.compile("(?:[^\\W_][\u0300-\u036f]*)+")
_MARKUP = re.compile(r"[*`]+|^\s{0,3}(?:#{1,6}\s|>\s?)|^[\s|:-]+$|<!--[^>]*-->", re.MULTILINE)
_RULES = re.compile(r"(?:\s*\|)+\s*")
_TEMPLATES = re.compile(r"\{\{compute:[^{}]*\}\}")


class _Found(NamedTuple):
    """Words of a text that a term of the query matches, as [start, end) in characters; `term` is its place."""

    start: int
    end: int
    term: int


def flat(markdown: str) -> str:
    """Markdown on one line without emphasis, headings and table rules; what a template computes is left out."""
    text = _TEMPLATES.sub("…", _MARKUP.sub("", markdown))
    return " ".join(_RULES.sub(" · ", text).split()).strip("· ")


def marked(text: str, query: SearchQuery) -> tuple[Segment, ...]:
    """A whole text with the query's words marked."""
    return _segments(text, _found(text, _sought(query)))


def excerpt(texts: Iterable[str], query: SearchQuery) -> tuple[Segment, ...]:
    """About `LENGTH` characters of that text, of some in their order, in which most of the query's terms stand.

    Without any in them it is the beginning of the first.
    """
    sought = _sought(query)
    best: tuple[int, str, list[_Found]] | None = None
    for text in texts:
        found = _found(text, sought)
        score = len({match.term for match in found})
        if text and (best is None or score > best[0]):
            best = (score, text, found)
    if best is None:
        return ()
    _, text, found = best
    start, end = _window(text, found)
    inside = [
        match._replace(start=match.start - start, end=match.end - start)
        for match in found
        if start <= match.start and match.end <= end
    ]
    segments = list(_segments(text[start:end], inside))
    if start:
        segments.insert(0, Segment(text="… "))
    if end < len(text):
        segments.append(Segment(text=" …"))
    return tuple(segments)


def _sought(query: SearchQuery) -> list[tuple[list[str], bool]]:
    """The folded words of each term that a hit must have, and whether the last may go on."""
    terms: dict[Term, None] = dict.fromkeys(term for group in query.groups for term in group.sought)
    return [(words, term.prefix) for term in terms if (words := [fold(word) for word in _WORD.findall(term.text)])]


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """A word as the index compares it: without case and accents."""
    if word.isascii():
        return word.lower()
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign)).lower()


def _found(text: str, sought: Sequence[tuple[list[str], bool]]) -> list[_Found]:
    words = [(match.start(), match.end(), fold(match[0])) for match in _WORD.finditer(text)]
    found = []
    for term, (wanted, prefix) in enumerate(sought):
        *first, last = wanted
        for place, (start, _, _) in enumerate(words[: len(words) - len(first)]):
            end = words[place + len(first)]
            if (end[2].startswith(last) if prefix else end[2] == last) and all(
                words[place + step][2] == word for step, word in enumerate(first)
            ):
                found.append(_Found(start, end[1], term))
    return sorted(found)


def _window(text: str, found: Sequence[_Found]) -> tuple[int, int]:
    """Where to cut a text: at blanks, around the place with the most different terms."""
    if len(text) <= LENGTH or not found:
        return 0, _blank_before(text, LENGTH)

    def terms_from(first: _Found) -> int:
        return len({match.term for match in found if first.start <= match.start <= first.start + LENGTH - _BEFORE})

    first = max(found, key=terms_from)
    start = max(min(first.start - _BEFORE, len(text) - LENGTH), 0)
    if start:
        blank = text.find(" ", start, first.start)
        start = blank + 1 if blank >= 0 else first.start
    return start, _blank_before(text, max(start + LENGTH, first.end))


def _blank_before(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    blank = text.rfind(" ", end - LENGTH // 4, end + 1)
    return blank if blank > 0 else end


def _segments(text: str, found: Sequence[_Found]) -> tuple[Segment, ...]:
    segments, at = [], 0
    for start, end, _ in found:
        if end <= at:
            continue
        if at < start:
            segments.append(Segment(text=text[at:start]))
        segments.append(Segment(text=text[max(at, start) : end], found=True))
        at = end
    if at < len(text):
        segments.append(Segment(text=text[at:]))
    return tuple(segments)
