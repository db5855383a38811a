"""Head scores: what each head looks at, as numbers of a recorded pattern."""

from __future__ import annotations

import torch
from torch import Tensor

from studycli.errors import EngineError

# Every score is the mean weight that queries put on their targets: the keys that a perfect head of its kind looks at.
# A query without any target says nothing about the head and is left out; without any query the score is NaN. Patterns
# are (batch, heads, query, key) with as many queries as keys, and scores (heads), from 0 to 1, float32 at least.
# `keep` (batch, seq), 1 keep and 0 pad, leaves padding out, both as query and as target.


def previous_token(pattern: Tensor, keep: Tensor | None = None) -> Tensor:
    """Mean weight on the token before (Elhage et al. 2021), (heads); NaN where no token has one."""
    rows, columns = _rows_and_columns(pattern)
    return _mean_weight(pattern, columns == rows - 1, keep)  # (heads)


def first_token(pattern: Tensor, keep: Tensor | None = None) -> Tensor:
    """Mean weight that later queries put on the first token, with `keep` the first kept one, (heads), or NaN.

    Heads with nothing to say rest there: the attention sink of Xiao et al. 2023.
    """
    rows, columns = _rows_and_columns(pattern)
    first = torch.zeros(len(pattern), 1, 1, dtype=torch.long, device=pattern.device)  # (batch, 1, 1)
    if keep is not None:
        first = _kept(pattern, keep).int().argmax(-1)[:, None, None]  # (batch, 1, 1)
    return _mean_weight(pattern, (columns == first) & (rows > first), keep)  # (heads)


def duplicate_token(pattern: Tensor, ids: Tensor, keep: Tensor | None = None) -> Tensor:
    """Mean weight on all earlier places of the query's own token (Wang et al. 2022), (heads); NaN if none repeats."""
    return _mean_weight(pattern, _earlier_places(pattern, ids, keep), keep)  # (heads)


def induction(pattern: Tensor, ids: Tensor, keep: Tensor | None = None) -> Tensor:
    """Mean weight on all tokens that followed an earlier place of the query's own token, (heads); NaN if none repeats.

    It is the prefix matching score of Olsson et al. 2022 for any text; theirs repeats random tokens. What followed may
    be the query itself.
    """
    places = _earlier_places(pattern, ids, keep)  # (batch, query, key)
    return _mean_weight(pattern, torch.nn.functional.pad(places, (1, -1)), keep)  # (heads)


def diagonal(pattern: Tensor, keep: Tensor | None = None) -> Tensor:
    """Mean weight on the query's own place, (heads)."""
    return local(pattern, 0, keep)  # (heads)


def local(pattern: Tensor, reach: int, keep: Tensor | None = None) -> Tensor:
    """Mean weight on the places up to `reach` before and after the query's own, and on that, (heads).

    Raises EngineError for a reach below 0.
    """
    if reach < 0:
        raise EngineError(f"a reach of {reach} tokens", where="reach", hint="it is 0 or more")
    rows, columns = _rows_and_columns(pattern)
    return _mean_weight(pattern, (rows - columns).abs() <= reach, keep)  # (heads)


def scores(pattern: Tensor, ids: Tensor, *, reach: int = 3, keep: Tensor | None = None) -> dict[str, Tensor]:
    """All scores of a pattern (batch, heads, seq, seq) for token ids (batch, seq) by name, each (heads).

    `previous_token`, `duplicate_token` and `induction` look at the same keys as TransformerLens' head detector, which
    divides by the weight of all queries, those without such a key counted in. Raises EngineError for shapes that
    don't fit.
    """
    return {
        "previous_token": previous_token(pattern, keep),
        "first_token": first_token(pattern, keep),
        "duplicate_token": duplicate_token(pattern, ids, keep),
        "induction": induction(pattern, ids, keep),
        "diagonal": diagonal(pattern, keep),
        "local": local(pattern, reach, keep),
    }


def entropy(pattern: Tensor, keep: Tensor | None = None) -> Tensor:
    """Mean Shannon entropy -Σ p ln p of the rows of a pattern (batch, heads, query, key), (heads), in nats.

    0 is one certain key, ln(keys) an even spread. Rows that look nowhere are left out, with `keep` (batch, query)
    those of padding too; without any row it is NaN. Keys may be others than the queries.
    """
    _check_dimensions(pattern)
    looking = pattern.sum(-1) > 0  # (batch, heads, query)
    if keep is not None:
        looking = looking & _kept(pattern, keep)[:, None]  # (batch, heads, query)
    rows = torch.special.entr(pattern.to(_precise(pattern))).sum(-1)  # (batch, heads, query)
    mean: Tensor = rows.masked_fill(~looking, 0).sum((0, 2)) / looking.sum((0, 2))
    return mean  # (heads)


def _mean_weight(pattern: Tensor, targets: Tensor, keep: Tensor | None) -> Tensor:
    """The mean, over queries that have a target, of the weight on all of theirs, (heads).

    `targets` is boolean and broadcasts to (batch, query, key).
    """
    targets = targets.expand(len(pattern), *pattern.shape[2:])  # (batch, query, key)
    if keep is not None:
        kept = _kept(pattern, keep)  # (batch, seq)
        targets = targets & kept[:, :, None] & kept[:, None, :]  # (batch, query, key)
    weight = (pattern * targets[:, None]).sum((0, 2, 3), dtype=_precise(pattern))  # (heads)
    return weight / targets.any(-1).sum()  # (heads)


def _earlier_places(pattern: Tensor, ids: Tensor, keep: Tensor | None) -> Tensor:
    """Boolean (batch, query, key): True where the key is before the query and holds the same token."""
    rows, columns = _rows_and_columns(pattern)
    ids = _of_tokens(pattern, ids, "ids")  # (batch, seq)
    places = (ids[:, :, None] == ids[:, None, :]) & (columns < rows)  # (batch, query, key)
    return places if keep is None else places & _kept(pattern, keep)[:, None, :]  # (batch, query, key)


def _rows_and_columns(pattern: Tensor) -> tuple[Tensor, Tensor]:
    """The places of queries (query, 1) and of keys (key), which are the same tokens."""
    _check_dimensions(pattern)
    queries, keys = pattern.shape[2:]
    if queries != keys:
        message = f"{queries} queries look at {keys} keys, and a score needs both to be the same tokens"
        raise EngineError(message, where="pattern", hint="take self-attention over a whole text, without a cache")
    places = torch.arange(keys, device=pattern.device)  # (key)
    return places[:, None], places  # (query, 1), (key)


def _kept(pattern: Tensor, keep: Tensor) -> Tensor:
    return _of_tokens(pattern, keep, "keep") != 0  # (batch, query)


def _of_tokens(pattern: Tensor, x: Tensor, name: str) -> Tensor:
    """x (batch, query) where the pattern is."""
    wanted = (len(pattern), pattern.shape[2])
    if tuple(x.shape) != wanted:
        message = f"the shape is {tuple(x.shape)}, and the pattern's queries are {wanted}"
        raise EngineError(message, where=name, hint="one for each token, (batch, seq)")
    return x.to(pattern.device)  # (batch, query)


def _check_dimensions(pattern: Tensor) -> None:
    if pattern.dim() != 4:
        hint = "a recorded pattern is (batch, heads, query, key)"
        raise EngineError(f"the shape is {tuple(pattern.shape)}", where="pattern", hint=hint)


def _precise(pattern: Tensor) -> torch.dtype:
    return torch.promote_types(pattern.dtype, torch.float32)
