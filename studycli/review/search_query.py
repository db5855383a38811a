"""The query language of search: a learner's text -> a query, or an error that names the piece and what there is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import NamedTuple

from studycli.errors import UsageError
from studycli.model.card import Difficulty
from studycli.model.search_query import Comparison, Filter, FilterName, Group, Quantity, SearchQuery, Standing, Term

LONGEST = 1000
MOST_PIECES = 64
MOST = 100_000  # days or anything else that is compared
LEVELS = ("remember", "understand", "apply", "analyze", "evaluate", "create")
PLACES = ("cards", "notes", "concepts")
KEPT = ("note", "demo", "claim")

_VALUES = {
    FilterName.DIFFICULTY: tuple(level.value for level in Difficulty),
    FilterName.LEVEL: LEVELS,
    FilterName.IS: tuple(standing.value for standing in Standing),
    FilterName.HAS: KEPT,
    FilterName.IN: PLACES,
}
_NAMES = tuple(name.value for name in FilterName)
_QUANTITIES = tuple(quantity.value for quantity in Quantity)
_FILTER = re.compile(r"([A-Za-z]+)(:)")
_COMPARISON = re.compile(r"([A-Za-z]+)(<=|>=|<|>|=|:)")
_PIECE = re.compile(r'(-?)((?:[A-Za-z]+(?:<=|>=|[<>=:]))?)"|(-?)(\S+)')
_FEWEST_LETTERS = 2  # as the beginning of a longer word; one letter begins half of all words
_SHORTEST_NAME = 4  # of a name that may be a filter's misspelt: 'it:' and 'as:' are words
_CLOSE = 0.85
_OTHER_SPELLINGS = {"analyse": "analyze", "analysis": "analyze", "application": "apply", "evaluation": "evaluate"}


class _Piece(NamedTuple):
    """What stands between blanks: `head` is a filter's name with its sign, `quoted` what stands in quotes."""

    raw: str
    excluded: bool
    head: str
    text: str
    quoted: bool
    last: bool


def parse(text: str, *, partial: bool = False) -> SearchQuery:
    """The query that a text means. `partial`: it is still being typed, so its last word may go on.

    Words stand for themselves, "..." for a phrase, -x for what must not be there, `or` between two groups for either.
    `deck:x`, `is:due`, `ease<2` and their like are filters; what only looks like one is words.
    Raises UsageError for an open quote, an unknown value of a filter, a misspelt filter, and a text that is too long.
    """
    clean = text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    if len(clean) > LONGEST:
        raise UsageError("the query is too long", hint=f"at most {LONGEST} characters are looked for")
    pieces = list(_pieces(clean, partial))
    if len(pieces) > MOST_PIECES:
        raise UsageError("the query has too many words", hint=f"at most {MOST_PIECES} are looked for")
    groups: list[list[Term | Filter | Comparison]] = [[]]
    for place, piece in enumerate(pieces):
        between = bool(groups[-1]) and place + 1 < len(pieces)
        if between and piece.raw.casefold() == "or":
            groups.append([])
        elif (meant := _meant(piece, partial)) is not None:
            groups[-1].append(meant)
    return SearchQuery(text=clean, groups=tuple(_group(members) for members in groups if members))


def _pieces(text: str, partial: bool) -> Iterator[_Piece]:
    at = 0
    while found := _PIECE.search(text, at):
        minus, head = found[1], found[2]
        if minus is None:
            minus, word, end = found[3], found[4], found.end()
            raw, last = minus + word, not text[end:].strip()
            # An arrow or a dash takes nothing away.
            excluded = bool(minus) and any(map(str.isalnum, word))
            yield _Piece(raw, excluded, "", word if excluded else raw, quoted=False, last=last)
        else:
            end = text.find('"', found.end())
            if end < 0 and not partial:
                piece = text[found.start() :]
                raise UsageError("a quote is not closed", where=piece, hint=f'close it: {piece}"')
            end = len(text) if end < 0 else end + 1
            inside = text[found.end() : end].removesuffix('"')
            raw = text[found.start() : end]
            yield _Piece(raw, bool(minus), head, inside, quoted=True, last=not text[end:].strip())
        at = end


