"""A typed answer beside the card's: the words that are there, missing and extra."""

from __future__ import annotations

import pytest

from studycli.model.card import Card
from studycli.render.word_diff import Change, compare, compare_texts, draw

CARD = Card(
    number=1,
    front="Why divide?",
    back="The **attention scores** are $\\frac{QK^T}{\\sqrt{d_k}}$, so that the dot-product does not grow.",
    brief_back="Divide by √dₖ: the variance stays 1",
)


@pytest.mark.parametrize(
    ("typed", "expected", "shown", "met"),
    [
        ("query key", "query key", "query key", 1.0),
        ("QUERY, key!", "`query` (key).", "`query` (key).", 1.0),
        ("dot product", "dot-product", "dot-product", 1.0),
        ("the key", "the query and a key", "the {+query and a+} key", 0.4),
        ("the small key", "the key", "the [-small-] key", 1.0),
        ("the value", "the key", "the {+key+} [-value-]", 0.5),
        ("", "a key", "{+a key+}", 0.0),
        ("a key", "", "[-a key-]", 1.0),
        ("a + b", "a - b", "a - [-+-] b", 1.0),
        ("QK^T", "QKᵀ", "QKᵀ", 1.0),
        ("- one\n- two", "- one\n- three", "- one\n- {+three+} [-two-]", 0.5),
        ("", "", "", 1.0),
    ],
)
def test_what_differs_is_marked(typed: str, expected: str, shown: str, met: float) -> None:
    diff = compare_texts(typed, expected)
    assert draw(diff).plain == shown
    assert diff.met == met


def test_the_segments_in_reading_order() -> None:
    segments = compare_texts("the small key", "the long query key").segments
    assert [(segment.change, segment.text.strip()) for segment in segments] == [
        (Change.SAME, "the"),
        (Change.MISSING, "long query"),
        (Change.EXTRA, "small"),
        (Change.SAME, "key"),
    ]


def test_markdown_and_formulas_are_compared_as_they_are_shown() -> None:
    diff = compare("the attention scores are QK^T/√d_k so that the *dot product* does not grow", CARD)
    assert diff.met == 1.0
    assert draw(diff).plain == "The attention scores are QKᵀ/√dₖ, so that the dot-product does not grow."


def test_a_brief_answer_is_held_against_the_brief_back() -> None:
    diff = compare("divide by √d_k, so the variance stays 1", CARD)
    assert diff.expected == CARD.brief_back
    assert draw(diff).plain == "Divide by √dₖ: [-so-] the variance stays 1"


def test_marks_tell_it_without_colour_and_colour_comes_on_top() -> None:
    drawn = draw(compare_texts("the value", "the key"))
    styled = {drawn.plain[span.start : span.end]: str(span.style) for span in drawn.spans}
    assert styled == {"{+key+}": "green underline", "[-value-]": "red strike"}


def test_hostile_text_is_text() -> None:
    diff = compare("\x1b[31mred[/red] \x07", CARD)
    assert "\x1b" not in draw(diff).plain
    assert "[31mred[/red]" in draw(diff).plain


def test_long_answers() -> None:
    words = [f"word{number}" for number in range(10_000)]
    assert compare_texts(" ".join(words[:5_000] + words[5_010:]), " ".join(words)).met == 0.999
    assert compare_texts("same " * 9_999, "same " * 10_000).met == 0.9999
    assert compare_texts(" ".join(reversed(words)), " ".join(words)).met < 0.001
