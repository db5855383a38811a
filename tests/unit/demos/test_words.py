"""Words: what becomes a token of a text that is typed, and how what is left out is told."""

from __future__ import annotations

import pytest

from studycli.demos.words import LIMIT, has_words, split
from studycli.errors import UsageError


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Why scale?", ["Why", "scale", "?"]),
        ("It's self-attention, d_k = 64.", ["It's", "self-attention", ",", "d_k", "=", "64", "."]),
        ("50,000 or 3.5, not 3. 5", ["50,000", "or", "3.5", ",", "not", "3", ".", "5"]),
        ("a <b> c [red]x[/]", ["a", "<", "b", ">", "c", "[", "red", "]", "x", "[", "/", "]"]),
        ("# *one* `two` &amp;", ["#", "*", "one", "*", "`", "two", "`", "&", "amp", ";"]),
        ("a\x1b[31mb\x00\u202ec\ufffd\ud800d", ["a", "[", "31mbcd"]),
        ("cafe\u0301 हिन्दी", ["café", "हिन्दी"]),
        ("注意 はい ok", ["注", "意", "は", "い", "ok"]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert has_words(text)
    assert list(split(text).tokens) == tokens


@pytest.mark.parametrize("text", ["", "  \n\t", "\x00\x1b\x07", "\u0301"])
def test_no_tokens_is_a_usage_error(text: str) -> None:
    assert not has_words(text)
    with pytest.raises(UsageError, match="no words"):
        split(text)


@pytest.mark.parametrize(
    ("count", "summary"),
    [
        (1, "the only token of the text"),
        (5, "all 5 of the text"),
        (LIMIT, "all 32 of the text"),
        (LIMIT + 9, "the first 32 of 41; the other 9 are left out"),
        (100_000, "the first 32 of about 100,000; the other 99,968 are left out"),
    ],
)
def test_what_is_left_out_is_told(count: int, summary: str) -> None:
    words = split("word " * count)
    assert len(words.tokens) == min(count, LIMIT)
    assert words.left_out == max(count - LIMIT, 0)
    assert words.summary == summary


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("The cat, it\n\nwas thirsty.", "The cat, it was thirsty."),
        ("a <b> c [red]x[/]", "a <b> c [red]x[/]"),
        ("f(x) = [1, 2]!", "f(x) = [1, 2]!"),
        ("word, " * 40, "word, " * 15 + "word,"),
    ],
)
def test_the_text_that_is_used_keeps_its_own_spaces(given: str, text: str) -> None:
    assert split(given).text == text


def test_one_word_of_a_million_letters_is_cut_and_told() -> None:
    words = split("x" * 1_000_000)
    assert len(words.tokens) == 1 and not words.exact and words.left_out
