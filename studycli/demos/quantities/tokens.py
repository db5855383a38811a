"""Tokens: characters, bytes, tokens and merges of a text, with the bundled language model's tokenizer."""

from __future__ import annotations

from collections.abc import Sequence

from studycli.demos import models
from studycli.errors import UsageError

_BYTES = 256


def character_count(text: str) -> int:
    """Unicode code points."""
    return len(text)


def byte_count(text: str) -> int:
    """Bytes in UTF-8. Raises UsageError for a lone surrogate."""
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise UsageError("the text has half a character", hint="write it again") from error


def token_count(text: str) -> int:
    """Ids of the text by byte-level BPE. Raises EngineError for a lone surrogate."""
    return len(models.tokenizer("study-lm").encode(text))


def bpe_merges(text: str) -> int:
    """Uses of merge rules: bytes less tokens, where no special token stands. Raises EngineError."""
    return len(models.tokenizer("study-lm").merges(text))


def bpe_training(words: str, counts: Sequence[float], merges: int) -> int:
    """Tokens of a small corpus, each of its words so many times, after merges learned from it (Sennrich et al. 2016).

    It starts from single bytes; of pairs that are as frequent, the trainer of `tokenizers` picks one. Fewer merges are
    made where no pair is left. Raises UsageError for another number of counts than words, or one that isn't whole.
    """
    from studycli.engine.tokenizer import Tokenizer

    split = words.split()
    if len(split) != len(counts):
        raise UsageError(f"there are {len(split)} words and {len(counts)} counts", hint="give one count a word")
    if not all(float(count).is_integer() for count in counts):
        raise UsageError("a count is no whole number", hint="say how often each word occurs")
    times = dict(zip(split, map(int, counts), strict=True))
    if len(times) < len(split):
        raise UsageError("a word is there twice", hint="give its count once")
    corpus = (word for word, count in times.items() for _ in range(count))
    trained = Tokenizer.train(corpus, _BYTES + merges)
    return sum(count * len(trained.encode(word)) for word, count in times.items())
