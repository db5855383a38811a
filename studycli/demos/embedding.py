"""Tokens as vectors, without training: a random vector for each word, plus where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

NOTE = (
    "One row a token: a random vector that depends on the word alone (the same word, the same vector, whatever its "
    "capitals) plus the sinusoidal encoding of its position."
)


def word_vectors(tokens: Sequence[str], d_model: int, seed: int) -> Tensor:
    """A random vector for each word, (seq, d_model), on the CPU; the entries have unit variance."""
    import torch

    from studycli.engine.seed import generator

    words = [torch.randn(d_model, generator=generator(seed, "word", token.casefold())) for token in tokens]
    return torch.stack(words)  # (seq, d_model)


def projection(name: str, d_model: int, d_k: int, seed: int) -> Tensor:
    """W_Q, W_K or W_V by `name` (q, k or v), (d_model, d_k), from N(0, 1/d_model): q, k and v have unit variance."""
    import torch

    from studycli.engine.seed import generator

    drawn: Tensor = torch.randn(d_model, d_k, generator=generator(seed, f"W_{name.upper()}"))  # (d_model, d_k)
    return drawn.div(d_model**0.5)  # (d_model, d_k)


def embed(tokens: Sequence[str], d_model: int, seed: int) -> Tensor:
    """Word vectors plus sinusoidal positions, (seq, d_model), on the CPU; the entries have unit variance."""
    from studycli.engine.position import sinusoidal

    # The mean square of a sinusoid is 1/2, so the sum's is 1 + 1/2.
    summed: Tensor = word_vectors(tokens, d_model, seed) + sinusoidal(len(tokens), d_model)  # (seq, d_model)
    return summed.div(1.5**0.5)  # (seq, d_model)
