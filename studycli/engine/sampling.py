"""Sampling: from logits to the distribution of the next token, and a draw from it."""

from __future__ import annotations

import torch
from torch import Tensor

from studycli.errors import EngineError


def check(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Raises EngineError for a temperature below 0, a top_k below 1 and a top_p outside of (0, 1]."""
    if not temperature >= 0 or temperature == float("inf"):
        hint = "0 always takes the likeliest token, 1 leaves the distribution as it is"
        raise EngineError(f"the temperature is {temperature}", where="temperature", hint=hint)
    if top_k is not None and top_k < 1:
        raise EngineError(f"top_k is {top_k}", where="top_k", hint="it keeps the k likeliest tokens, at least 1")
    if top_p is not None and not 0 < top_p <= 1:
        raise EngineError(f"top_p is {top_p}", where="top_p", hint="it is a share of the probability: above 0, up to 1")


def distribution(
    logits: Tensor, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> Tensor:
    """Probabilities (..., vocab) of logits (..., vocab): softmax(logits / temperature), cut by top_k, then by top_p.

    Temperature 0 puts everything on the likeliest token. `top_k` keeps the k likeliest tokens (Fan et al. 2018),
    `top_p` the smallest set whose probability reaches p, the token that crosses it included (Holtzman et al. 2020).
    Of tokens that are equally likely, those with smaller ids are kept first. What is left is made to sum to 1.
    Raises EngineError for values that make no sense.
    """
    check(temperature, top_k, top_p)
    if temperature == 0:
        best = logits.argmax(-1, keepdim=True)  # (..., 1)
        return torch.zeros_like(logits).scatter_(-1, best, 1)  # (..., vocab)
    # The largest is taken off first, so that a small temperature overflows nothing.
    logits = logits.float()
    probabilities = ((logits - logits.amax(-1, keepdim=True)) / temperature).softmax(-1)  # (..., vocab)
    if top_k is None and top_p is None:
        return probabilities
    falling, order = probabilities.sort(dim=-1, descending=True, stable=True)  # (..., vocab)
    if top_k is not None:
        falling[..., top_k:] = 0
        falling = falling / falling.sum(-1, keepdim=True)  # (..., vocab)
    if top_p is not None:
        before = falling.cumsum(-1) - falling  # (..., vocab): what likelier tokens have together
        falling = falling.masked_fill(before >= top_p, 0)  # (..., vocab)
        falling = falling / falling.sum(-1, keepdim=True)  # (..., vocab)
    return torch.zeros_like(falling).scatter_(-1, order, falling)  # (..., vocab)


def draw(probabilities: Tensor, random: torch.Generator) -> Tensor:
    """One token id for each row of probabilities (batch, vocab), as (batch).

    The uniform number comes from a generator on the CPU, so that every device draws the same.
    """
    uniform = torch.rand(len(probabilities), 1, generator=random, dtype=torch.float64)  # (batch, 1)
    rising = probabilities.double().cumsum(-1)  # (batch, vocab)
    target = uniform.to(rising.device) * rising[:, -1:]  # (batch, 1)
    found = torch.searchsorted(rising, target, right=True).squeeze(-1)  # (batch)
    return found.clamp(max=rising.shape[-1] - 1)  # (batch), an id also where the probabilities are no numbers
