"""Search: the nearest vectors to a query, exactly, by comparing it with every one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studycli.errors import EngineError

Floats = NDArray[np.floating[Any]]
Places = NDArray[np.int64]

_ROWS, _QUERIES = 65_536, 128
"""Vectors and queries in a block: 32 MB of scores in float32, however many there are of both."""


def exact(vectors: Floats, queries: Floats, k: int) -> tuple[Floats, Places]:
    """The k largest inner products of each query, falling, and the rows of `vectors` that they belong to.

    `vectors` are (count, d), `queries` (query, d); both results are (query, k). Of equal scores inside the result the
    lower row comes first. Raises EngineError for shapes that don't fit, and for a k that is not from 1 to count.
    """
    check(vectors, queries, k)
    blocks = [_of_queries(vectors, queries[at : at + _QUERIES], k) for at in range(0, len(queries), _QUERIES)]
    scores, places = zip(*blocks, strict=True)
    return np.concatenate(scores), np.concatenate(places)  # (query, k) both


def check(vectors: Floats, queries: Floats, k: int) -> None:
    """Raises EngineError for vectors (count, d), queries (query, d) and a k of 1 to count that are not so."""
    if vectors.ndim != 2 or queries.ndim != 2 or vectors.shape[1] != queries.shape[1] or not len(queries):
        message = f"the vectors are {vectors.shape}, the queries {queries.shape}"
        raise EngineError(message, where="search", hint="give (count, d) and (query, d), of the same d")
    if not 1 <= k <= len(vectors):
        raise EngineError(f"k is {k}", where="search", hint=f"there are {len(vectors)} vectors: from 1 to that many")


def recall(found: Places, true: Places) -> float:
    """The share of the true neighbours (query, k) that are among those found (query, any)."""
    return float(np.mean([np.isin(row, ours).mean() for row, ours in zip(true, found, strict=True)]))


def _of_queries(vectors: Floats, queries: Floats, k: int) -> tuple[Floats, Places]:
    """(query, k) scores and rows, kept up to date from block to block of vectors."""
    scores = np.empty((len(queries), 0), np.result_type(vectors, queries))  # (query, kept)
    places = np.empty((len(queries), 0), np.int64)  # (query, kept)
    for at in range(0, len(vectors), _ROWS):
        block = queries @ vectors[at : at + _ROWS].T  # (query, rows)
        best = _largest(block, k)  # (query, up to k)
        scores = np.concatenate([scores, np.take_along_axis(block, best, 1)], 1)  # (query, kept + up to k)
        places = np.concatenate([places, best + at], 1)  # (query, kept + up to k)
        kept = _largest(scores, k)  # (query, up to k)
        scores, places = np.take_along_axis(scores, kept, 1), np.take_along_axis(places, kept, 1)
    order = np.lexsort((places, -scores))  # (query, k)
    return np.take_along_axis(scores, order, 1), np.take_along_axis(places, order, 1)


def _largest(scores: Floats, k: int) -> Places:
    """Columns (query, up to k) of the largest scores (query, count), in any order."""
    if scores.shape[1] <= k:
        return np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    return np.argpartition(scores, -k, axis=1)[:, -k:]
