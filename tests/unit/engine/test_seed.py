"""Random numbers depend on the seed and the purpose, and on nothing else."""

from __future__ import annotations

import torch

from studycli.engine.seed import generator


def draw(seed: int, *names: str) -> list[float]:
    return torch.randn(4, generator=generator(seed, *names)).tolist()


def test_the_same_whatever_the_global_state() -> None:
    torch.manual_seed(1)
    first = draw(0, "word", "cat")
    torch.manual_seed(2)
    assert draw(0, "word", "cat") == first


def test_the_same_in_every_process() -> None:
    """A change here changes every demo's numbers."""
    assert generator(0, "W_Q").initial_seed() == 901404308004109847


def test_different_for_another_seed_or_purpose() -> None:
    draws = [draw(0), draw(1), draw(0, "a"), draw(0, "a", "b"), draw(0, "ab"), draw(-1), draw(2**80)]
    assert len({tuple(numbers) for numbers in draws}) == len(draws)


def test_a_lone_surrogate_is_no_obstacle() -> None:
    assert draw(0, "\ud800") != draw(0, "\udfff")
