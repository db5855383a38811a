"""How alike two fronts are, for many fronts at once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from difflib import SequenceMatcher
from typing import TypeVar

Old = TypeVar("Old", bound=Hashable)
New = TypeVar("New", bound=Hashable)

_RAREST = 24
_CANDIDATES = 6
_MAX_LENGTH = 600


def ratio(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1: Ratcliff and Obershelp's measure over their first 600 characters."""
    if one == other:
        return 1.0
    return SequenceMatcher(None, one[:_MAX_LENGTH], other[:_MAX_LENGTH], autojunk=False).ratio()


def shared_words(one: str, other: str) -> int:
    """How many different words two texts have in common."""
    return len(_words(one) & _words(other))


def closest(olds: Mapping[Old, str], news: Mapping[New, str], least: float) -> dict[New, dict[Old, float]]:
    """For each new text, its closest old ones with their ratio, if that is `least` or more.

    Only old texts that share rare trigrams with the new one are compared, at most six, so that the time grows with the
    number of texts and not with its square.
    """
    grams = {key: _trigrams(text) for key, text in olds.items()}
    spread = Counter(gram for found in grams.values() for gram in found)
    holders: dict[str, list[Old]] = defaultdict(list)
    for key, found in grams.items():
        for gram in _rarest(found, spread):
            holders[gram].append(key)
    return {key: _scores(text, olds, holders, spread, least) for key, text in news.items()}


def _scores(
    text: str, olds: Mapping[Old, str], holders: Mapping[str, list[Old]], spread: Counter[str], least: float
) -> dict[Old, float]:
    shared: Counter[Old] = Counter()
    for gram in _rarest((gram for gram in _trigrams(text) if gram in spread), spread):
        shared.update(holders.get(gram, ()))
    scores = {}
    for key, _ in shared.most_common(_CANDIDATES):
        if _may_reach(least, text, olds[key]) and (score := ratio(text, olds[key])) >= least:
            scores[key] = score
    return scores


def _may_reach(least: float, one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one[:_MAX_LENGTH], other[:_MAX_LENGTH], autojunk=False)
    return matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text[:_MAX_LENGTH]))


def _trigrams(text: str) -> set[str]:
    padded = f"  {text[:_MAX_LENGTH]} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def _rarest(grams: Iterable[str], spread: Counter[str]) -> list[str]:
    return sorted(grams, key=lambda gram: (spread[gram], gram))[:_RAREST]
