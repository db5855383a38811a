"""Efficient attention: exact, tiled, window and linear attention to the same tokens, what they cost and change."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import measure
from studycli.demos.embedding import embed
from studycli.demos.measure import Array
from studycli.demos.steps import claim, described, step, tokens_step
from studycli.demos.ways_to_attend import D_K, D_MODEL, KINDS, TILE, Cost, Measured, measured_on, projected
from studycli.demos.words import Words, split
from studycli.errors import UsageError
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs

_NARROWEST = 8
_PICTURED = 32
_CLOSE, _APART = 1e-5, 1e-2
_MEGA, _KILO = 1e6, 1e3


def efficient_attention(inputs: Inputs) -> DemoResult:
    """Five ways to attend, over the tokens of a text that is repeated up to a length, and over half of them.

    Raises UsageError for a text without tokens and for a window that is wide for the length, MissingError where the
    device is not there.
    """
    from studycli.engine.device import choose

    length, window = inputs.integer("length"), inputs.integer("window")
    if window * _NARROWEST > length:
        hint = f"take a window of at most {length // _NARROWEST}, or a length of at least {window * _NARROWEST}"
        raise UsageError(f"a window of {window} is wide for {length} tokens: little would be saved", hint=hint)
    words = split(inputs.text)
    device = choose(inputs.device)
    q, k, v = projected(inputs, embed(tuple(islice(cycle(words.tokens), length)), D_MODEL, inputs.seed).to(device))
    measured = measured_on(inputs, q, k, v, window)
    return DemoResult(
        demo="efficient-attention",
        title="Efficient attention",
        inputs=described(inputs, words, device, d_k=D_K, tile=TILE, length=length, window=window),
        steps=_steps(inputs, words, measured),
        claims=_claims(measured),
    )


def _steps(inputs: Inputs, words: Words, measured: Measured) -> tuple[Step, ...]:
    n, costs = measured.lengths[1], measured.costs
    repeated = f"{tokens_step(words).note} They are repeated up to {n} tokens."

    def table(name: str, of: Callable[[Cost], float], note: str, origin: str) -> Step:
        values = np.array([[of(cost) for cost in costs[kind]] for kind in KINDS])  # (kinds, lengths)
        labels = {"kind": KINDS, "length": tuple(map(str, measured.lengths))}
        given = Origin(kind="given", note=origin)
        return step(name, values, note, ("kind", "length"), (), labels=labels, origin=given)

    saved = costs["explicit"][1].largest / costs["tiled"][1].largest
    shown = [
        tokens_step(words).model_copy(update={"note": repeated}),
        _pattern_step(words, measured),
        _difference_step(measured),
        table(
            "memory",
            lambda cost: cost.largest / _KILO,
            f"Kilobytes of the largest tensor that is made, over {measured.lengths[0]} and {n} tokens: explicit holds "
            f"n x n scores, tiled {saved:.3g} times less; what the fused kernel holds inside is not seen.",
            "Measured on every tensor that the computation made.",
        ),
        table(
            "operations",
            lambda cost: cost.flops / _MEGA,
            "Millions of floating-point operations in matrix products: look at tiled, it saves memory and no "
            "operations; window and linear save these too.",
            "2 for each multiply-add of the matrix products that were made.",
        ),
    ]
    if inputs.edits is None:  # time changes at every run: beside an edit it would only mislead
        shown.append(
            table(
                "time",
                lambda cost: cost.seconds * _KILO,
                "Milliseconds of one call in this run: look how each grows from left to right, more than "
                "which is lower; fused is one kernel, the others are many steps of Python.",
                "Measured by a clock, so it differs from run to run.",
            )
        )
    return tuple(shown)


def _pattern_step(words: Words, measured: Measured) -> Step:
    shown = min(_PICTURED, measured.lengths[1])
    tokens = tuple(islice(cycle(words.tokens), shown))
    corner = np.stack(
        [_of_largest(pattern)[:shown, :shown] for pattern in measured.patterns.values()]
    )  # (kinds, query, key)
    return step(
        "pattern",
        corner,
        f"The weights among the first {shown} tokens, as shares of the largest in their row: exact attention finds "
        f"keys anywhere, a window of {measured.window} to each side none beyond, linear attention nearly all.",
        ("kind", "query", "key"),
        tokens,
        labels={"kind": tuple(measured.patterns)},
        origin=Origin(
            kind="given", note="exp(q kᵀ / sqrt(d_k)), in linear attention φ(q) φ(k)ᵀ, over its row's largest."
        ),
    )


def _of_largest(pattern: Array) -> Array:
    """A pattern (query, key) as shares of each row's largest weight; a row that an edit emptied stays as it is."""
    largest = pattern.max(axis=-1, keepdims=True)  # (query, 1)
    shares: Array = pattern / np.where(largest > 0, largest, 1)  # (query, key)
    return shares


