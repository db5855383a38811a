"""Prompt: a text that a learner gives to a miniature, word by word or character by character, if it knows them all."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from difflib import get_close_matches

from studycli.errors import UsageError

_CLOSE = 0.75
"""From which similarity on a word may be another one misspelled."""


def known_words(text: str, vocabulary: Set[str], longest: int) -> list[str]:
    """The words of a text as the vocabulary spells them, small or capital; commas are words.

    Commas at either end, full stops and other punctuation are left out. Raises UsageError for a word that is not in the
    vocabulary, with those that come closest, for a text without words, and for one of more than `longest`.
    """
    words = []
    for word in " ".join(re.findall(r"\w+(?:['-]\w+)*|,", text)).strip(", ").split():
        spelled = next((form for form in (word, word.lower(), word.capitalize()) if form in vocabulary), None)
        if spelled is None:
            close = get_close_matches(word.lower(), vocabulary, n=3, cutoff=_CLOSE) or sorted(vocabulary - {","})[:5]
            raise UsageError(f"the model never learned the word '{word}'", hint=f"it knows {', '.join(close)}")
        words.append(spelled)
    _check_length(words, longest, "words")
    return words


def known_characters(text: str, vocabulary: Set[str], longest: int) -> str:
    """A text without its spaces. Raises UsageError as `known_words` does, for characters."""
    text = "".join(text.split())
    for character in text:
        if character not in vocabulary:
            hint = f"it knows {' '.join(sorted(vocabulary))}"
            raise UsageError(f"the model never learned the character '{character}'", hint=hint)
    _check_length(text, longest, "characters")
    return text


def _check_length(found: Sequence[str], longest: int, of_what: str) -> None:
    if not found:
        raise UsageError(f"the text has no {of_what}", hint="give at least one")
    if len(found) > longest:
        message = f"the text has {len(found)} {of_what}, and the model reads at most {longest}"
        raise UsageError(message, hint="shorten it")
