"""Mixture of experts: which experts a router sends each token to, with what weight, and what that saves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from studycli.demos.embedding import NOTE as EMBEDDING_NOTE
from studycli.demos.embedding import embed
from studycli.demos.measure import Array, largest_difference, row_sum_error
from studycli.demos.steps import WEIGHTS, array, claim, described, step, tokens_step
from studycli.demos.words import Words, split
from studycli.engine import accounting
from studycli.engine.config import PRESETS, Config
from studycli.engine.device import choose
from studycli.engine.experts import MixtureOfExperts
from studycli.engine.seed import generator
from studycli.errors import UsageError
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.trace import Trace

D_MODEL = 32
D_FF = 64
MODEL = "mixtral-8x7b"
_BILLION = 1e9


def mixture_of_experts(inputs: Inputs) -> DemoResult:
    """A router and its experts on the tokens.

    Raises UsageError for a text without tokens and for more experts a token than there are, MissingError where the
    device is not there.
    """
    words = split(inputs.text)
    config = _config(inputs.integer("experts"), inputs.integer("top"))
    device = choose(inputs.device)
    with torch.inference_mode():
        x = embed(words.tokens, D_MODEL, inputs.seed).to(device)  # (seq, d_model)
        numbers = _compute(x, config, inputs.seed, inputs.trace())
    sizes = {"experts": config.n_experts, "top": config.experts_per_token, "d_model": D_MODEL, "d_ff": D_FF}
    return DemoResult(
        demo="mixture-of-experts",
        title="Mixture of experts",
        inputs=described(inputs, words, device, **sizes),
        steps=_steps(words, numbers, config),
        claims=_claims(numbers, config),
    )


def _config(experts: int, top: int) -> Config:
    """One layer of gated experts, as in Mixtral. Raises UsageError for `top` above `experts`."""
    if top > experts:
        raise UsageError(
            f"a token cannot go to {top} of {experts} experts", hint=f"set top to {experts} or less, or more experts"
        )
    return Config(
        architecture="decoder", vocab_size=1, d_model=D_MODEL, n_layers=1, n_heads=4, d_ff=D_FF, position="none",
        activation="silu", gated=True, ffn_bias=False, n_experts=experts, experts_per_token=top,
    )  # fmt: skip


def _compute(x: Tensor, config: Config, seed: int, trace: Trace) -> dict[str, Array]:
    """Every value of the layer by name, and its weights."""
    layer = MixtureOfExperts(config)
    layer.draw(generator(seed, "experts"))
    layer.to(x.device)(trace.put("embeddings", x), trace)
    numbers = {name: array(value) for name, value in trace.items()}
    numbers["probabilities"] = array(trace["router"].softmax(-1))  # (seq, experts)
    return numbers | {name: array(weights) for name, weights in layer.named_parameters()}


def _steps(words: Words, numbers: dict[str, Array], config: Config) -> tuple[Step, ...]:
    experts, top = config.n_experts, config.experts_per_token
    load = (numbers["routing"] > 0).sum(0)  # (experts)
    fair = len(words.tokens) * top / experts

    def part(name: str, note: str, *axes: str, origin: Origin | None = None, preview: bool = False) -> Step:
        return step(name, numbers[name], note, axes, words.tokens, preview=preview, origin=origin)

    return (
        tokens_step(words),
        part("embeddings", EMBEDDING_NOTE, "token", "d_model", preview=True),
        part(
            "W_router", f"The router is a single matrix; all weights are {WEIGHTS}.", "d_model", "expert", preview=True
        ),
        part(
            "router",
            "embeddings @ W_router: how well each expert suits each token.",
            "token",
            "expert",
            origin=Origin(kind="product", of=("embeddings", "W_router")),
        ),
        part(
            "probabilities",
            "softmax of each row of the router: no expert is left out yet.",
            "token",
            "expert",
            origin=Origin(kind="softmax", of=("router",)),
        ),
        part(
            "routing",
            f"Only the {top} likeliest of {experts} experts stay in each row, over their sum: where there is a 0, that "
            "expert computes nothing for that token.",
            "token",
            "expert",
            origin=Origin(
                kind="given",
                note=f"Its probability over the sum of the row's {top} largest, or 0 where it is none of them.",
            ),
        ),
        step(
            "load",
            load.astype("float64"),
            f"How many tokens each expert gets: evenly it would be {fair:.2g} each; the busiest has {load.max()}, the "
            f"idlest {load.min()}. Training adds a loss that evens it out.",
            ("expert",),
            (),
        ),
        part(
            "out",
            "Each expert's answer times its weight, added up: one vector a token.",
            "token",
            "d_model",
            preview=True,
        ),
        _parameters_step(config),
    )


def _parameters_step(config: Config) -> Step:
    parts = [_counts(of) for of in (config, PRESETS[MODEL])]
    shares = np.array([[of_experts, whole] for of_experts, whole, _ in parts])  # (model, part)
    return step(
        "active share",
        shares,
        "The share of the parameters that serves one token: of the experts' own, and of the whole model, where "
        "attention and embeddings serve every token.",
        ("model", "part"),
        (),
        labels={"model": ("this demo", MODEL), "part": ("experts", "model")},
    )


def _counts(config: Config) -> tuple[float, float, tuple[int, int]]:
    """Active over all: of the experts, of the model; and the model's two counts."""
    active, whole = accounting.active_parameters(config), accounting.parameters(config)
    counts = sum(active.values()), sum(whole.values())
    return active["feed_forward"] / whole["feed_forward"], counts[0] / counts[1], counts


