"""Beam search: the likeliest whole sequences, kept a few at a time."""

from __future__ import annotations

import math
from collections.abc import Collection

import torch
from torch import Tensor

from studycli.engine.reader import Reader
from studycli.errors import EngineError


def beam_search(
    reader: Reader, prompt: Tensor, max_new_tokens: int, num_beams: int, stop: Collection[int], length_penalty: float
) -> Tensor:
    """The best continuation of a prompt (1, seq), as (1, seq + new).

    A sequence's score is the sum of its log-probabilities over (new tokens) ** length_penalty. It ends with a stop
    token or at `max_new_tokens`. The search ends early once nothing that is still growing can beat the best that
    has ended (log-probabilities only fall).
    """
    sequences, totals = prompt, torch.zeros(1, device=prompt.device)  # (beams, seq), (beams)
    unread = prompt  # (beams, new)
    best, best_score = prompt, -torch.inf
    for new in range(1, max_new_tokens + 1):
        log_probabilities = reader.read(unread).float().log_softmax(-1)  # (beams, vocab)
        candidates = totals[:, None] + log_probabilities  # (beams, vocab)
        # A beam has at most one ending for each stop token, so this many hold enough that go on.
        wanted = min(num_beams * (1 + len(stop)), candidates.numel())
        scores, places = candidates.flatten().topk(wanted)
        if not math.isfinite(float(scores[0])):
            raise not_finite()
        beams, tokens = places // candidates.shape[1], places % candidates.shape[1]  # (wanted)
        ends = torch.tensor([int(token) in stop for token in tokens], device=prompt.device)  # (wanted)
        if new == max_new_tokens:
            ends = torch.ones_like(ends)
        for place in ends.nonzero().flatten()[:1].tolist():  # they come best first, and are of one length
            score = float(scores[place]) / new**length_penalty
            if score > best_score:
                best, best_score = _longer(sequences, beams[place, None], tokens[place, None]), score
        growing = (~ends).nonzero().flatten()[:num_beams]  # (beams)
        if len(growing) == 0:
            break
        beams, tokens, totals = beams[growing], tokens[growing], scores[growing]
        attainable = float(totals[0]) / max((new + 1) ** length_penalty, max_new_tokens**length_penalty)
        if best_score >= attainable:
            break
        sequences = _longer(sequences, beams, tokens)  # (beams, seq + new)
        reader.select(beams)
        unread = tokens[:, None]  # (beams, 1)
    return best  # (1, seq + new)


def not_finite() -> EngineError:
    """What is said of logits that nothing can be chosen by."""
    hint = "a weight may be infinite or no number: studycli engine verify finds out"
    return EngineError("the logits are not finite numbers", where="generate", hint=hint)


def _longer(sequences: Tensor, beams: Tensor, tokens: Tensor) -> Tensor:
    return torch.cat((sequences[beams], tokens[:, None]), dim=1)  # (beams, seq + 1)
