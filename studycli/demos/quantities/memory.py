"""Memory: scores, and bytes of caches, weights and trainings, counted by the engine."""

from __future__ import annotations

from dataclasses import replace

from studycli.demos.quantities import shapes
from studycli.engine import accounting
from studycli.engine.config import PRESETS
from studycli.errors import UsageError


def attention_scores(tokens: int, keys: int, heads: int, layers: int, batch: int) -> int:
    """One score for each query and key, in every head of every layer, for every sequence."""
    return tokens * (keys or tokens) * heads * layers * batch


def score_memory_bytes(tokens: int, heads: int, bytes: int, batch: int, tile: int) -> int:
    """batch · heads · tokens² · bytes; with a tile, a block of queries against it (Dao et al. 2022)."""
    return accounting.attention_memory(shapes.block(heads, heads), batch, tokens, bytes, tile or None)


def kv_cache_bytes(n_layers: int, n_kv_heads: int, d_head: int, tokens: int, bytes: int, batch: int) -> int:
    """2 · n_layers · n_kv_heads · d_head · tokens · batch · bytes (Pope et al. 2022; Ainslie et al. 2023)."""
    config = shapes.block(n_kv_heads * d_head, n_kv_heads, n_layers=n_layers)
    return accounting.cache_bytes(config, batch, tokens, bytes)


def preset_cache_bytes(preset: str, tokens: int, bytes: int, batch: int, n_kv_heads: int) -> int:
    """As `kv_cache_bytes`; an encoder-decoder caches as many tokens of its encoder too. Raises UsageError, EngineError.

    An encoder has no cache.
    """
    config = PRESETS[preset]
    if config.architecture == "encoder":
        raise UsageError(f"{preset} is an encoder, which has no cache", hint="name a decoder or an encoder-decoder")
    config = replace(config, n_kv_heads=n_kv_heads or config.n_kv_heads)
    return accounting.cache_bytes(config, batch, tokens, bytes, memory=tokens)


def cache_tokens(memory: int, n_layers: int, n_kv_heads: int, d_head: int, bytes: int) -> int:
    """The whole tokens whose keys and values fit into so many bytes."""
    return memory // kv_cache_bytes(n_layers, n_kv_heads, d_head, tokens=1, bytes=bytes, batch=1)


def weights_bytes(parameters: int, bytes: float) -> float:
    """parameters · bytes."""
    return parameters * bytes


def training_bytes(parameters: int, weights: int, gradients: int, states: int) -> int:
    """parameters · (weights + gradients + states); 16 each with Adam in mixed precision (Rajbhandari et al. 2020, 3.1).

    Activations are not counted.
    """
    return parameters * (weights + gradients + states)


def causal_pairs(tokens: int) -> int:
    """tokens (tokens + 1) / 2: the query at place i sees i keys."""
    return tokens * (tokens + 1) // 2


def window_pairs(tokens: int, window: int, causal: bool) -> int:
    """The keys in reach of each query, those beyond the ends of the sequence left out."""
    reach = min(window, tokens - 1)
    one_side = reach * (tokens - reach) + reach * (reach - 1) // 2  # pairs with an earlier key
    return tokens + one_side * (1 if causal else 2)
