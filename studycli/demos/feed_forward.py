"""The feed-forward network: activation functions, an ungated and a gated network, and its share of the parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from studycli.demos.embedding import NOTE as EMBEDDING_NOTE
from studycli.demos.embedding import embed
from studycli.demos.measure import Array, largest_difference
from studycli.demos.steps import WEIGHTS, array, claim, described, step, tokens_step
from studycli.demos.words import Words, split
from studycli.engine import accounting
from studycli.engine.config import PRESETS, Config
from studycli.engine.device import choose
from studycli.engine.layers import ACTIVATIONS, FeedForward
from studycli.engine.seed import generator
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.trace import Trace

D_MODEL = 48
D_FF = 4 * D_MODEL
D_FF_GATED = 8 * D_MODEL // 3
MODEL = "gpt2"

_CURVES = ("gelu", "relu", "silu")
_GRID = np.linspace(-4, 4, 33, dtype=np.float32)
_PARTS = ("attention", "feed_forward", "norms", "token_embedding", "position")
_UNGATED = Config(
    architecture="decoder", vocab_size=1, d_model=D_MODEL, n_layers=1, n_heads=4, d_ff=D_FF, position="none",
    ffn_bias=False,
)  # fmt: skip
_GATED = replace(_UNGATED, d_ff=D_FF_GATED, gated=True, activation="silu")


@dataclass(frozen=True)
class Numbers:
    """What was computed: arrays by name; weights in the two networks; a model's parameters in a block and in all."""

    values: dict[str, Array]
    weights: tuple[int, int]
    block: dict[str, int]
    whole: dict[str, int]


def feed_forward(inputs: Inputs) -> DemoResult:
    """Both networks on the tokens, the curves on a grid, the parameters counted by the engine.

    Raises UsageError for a text without tokens, MissingError where the device is not there.
    """
    words = split(inputs.text)
    device = choose(inputs.device)
    with torch.inference_mode():
        x = embed(words.tokens, D_MODEL, inputs.seed).to(device)  # (seq, d_model)
        numbers = _compute(x, inputs.seed, inputs.trace())
    return DemoResult(
        demo="feed-forward",
        title="The feed-forward network",
        inputs=described(inputs, words, device, d_model=D_MODEL, d_ff=D_FF),
        steps=_steps(words, numbers),
        claims=_claims(numbers),
    )


def _compute(x: Tensor, seed: int, trace: Trace) -> Numbers:
    ungated, gated = (_drawn(config, seed).to(x.device) for config in (_UNGATED, _GATED))
    x = trace.put("embeddings", x)  # (seq, d_model)
    plain = ungated(x, trace.scope("ffn"))  # (seq, d_model)
    swiglu = gated(x, trace.scope("swiglu"))  # (seq, d_model)
    values = {name: array(value) for name, value in trace.items()}
    values |= {"W_in": array(ungated.W_in), "W_out": array(ungated.W_out)}
    grid = torch.from_numpy(_GRID).to(x.device)  # (x)
    values["curves"] = array(torch.stack([ACTIVATIONS[name](grid) for name in _CURVES], dim=-1))  # (x, function)
    hidden = trace["ffn.hidden"]  # (seq, d_ff)
    zeros = [(ACTIVATIONS[name](hidden) == 0).float().mean(-1) for name in _CURVES]  # (seq)
    values["zeros"] = array(torch.stack(zeros, dim=-1))  # (seq, function)
    # Passes for a claim alone: each token without the others, and all of them the other way round.
    for name, network, out in (("ffn", ungated, plain), ("swiglu", gated, swiglu)):
        alone = torch.cat([network(row[None]) for row in x])  # (seq, d_model)
        values[f"{name} apart"] = array(torch.stack([alone - out, network(x.flip(0)).flip(0) - out]))
    weights = tuple(sum(each.numel() for each in network.parameters()) for network in (ungated, gated))
    return Numbers(values, (weights[0], weights[1]), *_counted(PRESETS[MODEL]))


def _drawn(config: Config, seed: int) -> FeedForward:
    network = FeedForward(config)
    network.draw(generator(seed, "swiglu" if config.gated else "ffn"))
    return network


def _counted(config: Config) -> tuple[dict[str, int], dict[str, int]]:
    """A model's parameters by part: those that one block more adds, and all."""
    whole, more = (accounting.parameters(replace(config, n_layers=config.n_layers + n)) for n in (0, 1))
    return {part: more[part] - count for part, count in whole.items()}, whole


