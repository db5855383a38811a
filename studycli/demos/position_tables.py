"""Position tables: the four ways to say where a token stands, as matrices, and what two places make of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studycli.demos.measure import Array, Float64
from studycli.demos.steps import array, step
from studycli.model.trace import Origin, Step

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studycli.engine.position import Rotary
    from studycli.engine.trace import Trace

D_MODEL = 64
N_HEADS = 4
PLACES = 12
LEARNED = "extrapolation/learned-0"
FARTHEST = 20
"""The largest distance whose bucket is shown."""
BUCKETS, MOST = 32, 128
"""T5's number of buckets, and the distance from which all are in the last one."""


def tables(trace: Trace, seed: int, device: str) -> dict[str, Tensor]:
    """`sinusoidal` and `learned` (position, d_model), `rotary` (query, key), `alibi` (head, query, key), on a device.

    `rotary` are the scores of one query vector at each place with one key vector at each place, both random.
    """
    import torch

    from studycli.demos.models import load
    from studycli.engine.position import ROTATE, alibi_bias, alibi_slopes, sinusoidal
    from studycli.engine.seed import generator

    at = torch.arange(PLACES)  # (position)
    q, k = torch.randn(2, D_MODEL // N_HEADS, generator=generator(seed, "rotary")).double()  # (d_head) each
    turns = turning(PLACES, torch.float64)
    q, k = (ROTATE["half"](x.expand(1, PLACES, -1), turns)[0] for x in (q, k))  # (position, d_head)
    learned = load(LEARNED, device).model.state_dict()["decoder.W_pos"]  # (max_length, d_model)
    made = {
        "sinusoidal": sinusoidal(PLACES, D_MODEL),  # (position, d_model)
        "learned": learned[:PLACES],  # (position, d_model)
        "rotary": (q @ k.T).float(),  # (query, key)
        "alibi": alibi_bias(alibi_slopes(N_HEADS), at, at).float(),  # (head, query, key)
    }
    return {name: trace.put(name, table.to(device)) for name, table in made.items()}


def turning(length: int, dtype: torch.dtype) -> Rotary:
    """What queries and keys of places 0 to `length` - 1 are turned by."""
    import torch

    from studycli.engine.config import Config
    from studycli.engine.position import rotary_table

    config = Config(
        architecture="encoder", vocab_size=1, d_model=D_MODEL, n_layers=1, n_heads=N_HEADS, d_ff=0, position="rotary"
    )
    return rotary_table(torch.arange(length), config, dtype)


def buckets_step() -> Step:
    """T5's bucket at each distance, for keys before and behind a query, and for earlier keys of a causal model."""
    import torch

    from studycli.engine.position import relative_buckets

    distance = torch.arange(FARTHEST + 1)  # (distance)
    before, behind = (relative_buckets(side, BUCKETS, MOST, bidirectional=True) for side in (-distance, distance))
    causal = relative_buckets(-distance, BUCKETS, MOST, bidirectional=False)  # (distance)
    return step(
        "T5 buckets",
        array(torch.stack([before, behind, causal], dim=-1)),  # (distance, side)
        "T5 adds to each score a number that it learned for a bucket of offsets: look how the nearest keys have a "
        "bucket each and farther ones share, half the buckets for each side; a causal model has all for earlier keys.",
        ("distance", "side"),
        (),
        labels={"side": ("earlier", "later", "causal")},
        origin=Origin(kind="given", note=f"{BUCKETS} buckets; from a distance of {MOST} on all share the last."),
    )


def of_pairs(numbers: dict[str, Array]) -> dict[str, Float64]:
    """What each kind says of each pair of places, (query, key): a dot product, a score, or head 0's bias."""
    sines, learned = (numbers[name].astype(np.float64) for name in ("sinusoidal", "learned"))
    return {
        "sinusoidal": sines @ sines.T,
        "learned": learned @ learned.T,
        "rotary": numbers["rotary"].astype(np.float64),
        "ALiBi": numbers["alibi"][0].astype(np.float64),
    }


def by_distance(pairs: Float64) -> tuple[Float64, Float64]:
    """Mean and spread (largest less smallest) over all pairs (query, key) that are as far apart; (distance) each.

    The distance is how far the key lies behind the query: 0, 1, 2 and so on.
    """
    lines = [np.diagonal(pairs, -distance) for distance in range(len(pairs))]
    return np.array([line.mean() for line in lines]), np.array([np.ptp(line) for line in lines])


def spread_by_offset(pairs: Float64) -> float:
    """The largest spread of pairs (query, key) whose offset, key less query, is the same."""
    return max(float(np.ptp(np.diagonal(pairs, offset))) for offset in range(1 - len(pairs), len(pairs)))


def sines_by_formula(doubled: int) -> Float64:
    """Sinusoidal positions by their formula, (position, d_model), with i in the exponent doubled so many times."""
    powers = 2**doubled * np.arange(D_MODEL // 2) / D_MODEL  # (pair)
    angles = np.arange(PLACES)[:, None] / 10_000.0**powers  # (position, pair)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(PLACES, D_MODEL)


def alibi_by_formula() -> Float64:
    """ALiBi's bias, (head, query, key): -2^(-8i/h) times the distance, heads i = 1..h (Press et al. 2022, 3)."""
    slopes = 2.0 ** (-8 * np.arange(1, N_HEADS + 1) / N_HEADS)  # (head)
    distance = np.abs(np.subtract.outer(np.arange(PLACES), np.arange(PLACES)))  # (query, key)
    bias: Float64 = -slopes[:, None, None] * distance
    return bias