def _difference_step(measured: Measured) -> Step:
    off = _differences(measured)
    said = ", ".join(f"{kind} {value:.2g}" for kind, value in off.items())
    return step(
        "difference",
        np.array(list(off.values())),
        f"The largest difference of any number in z to what the fused kernel gives: {said}. Tiled and explicit differ "
        "by rounding alone.",
        ("kind",),
        (),
        labels={"kind": tuple(off)},
        origin=Origin(kind="given", note="The largest |z - exact z| over all tokens."),
    )


def _differences(measured: Measured) -> dict[str, float]:
    exact = measured.outputs["fused"]
    return {kind: measure.largest_difference(measured.outputs[kind], exact) for kind in KINDS[1:]}


def _claims(measured: Measured) -> tuple[Claim, ...]:
    off = _differences(measured)
    return (
        claim(
            "tiled-is-exact",
            f"Tiled attention, as in FlashAttention, gives the result of exact attention, within {_CLOSE:g}.",
            off["tiled"],
            off["tiled"] < _CLOSE,
        ),
        *_memory_claims(measured),
        claim(
            "window-differs",
            f"Attention in a window gives another result than exact attention: some number differs by more than "
            f"{_APART:g}.",
            off["window"],
            off["window"] > _APART,
        ),
        *_window_claims(measured),
        claim(
            "linear-attention-differs",
            "Linear attention is another function than softmax attention: with the same queries, keys and values some "
            f"number differs by more than {_APART:g}.",
            off["linear"],
            off["linear"] > _APART,
        ),
        _linear_claim(measured),
    )


def _memory_claims(measured: Measured) -> tuple[Claim, ...]:
    from studycli.engine.tiled import BLOCK

    half, n = measured.lengths
    (a, b), (c, d) = measured.costs["explicit"], measured.costs["tiled"]
    number = measured.outputs["explicit"].itemsize
    return (
        claim(
            "four-times-the-scores",
            "Exact attention that writes its scores down holds n² of them: over twice the tokens four times as many.",
            f"{a.largest:,} bytes for {half} tokens, {b.largest:,} for {n}",
            all(cost.largest == length**2 * number for cost, length in ((a, half), (b, n))),
        ),
        claim(
            "tiled-memory-linear",
            f"Tiled attention makes no n x n matrix: its largest tensor is its output, n x {D_K}, or the scores of "
            f"{BLOCK} queries with one tile of {TILE} keys, whichever is larger.",
            f"{c.largest:,} bytes for {half} tokens, {d.largest:,} for {n}",
            all(
                cost.largest == max(length * D_K, min(length, BLOCK) * TILE) * number < length**2 * number
                for cost, length in ((c, half), (d, n))
            ),
        ),
    )


def _window_claims(measured: Measured) -> tuple[Claim, ...]:
    n, w = measured.lengths[1], measured.window
    weights = int((measured.patterns["window"] > 0).sum())
    growth = {kind: measured.costs[kind][1].flops / measured.costs[kind][0].flops for kind in ("window", "fused")}
    return (
        claim(
            "window-weights-linear",
            "In a window of w to each side a token looks at no more than 2w + 1 tokens, however long the text: n "
            "tokens have n (2w + 1) - w (w + 1) weights.",
            f"{weights:,} for n = {n} and w = {w}",
            weights == n * (2 * w + 1) - w * (w + 1),
        ),
        claim(
            "window-operations-linear",
            "Over twice the tokens a window's operations grow about twofold, less than threefold; those of exact "
            "attention fourfold.",
            f"{growth['window']:.2f} times, exact {growth['fused']:.2f} times",
            growth["window"] < 3 < growth["fused"],
        ),
    )


def _linear_claim(measured: Measured) -> Claim:
    half, n = measured.lengths
    a, b = (cost.flops for cost in measured.costs["linear"])
    return claim(
        "linear-attention-operations",
        "Linear attention takes the same number of operations for each token, however many there are.",
        f"{a / half:,.0f} a token for {half}, {b / n:,.0f} for {n}",
        a * n == b * half,
    )
