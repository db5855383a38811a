"""flops(): the floating-point operations of a forward pass, by part, counted from the Config."""

from __future__ import annotations

from studycli.engine.accounting import attention_weights, check_sizes, feed_forward_weights, widths
from studycli.engine.config import Config
from studycli.engine.linear import BLOCK
from studycli.errors import EngineError


def flops(config: Config, batch: int, seq: int, decoder_seq: int | None = None) -> dict[str, int]:
    """Floating-point operations of `model(input_ids, trace=Trace())`, by part: 2 for each multiply-add of its matrices.

    Formulas are those of Hoffmann et al. 2022, appendix F. `projections` make queries, keys, values and the output;
    `scores` and `weighted_values` take every query with every key, closed by a mask or not, as the traced path does;
    `cross_...` are the same for a decoder's look at `seq` tokens of its encoder, itself reading `decoder_seq`. With
    linear attention, `state` sums the keys and is read, and pairs remain within its blocks. Without a trace, causal,
    window and sparse attention may leave out pairs that a mask closes.

    Not counted are embeddings, norms, softmax, activations, the choice of experts, biases and additions, nor the
    separate calls of a pooler, a masked-LM or a classification head. Raises EngineError for sizes below 1, and for an
    encoder-decoder without `decoder_seq`.
    """
    check_sizes(batch=batch, seq=seq)
    read = batch * seq
    parts = _stack_flops(config, config.encoder_layers, batch, seq, seq, causal=False)
    if config.architecture == "encoder-decoder":
        if decoder_seq is None:
            hint = "name the tokens that the decoder reads"
            raise EngineError("an encoder-decoder needs decoder_seq too", where="decoder_seq", hint=hint)
        check_sizes(decoder_seq=decoder_seq)
        own = _stack_flops(config, config.decoder_layers, batch, decoder_seq, decoder_seq, causal=True)
        parts = _sum(parts, own, _cross_flops(config, batch, decoder_seq, seq, new_keys=seq))
        read = batch * decoder_seq
    else:
        parts = _sum(parts, _stack_flops(config, config.decoder_layers, batch, seq, seq, causal=True))
    logits = 0 if config.architecture == "encoder" else 2 * read * config.d_model * config.vocab_size
    return {**parts, "unembedding": logits}


def flops_per_token_decoding(config: Config, past: int, memory: int = 0) -> dict[str, int]:
    """FLOPs of one more token behind `past` tokens in the cache, by part as in `flops`.

    An encoder-decoder looks at `memory` tokens of the encoder, whose keys and values are in the cache too. Raises
    EngineError for an encoder, and for sizes below 0.
    """
    check_sizes(lowest=0, past=past, memory=memory)
    if config.architecture == "encoder":
        raise EngineError("an encoder cannot decode", where="config", hint="take a decoder or an encoder-decoder")
    own = _stack_flops(config, config.decoder_layers, 1, 1, past + 1, causal=True)
    cross = _cross_flops(config, 1, 1, memory, new_keys=0) if config.architecture == "encoder-decoder" else {}
    return {**_sum(own, cross), "unembedding": 2 * config.d_model * config.vocab_size}


def _stack_flops(config: Config, layers: int, batch: int, queries: int, keys: int, *, causal: bool) -> dict[str, int]:
    """FLOPs of the blocks of a stack without cross-attention."""
    q, _ = widths(config)
    tokens = 2 * layers * batch * queries
    experts = config.experts_per_token if config.n_experts else 1
    pairs, state = queries * keys, 0
    if config.attention == "linear":
        blocks, rest = divmod(queries, BLOCK)
        pairs = blocks * BLOCK**2 + rest**2 if causal and queries > 1 else 0
        state = keys * config.head_size + queries * (config.head_size + 1)
    return {
        "projections": tokens * attention_weights(config),
        "scores": 2 * layers * batch * pairs * q,
        "weighted_values": 2 * layers * batch * pairs * q,
        "state": 2 * layers * batch * state * q,
        "cross_projections": 0,
        "cross_scores": 0,
        "cross_weighted_values": 0,
        "feed_forward": tokens * experts * feed_forward_weights(config),
        "router": tokens * config.d_model * config.n_experts,
    }


def _cross_flops(config: Config, batch: int, queries: int, keys: int, *, new_keys: int) -> dict[str, int]:
    """FLOPs of a decoder's cross-attention to `keys` tokens, of which `new_keys` are not in the cache yet."""
    q, kv = widths(config)
    each = 2 * config.decoder_layers * batch
    return {
        "cross_projections": each * config.d_model * (queries * 2 * q + new_keys * kv),
        "cross_scores": each * queries * keys * q,
        "cross_weighted_values": each * queries * keys * q,
    }


def _sum(*parts: dict[str, int]) -> dict[str, int]:
    return {name: sum(each.get(name, 0) for each in parts) for name in parts[0]}
