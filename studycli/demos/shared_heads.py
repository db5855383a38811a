"""Shared heads: attention layers with fewer key/value heads, made out of one, and what each costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studycli.demos.measure import Array
from studycli.demos.steps import array

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.engine.config import Config
    from studycli.engine.multi_head import MultiHeadAttention
    from studycli.engine.trace import Trace

D_MODEL = 64
N_HEADS = 4
D_HEAD = D_MODEL // N_HEADS


@dataclass(frozen=True)
class Cost:
    """What a kind has and holds: key/value heads, bytes of its cache, numbers to learn, and the pattern (heads, query,
    key) that it made.
    """

    kv_heads: int
    cache_bytes: int
    parameters: int
    pattern: Array


def multi_head(seed: int, x: Tensor) -> MultiHeadAttention:
    """A layer with as many key/value heads as query heads, its weights drawn by the seed, where x is."""
    from studycli.engine.multi_head import MultiHeadAttention
    from studycli.engine.seed import generator

    return MultiHeadAttention(D_MODEL, N_HEADS, generator=generator(seed, "attn")).to(x.device)


def pooled(full: MultiHeadAttention, groups: int) -> MultiHeadAttention:
    """The same layer with the mean of each group's key and value heads for all of it (Ainslie et al. 2023)."""

    def mean(weights: Tensor) -> Tensor:
        return weights.view(D_MODEL, groups, -1, D_HEAD).mean(2).flatten(1)  # (d_model, groups d_head)

    return _layer(full, groups, mean(full.W_K), mean(full.W_V))


def copied(full: MultiHeadAttention, grouped: MultiHeadAttention) -> MultiHeadAttention:
    """A multi-head layer whose key and value heads are copies of those that each group shares."""

    def copies(weights: Tensor) -> Tensor:
        heads = weights.view(D_MODEL, -1, D_HEAD)  # (d_model, groups, d_head)
        return heads.repeat_interleave(N_HEADS // grouped.n_kv_heads, dim=1).flatten(1)  # (d_model, heads d_head)

    return _layer(full, N_HEADS, copies(grouped.W_K), copies(grouped.W_V))


def _layer(full: MultiHeadAttention, kv_heads: int, of_keys: Tensor, of_values: Tensor) -> MultiHeadAttention:
    """A layer with the queries and the output of another, and a W_K and W_V (d_model, kv_heads d_head) of its own."""
    import torch

    from studycli.engine.multi_head import MultiHeadAttention

    layer = MultiHeadAttention(D_MODEL, N_HEADS, n_kv_heads=kv_heads).to(of_keys.device)
    with torch.no_grad():
        layer.W_QKV.copy_(torch.cat((full.W_Q, of_keys, of_values), dim=1))  # (d_model, (heads + 2 kv_heads) d_head)
        layer.W_O.copy_(full.W_O)  # (heads d_head, d_model)
    return layer


def run(layer: MultiHeadAttention, x: Tensor, trace: Trace) -> Cost:
    """A pass over x (seq, d_model) that fills a real cache."""
    import torch

    from studycli.engine.cache import Cache

    config = _config(layer.n_kv_heads)
    cache = Cache(config, 1, len(x), x.device, x.dtype)
    with torch.no_grad():
        layer(x[None], cache=cache, trace=trace)
    parameters = sum(weights.numel() for weights in layer.parameters())
    return Cost(cache.keys[0].shape[1], cache.nbytes, parameters, array(trace["pattern"][0]))


def _config(kv_heads: int) -> Config:
    """A decoder of one such layer, which says what its cache holds."""
    from studycli.engine.config import Config

    return Config(
        architecture="decoder", vocab_size=1, d_model=D_MODEL, n_layers=1, n_heads=N_HEADS, n_kv_heads=kv_heads,
        d_ff=0, position="none",
    )  # fmt: skip
