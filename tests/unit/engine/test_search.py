"""Exact search gives what comparing with everything gives, however the blocks fall."""

from __future__ import annotations

import numpy as np
import pytest

from studycli.engine import search
from studycli.engine.search import exact, recall
from studycli.errors import EngineError

RANDOM = np.random.default_rng(0)
VECTORS = RANDOM.standard_normal((1000, 8)).astype(np.float32)
QUERIES = RANDOM.standard_normal((7, 8)).astype(np.float32)


@pytest.mark.parametrize(("rows", "queries"), [(65_536, 128), (13, 2), (1, 1), (999, 7)])
@pytest.mark.parametrize("k", [1, 10, 1000])
def test_it_is_a_full_sort_for_every_size_of_block(
    monkeypatch: pytest.MonkeyPatch, rows: int, queries: int, k: int
) -> None:
    monkeypatch.setattr(search, "_ROWS", rows)
    monkeypatch.setattr(search, "_QUERIES", queries)
    products = QUERIES @ VECTORS.T
    order = np.argsort(-products, axis=1, kind="stable")[:, :k]
    scores, places = exact(VECTORS, QUERIES, k)
    np.testing.assert_array_equal(places, order)
    np.testing.assert_allclose(scores, np.take_along_axis(products, order, 1), rtol=1e-5, atol=1e-6)


def test_scores_in_memory_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_ROWS", 100)
    monkeypatch.setattr(search, "_QUERIES", 3)
    seen = []
    largest = search._largest

    def watched(scores: search.Floats, k: int) -> search.Places:
        seen.append(scores.shape)
        return largest(scores, k)

    monkeypatch.setattr(search, "_largest", watched)
    exact(VECTORS, QUERIES, 4)
    assert max(rows for rows, _ in seen) <= 3 and max(columns for _, columns in seen) <= 100


def test_of_equal_scores_the_lower_row_comes_first() -> None:
    vectors = np.array([[0.0], [2.0], [2.0], [1.0]])
    assert exact(vectors, np.array([[1.0]]), 3)[1].tolist() == [[1, 2, 3]]


@pytest.mark.parametrize(
    ("vectors", "queries", "k"),
    [((5, 3), (2, 4), 1), ((5, 3), (3,), 1), ((5, 3), (0, 3), 1), ((5, 3), (2, 3), 0), ((5, 3), (2, 3), 6)],
)
def test_what_does_not_fit_is_refused(vectors: tuple[int, ...], queries: tuple[int, ...], k: int) -> None:
    with pytest.raises(EngineError):
        exact(np.zeros(vectors), np.zeros(queries), k)


def test_recall_is_the_share_of_true_neighbours_that_were_found() -> None:
    assert recall(np.array([[1, 2], [-1, 9]]), np.array([[2, 3], [4, 5]])) == 0.25
