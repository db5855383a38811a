"""Spans: sequences of which parts come again in another order, from which a model learns to copy."""

from __future__ import annotations

import torch
from torch import Tensor


def with_spans(
    sequences: Tensor, lengths: Tensor, total: int, ends: tuple[int, int], random: torch.Generator
) -> tuple[Tensor, Tensor]:
    """The first `lengths` (rows, 1) tokens of sequences (rows, longest), then spans of them, `total` in all.

    Gives ids (rows, total), and where a token can be known, (rows, total): in spans, but for their first token, the
    one before it says which it is. A span is `ends[0]` to `ends[1]` tokens long and begins anywhere, so that neither
    counting nor distance tells what comes next, as they would if the whole repeated in its own order. `lengths` are
    at least `ends[1]`.
    """
    rows, most = len(sequences), -(-total // ends[0])
    spans = torch.randint(ends[0], ends[1] + 1, (rows, most), generator=random)  # (rows, spans)
    first = (torch.rand(rows, most, generator=random) * (lengths - spans + 1)).long()  # (rows, spans)
    behind = torch.arange(total) - lengths  # (rows, total), places behind the sequence
    last = spans.cumsum(1)  # (rows, spans)
    span = torch.searchsorted(last, behind.clamp(min=0).contiguous(), right=True)  # (rows, total)
    within = behind - (last - spans).gather(1, span)  # (rows, total)
    again = behind >= 0  # (rows, total)
    source = torch.where(again, first.gather(1, span) + within, torch.arange(total))  # (rows, total)
    return sequences.gather(1, source), again & (within > 0)
