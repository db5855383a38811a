"""A typed answer beside the card's: which words are there, which are missing, which are extra."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

from rich.text import Text

from studycli.model.card import Card
from studycli.render.plain import plain_markdown

_COMPARED = 300  # words of either side in one comparison, whose time grows with their product
_LONGEST = 100  # characters of a word that is compared by its letters
_TOKEN = re.compile(r"[^\s/\u2010-\u2014-]+[\s/\u2010-\u2014-]*|[\s/\u2010-\u2014-]+")
_NO_WORD = ("P", "Z", "C", "Sk")  # Unicode categories: punctuation, blanks, controls, marks such as ` and ^
_LOOKS = {"same": ("", "", ""), "missing": ("{+", "+}", "green underline"), "extra": ("[-", "-]", "red strike")}


class Change(StrEnum):
    """How a run of words stands to the card's answer."""

    SAME = "same"
    MISSING = "missing"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words of one kind, as they are written: those of the card, or for EXTRA those that were typed."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class WordDiff:
    """A comparison in reading order. `met` is the share of the card's words, 0 to 1, that were typed in their order.

    `expected` is the text that was compared with, of so many `words`.
    """

    segments: tuple[Segment, ...]
    met: float
    expected: str
    words: int


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as written, with the blanks behind it, and what it is compared by."""

    text: str
    key: str


def compare(typed: str, card: Card) -> WordDiff:
    """A typed answer against the card's back, or its brief back if that is the nearer one.

    Case, punctuation and Markdown marks make no difference, and formulas are compared as Unicode.
    """
    answers = [card.back] if card.brief_back is None else [card.back, card.brief_back]
    written = _words(plain_markdown(typed, latex="unicode"))
    found = [_compared(written, plain_markdown(answer, latex="unicode")) for answer in answers]
    return max(found, key=lambda pair: pair[0])[1]


def compare_texts(typed: str, expected: str) -> WordDiff:
    """Two plain texts compared in the same way."""
    return _compared(_words(typed), expected)[1]


def draw(diff: WordDiff) -> Text:
    """The comparison as text: `{+missing+}`, `[-extra-]`, and everything else as the card has it."""
    drawn = Text()
    for segment in diff.segments:
        before, after, style = _LOOKS[segment.change.value]
        body = segment.text.strip()
        if drawn and body and not drawn.plain[-1].isspace() and segment.change is not Change.SAME:
            drawn.append(" ")
        drawn.append(f"{before}{body}{after}", style)
        drawn.append(segment.text[len(segment.text.rstrip()) :] or " ")
    drawn.rstrip()
    return drawn


def _compared(typed: list[_Word], answer: str) -> tuple[float, WordDiff]:
    """How near the two are, 0 to 1, and the comparison."""
    wanted = _words(answer)
    segments: list[Segment] = []
    met, here, there = 0, 0, 0
    for start, other, size in [*_matches(_keys(wanted), _keys(typed)), (len(wanted), len(typed), 0)]:
        _add(segments, Change.MISSING, wanted[here:start])
        _add(segments, Change.EXTRA, typed[there:other])
        _add(segments, Change.SAME, wanted[start : start + size])
        met, here, there = met + size, start + size, other + size
    nearness = 2 * met / (len(wanted) + len(typed)) if wanted or typed else 1.0
    return nearness, WordDiff(tuple(segments), met / len(wanted) if wanted else 1.0, answer, len(wanted))


def _add(segments: list[Segment], change: Change, words: Sequence[_Word]) -> None:
    text = "".join(word.text for word in words)
    if segments and text and segments[-1].change is change:
        segments[-1] = Segment(change, segments[-1].text + text)
    elif text:
        segments.append(Segment(change, text))


def _words(text: str) -> list[_Word]:
    """The words of a text. What has no letter, digit or sign in it belongs to the word before it."""
    found: list[tuple[list[str], str]] = []
    lead: list[str] = []
    for token in _TOKEN.findall(text):
        key = _key(token) if len(token) <= _LONGEST else token
        if key:
            found.append(([*lead, token], key))
            lead = []
        else:
            (found[-1][0] if found else lead).append(token)
    return [_Word("".join(parts), key) for parts, key in found]


@lru_cache(maxsize=8192)
def _key(word: str) -> str:
    letters = unicodedata.normalize("NFKC", word).casefold()
    return "".join(letter for letter in letters if not unicodedata.category(letter).startswith(_NO_WORD))


def _keys(words: Sequence[_Word]) -> list[str]:
    return [word.key for word in words]


def _matches(one: list[str], other: list[str]) -> Iterator[tuple[int, int, int]]:
    """Runs of equal words as (place in `one`, place in `other`, length), in order.

    Long texts are first parted at the words that either has once, so that the time stays near their length; between
    two of these, parts of more than `_COMPARED` words count as different.
    """
    if max(len(one), len(other)) <= _COMPARED:
        yield from _blocks(one, other, 0, 0)
        return
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if same:
        yield 0, 0, same
    here = there = same
    anchors = [(start, end) for start, end in _anchors(one, other) if start >= same and end >= same]
    for start, end in [*anchors, (len(one), len(other))]:
        if max(start - here, end - there) <= _COMPARED:
            yield from _blocks(one[here:start], other[there:end], here, there)
        if start < len(one):
            yield start, end, 1
        here, there = start + 1, end + 1


def _blocks(one: list[str], other: list[str], here: int, there: int) -> Iterator[tuple[int, int, int]]:
    for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()[:-1]:
        yield block.a + here, block.b + there, block.size


def _anchors(one: list[str], other: list[str]) -> list[tuple[int, int]]:
    """Places of words that both texts have once, as many as stand in the same order in both."""
    counts, others = Counter(one), Counter(other)
    places = {word: place for place, word in enumerate(other) if others[word] == 1}
    pairs = [(place, places[word]) for place, word in enumerate(one) if counts[word] == 1 and word in places]
    ends: list[int] = []  # the lowest place in `other` at which a run of each length ends
    last: list[int] = []  # the pair that ends it
    previous = [-1] * len(pairs)
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        previous[number] = last[length - 1] if length else -1
        if length == len(ends):
            ends.append(place)
            last.append(number)
        else:
            ends[length], last[length] = place, number
    run: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        run.append(pairs[number])
        number = previous[number]
    return run[::-1]
