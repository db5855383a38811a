"""Score scaling: what d_k does to the scores, the softmax and its gradient, with 1/sqrt(d_k) and without."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import measure
from studycli.demos.measure import Array
from studycli.demos.steps import array, claim, step
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.trace import Trace

_QUERIES = 8
"""How many queries share the same keys."""
_KINDS = ("unscaled", "scaled")
_TOLERANCE, _STEADY = 0.15, 0.05
_SATURATED, _FALL = 0.8, 2.0
_FORMULAS = {
    "variance": "The mean of (score - mean of all scores)², over the scores of all queries and keys at this d_k.",
    "largest weight": "The largest weight of a query's row, the mean over all queries at this d_k.",
    "entropy": "-sum p ln(p) over a row's weights p, the mean over all queries at this d_k.",
    "response": "sum p (1 - p) over a row's weights p, the mean over all queries at this d_k.",
    "gradient": "The root of the sum of the squares of a row's gradients, the median over all queries at this d_k.",
}
"""How the number of each table is made; it is made of more rows than are shown."""
_LARGE = 64
"""The d_k from which the softmax of 32 keys or fewer is clearly saturated."""
_FEW_KEYS = 32


def scaling(inputs: Inputs) -> DemoResult:
    """Random queries and keys of unit variance for d_k = 2, 4, 8, ...: their scores as they are, and over sqrt(d_k).

    Raises MissingError where the device is not there.
    """
    from studycli.engine.device import choose

    device, largest, keys = choose(inputs.device), inputs.integer("d_k"), inputs.integer("keys")
    sizes = _sizes(largest)
    numbers = _measured(inputs, sizes, keys, device)
    given = {"seed": inputs.seed, "device": str(device), "d_k": largest, "keys": keys}
    return DemoResult(
        demo="scaling",
        title="Score scaling",
        inputs=given,
        steps=_steps(sizes, keys, numbers),
        claims=_claims(sizes, keys, numbers),
    )


def _sizes(largest: int) -> tuple[int, ...]:
    """2, 4, 8, ... and the largest."""
    return (*takewhile(lambda size: size < largest, (2**power for power in range(1, 16))), largest)


def _measured(inputs: Inputs, sizes: tuple[int, ...], keys: int, device: torch.device) -> dict[str, Array]:
    """What is measured for each d_k by name, (d_k, kind), and of one query the scores and weights, (d_k, key)."""
    found: dict[str, list[list[float]]] = {}
    rows: dict[str, list[Array]] = {}
    for size in sizes:
        q, k, v = _draw(inputs.seed, size, keys, device)
        traces = {}
        for kind in _KINDS:
            trace = traces[kind] = inputs.trace(f"{kind}.*")
            _pass(q, k, v, kind, trace)
            rows.setdefault(f"{kind} scores", []).append(array(trace[f"{kind}.scaled"][0, 0]))
            rows.setdefault(f"{kind} weights", []).append(array(trace[f"{kind}.pattern"][0, 0]))
        of_kinds = [_summary(traces[kind], kind, _gradient(q, k, v, kind)) for kind in _KINDS]
        for name in of_kinds[0]:
            found.setdefault(name, []).append([summary[name] for summary in of_kinds])
    return {name: np.array(values) for name, values in (*found.items(), *rows.items())}


def _draw(seed: int, size: int, keys: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Queries (group, 8, d_k), keys (group, key, d_k) and values of one number (group, key, 1), all from N(0, 1).

    The fewer numbers a key has, the more groups: variances are about equally sure for every d_k.
    """
    import torch

    from studycli.engine.seed import generator

    random = generator(seed, "scaling", str(size))
    groups = max(max(2**15 // size, 512) // keys, 16)
    shapes = (groups, _QUERIES, size), (groups, keys, size), (groups, keys, 1)
    q, k, v = (torch.randn(shape, generator=random).to(device) for shape in shapes)
    return q, k, v


def _pass(q: Tensor, k: Tensor, v: Tensor, kind: str, trace: Trace) -> Tensor:
    from studycli.engine.attention import attend

    return attend(q, k, v, scale=1.0 if kind == "unscaled" else None, trace=trace.scope(kind))  # (group, query, 1)


def _gradient(q: Tensor, k: Tensor, v: Tensor, kind: str) -> Array:
    """What autograd brings back through the softmax to its inputs, where each output asks to grow by 1: (rows, key)."""
    from studycli.engine.trace import Trace

    kept: list[Tensor] = []

    def leaf(x: Tensor) -> Tensor:
        kept.append(x.detach().requires_grad_())  # (group, query, key)
        return kept[0]

    _pass(q, k, v, kind, Trace("none", edits={f"{kind}.scaled": leaf})).sum().backward()  # type: ignore[no-untyped-call]
    gradient = kept[0].grad
    assert gradient is not None
    return array(gradient.flatten(0, 1))  # (rows, key)


def _summary(trace: Trace, kind: str, gradient: Array) -> dict[str, float]:
    """Each measure over all queries, by the name of its step."""
    pattern = array(trace[f"{kind}.pattern"])  # (group, query, key)
    return {
        "variance": float(array(trace[f"{kind}.scaled"]).var(dtype=np.float64)),
        "largest weight": float(pattern.max(-1).mean()),
        "entropy": float(measure.entropy(pattern).mean()),
        "response": float(measure.softmax_response(pattern).mean()),
        "gradient": float(np.median(np.linalg.norm(gradient.astype(np.float64), axis=-1))),
    }


def _steps(sizes: tuple[int, ...], keys: int, numbers: dict[str, Array]) -> tuple[Step, ...]:
    labels = {"d_k": tuple(map(str, sizes)), "kind": _KINDS, "key": tuple(map(str, range(keys)))}
    top = {name: (f"{values[-1, 0]:.3g}", f"{values[-1, 1]:.3g}") for name, values in numbers.items()}
    drawn = "Random queries and keys of unit variance"

    def of(*axes: str) -> dict[str, tuple[str, ...]]:
        return {axis: labels[axis] for axis in axes}

    def table(name: str, note: str) -> Step:
        origin = Origin(kind="given", note=_FORMULAS[name])
        return step(name, numbers[name], note, ("d_k", "kind"), (), labels=of("d_k", "kind"), origin=origin)

    def row(name: str, note: str, origin: Origin, *, compare: str | None = None) -> Step:
        many = keys > _FEW_KEYS or name.endswith("scores")
        axes = ("d_k", "key")
        return step(name, numbers[name], note, axes, (), preview=many, compare=compare, origin=origin, labels=of(*axes))

    return (
        table("variance", f"{drawn}: read down, the scores' variance is about d_k; over sqrt(d_k) it stays about 1."),
        table(
            "largest weight",
            f"The largest weight of a softmax row over {keys} keys, on average: unscaled it climbs to "
            f"{top['largest weight'][0]}, where 1 would mean that a single key gets everything.",
        ),
        table(
            "entropy",
            f"Mean entropy of the rows in nats: an even row has ln({keys}) = {np.log(keys):.3g}, a certain one 0.",
        ),
        table(
            "response",
            "Mean trace of the softmax's Jacobian, the sum of p(1 - p): how much the weights still answer to their own "
            f"scores; at the bottom {top['response'][0]} unscaled and {top['response'][1]} scaled.",
        ),
        table(
            "gradient",
            "Size of the gradient that autograd brings back through the softmax, the median over queries: look how it "
            "fades unscaled once a row has one large weight, and not before.",
        ),
        row(
            "unscaled scores",
            "The first query's scores, a row for each d_k: they grow downwards.",
            Origin(kind="given", note=f"{drawn}, their dot product."),
        ),
        row(
            "scaled scores",
            "Scores of the same query over sqrt(d_k): no row is larger than another.",
            Origin(kind="given", note="A score over the square root of its row's d_k."),
        ),
        row(
            "unscaled weights",
            "softmax of that query's scores as they are: look how the rows at the bottom have one dark cell.",
            Origin(kind="softmax", of=("unscaled scores",)),
            compare="scaled weights",
        ),
        row(
            "scaled weights",
            "softmax of the scaled scores: the rows at the bottom are as soft as those at the top.",
            Origin(kind="softmax", of=("scaled scores",)),
        ),
    )


def _claims(sizes: tuple[int, ...], keys: int, numbers: dict[str, Array]) -> tuple[Claim, ...]:
    variance, largest = numbers["variance"], numbers["largest weight"]
    grown = float(np.abs(variance[:, 0] / np.array(sizes) - 1).max())
    kept = float(np.abs(variance[:, 1] - 1).max())
    spread = float(np.ptp(largest[:, 1]))
    top = sizes[-1]
    claims = [
        claim(
            "variance-grows-with-d-k",
            f"The variance of the scores is d_k for queries and keys of unit variance, within {_TOLERANCE:.0%} on "
            f"samples for d_k = {sizes[0]} to {top}.",
            f"at most {grown:.1%} off",
            grown < _TOLERANCE,
        ),
        claim(
            "scaled-variance-stays-1",
            f"Divided by sqrt(d_k), the scores have a variance of 1 for every d_k, within {_TOLERANCE:.0%} on samples.",
            f"at most {kept:.1%} off",
            kept < _TOLERANCE,
        ),
        claim(
            "scaled-softmax-stays-soft",
            f"With the scaling a row's largest weight hardly depends on d_k: on average by less than {_STEADY:g}.",
            spread,
            spread < _STEADY,
        ),
    ]
    if len(sizes) > 1:
        claims.append(
            _less(
                "response", "response-fades-without-scaling", "the mean trace of the softmax's Jacobian", top, numbers
            )
        )
    if top >= _LARGE and keys <= _FEW_KEYS:
        weight = float(largest[-1, 0])
        claims.append(
            claim(
                "saturated-at-large-d-k",
                f"Without the scaling a row puts more than {_SATURATED:g} of its weight on one of {keys} keys at "
                f"d_k = {top}.",
                weight,
                weight > _SATURATED,
            )
        )
        claims.append(
            _less(
                "gradient",
                "gradient-fades-without-scaling",
                "the gradient that comes back through the softmax, at the median query,",
                top,
                numbers,
            )
        )
    return tuple(claims)


def _less(step_name: str, name: str, what: str, top: int, numbers: dict[str, Array]) -> Claim:
    """At the largest d_k: unscaled less than half of scaled where d_k is large, and less in any case."""
    unscaled, scaled = (float(x) for x in numbers[step_name][-1])
    factor = _FALL if top >= _LARGE else 1.0
    part = "less than half of" if top >= _LARGE else "less than"
    statement = f"Without the scaling, {what} is {part} what it is with it at d_k = {top}."
    return claim(name, statement, f"{unscaled:.3g}, with it {scaled:.3g}", unscaled * factor < scaled)
