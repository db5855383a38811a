"""Attention: one query's look at a row of keys, computed by the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch

from studycli.engine import head_scores, sampling
from studycli.engine.attention import attend
from studycli.engine.seed import generator
from studycli.errors import UsageError

_DRAWN = 10**7
"""How many numbers of queries, and of keys, may be drawn."""
_ROUNDED = 0.02
"""How far from 1 probabilities may sum up to, for decks state them rounded."""


def softmax(scores: Sequence[float], temperature: float) -> list[float]:
    """exp(score / temperature), divided by the sum of all; at 0 all is on the largest. Raises UsageError."""
    _check_open(scores)
    found: list[float] = sampling.distribution(_row(scores), temperature).tolist()
    return found


def attention_weights(scores: Sequence[float], d_k: int, scaled: bool) -> list[float]:
    """softmax(scores / sqrt(d_k)) as `attend` gives it, whose scores are q · k (Vaswani et al. 2017, equation 1).

    Raises UsageError where every key is masked.
    """
    found: list[float] = _attended(scores, torch.eye(len(scores), dtype=torch.float64), d_k, scaled).tolist()
    return found


def attention_output(scores: Sequence[float], values: Sequence[float], d_k: int, scaled: bool) -> float:
    """The values, summed with the attention weights. Raises UsageError for another number of values than keys."""
    check_alike("scores", scores, "values", values)
    return _attended(scores, _row(values)[:, None], d_k, scaled).item()


def score_variance(d_k: int, scaled: bool, samples: int, seed: int) -> float:
    """Measured variance of q · k, expected d_k (Vaswani et al. 2017, footnote 4), and of q · k / sqrt(d_k), expected 1.

    Raises UsageError where that would draw more than ten million numbers.
    """
    if d_k * samples > _DRAWN:
        raise UsageError(f"{samples:,} samples of {d_k:,} numbers", hint=f"at most {_DRAWN // d_k:,} samples")
    q, k = torch.randn(2, samples, d_k, generator=generator(seed, "score variance"))  # (samples, d_k) both
    products = (q * k).double().sum(-1)  # (samples)
    found: float = products.mul(d_k**-0.5 if scaled else 1).var().item()
    return found


def score_rank(d_head: int, tokens: int, d_model: int, seed: int) -> int:
    """The rank of q kᵀ in float64, for random q and k (tokens, d_head): at most the smaller of the two sizes.

    With a `d_model` above 0, q and k are random projections of random vectors of that size.
    """
    random = generator(seed, "score rank")
    if d_model:
        x = torch.randn(tokens, d_model, generator=random, dtype=torch.float64)  # (tokens, d_model)
        w_q, w_k = torch.randn(2, d_model, d_head, generator=random, dtype=torch.float64)  # (d_model, d_head) both
        q, k = x @ w_q, x @ w_k  # (tokens, d_head) both
    else:
        q, k = torch.randn(2, tokens, d_head, generator=random, dtype=torch.float64)  # (tokens, d_head) both
    return int(np.linalg.matrix_rank((q @ k.T).numpy()))


def softmax_gradient(scores: Sequence[float]) -> list[float]:
    """The diagonal of the softmax's Jacobian by automatic differentiation; it is p (1 - p)."""
    x = _row(scores)  # (keys)
    jacobian = torch.autograd.functional.jacobian(lambda s: s.softmax(-1), x)  # type: ignore[no-untyped-call]
    found: list[float] = jacobian.diagonal().tolist()
    return found


def entropy(probabilities: Sequence[float]) -> float:
    """-Σ p ln p in nats. Raises UsageError for probabilities that don't sum to 1."""
    check_distribution(probabilities)
    return head_scores.entropy(_row(probabilities)[None, None, None]).item()


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    """Σ a b. Raises UsageError for vectors of unequal lengths."""
    check_alike("a", a, "b", b)
    return torch.dot(_row(a), _row(b)).item()


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """a · b / (|a| |b|). Raises UsageError for vectors of unequal lengths, or of length 0."""
    check_alike("a", a, "b", b)
    lengths = math.hypot(*a) * math.hypot(*b)
    if not lengths:
        raise UsageError("a vector of zeros has no direction", hint="give one number that is not 0")
    return dot(a, b) / lengths


def check_distribution(probabilities: Sequence[float]) -> None:
    """Raises UsageError for probabilities that don't sum to 1, as far as they may be rounded."""
    if abs(sum(probabilities) - 1) > _ROUNDED:
        raise UsageError(f"the probabilities sum to {sum(probabilities):.3g}", hint="let them sum to 1")


def check_alike(first: str, a: Sequence[float], second: str, b: Sequence[float]) -> None:
    """Raises UsageError for rows of unequal lengths."""
    if len(a) != len(b):
        raise UsageError(f"{first} has {len(a)} numbers, {second} has {len(b)}", hint="give as many of both")


def _attended(scores: Sequence[float], values: torch.Tensor, d_k: int, scaled: bool) -> torch.Tensor:
    """One query attending to keys with these scores and values (keys, d_v), as (d_v)."""
    _check_open(scores)
    row = _row(scores)  # (keys)
    q = torch.zeros(1, d_k, dtype=torch.float64)  # (1, d_k)
    q[0, 0] = 1
    k = torch.zeros(len(scores), d_k, dtype=torch.float64)  # (keys, d_k)
    k[:, 0] = row.masked_fill(row.isneginf(), 0)
    return attend(q, k, values, mask=~row.isneginf()[None], scale=None if scaled else 1.0)[0]  # (d_v)


def _check_open(scores: Sequence[float]) -> None:
    if not any(math.isfinite(score) for score in scores):
        raise UsageError("every key is masked", hint="leave one score that is not -inf")


def _row(values: Sequence[float]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)  # (keys)
