"""IVF-PQ: near exact search where it looks everywhere, small, the same by seed, and kind where faiss is missing."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import numpy as np
import pytest

from studycli.engine import faiss_index
from studycli.engine.search import exact, recall
from studycli.errors import EngineError, MissingError

RANDOM = np.random.default_rng(0)
CENTRES = RANDOM.standard_normal((40, 16))
VECTORS = (CENTRES[RANDOM.integers(40, size=3000)] + 0.4 * RANDOM.standard_normal((3000, 16))).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
QUERIES = VECTORS[:50] + 0.05 * RANDOM.standard_normal((50, 16)).astype(np.float32)


@pytest.fixture(scope="module")
def index() -> faiss_index.IvfPq:
    pytest.importorskip("faiss")
    return faiss_index.build(VECTORS, code_bytes=16, lists=20)


def test_more_probes_find_more_of_the_true_neighbours(index: faiss_index.IvfPq) -> None:
    true = exact(VECTORS, QUERIES, 10)[1]
    one, every = (recall(index.search(QUERIES, 10, probes)[1], true) for probes in (1, 20))
    assert one < every and every > 0.85


def test_rows_keep_their_numbers_and_scores_fall(index: faiss_index.IvfPq) -> None:
    scores, rows = index.search(QUERIES, 5, 20)
    assert (np.diff(scores, axis=1) <= 0).all()
    own = np.take_along_axis(QUERIES @ VECTORS.T, rows, 1)
    assert np.abs(scores - own).max() < 0.2


def test_its_bytes_are_a_code_a_number_and_a_share_of_the_centroids(index: faiss_index.IvfPq) -> None:
    computed = faiss_index.computed_bytes_per_vector(16, 3000, 16, 20)
    assert computed == pytest.approx(16 + 8 + 4 * 16 * (20 + 256) / 3000)
    assert computed < index.bytes_per_vector < computed + 0.5


def test_the_same_seed_gives_the_same_index() -> None:
    faiss = pytest.importorskip("faiss")
    first, again, other = (
        faiss.serialize_index(faiss_index.build(VECTORS, lists=20, seed=seed).inner) for seed in (0, 0, 1)
    )
    assert (first == again).all() and not (first == other).all()


def test_the_number_of_threads_stays_as_it_was() -> None:
    faiss = pytest.importorskip("faiss")
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(2)
    faiss_index.build(VECTORS, lists=4)
    assert faiss.omp_get_max_threads() == 2
    faiss.omp_set_num_threads(before)


@pytest.mark.parametrize(("rows", "code_bytes", "lists"), [(255, 8, 4), (3000, 5, 4), (3000, 0, 4), (300, 8, 301)])
def test_what_cannot_be_built_is_refused(rows: int, code_bytes: int, lists: int) -> None:
    pytest.importorskip("faiss")
    with pytest.raises(EngineError):
        faiss_index.build(VECTORS[:rows], code_bytes=code_bytes, lists=lists)


@pytest.mark.parametrize(("shape", "k", "probes"), [((1, 8), 1, 1), ((16,), 1, 1), ((1, 16), 0, 1), ((1, 16), 1, 21)])
def test_what_cannot_be_searched_is_refused(
    index: faiss_index.IvfPq, shape: tuple[int, ...], k: int, probes: int
) -> None:
    with pytest.raises(EngineError):
        index.search(np.zeros(shape, np.float32), k, probes)


def test_without_faiss_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "faiss":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "faiss", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingError) as raised:
        faiss_index.build(VECTORS)
    assert raised.value.hint == "pip install 'studycli[retrieval]'"
