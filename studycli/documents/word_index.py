"""Texts by the words in them: which hold a phrase, and how much of them it is."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from studycli.model import concept_name

_TOKEN = re.compile(r"[^\W_]+")
_PREFIX = 5  # letters of a word that none of its forms changes
_LONG = 9  # letters of a word whose 'al' or 'e' may go: 'positional', 'architecture'


def words(text: str) -> list[str]:
    """The words of a text as they are compared: 'Multi-Head Attentions' is `multi head attention`."""
    return [_stem(token) for token in _TOKEN.findall(_lowered(text))]


@lru_cache(maxsize=65536)
def _stem(token: str) -> str:
    word = "".join(concept_name.words(token)) if len(token) <= concept_name.MAX_NAME else token
    if len(word) >= _LONG:
        return word.removesuffix("al").removesuffix("e")
    return word


class Titles:
    """Short texts, numbered from 0 in their order, indexed by each of their words."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts: list[str] = []
        self._holders: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            found = words(text)
            self._texts.append(_padded(found))
            for word in dict.fromkeys(found):
                self._holders[word].append(number)

    def holding(self, phrase: Sequence[str]) -> dict[int, float]:
        """The texts with these words in a row, and the share of their characters that is in the phrase, 0 to 1."""
        rarest = min((self._holders.get(word, []) for word in phrase), key=len, default=[])
        shares = {number: _share(self._texts[number], _padded(phrase)) for number in rarest}
        return {number: share for number, share in shares.items() if share}

    def sharing(self, phrase: Sequence[str]) -> dict[int, int]:
        """The texts that have at least half of these words, in any order, with how many."""
        shared = Counter(number for word in set(phrase) for number in self._holders.get(word, ()))
        return {number: count for number, count in shared.items() if 2 * count >= len(set(phrase))}


class Texts:
    """Long texts, numbered from 0 in their order. Their words are read where a search needs them, and then kept."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._raw = [_lowered(text) for text in texts]
        self._read: dict[int, str] = {}

    def holding(self, phrase: Sequence[str]) -> dict[int, float]:
        """As `Titles.holding`."""
        longest = max(phrase, key=len, default="")[:_PREFIX]
        shares = {number: _share(self._words_of(number), _padded(phrase)) for number in self._near(longest)}
        return {number: share for number, share in shares.items() if share}

    def _near(self, beginning: str) -> list[int]:
        return [number for number, text in enumerate(self._raw) if beginning in text] if beginning else []

    def _words_of(self, number: int) -> str:
        if number not in self._read:
            self._read[number] = _padded(words(self._raw[number]))
        return self._read[number]


def _padded(found: Sequence[str]) -> str:
    return f" {' '.join(found)} "


def _share(text: str, phrase: str) -> float:
    count = text.count(phrase)
    return count * (len(phrase) - 1) / (len(text) - 1) if count else 0.0


def _lowered(text: str) -> str:
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()