def _group(members: list[Term | Filter | Comparison]) -> Group:
    return Group(
        terms=tuple(member for member in members if isinstance(member, Term)),
        filters=tuple(member for member in members if isinstance(member, Filter)),
        comparisons=tuple(member for member in members if isinstance(member, Comparison)),
    )


def _meant(piece: _Piece, partial: bool) -> Term | Filter | Comparison | None:
    """What a piece stands for; None where nothing is typed of its value yet."""
    if piece.quoted and not piece.head:
        open_end = partial and piece.last and not piece.raw.endswith('"')
        return _term(piece, piece.text, open_end)
    whole = piece.head + piece.text
    if (found := _COMPARISON.match(whole)) and found[1].casefold() in _QUANTITIES:
        return _comparison(piece, Quantity(found[1].casefold()), found[2], whole[found.end() :].strip(), partial)
    if found := _FILTER.match(whole):
        name, value = found[1].casefold(), whole[found.end() :].strip()
        if name in _NAMES:
            return _filter(piece, FilterName(name), value, partial)
        if value and not value.startswith("/"):
            _refuse_misspelt(piece, name, _NAMES)
    elif found := _COMPARISON.match(whole):
        _refuse_misspelt(piece, found[1].casefold(), _QUANTITIES)
    return _term(piece, whole, partial and piece.last and not piece.quoted)


def _term(piece: _Piece, text: str, prefix: bool) -> Term:
    return Term(text=text, prefix=prefix and len(text) >= _FEWEST_LETTERS, excluded=piece.excluded)


def _filter(piece: _Piece, name: FilterName, value: str, partial: bool) -> Filter | None:
    typing = partial and piece.last
    known = _VALUES.get(name)
    if not value:
        if typing:
            return None
        example = known[0] if known else "NAME"
        raise UsageError(f"{name}: needs a value", where=piece.raw, hint=_choices(name, known) or f"{name}:{example}")
    if known is not None:
        value = _OTHER_SPELLINGS.get(value.casefold(), value.casefold())
        if value not in known:
            if typing and any(word.startswith(value) for word in known):
                return None
            raise UsageError(f"{name}: has no '{value}'", where=piece.raw, hint=_hint(name, value, known))
    return Filter(name=name, value=value, excluded=piece.excluded, piece=piece.raw)


def _comparison(piece: _Piece, quantity: Quantity, operator: str, text: str, partial: bool) -> Comparison | None:
    value: float | date | None = _number(text)
    if value is None and quantity is Quantity.DUE:
        value = _day(text)
    if value is None:
        if partial and piece.last:
            return None
        example = "due<=7 or due<2026-12-01" if quantity is Quantity.DUE else f"{quantity}<2"
        problem = f"'{text}' is no {'day' if quantity is Quantity.DUE else 'number'}" if text else "a number is missing"
        raise UsageError(problem, where=piece.raw, hint=f"write it like {example}")
    return Comparison(quantity=quantity, operator=operator.replace(":", "="), value=value, excluded=piece.excluded)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= MOST else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _refuse_misspelt(piece: _Piece, name: str, known: tuple[str, ...]) -> None:
    """Raise UsageError where a name is nearly that of a filter; any other word with a colon is a word."""
    singular = name.removesuffix("s")
    close = [singular] if singular in known else []
    if len(name) >= _SHORTEST_NAME:
        close = close or get_close_matches(name, known, n=1, cutoff=_CLOSE)
    if close:
        hint = f'is it {close[0]}? As words, put it in quotes: "{piece.raw}"'
        raise UsageError(f"there is no filter '{name}'", where=piece.raw, hint=hint)


def _hint(name: StrEnum, value: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(value, known, n=1, cutoff=0.6)
    return f"is it {name}:{close[0]}? {_choices(name, known)}" if close else _choices(name, known)


def _choices(name: StrEnum, known: tuple[str, ...] | None) -> str:
    return f"there are {', '.join(f'{name}:{value}' for value in known)}" if known else ""
