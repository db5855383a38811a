"""Positional encoding: four kinds as matrices, against distance, and what another order of the words does with each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import measure
from studycli.demos.embedding import word_vectors
from studycli.demos.measure import Array, Float64
from studycli.demos.position_tables import (
    D_MODEL,
    LEARNED,
    N_HEADS,
    PLACES,
    alibi_by_formula,
    buckets_step,
    by_distance,
    of_pairs,
    sines_by_formula,
    spread_by_offset,
    tables,
    turning,
)
from studycli.demos.steps import array, claim, described, step, tokens_step
from studycli.demos.words import Words, split
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studycli.demos.inputs import Inputs

NONE = "none"
KINDS = ("sinusoidal", "learned", "rotary", "ALiBi")
MOVED = 0.01
"""The change of an output, at least, that counts as one."""

_TRIES = 20
_SCOPES = {"moved": "shuffled", "reversed": "reversed"}
"""What the pass over the words in each order is called in a trace."""


def positional_encoding(inputs: Inputs) -> DemoResult:
    """The tables of positions, and attention over the words in their order and in another.

    Raises UsageError for a text without tokens, MissingError where the device is not there.
    """
    from studycli.engine.device import choose

    words, device = split(inputs.text, PLACES), choose(inputs.device)
    order = _order(words.tokens, inputs.seed)
    numbers = _compute(inputs, words.tokens, order, device)
    return DemoResult(
        demo="positional-encoding",
        title="Positional encoding",
        inputs=described(inputs, words, device, d_model=D_MODEL, n_heads=N_HEADS, positions=PLACES),
        steps=(*_steps(numbers), buckets_step(), *_order_steps(words, order, numbers)),
        claims=(*_table_claims(numbers), *_order_claims(numbers)),
    )


def _order(tokens: Sequence[str], seed: int) -> list[int] | None:
    """Another order of the tokens that is neither theirs nor its reverse, in which all distances stay; None if none.

    Words that differ in capitals alone count as the same, since they have the same vector.
    """
    import torch

    from studycli.engine.seed import generator

    words, random = [token.casefold() for token in tokens], generator(seed, "shuffle")
    for _ in range(_TRIES):
        order: list[int] = torch.randperm(len(words), generator=random).tolist()
        shuffled = [words[at] for at in order]
        if shuffled not in (words, words[::-1]):
            return order
    return None


def _compute(inputs: Inputs, tokens: Sequence[str], order: list[int] | None, device: torch.device) -> dict[str, Array]:
    """The tables by name, and how far each output moves, (kind, token).

    That is `moved`, if there is an order, and `reversed`, if the words read backwards are other words.
    """
    trace = inputs.trace()
    made = tables(trace, inputs.seed, device.type)
    numbers = {name: array(table) for name, table in made.items()}
    spoken = [token.casefold() for token in tokens]
    orders = {"moved": order, "reversed": [*range(len(tokens))][::-1] if spoken != spoken[::-1] else None}
    asked = {name: found for name, found in orders.items() if found is not None}
    if asked:
        x = trace.put("words", word_vectors(tokens, D_MODEL, inputs.seed).to(device))  # (seq, d_model)
        numbers |= _moved(inputs, x, asked, made)
    return numbers


def _moved(inputs: Inputs, x: Tensor, orders: dict[str, list[int]], made: dict[str, Tensor]) -> dict[str, Array]:
    """How much each token's output changes in each order, (kind, token): the largest of its numbers."""
    import torch

    from studycli.engine.multi_head import MultiHeadAttention
    from studycli.engine.seed import generator

    n, trace = len(x), inputs.trace("*.out")
    layer = MultiHeadAttention(D_MODEL, N_HEADS, generator=generator(inputs.seed, "attn")).to(x.device)
    cos, sin = (part.to(x.device) for part in turning(n, x.dtype))
    moved: dict[str, list[Tensor]] = {name: [] for name in orders}
    with torch.inference_mode():
        for kind in (NONE, *KINDS):
            added = made[kind][:n] if kind in made and kind != "rotary" else torch.zeros_like(x)  # (seq, d_model)
            rotary = (cos, sin) if kind == "rotary" else None
            bias = made["alibi"][:, :n, :n] if kind == "ALiBi" else None  # (head, query, key)

            def read(words: Tensor, name: str) -> Tensor:
                scope = trace.scope(f"{kind}.{name}")  # noqa: B023 - called before the next kind
                out: Tensor = layer(words + added, rotary=rotary, bias=bias, trace=scope)  # noqa: B023
                return out  # (seq, d_model)

            before = read(x, "ordered")  # (seq, d_model)
            for name, order in orders.items():
                after = read(x[order], _SCOPES[name])  # (seq, d_model)
                moved[name].append((after - before[order]).abs().amax(-1))  # (seq)
    return {name: array(torch.stack(moves))[:, np.argsort(orders[name])] for name, moves in moved.items()}


