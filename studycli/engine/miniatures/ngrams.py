"""N-grams: the baselines that a language model must beat, by counting tokens and what they follow."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from studycli.errors import EngineError

Context = tuple[int, ...]
_CHOICE = 8  # one text of so many chooses the weight of a mixture
_WEIGHTS = tuple(tenths / 10 for tenths in range(11))


@dataclass(frozen=True, slots=True)
class _Level:
    """Counts of one order: of each n-gram, and for each context their sum and how many tokens follow it."""

    counts: Mapping[Context, int]
    totals: Mapping[Context, int]
    followers: Mapping[Context, int]
    discount: float


@dataclass(frozen=True, slots=True)
class NGrams:
    """Interpolated Kneser-Ney smoothing (Chen and Goodman 1999, section 2.7) over token ids, down to 1 / vocab_size.

    `p(w | h) = (c(h w) - D) / c(h) + D N(h) / c(h) p(w | shorter h)`, where N(h) is how many tokens follow h. The
    highest order counts n-grams; a lower one counts before how many different tokens an n-gram is seen. D is
    n1 / (n1 + 2 n2) of its order (Ney, Essen and Kneser 1994), where n1 and n2 n-grams are counted once and twice.
    """

    order: int
    vocab_size: int
    end: int
    levels: tuple[_Level, ...]

    @classmethod
    def fit(cls, texts: Iterable[Sequence[int]], *, order: int, vocab_size: int, end: int) -> NGrams:
        """Count texts, ids without `end`, each as if it stood between ends. Raises EngineError for an order below 1."""
        if order < 1:
            raise EngineError(f"the order is {order}", where="ngrams", hint="1 for a unigram, 3 for a trigram")
        counts = Counter(
            tuple(ids[at - order + 1 : at + 1])
            for ids in (_between_ends(text, order, end) for text in texts)
            for at in range(order - 1, len(ids))
        )
        levels = [_level(counts)]
        while len(levels) < order:
            counts = Counter(ngram[1:] for ngram in counts)
            levels.append(_level(counts))
        return cls(order, vocab_size, end, tuple(levels))

    def probability(self, context: Sequence[int], token: int) -> float:
        """Of a token after a context, of which the last order - 1 ids count."""
        share, probability = 1.0, 0.0
        for level, n in zip(self.levels, range(self.order, 0, -1), strict=True):
            before = tuple(context[len(context) - n + 1 :]) if n > 1 else ()
            total = level.totals.get(before, 0)
            if total:
                count = level.counts.get((*before, token), 0)
                probability += share * max(count - level.discount, 0) / total
                share *= level.discount * level.followers[before] / total
        return probability + share / self.vocab_size

    def probabilities(self, text: Sequence[int]) -> list[float]:
        """Of each token of a text and of the end behind it, after those before."""
        ids = _between_ends(text, self.order, self.end)
        places = range(self.order - 1, len(ids))
        return [self.probability(ids[at - self.order + 1 : at], ids[at]) for at in places]

    def loss(self, texts: Iterable[Sequence[int]]) -> float:
        """Mean cross-entropy in nats per token, the end of each text counted in. Raises EngineError without a text."""
        return _mean_surprise(chain.from_iterable(map(self.probabilities, texts)))


@dataclass(frozen=True, slots=True)
class Mixture:
    """Two n-gram models of a kind of text, of that kind alone and of all text, mixed linearly (Jelinek, Mercer 1980).

    `p = weight p_alone + (1 - weight) p_all`.
    """

    alone: NGrams
    all: NGrams
    weight: float

    @classmethod
    def fit(
        cls, texts: Sequence[Sequence[int]], others: Sequence[Sequence[int]], *, order: int, vocab_size: int, end: int
    ) -> Mixture:
        """Count texts of the kind and others; the weight is the best for every eighth of the texts, while not counted.

        Raises EngineError for fewer than eight texts, where no eighth is left to choose with.
        """
        chosen_with = texts[_CHOICE - 1 :: _CHOICE]
        counted = [text for at, text in enumerate(texts) if at % _CHOICE != _CHOICE - 1]
        fit = partial(NGrams.fit, order=order, vocab_size=vocab_size, end=end)
        alone, all_ = fit(counted), fit([*counted, *others])
        weight = min(_WEIGHTS, key=lambda weight: cls(alone, all_, weight).loss(chosen_with))
        return cls(fit(texts), fit([*texts, *others]), weight)

    def loss(self, texts: Iterable[Sequence[int]]) -> float:
        """Mean cross-entropy in nats per token, as of `NGrams.loss`."""
        return _mean_surprise(
            self.weight * alone + (1 - self.weight) * all_
            for text in texts
            for alone, all_ in zip(self.alone.probabilities(text), self.all.probabilities(text), strict=True)
        )


def _mean_surprise(probabilities: Iterable[float]) -> float:
    surprises = [-math.log(probability) for probability in probabilities]
    if not surprises:
        raise EngineError("there is no text to be predicted", where="ngrams", hint="give one at least")
    return sum(surprises) / len(surprises)


def _between_ends(text: Sequence[int], order: int, end: int) -> list[int]:
    return [end] * (order - 1) + [*text, end]


def _level(counts: Mapping[Context, int]) -> _Level:
    totals: defaultdict[Context, int] = defaultdict(int)
    followers: defaultdict[Context, int] = defaultdict(int)
    for ngram, count in counts.items():
        totals[ngram[:-1]] += count
        followers[ngram[:-1]] += 1
    once, twice = (sum(count == n for count in counts.values()) for n in (1, 2))
    # Where nothing is seen once, the estimate would be 0 and leave nothing for what was never seen.
    discount = once / (once + 2 * twice) if once and twice else 0.5
    return _Level(counts, dict(totals), dict(followers), discount)
