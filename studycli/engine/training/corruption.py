"""Corruption: texts with tokens masked (BERT) or with spans cut out (T5), and what is to be restored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from studycli.engine.training.losses import IGNORED
from studycli.errors import EngineError


def mask_tokens(
    input_ids: Tensor,
    *,
    mask_id: int,
    vocab_size: int,
    generator: torch.Generator,
    special_ids: Collection[int] = (),
    rate: float = 0.15,
) -> tuple[Tensor, Tensor]:
    """Ids (batch, seq) with some of them hidden, and labels (batch, seq) that are IGNORED everywhere else.

    In each row `rate` of the ordinary tokens are picked, rounded, one at least; 80 % of these become the mask, 10 % a
    random ordinary token, 10 % stay (Devlin et al. 2019, section 3.1 and appendix A.1). The mask and `special_ids`,
    padding among them, are not ordinary: they are neither picked nor drawn. Draws from the CPU `generator`. Raises
    EngineError for a rate that is none, and where no token is ordinary.
    """
    if not 0 < rate <= 1:
        raise EngineError(f"the rate is {rate}", where="mask_tokens", hint="it is above 0 and at most 1")
    special = torch.tensor(sorted({mask_id, *special_ids}))  # (special)
    vocabulary = torch.arange(vocab_size)  # (vocab)
    drawable = vocabulary[~torch.isin(vocabulary, special)]  # (ordinary)
    if not len(drawable):
        raise EngineError("every token is special", where="special_ids", hint="leave some to be predicted")
    ids = input_ids.cpu()  # (batch, seq)
    picked = _pick(~torch.isin(ids, special), rate, generator)  # (batch, seq)
    fate = torch.rand(ids.shape, generator=generator)  # (batch, seq)
    drawn = drawable[torch.randint(len(drawable), ids.shape, generator=generator)]  # (batch, seq)
    hidden = torch.where(picked & (fate < 0.8), mask_id, ids)  # (batch, seq)
    hidden = torch.where(picked & (fate >= 0.9), drawn, hidden)  # (batch, seq)
    labels = ids.masked_fill(~picked, IGNORED)  # (batch, seq)
    return hidden.to(input_ids.device), labels.to(input_ids.device)


def span_corruption(
    input_ids: Tensor,
    *,
    sentinels: Sequence[int],
    generator: torch.Generator,
    density: float = 0.15,
    mean_length: float = 3.0,
) -> tuple[Tensor, Tensor]:
    """Ids (batch, seq) with spans replaced by sentinels, (batch, input), and labels (batch, target) that restore them.

    The labels are each sentinel with what it stands for, and a final sentinel (Raffel et al. 2020, section 3.1.4 and
    figure 2). As in their code, `density` of the tokens are noise, rounded, in as many spans as `mean_length` asks for,
    rounded; how noise and text are cut into spans is drawn evenly, and a row begins with text and ends with noise: one
    span is always the end. All rows get the same lengths, so they hold no padding. Draws from the CPU `generator`.
    Raises EngineError for rows of fewer than 2 tokens, for too few sentinels, and for ids that are sentinels already.
    """
    if input_ids.dim() != 2 or not len(input_ids):
        message = f"the shape is {tuple(input_ids.shape)}"
        raise EngineError(message, where="span_corruption", hint="ids are (batch, seq); give one row at least")
    noise, spans = noise_counts(input_ids.shape[1], density, mean_length)
    if len(sentinels) < spans + 1:
        message = f"{spans} spans and the end need {spans + 1} sentinels, there are {len(sentinels)}"
        raise EngineError(message, where="sentinels", hint="name more, or cut the text shorter")
    ids = input_ids.cpu()  # (batch, seq)
    marks = torch.tensor(sentinels)  # (sentinels)
    if bool(torch.isin(ids, marks).any()):
        raise EngineError("the text holds a sentinel", where="sentinels", hint="sentinels stand for nothing else")
    rows = [_cut(row, noise, marks[: spans + 1], generator) for row in ids]
    inputs, labels = (torch.stack(part).to(input_ids.device) for part in zip(*rows, strict=True))
    return inputs, labels


def noise_counts(seq: int, density: float = 0.15, mean_length: float = 3.0) -> tuple[int, int]:
    """How many of `seq` tokens are noise, and in how many spans: both rounded, and at least 1 token of text stays.

    Raises EngineError for fewer than 2 tokens, a density beyond 0 to 1, and a mean length below 1.
    """
    if seq < 2:
        raise EngineError(f"{seq} tokens leave no span to cut", where="span_corruption", hint="give 2 at least")
    if not 0 <= density <= 1 or mean_length < 1:
        message = f"the density is {density}, the mean length {mean_length}"
        raise EngineError(message, where="span_corruption", hint="0 to 1, and 1 or more")
    noise = min(max(round(seq * density), 1), seq - 1)
    spans = max(round(noise / mean_length), 1)
    return noise, min(spans, seq - noise)


def _pick(ordinary: Tensor, rate: float, generator: torch.Generator) -> Tensor:
    """Where a token is picked, (batch, seq): in each row the same share of those that are ordinary, (batch, seq)."""
    rank = torch.rand(ordinary.shape, generator=generator).masked_fill(~ordinary, 2).argsort(-1).argsort(-1)
    wanted = (ordinary.sum(-1, keepdim=True) * rate).round().clamp(min=1)  # (batch, 1)
    return ordinary & (rank < wanted)  # (batch, seq)


def _cut(row: Tensor, noise: int, marks: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A row (seq) as what is left, (input), and what was taken, (target), with spans + 1 marks."""
    spans = len(marks) - 1
    lengths = [_segments(total, spans, generator) for total in (len(row) - noise, noise)]
    parts = torch.split(row, [length for pair in zip(*lengths, strict=True) for length in pair])
    inputs, labels = [], []
    for mark, text, lost in zip(marks[:-1, None], parts[::2], parts[1::2], strict=True):
        inputs += [text, mark]
        labels += [mark, lost]
    return torch.cat(inputs), torch.cat([*labels, marks[-1:]])


def _segments(total: int, count: int, generator: torch.Generator) -> list[int]:
    """Lengths of `count` segments, each 1 at least, of `total` items; every way to cut is equally likely."""
    cuts = torch.randperm(total - 1, generator=generator)[: count - 1].sort().values + 1  # (count - 1)
    edges = [0, *cuts.tolist(), total]
    return [end - start for start, end in pairwise(edges)]