def _steps(numbers: dict[str, Array]) -> tuple[Step, ...]:
    pairs = of_pairs(numbers)
    means, spreads = (np.stack([by_distance(pairs[kind])[side] for kind in KINDS]) for side in (0, 1))

    def table(name: str, note: str, axes: tuple[str, ...], given: str, *, preview: bool = False) -> Step:
        origin = Origin(kind="given", note=given)
        return step(name, numbers[name], note, axes, (), origin=origin, preview=preview)

    def line(name: str, values: Float64, note: str, given: str) -> Step:
        labels = {"kind": KINDS}
        origin = Origin(kind="given", note=given)
        return step(name, values, note, ("kind", "distance"), (), labels=labels, origin=origin)

    return (
        table(
            "sinusoidal",
            "One row a position, sines in even columns and cosines in odd ones: look from left to right, waves that "
            "get ever slower.",
            ("position", "d_model"),
            "Of position p, column 2i is sin(p / 10000^(2i / d_model)), column 2i + 1 the cosine of the same.",
        ),
        table(
            "learned",
            f"The first {PLACES} rows of a table that a bundled model ({LEARNED}) learned: it was free to put anything "
            "there, and after its last row there is none.",
            ("position", "d_model"),
            "A row of the table of positions, which was trained.",
        ),
        table(
            "rotary",
            "Nothing is added: queries and keys are turned by their positions; here one random query (row) and one "
            "random key (column) at every pair of places: look along the diagonals, which stay the same.",
            ("query", "key"),
            "The dot product of one query and one key, each turned by its position.",
        ),
        table(
            "alibi",
            "Nothing is turned either: this is added to the scores, the farther the less, in each head with a slope of "
            "its own.",
            ("head", "query", "key"),
            f"Minus the slope 2^(-8i / {N_HEADS}) of head i, counted from 1, times the distance.",
            preview=True,
        ),
        line(
            "by distance", means,
            "What two places say of each other (dot product of the added vectors, score, bias of head 0), averaged "
            "over all pairs as far apart: read along a row.",
            "The mean of the numbers of all pairs of positions with this distance.",
        ),
        line(
            "spread", np.round(spreads, 5),
            "How far the pairs of one distance are from each other, to 5 decimals: 0 where the distance alone decides, "
            "and more in a learned table.",
            "The largest less the smallest of all pairs of positions with this distance.",
        ),
    )  # fmt: skip


def _order_steps(words: Words, order: list[int] | None, numbers: dict[str, Array]) -> tuple[Step, ...]:
    steps = [tokens_step(words)]
    given = Origin(kind="given", note="The largest difference of the word's two outputs, of its 64 numbers.")
    labels = {"kind": (NONE, *KINDS)}
    if order is not None:
        shuffled = [words.tokens[at] for at in order]
        note = "The same words in another order, which the same random attention layer reads too."
        steps.append(Step(name="shuffled", shape=(len(shuffled),), values=shuffled, axes=("token",), note=note))
        note = (
            "How much each word's output differs between the two orders, the largest of its numbers: without positions "
            "not at all, the outputs are shuffled alike."
        )
        steps.append(
            step("moved", numbers["moved"], note, ("kind", "token"), words.tokens, labels=labels, origin=given)
        )
    if "reversed" in numbers:
        note = (
            "The same where the words are read backwards: all distances stay, so ALiBi, without a causal mask, tells "
            "no more than no positions at all; look which kinds do tell."
        )
        found = numbers["reversed"]
        steps.append(step("reversed", found, note, ("kind", "token"), words.tokens, labels=labels, origin=given))
    return tuple(steps)


