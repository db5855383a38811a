"""Where a token stands: sinusoidal and rotary encodings, ALiBi and relative biases."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from studycli.engine.config import Config, RotaryScaling
from studycli.errors import EngineError


def sinusoidal(length: int, d_model: int) -> Tensor:
    """Sines in the even columns and cosines in the odd ones, (length, d_model), float32 (Vaswani et al. 2017, 3.5).

    Column pair i has the frequency 10000^(-2i / d_model). Raises EngineError for an odd d_model.
    """
    return sinusoidal_at(torch.arange(length), d_model).float()  # (length, d_model)


def sinusoidal_at(positions: Tensor, d_model: int) -> Tensor:
    """The rows of `sinusoidal` at these positions (...), as (..., d_model), float64."""
    if d_model < 2 or d_model % 2:
        raise EngineError(f"d_model {d_model} does not divide into pairs of sine and cosine")
    angles = positions[..., None].double() * rotary_frequencies(d_model, 10_000, device=positions.device)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)  # (..., d_model)


def rotary_frequencies(
    dim: int, base: float, scaling: RotaryScaling | None = None, device: torch.device | None = None
) -> Tensor:
    """Radians that each pair of numbers turns by from one position to the next, (dim / 2), float64.

    Pair i turns by base^(-2i / dim) (Su et al. 2021, 3.2.2). `scaling` divides by its factor, or, as in Llama 3.1,
    only the frequencies whose wavelength is long beside the original length, with a smooth passage between.
    """
    pairs = torch.arange(0, dim, 2, dtype=torch.float64, device=device)  # (dim / 2)
    frequencies = torch.exp(-math.log(base) * pairs / dim)  # (dim / 2)
    if scaling is None:
        return frequencies
    if scaling.kind == "linear":
        return frequencies / scaling.factor
    low, high = scaling.low_frequency_factor, scaling.high_frequency_factor
    turns = scaling.original_length * frequencies / (2 * math.pi)  # (dim / 2)
    share = ((turns - low) / (high - low)).clamp(0, 1)  # (dim / 2): 0 scaled, 1 as it was
    return frequencies * (share + (1 - share) / scaling.factor)  # (dim / 2)


Rotary = tuple[Tensor, Tensor]
"""Cosines and sines, each (..., 1, seq, rotary_dim): what `rotate` turns queries and keys by."""


def rotary_table(positions: Tensor, config: Config, dtype: torch.dtype) -> Rotary:
    """Cosines and sines for positions (seq) or (batch, seq)."""
    dim = config.rotary_dim or config.head_size
    frequencies = rotary_frequencies(dim, config.rotary_base, config.rotary_scaling, positions.device)
    angles = positions[..., None].double() * frequencies  # (..., seq, dim / 2)
    if config.rotary_style == "half":
        angles = torch.cat((angles, angles), dim=-1)  # (..., seq, dim)
    else:
        angles = angles.repeat_interleave(2, dim=-1)  # (..., seq, dim)
    angles = angles.unsqueeze(-3)  # (..., 1, seq, dim)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def rotate_half(x: Tensor, rotary: Rotary) -> Tensor:
    """Turn pairs (i, i + dim / 2) of the first `rotary_dim` numbers of x (..., heads, seq, d_head); the rest stay."""
    cos, sin = rotary
    dim = cos.shape[-1]
    turned = x[..., :dim]  # (..., heads, seq, dim)
    first, second = turned.chunk(2, dim=-1)  # (..., heads, seq, dim / 2)
    turned = turned * cos + torch.cat((-second, first), dim=-1) * sin  # (..., heads, seq, dim)
    return turned if dim == x.shape[-1] else torch.cat((turned, x[..., dim:]), dim=-1)  # (..., heads, seq, d_head)


def rotate_interleaved(x: Tensor, rotary: Rotary) -> Tensor:
    """Turn pairs (2i, 2i + 1) of the first `rotary_dim` numbers of x (..., heads, seq, d_head); the rest stay."""
    cos, sin = rotary
    dim = cos.shape[-1]
    turned = x[..., :dim]  # (..., heads, seq, dim)
    crossed = torch.stack((-turned[..., 1::2], turned[..., ::2]), dim=-1).flatten(-2)  # (..., heads, seq, dim)
    turned = turned * cos + crossed * sin  # (..., heads, seq, dim)
    return turned if dim == x.shape[-1] else torch.cat((turned, x[..., dim:]), dim=-1)  # (..., heads, seq, d_head)


ROTATE: dict[str, Callable[[Tensor, Rotary], Tensor]] = {"half": rotate_half, "interleaved": rotate_interleaved}


def alibi_slopes(n_heads: int, max_bias: float = 8.0) -> Tensor:
    """The slope of each head, (heads), float64 (Press et al. 2022, section 3, and its code for other numbers of heads).

    For a power of two the slopes are 2^(-max_bias i / n), i = 1..n. For another number they are those of the power
    of two below, then every other one of the power above.
    """

    def powers(n: int) -> Tensor:
        return 2.0 ** (-max_bias * torch.arange(1, n + 1, dtype=torch.float64) / n)  # (n)

    below = 2 ** math.floor(math.log2(n_heads))
    slopes = torch.cat((powers(below), powers(2 * below)[::2]))  # (2 below)
    return slopes[:n_heads]  # (heads)


def alibi_bias(slopes: Tensor, queries: Tensor, keys: Tensor) -> Tensor:
    """-slope * distance, (heads, query, key), for slopes (heads) and positions (query) and (key)."""
    distance = (queries[:, None] - keys[None, :]).abs()  # (query, key)
    return -slopes[:, None, None] * distance  # (heads, query, key)


def relative_buckets(offsets: Tensor, n_buckets: int, max_distance: int, *, bidirectional: bool) -> Tensor:
    """The bucket of each offset (key position minus query position), of the same shape (Raffel et al. 2020, 2.1).

    Half of the buckets hold one distance each, the rest ever wider ranges up to `max_distance`, and the last one all
    beyond. With `bidirectional`, half of all serve keys to the right; without, these share bucket 0.
    """
    if bidirectional:
        n_buckets //= 2
        side = (offsets > 0) * n_buckets
        distance = offsets.abs()
    else:
        side = torch.zeros_like(offsets)
        distance = (-offsets).clamp(min=0)
    exact = n_buckets // 2
    # In float32, as the models were trained: in float64 a distance at a bucket's edge may fall on its other side.
    grown = (distance.clamp(min=1).float() / exact).log() / math.log(max_distance / exact) * (n_buckets - exact)
    wide = (exact + grown.long()).clamp(max=n_buckets - 1)
    return side + torch.where(distance < exact, distance, wide)
