"""Laws of comparing answers: nothing is lost of either text, and the share of words is one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studycli.render.word_diff import Change, compare_texts, draw

WORDS = st.sampled_from(["query", "Key", "value.", "-", "d_k", "**head**", "\n", "a/b", "…", "注意", "x²"])
TEXTS = st.lists(WORDS, max_size=30).map(" ".join) | st.text(max_size=60)


def letters(text: str) -> str:
    return "".join(text.split())


@given(TEXTS, TEXTS)
def test_nothing_of_either_text_is_lost(typed: str, expected: str) -> None:
    diff = compare_texts(typed, expected)
    extra = "".join(segment.text for segment in diff.segments if segment.change is Change.EXTRA)
    rest = "".join(segment.text for segment in diff.segments if segment.change is not Change.EXTRA)
    if any(segment.change is not Change.EXTRA for segment in diff.segments):
        assert letters(rest) == letters(expected)
    assert len(letters(extra)) <= len(letters(typed))
    assert 0 <= diff.met <= 1
    draw(diff)


@given(TEXTS)
def test_a_text_is_like_itself(text: str) -> None:
    diff = compare_texts(text, text)
    assert diff.met == 1
    assert all(segment.change is Change.SAME for segment in diff.segments)
