"""Excerpts: the words that were looked for, marked in the text around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.model.search import plain_text
from studycli.review.excerpt import LENGTH, excerpt, flat, marked
from studycli.review.search_query import parse


def shown(text: str, query: str, *, partial: bool = False) -> str:
    return "".join(
        f"[{part.text}]" if part.found else part.text for part in marked(text, parse(query, partial=partial))
    )


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("The softmax of a Softmax.", "softmax", "The [softmax] of a [Softmax]."),
        ("softmaxes", "softmax", "softmaxes"),
        ("Vaswani's café", "cafe", "Vaswani's [café]"),
        ("cafe\u0301 x", "CAFÉ", "[cafe\u0301] x"),
        ("multi-head and head, multi", '"multi head"', "[multi-head] and head, multi"),
        ("d_k", "d_k", "[d_k]"),
        ("a b c", "-b c", "a b [c]"),
        ("x is due", "is:due x", "[x] is due"),
        ("a", "b or a", "[a]"),
    ],
)
def test_marks(text: str, query: str, expected: str) -> None:
    assert shown(text, query) == expected


def test_the_beginning_of_a_word_while_it_is_typed() -> None:
    assert shown("softmax sofa soap", "sof", partial=True) == "[softmax] [sofa] soap"


def test_the_place_with_the_most_words_is_shown() -> None:
    text = "query " + "filler " * 100 + "a query and its key here " + "filler " * 100
    segments = excerpt([text], parse("query key"))
    assert [part.text for part in segments if part.found] == ["query", "key"]
    assert plain_text(segments).startswith("… ")
    assert plain_text(segments).endswith(" …")
    assert len(plain_text(segments)) <= LENGTH + 4


def test_the_text_with_most_of_the_words_is_chosen() -> None:
    assert plain_text(excerpt(["", "one thing", "one and two"], parse("one two"))) == "one and two"
    assert plain_text(excerpt(["", "first", "second"], parse("x"))) == "first"
    assert excerpt([""], parse("x")) == ()


def test_flat_text() -> None:
    text = "## A\n**bold** `code`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n<!-- x -->{{compute: f(x=1)}} end"
    assert flat(text) == "A bold code · a · b · 1 · 2 · … end"


@given(st.text(max_size=400), st.text(max_size=20))
def test_marking_loses_nothing(text: str, words: str) -> None:
    query = parse(words.replace('"', "").replace(":", "").replace("<", "").replace(">", "").replace("=", ""))
    assert plain_text(marked(text, query)) == text
    body = plain_text(excerpt([text], query)).removeprefix("… ").removesuffix(" …")
    assert body in text
