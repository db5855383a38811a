"""Known words: what is said of a word that a model never learned."""

from __future__ import annotations

import pytest

from studycli.demos.known import read
from studycli.errors import UsageError

KNOWN = frozenset(("apple", "paint", "paints", "slept", "the"))


@pytest.mark.parametrize(
    ("word", "hint"), [("painst", "it knows paint, paints;"), ("elephant", "it knows apple, paint, ")]
)
def test_only_words_that_look_alike_are_offered_for_one_that_is_not_known(word: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"never learned the word '{word}'") as caught:
        read(f"the {word}", KNOWN, 8, "the paint")
    assert str(caught.value.hint).startswith(hint) and str(caught.value.hint).endswith("knows: the paint")
    assert ("slept" in str(caught.value.hint)) == (word == "elephant")


def test_known_words_are_spelled_as_the_model_has_them() -> None:
    assert read("The Apple slept!", KNOWN, 8, "").tokens == ("the", "apple", "slept")
