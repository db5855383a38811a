"""Vocabulary: tokenizers of the miniature models whose tokens are whole words, or single characters."""

from __future__ import annotations

from collections.abc import Sequence

import tokenizers
from tokenizers import Regex, decoders, models, pre_tokenizers, processors

from studycli.engine.tokenizer import Tokenizer
from studycli.errors import EngineError


def word_tokenizer(words: Sequence[str], unknown: str | None = None, first: str | None = None) -> Tokenizer:
    """Words between spaces to ids, in this order from 0; a word that is not there becomes `unknown`, one of them.

    Without `unknown` such a text cannot be encoded. `first`, one of the words, is the special token that a text begins
    with. Decoding puts a space between words. Raises EngineError for a word that is there twice, empty, or holds a
    space, and for an `unknown` or a `first` that is none of them.
    """
    inner = _of(words, unknown)
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if first is not None:
        _check_entry(first, words)
        inner.post_processor = processors.TemplateProcessing(
            single=f"{first} $A", pair=None, special_tokens=[(first, words.index(first))]
        )
    return Tokenizer(inner)


def character_tokenizer(characters: Sequence[str], unknown: str | None = None) -> Tokenizer:
    """Characters to ids, in this order from 0; decoding joins them. Entries of several characters are for `id_of`.

    Raises EngineError for an entry that is there twice or empty.
    """
    inner = _of(characters, unknown, spaces=True)
    inner.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    inner.decoder = decoders.Fuse()
    return Tokenizer(inner)


def _of(entries: Sequence[str], unknown: str | None, *, spaces: bool = False) -> tokenizers.Tokenizer:
    for at, entry in enumerate(entries):
        if not entry or entry in entries[:at] or (not spaces and entry.split() != [entry]):
            raise EngineError(f"the entry {entry!r} is empty, there twice, or holds a space", where="vocabulary")
    ids = {entry: at for at, entry in enumerate(entries)}
    if unknown is None:
        return tokenizers.Tokenizer(models.WordLevel(ids, unk_token="\0"))
    _check_entry(unknown, entries)
    return tokenizers.Tokenizer(models.WordLevel(ids, unk_token=unknown))


def _check_entry(entry: str, entries: Sequence[str]) -> None:
    if entry not in entries:
        raise EngineError(f"'{entry}' is no entry", where="vocabulary", hint="add it")
