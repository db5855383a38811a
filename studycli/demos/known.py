"""Known words: a learner's text for a model that knows only words of its own."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from studycli.demos.words import Words, split
from studycli.errors import UsageError

_LONGEST = 40
"""How many letters of a word are looked at, and said back."""


def read(text: str, vocabulary: Set[str], limit: int, example: str) -> Words:
    """The first `limit` words of a text as the vocabulary spells them, without punctuation that it lacks.

    Raises UsageError for a text without words, and for a word that is not in the vocabulary, with an `example` of a
    text that is.
    """
    from studycli.engine.miniatures.prompt import known_words

    found = split(text, limit)
    spelled = " ".join(word[:_LONGEST] for word in found.tokens)
    try:
        return replace(found, tokens=tuple(known_words(spelled, vocabulary, limit)))
    except UsageError as error:
        hint = f"{error.hint}; a text that it knows: {example}"
        raise UsageError(error.message, hint=hint) from error
