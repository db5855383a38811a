"""Sizes: the quantities that count a model's parameters, as listed."""

from __future__ import annotations

from studycli.demos.quantities.listed.slots import integer, switch, word
from studycli.demos.quantities.quantity import Quantity, Slot
from studycli.engine.config import PRESETS

_AT = "studycli.demos.quantities.sizes"
_WIDE = 10**6
PARTS = (
    "total", "token-embedding", "position", "segments", "attention", "cross-attention", "feed-forward", "router",
    "norms", "unembedding", "heads", "embeddings", "non-embedding",
)  # fmt: skip
SIZES = ("vocab_size", "d_model", "n_layers", "n_heads", "n_kv_heads", "d_head", "d_ff", "max_length")
D_MODEL = integer("d_model", "numbers in a token's vector", high=_WIDE)
CHANGES = (
    integer("d_model", "numbers in a token's vector; 0: the preset's", 0, low=0, high=_WIDE),
    integer("n_layers", "blocks of a stack; 0: the preset's", 0, low=0, high=10_000),
    integer("n_heads", "heads of queries; 0: the preset's", 0, low=0, high=_WIDE),
    integer("n_kv_heads", "heads of keys and values; 0: the preset's, or n_heads if that is given", 0, 0, _WIDE),
    integer("d_ff", "hidden width; 0: the preset's, in the same proportion to d_model", 0, low=0, high=_WIDE),
    integer("vocab_size", "tokens in the vocabulary; 0: the preset's", 0, low=0, high=10**8),
)
"""What a preset may be changed in."""


def preset(default: str | None) -> tuple[Slot, ...]:
    """The slot of a preset, with those that change it."""
    return (word("preset", "the model whose shape is taken", tuple(PRESETS), default), *CHANGES)


LISTED = (
    Quantity(
        "parameters",
        "the number of parameters of a model",
        f"{_AT}:parameters",
        (*preset("gpt2"), word("part", "which of them", PARTS, "total")),
        "parameters",
    ),
    Quantity(
        "active-parameters",
        "the number of parameters that serve one token, of a mixture of experts those of the picked experts",
        f"{_AT}:active_parameters",
        (*preset("mixtral-8x7b"), word("part", "which of them", PARTS, "total")),
        "parameters",
    ),
    Quantity(
        "preset-size",
        "a size of a well-known model",
        f"{_AT}:preset_size",
        (word("preset", "the model", tuple(PRESETS)), word("size", "which size", SIZES)),
    ),
    Quantity(
        "attention-parameters",
        "the number of parameters of one attention: query, key, value and output matrices",
        f"{_AT}:attention_parameters",
        (
            D_MODEL,
            integer("n_heads", "heads of queries", 1, high=_WIDE),
            integer("n_kv_heads", "heads of keys and values; 0: as many as n_heads", 0, low=0, high=_WIDE),
            switch("biases", "whether each matrix has a bias"),
        ),
        "parameters",
    ),
    Quantity(
        "feed-forward-parameters",
        "the number of parameters of one feed-forward",
        f"{_AT}:feed_forward_parameters",
        (
            D_MODEL,
            integer("d_ff", "its hidden width", high=_WIDE),
            switch("gated", "whether a third matrix gates the hidden numbers"),
            switch("biases", "whether each matrix has a bias"),
        ),
        "parameters",
    ),
    Quantity(
        "feed-forward-share",
        "the share of a block's matrices that its feed-forward has, the rest being attention's",
        f"{_AT}:feed_forward_share",
        (
            D_MODEL,
            integer("d_ff", "the hidden width", high=_WIDE),
            switch("gated", "whether a third matrix gates the hidden numbers"),
        ),
    ),
    Quantity(
        "norm-parameters",
        "the number of parameters of one normalization",
        f"{_AT}:norm_parameters",
        (D_MODEL, word("norm", "which", ("layer", "rms"), "layer")),
        "parameters",
    ),
    Quantity(
        "head-dimension",
        "the numbers in one head's query, key or value",
        f"{_AT}:head_dimension",
        (D_MODEL, integer("n_heads", "heads", high=_WIDE)),
    ),
    Quantity(
        "embedding-parameters",
        "the number of parameters of a table of token vectors",
        f"{_AT}:embedding_parameters",
        (integer("vocab_size", "tokens in the vocabulary", high=10**8), D_MODEL),
        "parameters",
    ),
    Quantity(
        "expert-share",
        "the share of the experts' parameters that serves one token",
        f"{_AT}:expert_share",
        (integer("n_experts", "experts in a block", high=4096), integer("per_token", "picked for a token", high=4096)),
    ),
)
