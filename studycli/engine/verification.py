"""Verification: claims about a checkpoint, measured on its files and on the model in them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from studycli.engine import checkpoint
from studycli.engine.convert import load_pretrained
from studycli.engine.model import Memory, Transformer
from studycli.engine.seed import generator
from studycli.engine.trace import NO_TRACE, Trace
from studycli.errors import EngineError

TOLERANCE = 1e-5
_TOKENS = 24
_CHUNK = 5


@dataclass(frozen=True)
class Claim:
    """A statement, what was measured for it, and whether it holds. What is measured is finite, or a text."""

    name: str
    statement: str
    measured: float | str
    holds: bool


def verify(folder: Path, device: str = "auto") -> list[Claim]:
    """Every claim about a checkpoint, in float32. Files that fail leave nothing to measure, and end the list.

    Raises EngineError where there is no config.json that can be read, MissingError for a device that isn't there.
    """
    checkpoint.read_config(folder)
    claims = [_sums(folder)]
    if not claims[-1].holds:
        return claims
    statement = "Every tensor has its place, and every place its tensor."
    try:
        model = load_pretrained(folder, device, "float32")
    except EngineError as error:
        return [*claims, Claim("places", statement, str(error), False)]
    tensors = f"{len(dict(model.named_parameters()))} tensors"
    return [*claims, Claim("places", statement, tensors, True), *measure(model)]


@torch.inference_mode()
def measure(model: Transformer) -> Iterator[Claim]:
    """What a model of float32 is held to, on random ids that are the same every time.

    Two results agree where they differ by no more than 1e-5 of the largest number among them.
    """
    wrong = sum(int((~weights.isfinite()).sum()) for weights in model.parameters())
    yield Claim("finite", "Every weight is a finite number.", f"{wrong} that are not", wrong == 0)
    ids, decoder_ids = _ids(model, "ids"), _ids(model, "decoder")  # (2, seq)
    trace = Trace()
    fast, traced = _padded_pass(model, ids, decoder_ids), _padded_pass(model, ids, decoder_ids, trace)
    yield _close("paths", "The fast path and the one that shows every value agree to 1e-5.", fast, traced)
    yield _rows(trace)
    if model.decoder is None:
        return
    memory = None if model.encoder is None else model.encode(ids)
    read = ids if memory is None else decoder_ids  # (2, seq)
    full = model.unembed(model.decode(read, memory=memory))  # (2, seq, vocab)
    yield _close(
        "cache",
        "Token by token with the cache gives what a full pass gives, to 1e-5.",
        _split(model, read, memory, 1),
        full,
    )
    chunks = _split(model, read, memory, _CHUNK)  # (2, seq, vocab)
    yield _close(
        "chunks", f"{_CHUNK} tokens at a time with the cache give what a full pass gives, to 1e-5.", chunks, full
    )


def _sums(folder: Path) -> Claim:
    statement = f"Every file that {checkpoint.SUMS} names has the sum written there."
    file = folder / checkpoint.SUMS
    if not file.exists():
        return Claim("sums", statement, f"there is no {checkpoint.SUMS}, so nothing to compare", True)
    try:
        checkpoint.check_sums(folder)
    except EngineError as error:
        return Claim("sums", statement, str(error), False)
    return Claim("sums", statement, f"{len(file.read_text('utf-8').splitlines())} files", True)


def _ids(model: Transformer, name: str) -> Tensor:
    config = model.config
    rows = config.max_length if config.position == "learned" else None
    shape = (2, min(_TOKENS, rows or _TOKENS))
    return torch.randint(config.vocab_size, shape, generator=generator(0, "verify", name)).to(model.device)  # (2, seq)


def _padded_pass(model: Transformer, ids: Tensor, decoder_ids: Tensor, trace: Trace = NO_TRACE) -> Tensor:
    """What the model gives where a quarter of the second row is padding, (2, seq, vocab or d_model)."""
    mask = torch.ones_like(ids)  # (2, seq)
    padding = ids.shape[1] // 4
    if model.encoder is not None:
        mask[1, ids.shape[1] - padding :] = 0
    elif model.config.attention != "sparse":  # its global tokens are the first, which would be padding
        mask[1, :padding] = 0
    both = model.config.architecture == "encoder-decoder"
    out: Tensor = model(ids, attention_mask=mask, decoder_input_ids=decoder_ids if both else None, trace=trace)
    return out  # (2, seq, vocab or d_model)


def _split(model: Transformer, ids: Tensor, memory: Memory | None, size: int) -> Tensor:
    """Logits (2, seq, vocab), the cache taking `size` tokens at a time."""
    cache = model.cache(*ids.shape)
    hidden = [model.decode(part, memory=memory, cache=cache) for part in torch.split(ids, size, dim=1)]
    return model.unembed(torch.cat(hidden, dim=1))  # (2, seq, vocab)


def _close(name: str, statement: str, a: Tensor, b: Tensor) -> Claim:
    apart = float((a - b).abs().max() / b.abs().max().clamp(min=torch.finfo(b.dtype).tiny))
    return Claim(name, statement, _told(apart), apart <= TOLERANCE)


def _rows(trace: Trace) -> Claim:
    statement = "Every row of every pattern sums to 1, or to 0 where it may look nowhere."
    sums = [x.double().sum(-1) for name, x in trace.items() if name.endswith(".pattern")]  # (2, heads, query) each
    if not sums:
        return Claim("patterns", statement, "this attention makes no patterns", True)
    off = float(torch.stack([torch.minimum((x - 1).abs(), x.abs()).max() for x in sums]).max())
    return Claim("patterns", statement, _told(off), off <= TOLERANCE)


def _told(measured: float) -> float | str:
    return measured if math.isfinite(measured) else str(measured)
