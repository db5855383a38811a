"""Card text: what of a card's Markdown a demo computes on."""

from __future__ import annotations

import pytest

from studycli.demos.card_text import seen
from studycli.demos.words import has_words, split


@pytest.mark.parametrize(
    ("markdown", "tokens"),
    [
        ("It's **self-attention**, `d_k` = 64.", ["It's", "self-attention", ",", "d_k", "=", "64", "."]),
        ("[a link](http://example.org/path) ![an image](x.png)", ["a", "link", "an", "image"]),
        ("# Heading\n\n- one\n- two", ["Heading", "one", "two"]),
        ("| a | b |\n|---|---|\n| 1 | `x` |", ["a", "b", "1", "x"]),
        ("```python\nq @ k\n```", ["q", "@", "k"]),
        ("bold <!-- hidden --> &amp;", ["bold", "&"]),
        ("~~gone~~ a<br>b", ["gone", "a", "b"]),
        ("[bold]red[/bold]", ["[", "bold", "]", "red", "[", "/", "bold", "]"]),
        (r"Why is $\frac{QK^T}{\sqrt{d_k}}$ scaled?", ["Why", "is", "QKᵀ", "/", "√", "dₖ", "scaled", "?"]),
        ("Say\n\n$$\n\\alpha_i = 1\n$$\n\naloud", ["Say", "αᵢ", "=", "1", "aloud"]),
        (r"An open $\frac{a$ stays", ["An", "open", "\\", "frac", "{", "a", "stays"]),
    ],
)
def test_tokens_of_a_card(markdown: str, tokens: list[str]) -> None:
    assert list(split(seen(markdown)).tokens) == tokens


@pytest.mark.parametrize("text", ["---", "<!-- nothing -->", "```\n```", "[](http://example.org)"])
def test_marks_alone_are_no_words(text: str) -> None:
    assert not has_words(seen(text))


def test_of_a_very_long_card_all_words_are_counted() -> None:
    words = split(seen("**word** " * 20_000))
    assert not words.exact and words.tokens[0] == "word"
    assert words.left_out > 19_000
