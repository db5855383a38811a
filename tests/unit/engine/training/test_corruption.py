"""Masked tokens: how many, which, and what becomes of them. Cut spans: nothing is lost, and the counts are right."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from studycli.engine.training import IGNORED, mask_tokens, span_corruption
from studycli.engine.training.corruption import noise_counts
from studycli.errors import EngineError

MASK, SPECIAL = 4, (0, 1, 2)
SENTINELS = range(1000, 1100)


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def masked(input_ids: Tensor, seed: int = 0, rate: float = 0.15, vocab: int = 50) -> tuple[Tensor, Tensor]:
    return mask_tokens(
        input_ids, mask_id=MASK, vocab_size=vocab, special_ids=SPECIAL, rate=rate, generator=random(seed)
    )


@given(
    rows=st.lists(st.lists(st.integers(0, 49), min_size=7, max_size=7), min_size=1, max_size=4),
    rate=st.floats(0.01, 1),
    seed=st.integers(0, 2**32),
)
def test_a_share_of_the_ordinary_tokens_is_to_be_restored(rows: list[list[int]], rate: float, seed: int) -> None:
    input_ids = torch.tensor(rows)
    hidden, labels = masked(input_ids, seed, rate)
    picked = labels != IGNORED
    ordinary = ~torch.isin(input_ids, torch.tensor([MASK, *SPECIAL]))
    assert labels[picked].equal(input_ids[picked])
    assert hidden[~picked].equal(input_ids[~picked])
    assert not (picked & ~ordinary).any()
    for chosen, there in zip(picked.sum(-1).tolist(), ordinary.sum(-1).tolist(), strict=True):
        assert min(1, there) <= chosen <= there
        assert chosen == min(1, there) or abs(chosen - rate * there) <= 0.5 + 1e-5
    assert not torch.isin(hidden[picked], torch.tensor(SPECIAL)).any()


def test_most_become_the_mask_some_another_and_some_stay() -> None:
    input_ids = torch.randint(5, 50, (400, 200), generator=random(1))
    hidden, labels = masked(input_ids)
    picked = labels != IGNORED
    assert picked.sum(-1).eq(30).all()
    assert picked.float().mean(0).sub(0.15).abs().max() < 0.08  # every place alike
    was, became = labels[picked], hidden[picked]
    share = {
        "mask": became.eq(MASK).float().mean().item(),
        "stay": became.eq(was).float().mean().item(),
        "other": (became.ne(MASK) & became.ne(was)).float().mean().item(),
    }
    # 12,000 draws: four standard deviations are 0.015 and 0.011. One in 46 drawn tokens is the same by chance.
    assert share == pytest.approx({"mask": 0.8, "stay": 0.1 + 0.1 / 46, "other": 0.1 - 0.1 / 46}, abs=0.012)
    drawn = became[became.ne(MASK) & became.ne(was)].bincount(minlength=50)
    assert drawn[torch.tensor([MASK, *SPECIAL])].eq(0).all() and drawn[5:].min() > 5 and drawn[3] > 5


def test_a_row_without_ordinary_tokens_stays() -> None:
    input_ids = torch.tensor([[0, 1, MASK, 2], [7, 0, 0, 0]])
    hidden, labels = masked(input_ids)
    assert labels.tolist() == [[IGNORED] * 4, [7, IGNORED, IGNORED, IGNORED]]
    assert hidden[0].equal(input_ids[0])


def cut(input_ids: Tensor, seed: int = 0, density: float = 0.15, mean_length: float = 3) -> tuple[Tensor, Tensor]:
    return span_corruption(
        input_ids, sentinels=SENTINELS, generator=random(seed), density=density, mean_length=mean_length
    )


@pytest.mark.parametrize("corrupt", [masked, cut])
def test_a_generator_decides(corrupt: Callable[[Tensor, int], tuple[Tensor, Tensor]]) -> None:
    input_ids = torch.arange(5, 205).view(2, 100)
    first, again, other = corrupt(input_ids, 3), corrupt(input_ids, 3), corrupt(input_ids, 4)
    assert all(a.equal(b) for a, b in zip(first, again, strict=True))
    assert not first[1].equal(other[1]) and not first[1][0].equal(first[1][1] - 100)


def merged(inputs: list[int], labels: list[int]) -> list[int]:
    """The text: each sentinel of the inputs replaced by what follows it in the labels."""
    spans: dict[int, list[int]] = {}
    for token in labels:
        if token in SENTINELS:
            spans[token] = current = []
        else:
            current.append(token)
    return [piece for token in inputs for piece in spans.get(token, [token])]


@given(
    length=st.integers(2, 120),
    rows=st.integers(1, 3),
    density=st.floats(0, 1),
    mean_length=st.floats(1, 10),
    seed=st.integers(0, 2**32),
)
def test_inputs_and_labels_hold_the_text(length: int, rows: int, density: float, mean_length: float, seed: int) -> None:
    input_ids = torch.randint(1000, (rows, length), generator=random(seed))
    inputs, labels = cut(input_ids, seed, density, mean_length)
    noise = min(max(round(length * density), 1), length - 1)
    spans = min(max(round(noise / mean_length), 1), length - noise)
    assert inputs.shape == (rows, length - noise + spans)
    assert labels.shape == (rows, noise + spans + 1)
    for text, left, taken in zip(input_ids.tolist(), inputs.tolist(), labels.tolist(), strict=True):
        assert merged(left, taken) == text
        assert [token for token in left if token in SENTINELS] == list(SENTINELS[:spans])
        assert [token for token in taken if token in SENTINELS] == list(SENTINELS[: spans + 1])
        assert left[0] == text[0] and left[-1] == SENTINELS[spans - 1] and taken[-1] == SENTINELS[spans]
        for side in (left, taken):  # no span is empty
            assert not any(a in SENTINELS and b in SENTINELS for a, b in pairwise(side))


@pytest.mark.parametrize(
    ("length", "noise", "spans"),
    [(2, 1, 1), (10, 2, 1), (20, 3, 1), (30, 4, 1), (40, 6, 2), (100, 15, 5), (512, 77, 26), (568, 85, 28)],
)
def test_how_much_is_noise(length: int, noise: int, spans: int) -> None:
    """512 tokens become 461 and 104 with the final sentinel; with 568, T5's 512 and an end-of-text token are full."""
    assert noise_counts(length) == (noise, spans)


