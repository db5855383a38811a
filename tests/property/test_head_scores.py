"""Head scores and entropy against slow loops over queries and keys in plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studycli.engine.head_scores import entropy, scores

Weights = list[list[float]]


@dataclass
class Case:
    pattern: torch.Tensor  # (batch, heads, seq, seq)
    ids: torch.Tensor  # (batch, seq)
    keep: torch.Tensor | None  # (batch, seq)
    reach: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    batch, heads, seq = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 7))
    random = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    spread = 3 * torch.randn(batch, heads, seq, seq, generator=random, dtype=torch.float64)
    if draw(st.booleans()):
        spread = spread.masked_fill(~torch.ones(seq, seq, dtype=torch.bool).tril(), -torch.inf)
    pattern = spread.softmax(-1)
    idle = torch.rand(batch, heads, seq, 1, generator=random) < draw(st.sampled_from([0, 0.3]))
    ids = torch.randint(draw(st.integers(1, 5)), (batch, seq), generator=random)
    keep = torch.rand(batch, seq, generator=random) < draw(st.sampled_from([0.0, 0.5, 0.9]))
    return Case(pattern.masked_fill(idle, 0), ids, keep if draw(st.booleans()) else None, draw(st.integers(0, 4)))


def previous_token(i: int, ids: list[int], kept: list[bool], reach: int) -> list[int]:
    return [i - 1] if i >= 1 and kept[i - 1] else []


def first_token(i: int, ids: list[int], kept: list[bool], reach: int) -> list[int]:
    first = kept.index(True)
    return [first] if i > first else []


def duplicate_token(i: int, ids: list[int], kept: list[bool], reach: int) -> list[int]:
    return [j for j in range(i) if kept[j] and ids[j] == ids[i]]


def induction(i: int, ids: list[int], kept: list[bool], reach: int) -> list[int]:
    return [j + 1 for j in range(i) if kept[j] and kept[j + 1] and ids[j] == ids[i]]


def diagonal(i: int, ids: list[int], kept: list[bool], reach: int) -> list[int]:
    return [i]


def local(i: int, ids: list[int], kept: list[bool], reach: int) -> list[int]:
    return [j for j in range(len(ids)) if kept[j] and abs(i - j) <= reach]


KINDS = [previous_token, first_token, duplicate_token, induction, diagonal, local]


def kept_tokens(case: Case, row: int) -> list[bool]:
    return [True] * case.ids.shape[1] if case.keep is None else case.keep[row].tolist()


def mean(numbers: list[float]) -> float:
    return math.fsum(numbers) / len(numbers) if numbers else math.nan


@pytest.mark.parametrize("kind", KINDS)
@given(cases())
def test_every_score(kind: Callable[[int, list[int], list[bool], int], list[int]], case: Case) -> None:
    batch, heads, seq, _ = case.pattern.shape
    found = scores(case.pattern, case.ids, reach=case.reach, keep=case.keep)[kind.__name__]
    assert found.shape == (heads,)
    for head in range(heads):
        weights = []
        for row in range(batch):
            kept, ids = kept_tokens(case, row), case.ids[row].tolist()
            for i in range(seq):
                targets = kind(i, ids, kept, case.reach) if kept[i] else []
                if targets:
                    weights.append(math.fsum(float(case.pattern[row, head, i, j]) for j in targets))
        assert float(found[head]) == pytest.approx(mean(weights), abs=1e-12, nan_ok=True)


@given(cases())
def test_entropy(case: Case) -> None:
    batch, heads, seq, _ = case.pattern.shape
    found = entropy(case.pattern, case.keep)
    for head in range(heads):
        entropies = []
        for row in range(batch):
            for i in range(seq):
                weights = case.pattern[row, head, i].tolist()
                if kept_tokens(case, row)[i] and sum(weights) > 0:
                    entropies.append(-math.fsum(p * math.log(p) for p in weights if p > 0))
        assert float(found[head]) == pytest.approx(mean(entropies), abs=1e-12, nan_ok=True)
