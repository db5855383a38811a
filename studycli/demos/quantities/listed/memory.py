"""Memory: the quantities that count scores and bytes, as listed."""

from __future__ import annotations

from studycli.demos.quantities.listed.slots import LARGEST, integer, number, switch, word
from studycli.demos.quantities.quantity import Quantity
from studycli.engine.config import PRESETS

_AT = "studycli.demos.quantities.memory"
_WIDE = 10**6
_TOKENS = integer("tokens", "tokens of each sequence", high=10**12)
_BYTES = integer("bytes", "bytes of a number", 2, high=16)
_BATCH = integer("batch", "sequences", 1, high=10**9)
_SHAPE = (
    integer("n_layers", "blocks", high=10_000),
    integer("n_kv_heads", "heads of keys and values", high=_WIDE),
    integer("d_head", "numbers in a head's key", high=_WIDE),
)

LISTED = (
    Quantity(
        "attention-scores",
        "the number of scores that attention computes",
        f"{_AT}:attention_scores",
        (
            integer("tokens", "queries", high=10**12),
            integer("keys", "keys; 0: as many as queries", 0, low=0, high=10**12),
            integer("heads", "heads of a layer", 1, high=_WIDE),
            integer("layers", "layers", 1, high=10_000),
            _BATCH,
        ),
        "scores",
    ),
    Quantity(
        "score-memory-bytes",
        "the bytes of one layer's matrices of scores",
        f"{_AT}:score_memory_bytes",
        (
            _TOKENS,
            integer("heads", "heads of the layer", 1, high=_WIDE),
            _BYTES,
            _BATCH,
            integer("tile", "keys that tiled attention holds at once; 0: not tiled", 0, low=0, high=10**6),
        ),
        "bytes",
    ),
    Quantity(
        "kv-cache-bytes",
        "the bytes of the key/value cache",
        f"{_AT}:kv_cache_bytes",
        (*_SHAPE, _TOKENS, _BYTES, _BATCH),
        "bytes",
    ),
    Quantity(
        "preset-cache-bytes",
        "the bytes of the key/value cache of a well-known model",
        f"{_AT}:preset_cache_bytes",
        (
            word("preset", "the model", tuple(PRESETS)),
            _TOKENS,
            _BYTES,
            _BATCH,
            integer("n_kv_heads", "heads of keys and values; 0: the model's", 0, low=0, high=_WIDE),
        ),
        "bytes",
    ),
    Quantity(
        "cache-tokens",
        "the number of tokens whose keys and values fit into a memory",
        f"{_AT}:cache_tokens",
        (integer("memory", "bytes"), *_SHAPE, _BYTES),
        "tokens",
    ),
    Quantity(
        "weights-bytes",
        "the bytes of a model's parameters",
        f"{_AT}:weights_bytes",
        (
            integer("parameters", "parameters"),
            number("bytes", "bytes of a parameter, 0.5 for four bits", 2, low=0.1, high=16),
        ),
        "bytes",
    ),
    Quantity(
        "training-bytes",
        "the bytes of weights, gradients and the optimizer's states in training",
        f"{_AT}:training_bytes",
        (
            integer("parameters", "parameters"),
            integer("weights", "bytes of a weight", 2, low=0, high=16),
            integer("gradients", "bytes of a gradient", 2, low=0, high=16),
            integer("states", "bytes of a parameter's states: Adam's two moments and a weight in float32", 12, 0, 64),
        ),
        "bytes",
    ),
    Quantity(
        "causal-pairs",
        "the number of query-key pairs that a causal mask leaves open",
        f"{_AT}:causal_pairs",
        (integer("tokens", "tokens", high=10**12),),
        "pairs",
    ),
    Quantity(
        "window-pairs",
        "the number of query-key pairs that windowed attention leaves open",
        f"{_AT}:window_pairs",
        (
            integer("tokens", "tokens", high=10**12),
            integer("window", "keys to each side, the query's own not counted", low=0, high=LARGEST),
            switch("causal", "whether only earlier keys are seen"),
        ),
        "pairs",
    ),
)