def _table_claims(numbers: dict[str, Array]) -> tuple[Claim, ...]:
    sines, bias = numbers["sinusoidal"].astype(np.float64), numbers["alibi"].astype(np.float64)
    first = measure.largest_difference(sines[0], np.tile([0.0, 1.0], D_MODEL // 2))
    right, doubled = (measure.largest_difference(sines, sines_by_formula(factor)) for factor in (1, 2))
    pairs = of_pairs(numbers)
    dots, scores = (spread_by_offset(pairs[kind]) for kind in ("sinusoidal", "rotary"))
    linear = measure.largest_difference(bias, alibi_by_formula())
    return (
        claim(
            "sinusoidal-first-row",
            "The row of position 0 in sinusoidal positions is 0, 1, 0, 1 and so on.",
            first, first == 0,
        ),
        claim(
            "sinusoidal-exponent",
            "Sinusoidal columns 2i and 2i + 1 have the frequency 10000^(-2i / d_model): i is doubled once, not twice.",
            f"off by {right:.1e}; doubled twice, by {doubled:.2f}", right < 1e-5 < doubled,
        ),
        claim(
            "sinusoidal-dot-by-distance",
            "The dot product of two sinusoidal positions depends on their distance alone, within 1e-4.",
            dots, dots < 1e-4,
        ),
        claim(
            "rotary-score-by-offset",
            "With rotary positions the score of a query and a key depends on their offset alone, within 1e-4.",
            scores, scores < 1e-4,
        ),
        claim(
            "alibi-linear",
            "ALiBi's bias is linear in the distance; of h heads, head i (from 1) has the slope 2^(-8i/h).",
            f"slopes {', '.join(f'{slope:g}' for slope in -bias[:, 1, 0])}; off by {linear:g}", linear < 1e-6,
        ),
    )  # fmt: skip


def _order_claims(numbers: dict[str, Array]) -> tuple[Claim, ...]:
    """What is claimed of the orders that the words have."""
    shuffled = _shuffle_claims(numbers["moved"]) if "moved" in numbers else ()
    return (*shuffled, _reverse_claim(numbers["reversed"])) if "reversed" in numbers else shuffled


def _reverse_claim(moved: Array) -> Claim:
    largest = dict(zip((NONE, *KINDS), moved.max(axis=-1).tolist(), strict=True))
    alibi, _ = float(largest.pop("ALiBi")), largest.pop(NONE)
    least = min(largest, key=lambda kind: largest[kind])
    return claim(
        "reverse-fools-symmetric-alibi",
        "Without a causal mask ALiBi can't tell a text from its reverse: the outputs are the same, reversed alike, "
        f"within 1e-5; with the three other kinds they change by more than {MOVED:g}.",
        f"{alibi:.1e} with ALiBi; {largest[least]:.3f} with {least}, the least of the others",
        alibi < 1e-5 and largest[least] > MOVED,
    )


def _shuffle_claims(moved: Array) -> tuple[Claim, ...]:
    largest = dict(zip((NONE, *KINDS), moved.max(axis=-1).tolist(), strict=True))
    without = float(largest.pop(NONE))
    least = min(largest, key=lambda kind: largest[kind])
    return (
        claim(
            "shuffle-without-positions",
            "Without positions attention is permutation equivariant: shuffled words give the same outputs, shuffled "
            "alike, within 1e-5.",
            without, without < 1e-5,
        ),
        claim(
            "shuffle-with-positions",
            "Shuffled words, in an order that changes distances, give other outputs with each of the four kinds of "
            f"positions: they change by more than {MOVED:g}.",
            f"{largest[least]:.3f} with {least}, which changes them least", largest[least] > MOVED,
        ),
    )  # fmt: skip