def test_every_way_to_cut_is_equally_likely() -> None:
    """4 tokens of noise in 2 spans, 1 + 3, 2 + 2 or 3 + 1, and 4 of text likewise."""
    inputs, _ = cut(torch.arange(8).expand(4500, 8), density=0.5, mean_length=2)
    ways = inputs.unique(dim=0, return_counts=True)[1]
    assert len(ways) == 9
    # Nine counts of 500: chi squared, 8 degrees of freedom, is below 26.1 in 999 of 1000 runs.
    assert float(((ways - 500.0) ** 2 / 500).sum()) < 26.1


def test_what_makes_no_sense_is_refused() -> None:
    text = torch.arange(5, 45).view(2, 20)
    with pytest.raises(EngineError, match="rate is 0"):
        masked(text, rate=0)
    with pytest.raises(EngineError, match="every token is special"):
        mask_tokens(text, mask_id=1, vocab_size=2, special_ids=[0], generator=random())
    with pytest.raises(EngineError, match="1 spans and the end need 2 sentinels, there are 1"):
        span_corruption(text, sentinels=[1000], generator=random())
    with pytest.raises(EngineError, match="holds a sentinel"):
        span_corruption(text, sentinels=range(40, 50), generator=random())
    with pytest.raises(EngineError, match=r"shape is \(20,\)"):
        cut(text[0])
    with pytest.raises(EngineError, match="1 tokens leave no span"):
        cut(text[:, :1])
    with pytest.raises(EngineError, match="density is 2"):
        cut(text, density=2)
    with pytest.raises(EngineError, match=r"mean length 0\.5"):
        cut(text, mean_length=0.5)
