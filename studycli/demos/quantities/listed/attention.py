"""Attention: the quantities of one query's look at a row of keys, as listed."""

from __future__ import annotations

from studycli.demos.quantities.listed.slots import integer, number, numbers, shares, switch
from studycli.demos.quantities.quantity import Quantity

_AT = "studycli.demos.quantities.attention"
_SCORES = numbers("scores", "one score a key, before scaling; -inf for a key that is masked", masks=True)
_D_K = integer("d_k", "numbers in a query or key", high=4096)
_SCALED = switch("scaled", "whether scores are divided by the root of d_k", default=True)

LISTED = (
    Quantity(
        "softmax",
        "the softmax of a row of scores",
        f"{_AT}:softmax",
        (
            numbers("scores", "any numbers; -inf for one that is masked", masks=True),
            number("temperature", "what the scores are divided by", 1, low=0, high=1e6),
        ),
    ),
    Quantity(
        "attention-weights",
        "the weights that one query gives to its keys",
        f"{_AT}:attention_weights",
        (_SCORES, _D_K, _SCALED),
    ),
    Quantity(
        "attention-output",
        "the weighted sum of the keys' values, where each value is one number",
        f"{_AT}:attention_output",
        (_SCORES, numbers("values", "the value of each key"), _D_K, _SCALED),
    ),
    Quantity(
        "score-variance",
        "the measured variance of q · k for random q and k with entries of variance 1",
        f"{_AT}:score_variance",
        (
            integer("d_k", "numbers in a query or key", high=4096),
            switch("scaled", "whether the products are divided by the root of d_k"),
            integer("samples", "how many pairs are drawn", 8192, low=2, high=20_000),
            integer("seed", "which random numbers", 0, low=0, high=10**6),
        ),
    ),
    Quantity(
        "score-rank",
        "the measured rank of a head's matrix of scores, for random queries and keys",
        f"{_AT}:score_rank",
        (
            integer("d_head", "numbers in a query or key", high=1024),
            integer("tokens", "how many queries, and keys, there are", high=1024),
            integer(
                "d_model", "numbers in the vectors that queries and keys are projected from; 0 for none", 0, 0, 1024
            ),
            integer("seed", "which random numbers", 0, low=0, high=10**6),
        ),
    ),
    Quantity(
        "softmax-gradient",
        "how much each weight of a softmax answers to its own score, p (1 - p)",
        f"{_AT}:softmax_gradient",
        (numbers("scores", "any numbers"),),
    ),
    Quantity(
        "entropy",
        "the entropy of a row of probabilities",
        f"{_AT}:entropy",
        (shares("probabilities", "they sum to 1"),),
        "nats",
    ),
    Quantity(
        "dot",
        "the dot product of two vectors",
        f"{_AT}:dot",
        (numbers("a", "a vector"), numbers("b", "a vector as long")),
    ),
    Quantity(
        "cosine",
        "the cosine similarity of two vectors",
        f"{_AT}:cosine",
        (numbers("a", "a vector"), numbers("b", "a vector as long")),
    ),
)
