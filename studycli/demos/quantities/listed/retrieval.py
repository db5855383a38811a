"""Retrieval: the quantities of vectors that are stored and searched, and of how good a search is, as listed."""

from __future__ import annotations

from studycli.demos.quantities.listed.slots import integer, number, numbers, word
from studycli.demos.quantities.quantity import Quantity
from studycli.engine.config import PRESETS

_AT = "studycli.demos.quantities.retrieval"
_VECTORS = integer("vectors", "stored vectors", high=10**12)
_DIMENSIONS = integer("dimensions", "numbers in a vector", high=10**6)
_BYTES = integer("bytes", "bytes of a number", 4, high=16)
_SLICES = integer("slices", "parts that a vector is cut into", high=10**6)
_BITS = integer("bits", "bits of a part's code", 8, high=64)
_CLUSTERS = integer("clusters", "lists of the inverted file", high=10**9)
_FOUND = numbers("found", "numbers of the documents that a search gave", low=0, high=10**9)
_RELEVANT = numbers("relevant", "numbers of the documents that it should give", low=0, high=10**9)

LISTED = (
    Quantity(
        "vector-bytes",
        "the bytes of stored vectors",
        f"{_AT}:vector_bytes",
        (_VECTORS, _DIMENSIONS, _BYTES),
        "bytes",
    ),
    Quantity(
        "code-bytes",
        "the bytes of vectors stored as product-quantized codes",
        f"{_AT}:code_bytes",
        (_VECTORS, _SLICES, _BITS),
        "bytes",
    ),
    Quantity(
        "index-bytes",
        "the bytes of an inverted file with 8-bit codes, row numbers and centroids",
        f"{_AT}:index_bytes",
        (_VECTORS, _DIMENSIONS, _SLICES, _CLUSTERS),
        "bytes",
    ),
    Quantity(
        "compression",
        "how many times smaller a vector is as a product-quantized code",
        f"{_AT}:compression",
        (_DIMENSIONS, _SLICES, _BITS, _BYTES),
    ),
    Quantity(
        "codes-compared",
        "the vectors that a query is compared with in lists of equal size",
        f"{_AT}:codes_compared",
        (_VECTORS, _CLUSTERS, integer("probes", "lists that are searched", high=10**9)),
        "vectors",
    ),
    Quantity(
        "recall",
        "the share of the relevant documents that a search found",
        f"{_AT}:recall",
        (_FOUND, _RELEVANT),
    ),
    Quantity(
        "precision",
        "the share of the found documents that are relevant",
        f"{_AT}:precision",
        (_FOUND, _RELEVANT),
    ),
    Quantity(
        "mean-reciprocal-rank",
        "the mean of 1 / rank of the right answers",
        f"{_AT}:mean_reciprocal_rank",
        (numbers("ranks", "the rank of the right answer to each question, from 1; 0: not found", low=0, high=10**9),),
    ),
    Quantity(
        "contrastive-loss",
        "the loss of a query among passages, one of which is its own",
        f"{_AT}:contrastive_loss",
        (
            numbers("similarities", "of the query to each passage"),
            integer("positive", "which passage is its own, from 1", 1, high=64),
            number("temperature", "what the similarities are divided by", 0.05, low=1e-4, high=1e4),
        ),
        "nats",
    ),
    Quantity(
        "reranking-flops",
        "the floating-point operations of a cross-encoder that reads a query with each candidate",
        f"{_AT}:reranking_flops",
        (
            integer("candidates", "passages to rank", high=10**9),
            integer("tokens", "tokens of a query and a passage together", high=10**6),
            word("preset", "the cross-encoder's shape", tuple(PRESETS), "bert-base"),
        ),
        "FLOPs",
    ),
)
