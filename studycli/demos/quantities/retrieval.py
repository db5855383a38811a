"""Retrieval: bytes of stored vectors, what a search compares, and how good it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from studycli.demos.quantities import compute
from studycli.engine import search
from studycli.engine.faiss_index import computed_bytes_per_vector
from studycli.errors import UsageError


def vector_bytes(vectors: int, dimensions: int, bytes: int) -> int:
    """vectors · dimensions · bytes."""
    return vectors * dimensions * bytes


def code_bytes(vectors: int, slices: int, bits: int) -> float:
    """vectors · slices · bits / 8 (Jégou et al. 2011); the centroids are not counted."""
    return vectors * slices * bits / 8


def index_bytes(vectors: int, dimensions: int, slices: int, clusters: int) -> float:
    """Codes of a byte for each slice, 8 bytes of row number each, and all centroids in float32. Raises UsageError."""
    _check_slices(dimensions, slices)
    return vectors * computed_bytes_per_vector(slices, vectors, dimensions, clusters)


def compression(dimensions: int, slices: int, bits: int, bytes: int) -> float:
    """dimensions · bytes over slices · bits / 8. Raises UsageError where the slices don't divide a vector."""
    _check_slices(dimensions, slices)
    return vector_bytes(1, dimensions, bytes) / code_bytes(1, slices, bits)


def codes_compared(vectors: int, clusters: int, probes: int) -> float:
    """vectors · probes / clusters. Raises UsageError for more probes than clusters."""
    if probes > clusters:
        raise UsageError(f"probes is {probes}", hint=f"there are {clusters} clusters")
    return vectors * probes / clusters


def recall(found: Sequence[float], relevant: Sequence[float]) -> float:
    """The relevant documents among the found, over all relevant ones. Raises UsageError."""
    return search.recall(_places(found), _places(relevant))


def precision(found: Sequence[float], relevant: Sequence[float]) -> float:
    """The relevant documents among the found, over all found. Raises UsageError."""
    return search.recall(_places(relevant), _places(found))


def mean_reciprocal_rank(ranks: Sequence[float]) -> float:
    """The mean of 1 / rank over questions; 0 counts for an answer that was not found. Raises UsageError."""
    _check_whole("rank", ranks)
    return sum(1 / rank for rank in ranks if rank) / len(ranks)


def contrastive_loss(similarities: Sequence[float], positive: int, temperature: float) -> float:
    """-ln softmax(similarities / temperature)[positive] (van den Oord et al. 2018, equation 4). Raises UsageError."""
    if positive > len(similarities):
        raise UsageError(f"positive is {positive}", hint=f"it lies between 1 and {len(similarities)}")
    logits = torch.tensor(similarities, dtype=torch.float64) / temperature  # (passages)
    return torch.nn.functional.cross_entropy(logits, torch.tensor(positive - 1)).item()


def reranking_flops(candidates: int, tokens: int, preset: str) -> int:
    """A forward pass for each candidate."""
    return candidates * compute.forward_flops(tokens, preset, written=0, part="total")


def _check_slices(dimensions: int, slices: int) -> None:
    if dimensions % slices:
        raise UsageError(f"{dimensions} numbers don't divide into {slices} slices", hint="give a divisor")


def _check_whole(what: str, row: Sequence[float]) -> None:
    if not all(float(number).is_integer() for number in row):
        raise UsageError(f"a {what} is no whole number", hint="count them, 1, 2, 3")


def _places(documents: Sequence[float]) -> search.Places:
    """Each document once, (1, documents). Raises UsageError."""
    _check_whole("document", documents)
    return np.unique(np.array(documents)).astype(np.int64)[None]  # (1, documents)
