"""Positions: numbers of position encodings and biases, computed by the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from studycli.demos.quantities import shapes
from studycli.demos.quantities.attention import check_alike
from studycli.engine import position as engine
from studycli.errors import UsageError


def sinusoid(position: int, index: int, d_model: int) -> float:
    """Number `index` of `sinusoids`: a sine where it is even, a cosine where it is odd. Raises UsageError."""
    if index >= d_model:
        raise UsageError(f"index is {index}", hint=f"it lies between 0 and {d_model - 1}")
    return _encoding(position, d_model)[index].item()


def sinusoids(position: int, d_model: int) -> list[float]:
    """sin and cos of position / 10000^(2i / d_model), pair by pair (Vaswani et al. 2017, 3.5). Raises EngineError."""
    found: list[float] = _encoding(position, d_model).tolist()
    return found


def sinusoid_similarity(position: int, other: int, d_model: int) -> float:
    """Σ cos(frequency · offset): it depends on the offset alone. Raises EngineError for an odd d_model."""
    return torch.dot(_encoding(position, d_model), _encoding(other, d_model)).item()


def wavelength(pair: int, d_model: int, base: float) -> float:
    """2π base^(2 pair / d_model). Raises UsageError for a pair that is not there."""
    return 2 * math.pi / _frequency(pair, d_model, base)


def rotary_angle(position: int, pair: int, d_head: int, base: float, degrees: bool) -> float:
    """position · base^(-2 pair / d_head) (Su et al. 2021, 3.2.2). Raises UsageError for a pair that is not there."""
    angle = position * _frequency(pair, d_head, base)
    return math.degrees(angle) if degrees else angle


def rotated(vector: Sequence[float], position: int, base: float) -> list[float]:
    """Each pair (2i, 2i + 1) turned by its angle, as in Su et al. 2021. Raises EngineError for an odd length."""
    found: list[float] = _turned(vector, position, base).tolist()
    return found


def rotary_score(
    query: Sequence[float], key: Sequence[float], query_position: int, key_position: int, base: float
) -> float:
    """q · k after both are turned: it depends on the offset alone. Raises UsageError, EngineError."""
    check_alike("query", query, "key", key)
    return torch.dot(_turned(query, query_position, base), _turned(key, key_position, base)).item()


def alibi_slope(head: int, n_heads: int) -> float:
    """2^(-8 head / n_heads) where n_heads is a power of two (Press et al. 2022). Raises UsageError."""
    if head > n_heads:
        raise UsageError(f"head is {head}", hint=f"it lies between 1 and {n_heads}")
    return alibi_slopes(n_heads)[head - 1]


def alibi_slopes(n_heads: int) -> list[float]:
    """The slopes of heads 1 to n_heads (Press et al. 2022, section 3)."""
    found: list[float] = engine.alibi_slopes(n_heads).tolist()
    return found


def alibi_penalty(head: int, n_heads: int, distance: int) -> float:
    """slope · distance. Raises UsageError for a head that is not there."""
    slopes = torch.tensor([alibi_slope(head, n_heads)], dtype=torch.float64)  # (1)
    return -engine.alibi_bias(slopes, torch.tensor([distance]), torch.tensor([0])).item()


def relative_bucket(offset: int, buckets: int, max_distance: int, bidirectional: bool) -> int:
    """The bucket as T5 has them (Raffel et al. 2020, 2.1). Raises EngineError for buckets that don't fit."""
    shapes.block(1, position="relative", relative_buckets=buckets, relative_max_distance=max_distance)
    found = engine.relative_buckets(torch.tensor(offset), buckets, max_distance, bidirectional=bidirectional)
    return int(found)


def _encoding(position: int, d_model: int) -> torch.Tensor:
    return engine.sinusoidal_at(torch.tensor(position), d_model)  # (d_model)


def _frequency(pair: int, dim: int, base: float) -> float:
    if dim % 2 or pair >= dim // 2:
        raise UsageError(f"there is no pair {pair} of {dim} numbers", hint=f"pairs count from 0 to {dim // 2 - 1}")
    return engine.rotary_frequencies(dim, base)[pair].item()


def _turned(vector: Sequence[float], position: int, base: float) -> torch.Tensor:
    config = shapes.block(len(vector), position="rotary", rotary_base=base, rotary_style="interleaved")
    table = engine.rotary_table(torch.tensor([position]), config, torch.float64)
    x = torch.tensor(vector, dtype=torch.float64)  # (d_head)
    return engine.rotate_interleaved(x[None, None], table)[0, 0]  # (d_head)
