"""What claims measure: pure functions of numbers, in float64 whatever the demo computed in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating[Any]]
"""Numbers of a step: float32 as the engine computed them."""

Float64 = NDArray[np.float64]


def row_sum_error(pattern: ArrayLike) -> float:
    """The largest distance of a row's sum from 1, over all rows of (..., query, key)."""
    return float(np.abs(_float64(pattern).sum(axis=-1) - 1).max())


def entropy(pattern: ArrayLike) -> Float64:
    """Shannon entropy of each row in nats, (..., query): 0 for one certain key, log(keys) for an even spread."""
    p = _float64(pattern)
    return np.asarray((p * -np.log(np.where(p > 0, p, 1))).sum(axis=-1))


def softmax_response(pattern: ArrayLike) -> Float64:
    """How much each row still answers to its own inputs: the trace of the softmax's Jacobian, sum p (1 - p).

    (..., query); 0 for a saturated row, 1 - 1/keys for an even one.
    """
    p = _float64(pattern)
    return np.asarray((p * (1 - p)).sum(axis=-1))


def largest_difference(a: ArrayLike, b: ArrayLike) -> float:
    """The largest distance between two arrays, number by number; infinite where their shapes differ."""
    x, y = _float64(a), _float64(b)
    return float(np.abs(x - y).max()) if x.shape == y.shape else math.inf


def total_variation(a: ArrayLike, b: ArrayLike) -> float:
    """How much of their weight two patterns put on different keys, averaged over rows: 0 the same, 1 nothing shared."""
    return float(np.abs(_float64(a) - _float64(b)).sum(axis=-1).mean() / 2)


def _float64(values: ArrayLike) -> Float64:
    return np.asarray(values, dtype=np.float64)


def finite(values: ArrayLike) -> object:
    """Nested lists whose every number is finite; the others become the texts "inf", "-inf" and "nan"."""
    array = np.asarray(values)
    if array.dtype.kind != "f" or bool(np.isfinite(array).all()):
        return array.tolist()
    texts = np.where(np.isfinite(array), array.astype(object), array.astype(str).astype(object))
    return texts.tolist()
