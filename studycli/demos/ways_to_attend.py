"""Ways to attend: one input through exact, tiled, window and linear attention, measured."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from studycli.demos.measure import Array
from studycli.demos.steps import array

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs

D_MODEL = 32
D_K = 16
TILE = 32
KINDS = ("fused", "explicit", "tiled", "window", "linear")


@dataclass(frozen=True)
class Cost:
    """What a kind does with a length: floating-point operations, bytes of the largest tensor, and seconds."""

    flops: int
    largest: int
    seconds: float


@dataclass(frozen=True)
class Measured:
    """The costs of each kind by length, z (length, d_v) by kind, and the patterns (length, length) of three."""

    lengths: tuple[int, int]
    window: int
    costs: dict[str, tuple[Cost, Cost]]
    outputs: dict[str, Array]
    patterns: dict[str, Array]


def projected(inputs: Inputs, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values, (1, 1, length, d_k) as the fused kernel wants them, of embeddings (length, d_model)."""
    import torch

    from studycli.engine.seed import generator

    trace = inputs.trace()

    def made(name: str) -> Tensor:
        weights = torch.randn(D_MODEL, D_K, generator=generator(inputs.seed, f"W_{name.upper()}"))  # (d_model, d_k)
        own = trace.put(name, x @ weights.to(x.device).div(D_MODEL**0.5))  # (length, d_k)
        return own[None, None]  # (1, 1, length, d_k)

    return made("q"), made("k"), made("v")


def measured_on(inputs: Inputs, q: Tensor, k: Tensor, v: Tensor, window: int) -> Measured:
    """All of q, k and v (1, 1, length, d_k), and their first halves."""
    lengths = q.shape[-2] // 2, q.shape[-2]
    costs: dict[str, tuple[Cost, Cost]] = {}
    outputs = {}
    for kind in KINDS:
        half, whole = (way_of(kind, q, k, v, n, window) for n in lengths)
        costs[kind] = _cost(half), _cost(whole)
        outputs[kind] = array(whole()[0, 0])
    patterns = _patterns(inputs, q, k, v, window)
    outputs["explicit"] = patterns.pop("z")
    return Measured(lengths, window, costs, outputs, patterns)


def way_of(kind: str, q: Tensor, k: Tensor, v: Tensor, n: int, window: int) -> Callable[[], Tensor]:
    """What attends to the first n tokens in this way: z (1, 1, n, d_v)."""
    from studycli.engine.attention import attend
    from studycli.engine.linear import linear
    from studycli.engine.tiled import tiled
    from studycli.engine.trace import Trace
    from studycli.engine.window import window as near

    ways: dict[str, Callable[..., Tensor]] = {
        "fused": attend,
        "explicit": lambda *qkv: attend(*qkv, trace=Trace("pattern")),
        "tiled": partial(tiled, tile=TILE),
        "window": partial(near, window=window),
        "linear": linear,
    }
    # Copies, for a view would be counted with all the memory that it looks into.
    return partial(ways[kind], *(x[..., :n, :].clone() for x in (q, k, v)))


def _cost(way: Callable[[], Tensor]) -> Cost:
    from studycli.demos.watch import watched

    watch = watched(way)
    start = time.perf_counter()
    float(way()[0, 0, -1, -1])  # a number that is read has been computed, on a GPU too
    return Cost(watch.flops, watch.largest, time.perf_counter() - start)


def _patterns(inputs: Inputs, q: Tensor, k: Tensor, v: Tensor, window: int) -> dict[str, Array]:
    """The weights (length, length) of exact, window and linear attention, and the exact z (length, d_v)."""
    from studycli.engine.attention import attend
    from studycli.engine.linear import linear
    from studycli.engine.trace import Trace
    from studycli.engine.window import window as near

    exact, narrow, features = inputs.trace(), Trace("pattern"), Trace("phi_*")
    attend(q, k, v, trace=exact)
    near(q, k, v, window=window, trace=narrow)
    linear(q, k, v, trace=features)
    products = array(features["phi_q"] @ features["phi_k"].transpose(-2, -1))[0, 0]  # (length, length)
    return {
        "exact": array(exact["pattern"])[0, 0],
        "window": array(narrow["pattern"])[0, 0],
        "linear": products / products.sum(axis=-1, keepdims=True),
        "z": array(exact["z"])[0, 0],
    }
