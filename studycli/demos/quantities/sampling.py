"""Sampling: distributions of the next token and of experts, and the loss of what came, computed by the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from studycli.demos.quantities import shapes
from studycli.demos.quantities.attention import check_distribution
from studycli.engine import sampling as engine
from studycli.engine.experts import MixtureOfExperts
from studycli.engine.trace import Trace
from studycli.errors import UsageError


def temperature_softmax(logits: Sequence[float], temperature: float) -> list[float]:
    """softmax(logits / temperature)."""
    found: list[float] = engine.distribution(_row(logits), temperature).tolist()
    return found


def top_k(probabilities: Sequence[float], k: int) -> list[float]:
    """The k largest, divided by their sum, and 0 for the rest (Fan et al. 2018). Raises UsageError."""
    found: list[float] = engine.distribution(_logs(probabilities), top_k=k).tolist()
    return found


def top_p(probabilities: Sequence[float], p: float) -> list[float]:
    """The smallest set that reaches p, divided by its sum, and 0 for the rest (Holtzman et al. 2020).

    Raises UsageError for probabilities that don't sum to 1.
    """
    found: list[float] = engine.distribution(_logs(probabilities), top_p=p).tolist()
    return found


def kept_by_top_p(probabilities: Sequence[float], p: float) -> int:
    """How many `top_p` leaves above 0."""
    return sum(share > 0 for share in top_p(probabilities, p))


def perplexity(loss: float) -> float:
    """exp(loss)."""
    return math.exp(loss)


def cross_entropy(probability: float) -> float:
    """-ln probability."""
    return -math.log(probability)


def next_token_loss(logits: Sequence[float], target: int) -> float:
    """-ln softmax(logits)[target]. Raises UsageError for a target that is not there."""
    if target > len(logits):
        raise UsageError(f"target is {target}", hint=f"it lies between 1 and {len(logits)}")
    return torch.nn.functional.cross_entropy(_row(logits), torch.tensor(target - 1)).item()


def sequence_log_probability(probabilities: Sequence[float]) -> float:
    """Σ ln p. Raises UsageError for a probability of 0."""
    if not all(probabilities):
        raise UsageError("a token has the probability 0, and so has the sequence", hint="give numbers above 0")
    return math.fsum(map(math.log, probabilities))


def router_weights(logits: Sequence[float], top: int) -> list[float]:
    """The softmax over all experts, kept for the best, made to sum to 1 (Shazeer et al. 2017; Mixtral).

    Raises EngineError where more are picked than there are.
    """
    config = shapes.block(1, ffn_bias=False, n_experts=len(logits), experts_per_token=top)
    layer, trace = MixtureOfExperts(config).double(), Trace("routing")
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
        layer.W_router.copy_(_row(logits)[None])
        layer(torch.ones(1, 1, dtype=torch.float64), trace)
    found: list[float] = trace["routing"][0].tolist()
    return found


def _logs(probabilities: Sequence[float]) -> torch.Tensor:
    check_distribution(probabilities)
    return _row(probabilities).log()  # (tokens)


def _row(values: Sequence[float]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)  # (tokens)