def _steps(words: Words, numbers: Numbers) -> tuple[Step, ...]:
    values = numbers.values
    counted = numbers.block, numbers.whole
    shares = np.array([[of[part] / sum(of.values()) for of in counted] for part in _PARTS])  # (part, of)
    of_block, of_whole = shares[_PARTS.index("feed_forward")]

    def part(name: str, of: str, note: str, axes: tuple[str, ...], origin: Origin | None = None) -> Step:
        return step(name, values[of], note, axes, words.tokens, preview=True, origin=origin)

    wide, narrow = ("token", "d_ff"), ("token", "d_model")
    return (
        tokens_step(words),
        step(
            "curves",
            values["curves"],
            "Follow each column down: ReLU is 0 below 0 and x above; GELU and SiLU bend smoothly, and dip below 0.",
            ("x", "function"),
            (),
            labels={"x": tuple(f"{x:g}" for x in _GRID), "function": _CURVES},
            origin=Origin(kind="given", note="The activation function of the x that names the row."),
        ),
        part("embeddings", "embeddings", EMBEDDING_NOTE, narrow),
        part("W_in", "W_in", f"The first matrix; its weights are {WEIGHTS}.", ("d_model", "d_ff")),
        part(
            "hidden",
            "ffn.hidden",
            f"embeddings @ W_in: each token becomes four times as wide, {D_FF} numbers from {D_MODEL}.",
            wide,
            Origin(kind="product", of=("embeddings", "W_in")),
        ),
        part(
            "activation",
            "ffn.activation",
            "GELU of each number by itself: without it the two matrices would be one.",
            wide,
            Origin(kind="function", of=("hidden",), note="gelu"),
        ),
        part("W_out", "W_out", "The second matrix, back to d_model.", ("d_ff", "d_model")),
        part(
            "out",
            "ffn.out",
            "activation @ W_out: one vector a token, made from that token alone.",
            narrow,
            Origin(kind="product", of=("activation", "W_out")),
        ),
        part(
            "gated",
            "swiglu.activation",
            f"SwiGLU's hidden layer, silu(x W_gate) * (x W_up): a second matrix decides how much of each of its "
            f"{D_FF_GATED} numbers passes.",
            wide,
            Origin(kind="given", of=("embeddings",)),
        ),
        step(
            "zeros",
            values["zeros"],
            f"The share of a token's {D_FF} hidden numbers that each function would set to exactly 0: with ReLU "
            f"{values['zeros'][:, 1].mean():.0%} on average, as the weights are random.",
            ("token", "function"),
            words.tokens,
            labels={"function": _CURVES},
        ),
        step(
            "shares",
            shares,
            f"Where GPT-2 small keeps its parameters: the feed-forward has {of_block:.1%} of a block's, and "
            f"{of_whole:.1%} of the whole model's, because the token embedding takes its part.",
            ("part", "of"),
            (),
            labels={
                "of": ("a block", "the model"),
                "part": ("attention", "feed-forward", "norms", "tokens", "positions"),
            },
        ),
    )


@np.errstate(invalid="ignore")  # an edit may put infinities there
def _claims(numbers: Numbers) -> tuple[Claim, ...]:
    values, config = numbers.values, PRESETS[MODEL]
    curves = largest_difference(values["curves"], _formulas(_GRID))
    gap = float(np.abs(values["curves"][:, 0] - values["curves"][:, 1]).max())
    apart = max(float(np.abs(values[f"{name} apart"]).max()) for name in ("ffn", "swiglu"))
    zeros = values["zeros"].mean(0)
    matrices = accounting.feed_forward_weights(config), accounting.attention_weights(config)
    square = config.d_model**2
    of_block, of_whole = (of["feed_forward"] / sum(of.values()) for of in (numbers.block, numbers.whole))
    plain, swiglu = numbers.weights
    return (
        claim(
            "activation-formulas",
            "GELU is x times the normal distribution's Phi(x), ReLU max(x, 0) and SiLU x / (1 + exp(-x)), within 1e-5.",
            curves,
            curves < 1e-5,
        ),
        claim(
            "gelu-near-relu",
            "GELU and ReLU are never further apart than 0.17, between -4 and 4.",
            gap,
            gap <= 0.17,
        ),
        claim(
            "feed-forward-per-token",
            "The feed-forward treats each token by itself: alone or in another order it gets the same, within 1e-5.",
            apart,
            apart < 1e-5,
        ),
        claim(
            "relu-zeros",
            "ReLU sets 30% to 70% of a random network's hidden numbers to 0; GELU and SiLU hardly any, below 1%.",
            f"{zeros[1]:.0%}, GELU {zeros[0]:.1%}, SiLU {zeros[2]:.1%}",
            bool(0.3 < zeros[1] < 0.7 and zeros[0] < 0.01 and zeros[2] < 0.01),
        ),
        claim(
            "feed-forward-two-thirds",
            "With d_ff = 4 d_model the feed-forward has 8 of the 12 d_model² weights of a block, two thirds.",
            f"{matrices[0] / square:g} of {sum(matrices) / square:g}; with biases and norms {of_block:.2%}",
            3 * matrices[0] == 2 * sum(matrices) and round(of_block, 2) == 0.67,
        ),
        claim(
            "feed-forward-of-gpt2",
            "Of all parameters of GPT-2 small, less than half sit in the feed-forward, because of the embeddings.",
            f"{of_whole:.1%} of {sum(numbers.whole.values()):,}",
            of_whole < 0.5,
        ),
        claim(
            "swiglu-same-weights",
            "SwiGLU's three matrices with d_ff = 8/3 d_model have as many weights as two with d_ff = 4 d_model.",
            f"{swiglu:,} and {plain:,}",
            swiglu == plain,
        ),
    )


def _formulas(x: Array) -> Array:
    """GELU, ReLU and SiLU of x (n) in float64, (n, 3): independent of the engine."""
    points = x.astype("float64")
    phi = np.array([(1 + math.erf(point / math.sqrt(2))) / 2 for point in points])
    return np.stack([points * phi, np.maximum(points, 0), points / (1 + np.exp(-points))], axis=-1)
