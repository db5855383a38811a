"""Compute: the quantities that count floating-point operations, and what training with them gives, as listed."""

from __future__ import annotations

from studycli.demos.quantities.listed.sizes import preset
from studycli.demos.quantities.listed.slots import integer, number, word
from studycli.demos.quantities.quantity import Quantity

_AT = "studycli.demos.quantities.compute"
_SCALING = "studycli.demos.quantities.scaling"
_LONG = 10**9
PARTS = (
    "total", "projections", "scores", "weighted-values", "feed-forward", "router", "unembedding", "cross-projections",
    "cross-scores", "cross-weighted-values", "pairs",
)  # fmt: skip
_PART = word("part", "which of them; pairs: scores and weighted values", PARTS, "total")
_FLOPS = number("flops", "floating-point operations of the training", low=1)
_CONSTANTS = word("constants", "whose fit of the law", ("besiroglu", "hoffmann"), "besiroglu")

LISTED = (
    Quantity(
        "forward-flops",
        "the floating-point operations of a forward pass",
        f"{_AT}:forward_flops",
        (
            integer("tokens", "tokens that the model reads", high=_LONG),
            *preset("gpt2"),
            integer("written", "tokens that an encoder-decoder's decoder reads; 0: as many as tokens", 0, 0, _LONG),
            _PART,
        ),
        "FLOPs",
    ),
    Quantity(
        "decoding-flops",
        "the floating-point operations of one more token with a key/value cache",
        f"{_AT}:decoding_flops",
        (integer("past", "tokens in the cache", low=0, high=_LONG), *preset("gpt2"), _PART),
        "FLOPs",
    ),
    Quantity(
        "attention-flops",
        "the floating-point operations of one attention's scores and weighted sums, without its projections",
        f"{_AT}:attention_flops",
        (integer("tokens", "tokens", high=_LONG), integer("d_model", "numbers in a token's vector", high=10**6)),
        "FLOPs",
    ),
    Quantity(
        "training-flops",
        "the floating-point operations of a training: 6 for each parameter and token",
        f"{_AT}:training_flops",
        (number("parameters", "parameters", low=1), number("tokens", "tokens that are trained on", low=1)),
        "FLOPs",
    ),
    Quantity(
        "seconds",
        "the time that work takes",
        f"{_AT}:seconds",
        (
            number("work", "operations, or bytes that are read", low=0),
            number("per_second", "how many of them a second, at best", low=1e-9),
            number("utilization", "the share of the best that is reached", 1, low=1e-6, high=1),
        ),
        "seconds",
    ),
    Quantity(
        "optimal-parameters",
        "the number of parameters that uses given FLOPs of training best",
        f"{_SCALING}:optimal_parameters",
        (_FLOPS, _CONSTANTS),
        "parameters",
    ),
    Quantity(
        "optimal-tokens",
        "the number of training tokens that uses given FLOPs of training best",
        f"{_SCALING}:optimal_tokens",
        (_FLOPS, _CONSTANTS),
        "tokens",
    ),
    Quantity(
        "optimal-tokens-per-parameter",
        "the training tokens for each parameter that use given FLOPs of training best",
        f"{_SCALING}:optimal_tokens_per_parameter",
        (_FLOPS, _CONSTANTS),
        "tokens",
    ),
    Quantity(
        "scaling-loss",
        "the loss that a scaling law predicts",
        f"{_SCALING}:scaling_loss",
        (
            number("parameters", "parameters", low=1),
            number("tokens", "tokens that are trained on", low=1),
            _CONSTANTS,
        ),
        "nats",
    ),
)