@np.errstate(invalid="ignore")  # an edit may put infinities there
def _claims(numbers: dict[str, Array], config: Config) -> tuple[Claim, ...]:
    routing, top, experts = numbers["routing"], config.experts_per_token, config.n_experts
    chosen = (routing > 0).sum(-1)  # (seq)
    counts = sorted(set(map(int, chosen)))
    kept = np.where(routing > 0, numbers["probabilities"], 0).sum(-1)
    best = np.sort(numbers["probabilities"], axis=-1)[:, -top:].sum(-1)
    likeliest = largest_difference(kept, best)
    rows = row_sum_error(routing)
    apart = largest_difference(_by_hand(numbers, config), numbers["out"])
    share, _, _ = _counts(config)
    _, of_model, (active, whole) = _counts(PRESETS[MODEL])
    return (
        claim(
            "top-experts-per-token",
            f"Each token goes to exactly {top} of the {experts} experts.",
            " or ".join(map(str, counts)),
            counts == [top],
        ),
        claim(
            "likeliest-experts",
            "They are those that the router finds likeliest: no other choice has a larger sum of probabilities.",
            likeliest,
            likeliest < 1e-6,
        ),
        claim("routing-sums-to-1", "A token's weights sum to 1, within 1e-6.", rows, rows < 1e-6),
        claim(
            "experts-weighted-sum",
            "The output is the weighted sum of the chosen experts' answers, computed one by one, within 1e-5.",
            apart,
            apart < 1e-5,
        ),
        claim(
            "active-experts-share",
            "A token uses top / experts of the experts' parameters.",
            f"{share:.1%}, {top} / {experts} = {top / experts:.1%}",
            abs(share - top / experts) < 1e-9,
        ),
        claim(
            "mixtral-active-parameters",
            "Mixtral 8x7B uses 2 of 8 experts and less than a third of its parameters for a token, but more than a "
            "quarter: attention and embeddings serve all.",
            f"{active / _BILLION:.1f} of {whole / _BILLION:.1f} billion, {of_model:.1%}",
            1 / 4 < of_model < 1 / 3,
        ),
    )


def _by_hand(numbers: dict[str, Array], config: Config) -> Array:
    """The output in float64, token by token, from the weights and the routing: independent of the engine."""
    x, routing = numbers["embeddings"].astype("float64"), numbers["routing"].astype("float64")
    into, back = numbers["W_in"].astype("float64"), numbers["W_out"].astype("float64")
    out = np.zeros_like(x)
    for token, expert in np.argwhere(routing > 0):
        with np.errstate(over="ignore", invalid="ignore"):  # an edit may put any number there
            gate, up = np.split(x[token] @ into[expert], [config.d_ff])
            out[token] += routing[token, expert] * ((gate / (1 + np.exp(-gate)) * up) @ back[expert])
    return out
