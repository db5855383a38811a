"""Layer normalization: each token's features before and after it, beside RMS norm; and where in a block it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from studycli.demos import stack
from studycli.demos.embedding import embed
from studycli.demos.measure import Array, largest_difference
from studycli.demos.stack import D_MODEL, POST, PRE
from studycli.demos.steps import WEIGHTS, array, claim, described, step, tokens_step
from studycli.demos.words import Words, split
from studycli.engine.config import Config
from studycli.engine.device import choose
from studycli.engine.layers import Norm
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.trace import Trace

LAYERS = 6
STRETCH, SHIFT = 3.0, 1.0
"""The features are the embeddings, stretched and shifted, so that there is something to put right."""

_STATISTICS = ("mean", "variance", "mean square")
_FORMULAS = f"mean = sum x / {D_MODEL}, variance = sum (x - mean)² / {D_MODEL}, mean square = sum x² / {D_MODEL}"
_PLACEMENTS = (PRE, POST)
_CONFIG = Config(architecture="encoder", vocab_size=1, d_model=D_MODEL, n_layers=1, n_heads=1, d_ff=0, position="none")
_CONFIGS = {"layer": _CONFIG, "rms": replace(_CONFIG, norm="rms")}


def layer_norm(inputs: Inputs) -> DemoResult:
    """Both norms on the same features, and the stream's variance with the norm before each layer or after it.

    Raises UsageError for a text without tokens, MissingError where the device is not there.
    """
    words = split(inputs.text)
    device = choose(inputs.device)
    x = embed(words.tokens, D_MODEL, inputs.seed).to(device)  # (seq, d_model)
    with torch.inference_mode():
        numbers = _compute(x, inputs.seed, inputs.trace())
    return DemoResult(
        demo="layer-norm",
        title="Layer normalization",
        inputs=described(inputs, words, device, d_model=D_MODEL, layers=LAYERS),
        steps=_steps(words, numbers),
        claims=_claims(numbers),
    )


def _compute(embedded: Tensor, seed: int, trace: Trace) -> dict[str, Array]:
    """Every value by name."""
    norms = {name: Norm(config).to(embedded.device) for name, config in _CONFIGS.items()}
    x = trace.put("features", STRETCH * embedded + SHIFT)  # (seq, d_model)
    values = {"features": x} | {name: trace.put(name, norm(x)) for name, norm in norms.items()}
    values["ten times"] = norms["layer"](10 * x)  # (seq, d_model)
    strangers = torch.cat([100 * x + 7, x])  # (2 seq, d_model)
    values |= {f"{name} beside others": norm(strangers)[len(x) :] for name, norm in norms.items()}
    blocks = stack.build(LAYERS, seed, x.device)
    streams = [torch.cat(blocks.stream(kind, embedded[None], trace)) for kind in _PLACEMENTS]  # (depth, seq, d_model)
    variances = [stream.var(-1, correction=0).mean(-1) for stream in streams]  # (depth)
    values["placement"] = torch.stack(variances, dim=-1)  # (depth, placement)
    numbers = {name: array(value) for name, value in values.items()}
    return numbers | {f"{name} parameters": _count(norm) for name, norm in norms.items()}


def _count(norm: Norm) -> Array:
    return np.array(float(sum(weights.numel() for weights in norm.parameters())))


@np.errstate(invalid="ignore")  # an edit may put infinities there
def _statistics(x: Array) -> Array:
    """Mean, variance and mean square of each row, (seq, 3), in float64."""
    rows = x.astype("float64")
    return np.stack([rows.mean(-1), rows.var(-1), np.square(rows).mean(-1)], axis=-1)


def _steps(words: Words, numbers: dict[str, Array]) -> tuple[Step, ...]:
    eps = _CONFIG.norm_eps
    before = _statistics(numbers["features"])
    depths = tuple(map(str, range(LAYERS + 1)))
    grown = numbers["placement"][-1][0] / numbers["placement"][0][0]

    def part(name: str, values: Array, note: str, origin: Origin | None = None) -> Step:
        return step(name, values, note, ("token", "d_model"), words.tokens, preview=True, origin=origin)

    def table(name: str, of: str, note: str, compare: str | None = None) -> Step:
        values, labels = _statistics(numbers[of.removesuffix(" norm")]), {"statistic": _STATISTICS}
        origin = Origin(kind="given", note=f"With x the {D_MODEL} numbers of this token's row of '{of}': {_FORMULAS}.")
        axes = ("token", "statistic")
        return step(name, values, note, axes, words.tokens, labels=labels, compare=compare, origin=origin)

    return (
        tokens_step(words),
        part(
            "features",
            numbers["features"],
            f"One row a token: its embedding (random for each word, seeded, plus its position), times {STRETCH:g} "
            f"plus {SHIFT:g}, so that there is something to put right.",
            Origin(kind="given", note=f"The word's seeded embedding, times {STRETCH:g} plus {SHIFT:g}."),
        ),
        table(
            "before",
            "features",
            f"Mean, variance and mean square over the {D_MODEL} features of each token: every token has its own, with "
            f"variances from {before[:, 1].min():.1f} to {before[:, 1].max():.1f}.",
        ),
        part(
            "layer norm",
            numbers["layer"],
            "Each row minus its mean, over its standard deviation; then times w plus b, which are 1 and 0 before "
            "training.",
            Origin(kind="normalised", of=("features",), by=eps),
        ),
        part(
            "rms norm",
            numbers["rms"],
            f"Each row over the root of its mean square plus {eps:g}: no mean is taken off.",
            Origin(
                kind="given",
                note=f"The feature over sqrt(m + {eps:g}), with m the mean square of its row, which 'before' shows.",
            ),
        ),
        table(
            "after layer norm",
            "layer norm",
            "The mean of every token is 0 and its variance 1, whatever they were before.",
            compare="after rms norm",
        ),
        table(
            "after rms norm",
            "rms norm",
            "Here the mean square is 1 and the mean stays: it is only divided.",
        ),
        step(
            "placement",
            numbers["placement"],
            f"The variance of a token's vector in the stream, by depth, in {LAYERS} blocks whose weights are "
            f"{WEIGHTS}: with pre-norm it grows {grown:.1f}-fold, post-norm sets it back to 1 after every layer.",
            ("depth", "placement"),
            (),
            labels={"depth": depths, "placement": _PLACEMENTS},
            origin=Origin(
                kind="given",
                note="The variance over the features of each token's vector in the stream, the mean over the tokens.",
            ),
        ),
    )


@np.errstate(invalid="ignore")  # an edit may put infinities there
def _claims(numbers: dict[str, Array]) -> tuple[Claim, ...]:
    x, after = numbers["features"].astype("float64"), _statistics(numbers["layer"])
    mean, variance = float(np.abs(after[:, 0]).max()), float(np.abs(after[:, 1] - 1).max())
    scaled = largest_difference(numbers["ten times"], numbers["layer"])
    root = np.sqrt(np.square(x).mean(-1) + _CONFIG.norm_eps)
    off = largest_difference(_statistics(numbers["rms"])[:, 0], x.mean(-1) / root)
    kept = float(np.abs(_statistics(numbers["rms"])[:, 0]).max())
    others = max(largest_difference(numbers[f"{name} beside others"], numbers[name]) for name in ("layer", "rms"))
    counts = tuple(int(numbers[f"{name} parameters"]) for name in ("layer", "rms"))
    pre, post = numbers["placement"].T
    drift = float(np.abs(post[1:] - 1).max())
    return (
        claim(
            "norm-mean-0", "After layer norm the mean of each token's features is 0, within 1e-5.", mean, mean < 1e-5
        ),
        claim(
            "norm-variance-1",
            "After layer norm the variance of each token's features is 1, within 1e-4.",
            variance,
            variance < 1e-4,
        ),
        claim(
            "norm-ignores-scale",
            "Ten times the features give the same layer norm, within 1e-4.",
            scaled,
            scaled < 1e-4,
        ),
        claim(
            "rms-norm-keeps-mean",
            "RMS norm takes no mean off: it divides a token's mean by its root mean square, within 1e-5.",
            f"off by {off:.1e}; means up to {kept:.2f} are left",
            off < 1e-5 and kept > 1e-3,
        ),
        claim(
            "norm-per-token",
            "Both norms treat each token by itself: quite different tokens beside it change nothing.",
            others,
            others < 1e-6,
        ),
        claim(
            "norm-parameters",
            "RMS norm has d_model parameters, layer norm twice as many.",
            f"{counts[1]} and {counts[0]}, with d_model = {D_MODEL}",
            counts == (2 * D_MODEL, D_MODEL),
        ),
        claim(
            "post-norm-keeps-variance",
            "Post-norm leaves the stream a variance of 1 after every block, within 1e-3; with pre-norm it grows from "
            "the first to the last.",
            f"{drift:.1e} off; pre-norm {pre[0]:.2f} to {pre[-1]:.2f}",
            drift < 1e-3 and bool(pre[-1] > pre[0]),
        ),
    )
