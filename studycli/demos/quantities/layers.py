"""Layers: norms and activations of one row, computed by the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from studycli.demos.quantities import shapes
from studycli.demos.quantities.attention import check_alike
from studycli.engine.layers import ACTIVATIONS, Norm, activated


def layer_norm(values: Sequence[float]) -> list[float]:
    """(x - mean) / sqrt(variance + 1e-5) (Ba et al. 2016)."""
    return _normed(values, "layer")


def rms_norm(values: Sequence[float]) -> list[float]:
    """x / sqrt(mean of x² + 1e-5) (Zhang and Sennrich 2019)."""
    return _normed(values, "rms")


def mean(values: Sequence[float]) -> float:
    """Σ x / n."""
    return math.fsum(values) / len(values)


def variance(values: Sequence[float]) -> float:
    """Σ (x - mean)² / n, as LayerNorm takes it."""
    return _row(values).var(correction=0).item()


def relu(values: Sequence[float]) -> list[float]:
    """max(0, x)."""
    return _active(values, "relu")


def gelu(values: Sequence[float]) -> list[float]:
    """x Φ(x), with the normal distribution's Φ (Hendrycks and Gimpel 2016)."""
    return _active(values, "gelu")


def silu(values: Sequence[float]) -> list[float]:
    """x / (1 + exp(-x))."""
    return _active(values, "silu")


def swiglu(gate: Sequence[float], up: Sequence[float]) -> list[float]:
    """silu(gate) · up (Shazeer 2020). Raises UsageError for rows of unequal lengths."""
    check_alike("gate", gate, "up", up)
    found: list[float] = activated(torch.cat((_row(gate), _row(up))), ACTIVATIONS["silu"], gated=True).tolist()
    return found


def _normed(values: Sequence[float], norm: str) -> list[float]:
    layer = Norm(shapes.block(len(values), norm=norm, norm_bias=False)).double()
    with torch.no_grad():
        found: list[float] = layer(_row(values)).tolist()
    return found


def _active(values: Sequence[float], activation: str) -> list[float]:
    found: list[float] = ACTIVATIONS[activation](_row(values)).tolist()
    return found


def _row(values: Sequence[float]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)  # (values)
