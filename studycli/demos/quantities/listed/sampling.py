"""Sampling: the quantities of next-token distributions and of their loss, as listed."""

from __future__ import annotations

from studycli.demos.quantities.listed.slots import integer, number, numbers, shares
from studycli.demos.quantities.quantity import Quantity

_AT = "studycli.demos.quantities.sampling"
_LOGITS = numbers("logits", "one logit a token")
_PROBABILITIES = shares("probabilities", "one a token; they sum to 1")

LISTED = (
    Quantity(
        "temperature-softmax",
        "the probabilities of the next token at a temperature",
        f"{_AT}:temperature_softmax",
        (_LOGITS, number("temperature", "0: all on the likeliest token", low=0, high=1e6)),
    ),
    Quantity(
        "top-k",
        "the probabilities that are left when the k likeliest tokens are kept",
        f"{_AT}:top_k",
        (_PROBABILITIES, integer("k", "tokens that are kept", high=64)),
    ),
    Quantity(
        "top-p",
        "the probabilities that are left when the likeliest tokens are kept that reach p together",
        f"{_AT}:top_p",
        (_PROBABILITIES, number("p", "the probability to reach", low=1e-9, high=1)),
    ),
    Quantity(
        "kept-by-top-p",
        "the number of tokens that top-p keeps",
        f"{_AT}:kept_by_top_p",
        (_PROBABILITIES, number("p", "the probability to reach", low=1e-9, high=1)),
        "tokens",
    ),
    Quantity(
        "perplexity",
        "the perplexity of a loss",
        f"{_AT}:perplexity",
        (number("loss", "nats per token", low=0, high=700),),
    ),
    Quantity(
        "cross-entropy",
        "the loss of one token that was given this probability",
        f"{_AT}:cross_entropy",
        (number("probability", "of the right token", low=1e-300, high=1),),
        "nats",
    ),
    Quantity(
        "next-token-loss",
        "the cross-entropy of a row of logits",
        f"{_AT}:next_token_loss",
        (_LOGITS, integer("target", "which token is right, from 1", high=64)),
        "nats",
    ),
    Quantity(
        "sequence-log-probability",
        "the log-probability of a sequence",
        f"{_AT}:sequence_log_probability",
        (shares("probabilities", "of each token given those before it"),),
        "nats",
    ),
    Quantity(
        "router-weights",
        "the weights of all experts for a token, of which the best few are picked",
        f"{_AT}:router_weights",
        (numbers("logits", "one logit an expert"), integer("top", "experts that are picked", high=64)),
    ),
)
