"""Where a token stands: positional encodings."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from studycli.errors import EngineError


def sinusoidal(length: int, d_model: int) -> Tensor:
    """Sines in the even columns and cosines in the odd ones, (length, d_model), float32 (Vaswani et al. 2017, 3.5).

    Column pair i has the frequency 10000^(-2i / d_model). Raises EngineError for an odd d_model.
    """
    if d_model < 2 or d_model % 2:
        raise EngineError(f"d_model {d_model} does not divide into pairs of sine and cosine")
    pairs = torch.arange(0, d_model, 2, dtype=torch.float64)  # (d_model / 2)
    frequencies = torch.exp(-math.log(10_000) * pairs / d_model)  # (d_model / 2)
    angles = torch.arange(length, dtype=torch.float64)[:, None] * frequencies  # (length, d_model / 2)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1).float()  # (length, d_model)
