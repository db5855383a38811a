"""RNN and transformer: steps one after the other, the way between two tokens, and the gradient over distance."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle, islice
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos.embedding import embed
from studycli.demos.measure import Array
from studycli.demos.recurrence import D_MODEL, N_HEADS, Measured, measure
from studycli.demos.steps import WEIGHTS, claim, described, step, tokens_step
from studycli.demos.words import split
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs

_VANISHED, _REACHED, _LONG = 0.01, 0.25, 16


def rnn_vs_transformer(inputs: Inputs) -> DemoResult:
    """A plain RNN, an LSTM and causal attention of one layer each on a text repeated to `length` tokens.

    Raises UsageError for a text without tokens, MissingError where the device is not there.
    """
    from studycli.engine.device import choose

    words, length = split(inputs.text), inputs.integer("length")
    device = choose(inputs.device)
    tokens = tuple(islice(cycle(words.tokens), length))
    found, pattern = measure(embed(tokens, D_MODEL, inputs.seed).to(device), inputs)
    operations = _operations(length)
    return DemoResult(
        demo="rnn-vs-transformer",
        title="RNN and transformer",
        inputs=described(inputs, words, device, length=length, d_model=D_MODEL, n_heads=N_HEADS),
        steps=(tokens_step(words), *_steps(tokens, found, pattern, operations)),
        claims=(*_claims(found), *_cost_claims(operations)),
    )


def _operations(length: int) -> dict[int, tuple[int, int]]:
    """Multiply-adds of an RNN's recurrence and of attention's pairs, for half, once and twice the length, as FLOPs."""
    from studycli.engine.config import Config
    from studycli.engine.flops import flops

    layer = Config(
        architecture="decoder", vocab_size=1, d_model=D_MODEL, n_layers=1, n_heads=N_HEADS, d_ff=0, position="none"
    )
    found = {}
    for seq in (length // 2, length, 2 * length):
        parts = flops(layer, 1, seq)
        found[seq] = (2 * seq * D_MODEL * D_MODEL, parts["scores"] + parts["weighted_values"])
    return found


def _steps(
    tokens: tuple[str, ...], found: Mapping[str, Measured], pattern: Array, operations: Mapping[int, tuple[int, int]]
) -> tuple[Step, ...]:
    kinds = {"kind": tuple(found)}
    gradient = np.stack([each.gradient for each in found.values()], axis=1)  # (token, kind)
    with np.errstate(divide="ignore", invalid="ignore"):  # an edit may leave no gradient at all
        relative = np.log10(gradient / gradient[-1])  # (token, kind)
    ways = ", ".join(f"{each.path[0]} ({kind})" for kind, each in found.items())
    return (
        step(
            "steps",
            np.array([[each.steps] for each in found.values()]),
            "How often each layer had to be called, each call waiting for the one before: once a token for a cell, "
            "once for all tokens with attention.",
            ("kind", "steps"),
            (),
            labels=kinds | {"steps": ("calls",)},
        ),
        step(
            "path",
            np.stack([each.path for each in found.values()]),  # (kind, token)
            f"Operations on the shortest way from each token to the last output, counted in autograd's graph: from the "
            f"first token {ways}; look how a cell's row falls toward the last token, and attention's is level.",
            ("kind", "token"),
            tokens,
            labels=kinds,
        ),
        step(
            "gradient",
            relative,
            "The gradient of the last output with respect to each token, as powers of ten of that of the last token: "
            f"-2 is a hundredth of it; look how a cell's column falls with distance. The weights are {WEIGHTS}.",
            ("token", "kind"),
            tokens,
            labels=kinds,
            origin=Origin(kind="given", note="log10 of autograd's, the root mean square over 8 random directions"),
        ),
        step(
            "pattern",
            pattern,
            "What the last token's heads look at: attention's gradient comes to each token straight through such a "
            "weight, however far it is.",
            ("head", "key"),
            tokens,
        ),
        step(
            "operations",
            np.array([[flops / 1000 for flops in pair] for pair in operations.values()]),
            f"Thousand FLOPs in length n and width d = {D_MODEL}: a recurrence of 2 n d² beside scores and weighted "
            "values of 4 n² d; look what twice the length does to each.",
            ("length", "kind"),
            (),
            labels={"length": tuple(f"n = {length}" for length in operations), "kind": ("RNN", "attention")},
        ),
    )


def _claims(found: Mapping[str, Measured]) -> tuple[Claim, ...]:
    length = len(found["RNN"].path)
    paths = {kind: each.path for kind, each in found.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        first = {kind: float(each.gradient[0] / each.gradient[-1]) for kind, each in found.items()}
    grows = np.diff(paths["RNN"])
    others = found["attention"].gradient[:-1]  # the last token is the query too, and has a way of its own
    middle = (len(others) + 1) // 2
    nearer = float(others[-middle:].mean())
    evenness = float(others[:middle].mean()) / nearer if nearer else 0.0
    calls = f"{found['RNN'].steps} and {found['attention'].steps}"
    claims = [
        claim(
            "sequential-steps",
            "A recurrent layer takes a step for each token, one after the other; attention takes one for all.",
            calls,
            found["RNN"].steps == found["LSTM"].steps == length and found["attention"].steps == 1,
        ),
        claim(
            "path-length",
            "The way from a token to the last output grows with its distance in an RNN, and is the same for all tokens "
            "with attention.",
            f"{paths['RNN'][-1]} to {paths['RNN'][0]} operations, and {paths['attention'].min()} to "
            f"{paths['attention'].max()}",
            bool((grows < 0).all() and (paths["attention"] == paths["attention"][0]).all()),
        ),
        claim(
            "attention-gradient-reaches-all",
            "With attention the gradient of the last output is about as large for far tokens as for near ones: that of "
            "the farther half is on average at least a quarter of that of the nearer half.",
            f"{evenness:.2f} of it",
            evenness >= _REACHED,
        ),
    ]
    if length >= _LONG:  # over fewer tokens nothing has time to vanish
        claims.append(
            claim(
                "rnn-gradient-vanishes",
                f"In a plain RNN as it is initialized, the gradient at the first of {_LONG} tokens or more is below 1% "
                "of that at the last.",
                f"{first['RNN']:.1e} of it; with attention {first['attention']:.2f}",
                first["RNN"] < _VANISHED,
            )
        )
    return tuple(claims)


def _cost_claims(operations: Mapping[int, tuple[int, int]]) -> tuple[Claim, ...]:
    _, once, twice = operations.values()
    rnn, attention = twice[0] / once[0], twice[1] / once[1]
    return (
        claim(
            "quadratic-against-linear",
            "Twice the tokens cost an RNN's recurrence twice the operations, n d², and attention's pairs four times as "
            "many, n² d.",
            f"{rnn:g} and {attention:g} times",
            rnn == 2 and attention == 4,
        ),
    )
