"""Watching: what the heads of a model in training look at, as scores that a learner sees grow."""

from __future__ import annotations

import torch
from torch import Tensor

from studycli.engine import head_scores
from studycli.engine.model import Transformer
from studycli.engine.trace import Trace

_ROWS = 32


def best_heads(model: Transformer, ids: Tensor, keep: Tensor | None = None) -> dict[str, float]:
    """The best head of all layers that looks at the token before, and at earlier copies of a token, from 0 to 1.

    On the first 32 rows of ids (batch, seq), of which `keep` (batch, seq) is 1 keep and 0 pad. A score for which no
    token qualifies is 0.
    """
    trace, rows = Trace(only="*.attn.pattern"), ids[:_ROWS].to(model.device)  # (rows, seq)
    kept = None if keep is None else keep[:_ROWS].to(model.device)  # (rows, seq)
    model(rows, attention_mask=kept, trace=trace)
    found = [
        (head_scores.previous_token(pattern, kept), head_scores.duplicate_token(pattern, rows, kept))
        for pattern in trace.values()
    ]
    previous, duplicate = (torch.stack(scores).nan_to_num(0) for scores in zip(*found, strict=True))  # (layers, heads)
    return {"previous_token": float(previous.max()), "duplicate_token": float(duplicate.max())}
