"""Vector search over real embeddings of generated facts: exact with numpy beside IVF-PQ of faiss-cpu, by turns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from math import isqrt

import faiss
import numpy

from benchmarks.timing import by_turns
from studycli.engine import faiss_index
from studycli.engine.miniatures import bundle
from studycli.engine.miniatures.retrieval import (
    BI_ENCODER,
    CODE_BYTES,
    PROBES,
    SIZES,
    K,
    encode,
    quiz,
    vectors_of_facts,
)
from studycli.engine.search import Floats, exact, recall

COMPUTED = 10_000_000


def run() -> Iterator[str]:
    """A line on recall, bytes and latency for each number of vectors, and one that is computed and not measured."""
    yield f"faiss-cpu {faiss.__version__} on 1 thread, {PROBES} lists probed, codes of {CODE_BYTES} bytes"
    yield f"numpy {numpy.__version__} on as many threads as its BLAS takes"
    bi_encoder = bundle.load(BI_ENCODER)
    start = time.perf_counter()
    vectors = vectors_of_facts(bi_encoder, max(SIZES.values()))  # (1 million, d_model)
    yield f"embedding: {len(vectors) / (time.perf_counter() - start):,.0f} facts a second, from their numbers"
    queries = encode(bi_encoder, quiz().questions)  # (question, d_model)
    for count in SIZES.values():
        yield from _at(vectors[:count], queries)
    yield _computed(vectors.shape[1])


def _at(vectors: Floats, queries: Floats) -> Iterator[str]:
    """Both searches over the same vectors, one query after the other as a learner would ask them."""
    start = time.perf_counter()
    index = faiss_index.build(vectors, code_bytes=CODE_BYTES)
    built = time.perf_counter() - start
    found = recall(index.search(queries, K, PROBES)[1], exact(vectors, queries, K)[1])
    few = queries[:20]  # (20, d_model)
    slow, fast = by_turns(
        lambda: [exact(vectors, few[at : at + 1], K) for at in range(len(few))],
        lambda: [index.search(few[at : at + 1], K, PROBES) for at in range(len(few))],
        rounds=5,
    )
    exact_ms, index_ms = (1000 * seconds / len(few) for seconds in (slow, fast))
    yield (
        f"{len(vectors):,} vectors: recall@{K} {found:.3f}, {index.bytes_per_vector:.1f} bytes a vector (exact "
        f"{vectors.shape[1] * vectors.itemsize}), built in {built:.1f} s with {index.lists} lists"
    )
    yield f"   a query: IVF-PQ {index_ms:.3f} ms, exact {exact_ms:.3f} ms, {exact_ms / index_ms:.1f} times as long"


def _computed(d: int) -> str:
    lists = isqrt(COMPUTED)
    size = faiss_index.computed_bytes_per_vector(CODE_BYTES, COMPUTED, d, lists)
    return (
        f"{COMPUTED:,} vectors, computed and not measured: {size:.1f} bytes a vector = {CODE_BYTES} of code + 8 of row "
        f"number + 4 x {d} x ({lists} + 256) / {COMPUTED:,} of centroids, {size * COMPUTED / 1e6:.0f} MB in all; exact "
        f"search holds 4 x {d} = {4 * d}, {4 * d * COMPUTED / 1e6:.0f} MB"
    )
