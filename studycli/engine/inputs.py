"""What a model is given: ids, masks, positions and segments, checked before they are computed on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from studycli.engine.config import Config
from studycli.errors import EngineError

_WHOLE = (torch.int64, torch.int32, torch.int16, torch.uint8)


def ids(given: Tensor, config: Config, device: torch.device, where: str) -> Tensor:
    """Token ids (batch, seq) on the device.

    Raises EngineError for another shape, for none at all, for what is not whole, and for ids beyond the vocabulary.
    """
    if not isinstance(given, Tensor):
        message = f"ids are a tensor, this is {type(given).__name__}"
        raise EngineError(message, where=where, hint="torch.tensor([[1, 2]])")
    if given.dim() != 2:
        hint = "ids are (batch, seq); for one sequence put a list around it"
        raise EngineError(f"the shape is {tuple(given.shape)}", where=where, hint=hint)
    if given.numel() == 0:
        raise EngineError("there are no tokens", where=where, hint="give at least one")
    _check_whole(given, where)
    low, high = (int(x) for x in given.aminmax())
    if low < 0 or high >= config.vocab_size:
        wrong = low if low < 0 else high
        hint = f"ids go from 0 to {config.vocab_size - 1}; is this the model's own tokenizer?"
        raise EngineError(f"id {wrong} is out of range", where=where, hint=hint)
    return given.to(device, torch.int64)  # (batch, seq)


def key_mask(given: Tensor | None, shape: Sequence[int], device: torch.device) -> Tensor | None:
    """Where a query may look, boolean (batch, 1, 1, key), for an attention mask of `shape`; None for everywhere.

    Raises EngineError for another shape, and for values other than 0 and 1.
    """
    if given is None:
        return None
    if tuple(given.shape) != tuple(shape):
        hint = "1 keep, 0 pad, one for each token; with a cache for all tokens so far"
        message = f"the mask is {tuple(given.shape)}, the tokens are {tuple(shape)}"
        raise EngineError(message, where="attention_mask", hint=hint)
    mask = given.to(device) != 0  # (batch, key)
    if given.dtype != torch.bool and not bool(((given == 0) | (given == 1)).all()):
        hint = "1 keep, 0 pad; what is added to scores is a bias"
        raise EngineError("the mask holds other values than 0 and 1", where="attention_mask", hint=hint)
    return None if bool(mask.all()) else mask[:, None, None, :]  # (batch, 1, 1, key)


def positions(given: Tensor | None, past: int, input_ids: Tensor, config: Config) -> tuple[Tensor, Tensor]:
    """Where ids (batch, seq) stand behind `past` others, (seq), and their positions: those given, or the same.

    Raises EngineError for another shape, and for positions beyond the end of a learned table.
    """
    batch, seq = input_ids.shape
    places = torch.arange(past, past + seq, device=input_ids.device)  # (seq)
    if given is None:
        _check_room(past + seq - 1, config)
        return places, places  # (seq)
    if tuple(given.shape) not in ((batch, seq), (1, seq), (seq,)):
        message = f"the positions are {tuple(given.shape)}, the tokens are {(batch, seq)}"
        raise EngineError(message, where="position_ids", hint="one for each token")
    _check_whole(given, "position_ids")
    low, high = (int(x) for x in given.aminmax())
    if low < 0:
        raise EngineError(f"position {low} is below 0", where="position_ids", hint="positions count from 0")
    _check_room(high, config)
    return places, given.to(input_ids.device, torch.int64)  # (seq), (batch, seq) or (seq)


def segments(given: Tensor, input_ids: Tensor, config: Config) -> Tensor:
    """Segment ids (batch, seq). Raises EngineError for a model without segments, another shape, ids out of range."""
    if not config.n_segments:
        raise EngineError("this model knows no segments", where="segment_ids", hint="leave them out")
    if given.shape != input_ids.shape:
        message = f"the segments are {tuple(given.shape)}, the tokens are {tuple(input_ids.shape)}"
        raise EngineError(message, where="segment_ids", hint="one for each token")
    _check_whole(given, "segment_ids")
    low, high = (int(x) for x in given.aminmax())
    if low < 0 or high >= config.n_segments:
        wrong = low if low < 0 else high
        hint = f"segments go from 0 to {config.n_segments - 1}"
        raise EngineError(f"segment {wrong} is out of range", where="segment_ids", hint=hint)
    return given.to(input_ids.device, torch.int64)  # (batch, seq)


def unused(config: Config, **given: object) -> None:
    """Raises EngineError for what was given to a model that has no use for it."""
    for name, value in given.items():
        if value is not None:
            raise EngineError(f"{config.architecture} models take no {name}", where=name, hint="leave it out")


def same_rows(rows: int, other: int, where: str) -> None:
    """Raises EngineError where two inputs have different numbers of rows."""
    if rows != other:
        raise EngineError(f"{rows} rows of tokens, and {other} here", where=where, hint="both have the same batch")


def _check_whole(given: Tensor, where: str) -> None:
    if given.dtype not in _WHOLE:
        raise EngineError(f"ids are whole numbers, these are {given.dtype}", where=where, hint="torch.long")


def _check_room(last: int, config: Config) -> None:
    rows = config.max_length
    if config.position == "learned" and rows is not None and last >= rows:
        message = f"position {last} is beyond the end of the learned table, which has {rows} rows (0 to {rows - 1})"
        raise EngineError(
            message, where="position", hint=f"a learned table cannot go further: give at most {rows} tokens"
        )
