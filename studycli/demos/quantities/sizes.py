"""Sizes: parameters of models and of their parts, counted by the engine."""

from __future__ import annotations

from studycli.demos.quantities import shapes
from studycli.engine import accounting
from studycli.engine.config import PRESETS

_EMBEDDINGS = ("token_embedding", "position", "segments")


def parameters(preset: str, part: str, **sizes: int) -> int:
    """Parameters of a preset with these sizes in place of its own, by part as in `accounting.parameters`.

    `embeddings` are the tables of tokens, positions and segments, and `non-embedding` are all others but the
    unembedding. Raises EngineError for sizes that don't fit together.
    """
    return _part(accounting.parameters(shapes.changed(preset, **sizes)), part)


def active_parameters(preset: str, part: str, **sizes: int) -> int:
    """As `parameters`, of a mixture of experts only those that one token goes through."""
    return _part(accounting.active_parameters(shapes.changed(preset, **sizes)), part)


def preset_size(preset: str, size: str) -> int:
    """A size of a preset; d_head and n_kv_heads are filled in."""
    found: int | None = getattr(PRESETS[preset], size)
    return found or 0


def attention_parameters(d_model: int, n_heads: int, n_kv_heads: int, biases: bool) -> int:
    """2 d_model² for queries and output, and 2 d_model · n_kv_heads · d_head for keys and values.

    Raises EngineError where d_model doesn't divide into the heads.
    """
    config = shapes.block(d_model, n_heads, n_kv_heads=n_kv_heads or None, qkv_bias=biases, out_bias=biases)
    return accounting.parameters(config)["attention"]


def feed_forward_parameters(d_model: int, d_ff: int, gated: bool, biases: bool) -> int:
    """2 d_model · d_ff, or 3 d_model · d_ff where it is gated (Shazeer 2020)."""
    config = shapes.block(d_model, d_ff=d_ff, gated=gated, ffn_bias=biases)
    return accounting.parameters(config)["feed_forward"]


def feed_forward_share(d_model: int, d_ff: int, gated: bool) -> float:
    """The feed-forward's matrices over all of a block; 2/3 where d_ff is 4 d_model and nothing is gated."""
    config = shapes.block(d_model, d_ff=d_ff, gated=gated)
    feed_forward = accounting.feed_forward_weights(config)
    return feed_forward / (feed_forward + accounting.attention_weights(config))


def norm_parameters(d_model: int, norm: str) -> int:
    """Scale and shift of LayerNorm, 2 d_model, or the scale alone of RMSNorm, d_model."""
    config = shapes.block(d_model, d_ff=0, norm=norm, norm_position="post")  # one norm: none at the end of the stack
    return accounting.parameters(config)["norms"]


def head_dimension(d_model: int, n_heads: int) -> int:
    """d_model / n_heads. Raises EngineError where that is not whole."""
    return shapes.block(d_model, n_heads).head_size


def embedding_parameters(vocab_size: int, d_model: int) -> int:
    """One row of d_model numbers for each token."""
    return accounting.parameters(shapes.block(d_model, vocab_size=vocab_size))["token_embedding"]


def expert_share(n_experts: int, per_token: int) -> float:
    """The picked experts over all. Raises EngineError where more are picked than there are."""
    config = shapes.block(1, n_experts=n_experts, experts_per_token=per_token)
    return accounting.active_parameters(config)["feed_forward"] / accounting.parameters(config)["feed_forward"]


def _part(parts: dict[str, int], part: str) -> int:
    embeddings = sum(parts[name] for name in _EMBEDDINGS)
    total = sum(parts.values())
    rest = total - embeddings - parts["unembedding"]
    return {"total": total, "embeddings": embeddings, "non-embedding": rest, **_spelled(parts)}[part]


def _spelled(parts: dict[str, int]) -> dict[str, int]:
    return {name.replace("_", "-"): count for name, count in parts.items()}
