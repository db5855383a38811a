"""Overlap: how much of what is held out stands word for word in what is trained on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

WORDS = 8
"""As many words in a row, the same in both, are taken for copied rather than for chance."""
_WORD = re.compile(r"\w+")


def overlap(held_out: Iterable[str], training: Iterable[str], length: int = WORDS) -> float:
    """Share, from 0 to 1, of the words of held-out texts within some n-gram of `length` that training texts have.

    Words are letters and digits in a row, so that rules of tables don't count; an n-gram lies within one text.
    Without a word the share is 0.
    """
    known = {ngram for text in training for ngram in _ngrams(_WORD.findall(text), length)}
    words, found = 0, 0
    for text in held_out:
        each = _WORD.findall(text)
        within: set[int] = set()
        for at, ngram in enumerate(_ngrams(each, length)):
            if ngram in known:
                within.update(range(at, at + length))
        words, found = words + len(each), found + len(within)
    return found / words if words else 0.0


def _ngrams(words: list[str], length: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + length]) for at in range(len(words) - length + 1))
