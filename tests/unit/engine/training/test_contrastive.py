"""The contrastive loss is its formula, pulls a pair together, and counts pairs."""

from __future__ import annotations

import math

import pytest
import torch

from studycli.engine.embedding import embed
from studycli.engine.training.contrastive import contrastive_loss
from studycli.errors import EngineError
from tests.engine_models import ENCODER, build, ids

QUERIES, PASSAGES = ids(4, 5), ids(4, 7, seed=1)
QUERY_MASK, PASSAGE_MASK = torch.ones_like(QUERIES), (torch.arange(7) < torch.tensor([[7], [5], [3], [6]])).long()


def test_it_is_the_formula_and_counts_pairs() -> None:
    model = build(ENCODER)
    loss = contrastive_loss(model, QUERIES, QUERY_MASK, PASSAGES, PASSAGE_MASK, temperature=0.5)
    q, p = (embed(model, *side).tolist() for side in ((QUERIES, QUERY_MASK), (PASSAGES, PASSAGE_MASK)))
    similar = [[math.exp(sum(a * b for a, b in zip(x, y, strict=True)) / 0.5) for y in p] for x in q]
    expected = -sum(math.log(row[own] / sum(row)) for own, row in enumerate(similar)) / 4
    assert loss.mean.item() == pytest.approx(expected, rel=1e-5) and loss.tokens == 4


def test_it_goes_from_queries_to_passages() -> None:
    """A passage that stands twice hurts both of its queries; a query that stands twice hurts neither passage."""
    model = build(ENCODER)
    there = contrastive_loss(model, QUERIES, QUERY_MASK, PASSAGES, PASSAGE_MASK).mean
    back = contrastive_loss(model, PASSAGES, PASSAGE_MASK, QUERIES, QUERY_MASK).mean
    assert not there.isclose(back)
    same = contrastive_loss(model, QUERIES[:2], QUERY_MASK[:2], PASSAGES[[0, 0]], PASSAGE_MASK[[0, 0]]).mean
    assert same.item() == pytest.approx(math.log(2), rel=1e-4)


def test_a_few_steps_bring_pairs_together() -> None:
    model = build(ENCODER).requires_grad_(True)
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    losses = []
    for _ in range(15):
        optimizer.zero_grad()
        loss = contrastive_loss(model, QUERIES, QUERY_MASK, PASSAGES, PASSAGE_MASK).mean
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]


def test_unequal_rows_and_a_temperature_of_nothing_are_refused() -> None:
    model = build(ENCODER)
    with pytest.raises(EngineError, match="4 queries and 3 passages"):
        contrastive_loss(model, QUERIES, QUERY_MASK, PASSAGES[:3], PASSAGE_MASK[:3])
    with pytest.raises(EngineError, match="temperature"):
        contrastive_loss(model, QUERIES, QUERY_MASK, PASSAGES, PASSAGE_MASK, temperature=0.0)
