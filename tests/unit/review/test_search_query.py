"""The query language: what a text means, and what it refuses."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.errors import UsageError
from studycli.model.search_query import Comparison, Filter, FilterName, Group, Quantity, Term
from studycli.review.search_query import LONGEST, MOST_PIECES, parse


def said(text: str, *, partial: bool = False) -> list[str]:
    """Each group as one line: terms, filters, comparisons, in brief."""
    return [_brief(group) for group in parse(text, partial=partial).groups]


def _brief(group: Group) -> str:
    parts = [f"{'-' * term.excluded}<{term.text}>{'*' * term.prefix}" for term in group.terms]
    parts += [f"{'-' * part.excluded}{part.name}={part.value}" for part in group.filters]
    parts += [f"{'-' * part.excluded}{part.quantity}{part.operator}{part.value}" for part in group.comparisons]
    return " ".join(parts)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", []),
        ("   ", []),
        ("scaled dot", ["<scaled> <dot>"]),
        ('"scaled dot" product', ["<scaled dot> <product>"]),
        ('-mask -"two words"', ["-<mask> -<two words>"]),
        ("a or b c", ["<a>", "<b> <c>"]),
        ("a OR b", ["<a>", "<b>"]),
        ("or a or", ["<or> <a> <or>"]),
        ("deck:attention", ["deck=attention"]),
        ('CONCEPT:"Multi-head attention" x', ["<x> concept=Multi-head attention"]),
        ("-is:DUE", ["-is=due"]),
        ("level:analyse", ["level=analyze"]),
        ("tag:a::b", ["tag=a::b"]),
        ("ease<2 interval>=21 lapses>3 reps=0", ["ease<2.0 interval>=21.0 lapses>3.0 reps=0.0"]),
        ("reps:0", ["reps=0.0"]),
        ("due<2026-12-01 -due<=7", ["due<2026-12-01 -due<=7.0"]),
        ("due=-1", ["due=-1.0"]),
        ("http://x p(x): x<2 f:g 12:30", ["<http://x> <p(x):> <x<2> <f:g> <12:30>"]),
        ("-> — -", ["<->> <—> <->"]),
        ('say"hello', ['<say"hello>']),
        ("it: as:is", ["<it:> <as:is>"]),
        ("AND NOT NEAR(a b) title:x *", ["<AND> <NOT> <NEAR(a> <b)> <title:x> <*>"]),
        ("a\0b", ["<a> <b>"]),
    ],
)
def test_what_a_text_means(text: str, meaning: list[str]) -> None:
    assert said(text) == meaning


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ('x "open', '"open', 'close it: "open"'),
        ("deck:", "deck:", "deck:NAME"),
        ("is:fresh", "is:fresh", "is:new"),
        ("difficulty:esay", "difficulty:esay", "is it difficulty:easy?"),
        ("has:demos", "has:demos", "is it has:demo?"),
        ("in:decks", "in:decks", "in:concepts"),
        ("tags:x", "tags:x", "is it tag?"),
        ("conecpt:x", "conecpt:x", 'put it in quotes: "conecpt:x"'),
        ("ease<two", "ease<two", "ease<2"),
        ("eases<2", "eases<2", "is it ease?"),
        ("interval>", "interval>", "interval<2"),
        ("due<tomorrow", "due<tomorrow", "due<=7"),
        ("lapses>1e9", "lapses>1e9", "lapses<2"),
        ("ease<nan", "ease<nan", "ease<2"),
    ],
)
def test_what_is_refused_names_the_piece_and_what_there_is(text: str, place: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.where == place
    assert hint in str(caught.value.hint)


def test_too_much_is_refused() -> None:
    with pytest.raises(UsageError, match="too long"):
        parse("x" * (LONGEST + 1))
    with pytest.raises(UsageError, match="too many"):
        parse("x " * (MOST_PIECES + 1))
    assert len(parse("x " * MOST_PIECES).groups[0].terms) == MOST_PIECES


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("scaled do", ["<scaled> <do>*"]),
        ("scaled d", ["<scaled> <d>"]),
        ('"scaled do', ["<scaled do>*"]),
        ('"scaled dot"', ["<scaled dot>"]),
        ("x is:", ["<x>"]),
        ("x is:re", ["<x>"]),
        ("x ease<", ["<x>"]),
        ("x due<2026-1", ["<x>"]),
        ("is:due so", ["<so>* is=due"]),
    ],
)
def test_while_it_is_typed(text: str, meaning: list[str]) -> None:
    assert said(text, partial=True) == meaning


def test_values_are_plain_data() -> None:
    (group,) = parse("a -is:due due<2026-12-01").groups
    assert group.terms == (Term(text="a"),)
    assert group.filters == (Filter(name=FilterName.IS, value="due", excluded=True, piece="-is:due"),)
    assert group.comparisons == (Comparison(quantity=Quantity.DUE, operator="<", value=date(2026, 12, 1)),)


@given(st.text(max_size=60) | st.text(alphabet='ab:<=>-" \n*()', max_size=30), st.booleans())
def test_any_text_parses_or_is_refused_kindly(text: str, partial: bool) -> None:
    try:
        query = parse(text, partial=partial)
    except UsageError as error:
        assert error.hint
    else:
        assert all(group.terms or group.filters or group.comparisons for group in query.groups)
