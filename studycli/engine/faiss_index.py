"""Faiss index: approximate search by an inverted file with product quantisation, which faiss-cpu computes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np

from studycli.engine.search import Floats, Places
from studycli.errors import EngineError, MissingError

_CENTROIDS = 256
"""Of each part of a vector: one byte of code."""
_SAMPLES = 64
"""Vectors for each centroid that is learned: faiss asks for 39 at least, and more change little."""


@dataclass(frozen=True, slots=True)
class IvfPq:
    """An index that was built: `count` vectors of length `d`, each as a code in one of `lists` lists.

    A list stands for the vectors nearest to its centroid; the code names, for each part of what the centroid leaves of
    a vector, one of 256 centroids (Jégou et al. 2011). `inner` is the `faiss.IndexIVFPQ`.
    """

    inner: Any
    count: int
    d: int
    lists: int

    def search(self, queries: Floats, k: int, probes: int) -> tuple[Floats, Places]:
        """Scores, falling, and rows (query, k) of the nearest to queries (query, d), from the `probes` nearest lists.

        Scores are inner products with what the index knows of a vector. Where the lists hold fewer than k vectors, the
        last rows are -1. Raises EngineError for queries of another shape, and for a k or probes out of range.
        """
        if queries.ndim != 2 or queries.shape[1] != self.d:
            message = f"the queries are {queries.shape}"
            raise EngineError(message, where="queries", hint=f"give (query, {self.d})")
        for name, value, most in (("k", k, self.count), ("probes", probes, self.lists)):
            if not 1 <= value <= most:
                raise EngineError(f"{name} is {value}", where=name, hint=f"it is from 1 to {most}")
        self.inner.nprobe = probes
        with _one_thread():
            scores, rows = self.inner.search(np.ascontiguousarray(queries, np.float32), k)
        return scores, rows  # (query, k) both

    @property
    def bytes_per_vector(self) -> float:
        """Bytes of the index as faiss saves it, with centroids and row numbers, for each of its vectors."""
        return len(_faiss().serialize_index(self.inner)) / self.count


def build(vectors: Floats, *, code_bytes: int = 8, lists: int | None = None, seed: int = 0) -> IvfPq:
    """Learn the centroids from vectors (count, d), and add all of them; rows keep their numbers.

    `lists` is the root of count unless given. The same vectors and seed give the same index: it is built on one thread,
    for sums in another order make other centroids. Raises MissingError where faiss isn't installed, and EngineError
    for fewer vectors than centroids, and where `code_bytes` does not divide d.
    """
    faiss = _faiss()
    if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
        message = f"the vectors are {vectors.shape}, or not all of them are finite"
        raise EngineError(message, where="vectors", hint="give finite numbers, (count, d)")
    count, d = vectors.shape
    lists = isqrt(count) if lists is None else lists
    if count < max(_CENTROIDS, lists) or lists < 1:
        message = f"{count} vectors for {lists} lists and {_CENTROIDS} centroids"
        raise EngineError(message, where="vectors", hint="give as many vectors, or use exact search")
    if code_bytes < 1 or d % code_bytes:
        message = f"{d} numbers don't divide into {code_bytes} parts"
        raise EngineError(message, where="code_bytes", hint="give a divisor of d")
    rows = np.ascontiguousarray(vectors, np.float32)  # (count, d)
    inner = faiss.IndexIVFPQ(faiss.IndexFlatIP(d), d, lists, code_bytes, 8, faiss.METRIC_INNER_PRODUCT)
    for clustering in (inner.cp, inner.pq.cp):
        clustering.seed, clustering.max_points_per_centroid, clustering.min_points_per_centroid = (
            seed % 2**31,
            _SAMPLES,
            1,
        )
    with _one_thread():
        inner.train(rows)
        inner.add(rows)
    return IvfPq(inner, count, d, lists)


def computed_bytes_per_vector(code_bytes: int, count: int, d: int, lists: int) -> float:
    """Bytes per vector as computed: a code and a 64-bit row number each, and a share of all centroids in float32.

    What faiss saves beside, some hundred bytes for each list and all, is left out.
    """
    return code_bytes + 8 + 4 * d * (lists + _CENTROIDS) / count


@contextmanager
def _one_thread() -> Iterator[None]:
    faiss = _faiss()
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _faiss() -> Any:  # noqa: ANN401 - the module has no types
    try:
        import faiss
    except ImportError as error:
        hint = "pip install 'studycli[retrieval]'"
        raise MissingError("approximate search needs faiss, which is not installed", hint=hint) from error
    return faiss
