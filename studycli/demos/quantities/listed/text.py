"""Text: the quantities of texts and their tokens, as listed."""

from __future__ import annotations

from studycli.demos.quantities.listed.slots import integer, numbers, word
from studycli.demos.quantities.quantity import Quantity

_AT = "studycli.demos.quantities.tokens"
_TEXT = (word("text", "a text, in quotes where it has commas or brackets"),)

LISTED = (
    Quantity("character-count", "the characters of a text", f"{_AT}:character_count", _TEXT, "characters"),
    Quantity("byte-count", "the bytes of a text in UTF-8", f"{_AT}:byte_count", _TEXT, "bytes"),
    Quantity(
        "token-count", "the tokens of a text with the tokenizer of study-lm", f"{_AT}:token_count", _TEXT, "tokens"
    ),
    Quantity(
        "bpe-merges",
        "the merges that make a text's tokens out of its bytes, with the tokenizer of study-lm",
        f"{_AT}:bpe_merges",
        _TEXT,
        "merges",
    ),
    Quantity(
        "bpe-training",
        "the tokens that a small corpus has left after so many merges learned from it",
        f"{_AT}:bpe_training",
        (
            word("words", "the words of the corpus, with spaces between them, in quotes"),
            numbers("counts", "how often each word occurs", 1, 1000),
            integer("merges", "how many merges are learned", low=0, high=1000),
        ),
        "tokens",
    ),
)
