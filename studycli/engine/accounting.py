"""What a transformer holds, counted from its Config: parameters by part, bytes of the cache and of scores."""

from __future__ import annotations

from studycli.engine.config import Config
from studycli.engine.tiled import BLOCK
from studycli.errors import EngineError


def parameters(config: Config) -> dict[str, int]:
    """Numbers to learn, by part; together every parameter of `Transformer(config)`.

    `position` is a learned table or a relative bias, for each stack; `norms` are all but the one in a masked-LM head;
    `unembedding` is what tied embeddings don't share; `heads` are pooler, masked-LM and classification head. With
    experts, `feed_forward` is all of theirs.
    """
    d, blocks = config.d_model, config.encoder_layers + config.decoder_layers
    stacks = (config.encoder_layers > 0) + (config.decoder_layers > 0)
    cross = config.decoder_layers if config.architecture == "encoder-decoder" else 0
    table = {"learned": (config.max_length or 0) * d, "relative": config.relative_buckets * config.n_heads}
    norms_in_block = 1 if config.residual == "parallel-shared-norm" or not config.d_ff else 2
    norms_in_stack = config.embedding_norm + (config.norm_position == "pre")
    return {
        "token_embedding": config.vocab_size * d,
        "position": stacks * table.get(config.position, 0),
        "segments": stacks * config.n_segments * d,
        "attention": blocks * _attention(config),
        "cross_attention": cross * _attention(config),
        "feed_forward": blocks * _feed_forward(config),
        "router": blocks * d * config.n_experts,
        "norms": (blocks * norms_in_block + cross + stacks * norms_in_stack) * _norm(config),
        "unembedding": _unembedding(config),
        "heads": _heads(config),
    }


def active_parameters(config: Config) -> dict[str, int]:
    """The parameters that serve one token: of a mixture of experts, only those that the router picks.

    Tables count as a whole, as they do in a model's published size, although a token reads one row.
    """
    parts = parameters(config)
    if config.n_experts:
        parts["feed_forward"] = parts["feed_forward"] // config.n_experts * config.experts_per_token
    return parts


def cache_bytes(config: Config, batch: int, tokens: int, dtype_bytes: int, memory: int = 0) -> int:
    """Bytes of the keys and values of `tokens`: 2 * layers * kv_heads * d_head * tokens * batch * dtype_bytes.

    So in Pope et al. 2022, and in Ainslie et al. 2023 for grouped heads; the layers are the decoder's. An
    encoder-decoder adds those of `memory` tokens of the encoder. It is the `nbytes` of a Cache of that capacity.
    Raises EngineError for sizes below 0.
    """
    check_sizes(lowest=0, batch=batch, tokens=tokens, dtype_bytes=dtype_bytes, memory=memory)
    seen = tokens + memory if config.architecture == "encoder-decoder" else tokens
    return 2 * config.decoder_layers * config.kv_heads * config.head_size * seen * batch * dtype_bytes


def attention_memory(config: Config, batch: int, seq: int, dtype_bytes: int, tile: int | None = None) -> int:
    """Bytes of one matrix of scores, of all heads of one layer: batch * n_heads * seq * seq * dtype_bytes.

    `attend` with a full trace keeps up to five of them (scores, scaled, biased, masked, pattern). With a `tile` it is
    what `tiled` holds at once, whatever the length: a block of 128 queries against `tile` keys, in float32 at least
    (Dao et al. 2022). With a trace of its tiles the block is all queries. Raises EngineError for sizes below 1.
    """
    check_sizes(batch=batch, seq=seq, dtype_bytes=dtype_bytes)
    if tile is None:
        return batch * config.n_heads * seq * seq * dtype_bytes
    check_sizes(tile=tile)
    return batch * config.n_heads * min(seq, BLOCK) * min(seq, tile) * max(dtype_bytes, 4)


def widths(config: Config) -> tuple[int, int]:
    """Columns of the queries, and of the keys and values together."""
    return config.n_heads * config.head_size, 2 * config.kv_heads * config.head_size


def attention_weights(config: Config) -> int:
    """Numbers in the matrices of one attention, without biases: each is one multiply-add for each token."""
    q, kv = widths(config)
    return config.d_model * (2 * q + kv)


def feed_forward_weights(config: Config) -> int:
    """Numbers in the matrices of one feed-forward, or of one expert, without biases."""
    return config.d_model * config.d_ff * (3 if config.gated else 2)


def check_sizes(lowest: int = 1, **sizes: int) -> None:
    """Raises EngineError where one of these is below the lowest that makes sense."""
    for name, size in sizes.items():
        if size < lowest:
            raise EngineError(f"{name} is {size}", where="accounting", hint=f"it is at least {lowest}")


def _attention(config: Config) -> int:
    biases = config.qkv_bias * sum(widths(config)) + config.out_bias * config.d_model
    return attention_weights(config) + biases


def _feed_forward(config: Config) -> int:
    if not config.d_ff:
        return 0
    if config.n_experts:
        return config.n_experts * feed_forward_weights(config)
    hidden = 2 * config.d_ff if config.gated else config.d_ff
    return feed_forward_weights(config) + config.ffn_bias * (hidden + config.d_model)


def _norm(config: Config) -> int:
    return config.d_model * (2 if config.norm == "layer" and config.norm_bias else 1)


def _unembedding(config: Config) -> int:
    if config.architecture == "encoder" and not config.mlm_head:
        return 0
    weights = 0 if config.tied else config.d_model * config.vocab_size
    return weights + config.unembed_bias * config.vocab_size


def _heads(config: Config) -> int:
    dense = config.d_model * config.d_model + config.d_model
    masked = config.mlm_head * (dense + _norm(config))
    return config.pooler * dense + masked + (config.d_model + 1) * config.n_labels
