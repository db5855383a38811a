"""Scaling laws: the loss that a budget of training buys, and the size of model that buys most for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from studycli.demos.measure import Array
from studycli.demos.steps import claim, step
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs
    from studycli.engine.scaling_laws import Allocation, Constants

CHINCHILLA_FLOPS = 5.76e23
"""The budget of Gopher, with which Chinchilla was trained (Hoffmann et al. 2022, section 4)."""

_MULTIPLES = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_NEIGHBOURS = (0.9, 1.1)
_WITHIN = 0.1


class Model(NamedTuple):
    """A trained model: its parameters and its training tokens."""

    parameters: float
    tokens: float


MODELS: Mapping[str, Model] = {
    "GPT-3": Model(175e9, 300e9),  # Brown et al. 2020, table 2.1
    "Gopher": Model(280e9, 300e9),  # Rae et al. 2021
    "Chinchilla": Model(70e9, 1.4e12),  # Hoffmann et al. 2022
}


def scaling_laws(inputs: Inputs) -> DemoResult:
    """The best model for `flops` of training under two fits of the same law, and three models beside it."""
    from studycli.engine.scaling_laws import BESIROGLU_2024, HOFFMANN_2022, optimal_allocation

    flops = inputs.number("flops")
    fits = {"Besiroglu 2024": BESIROGLU_2024, "Hoffmann 2022": HOFFMANN_2022}
    best = {name: optimal_allocation(flops, constants) for name, constants in fits.items()}
    return DemoResult(
        demo="scaling-laws",
        title="Scaling laws",
        inputs={
            "flops": f"{flops:.4g}",
            "law": "loss = E + A / N^alpha + B / D^beta, with N parameters, D tokens and 6 N D FLOPs",
            **{name: _spelled(constants) for name, constants in fits.items()},
        },
        steps=_steps(fits, best, flops),
        claims=(*_claims(fits, best, flops), *_claims_of_models(fits)),
    )


def _spelled(constants: Constants) -> str:
    c = constants
    return f"E {c.E:g}, A {c.A:g}, B {c.B:g}, alpha {c.alpha:g}, beta {c.beta:g}"


def _steps(fits: Mapping[str, Constants], best: Mapping[str, Allocation], flops: float) -> tuple[Step, ...]:
    years = {"fit": tuple(name.split()[-1] for name in fits)}
    multiples = tuple(f"{multiple:g}x" if multiple >= 1 else f"1/{1 / multiple:g}" for multiple in _MULTIPLES)

    def table(name: str, values: object, note: str, axis: str, rows: tuple[str, ...], of: Origin | None = None) -> Step:
        return step(name, np.array(values), note, (axis, "fit"), (), labels=years | {axis: rows}, origin=of)

    optimum = [[b.parameters / 1e9, b.tokens / 1e9, b.tokens / b.parameters] for b in best.values()]
    terms = np.array([_terms(fits[name], best[name].parameters, best[name].tokens) for name in fits])  # (fit, term)
    curve = _curve(fits, best, flops)
    ratio = " and ".join(f"{b.tokens / b.parameters:.3g} by {name}" for name, b in best.items())
    lost, given_away = _models(fits)
    law = Origin(kind="given", note="E + A / N^alpha + B / D^beta with the constants of the fit")
    return (
        table(
            "optimum",
            np.array(optimum).T,  # (quantity, fit)
            f"The best use of {flops:.3g} FLOPs, N parameters and D tokens: look at the tokens for each parameter, "
            f"{ratio}, two fits to the same runs.",
            "quantity",
            ("N, in 1e9", "D, in 1e9", "D / N"),
        ),
        table(
            "terms",
            terms.T,  # (term, fit)
            "What the loss at the optimum is made of, in nats: E, the entropy of text that nothing removes; A / "
            "N^alpha, for a model too small; B / D^beta, for too few data; look how near the last two are.",
            "term",
            ("entropy", "model", "data"),
            law,
        ),
        table("loss", terms.sum(axis=1)[None], "The three terms added, in nats per token.", "sum", ("loss",)),
        table(
            "curve",
            curve,
            "The loss of models from a 32nd to 32 times the best size, each on the tokens that the same FLOPs leave "
            "for it: look for the lowest of each column.",
            "size",
            multiples,
            law,
        ),
        table(
            "excess",
            curve - curve.min(axis=0),
            "The same less the lowest: a valley, flat near its bottom and steep far from it, so half or twice the "
            "best size costs little.",
            "size",
            multiples,
        ),
        table(
            "models",
            lost,
            "The loss that each fit predicts for three models that were trained.",
            "model",
            tuple(MODELS),
            law,
        ),
        table(
            "given away",
            given_away,
            "The same less the lowest loss that their FLOPs could buy: look how much GPT-3 and Gopher give away with "
            "under 2 tokens for each parameter, and which fit has Chinchilla, with 20, at its best.",
            "model",
            tuple(MODELS),
        ),
    )


def _terms(constants: Constants, parameters: float, tokens: float) -> tuple[float, float, float]:
    c = constants
    return c.E, c.A / parameters**c.alpha, c.B / tokens**c.beta


def _curve(fits: Mapping[str, Constants], best: Mapping[str, Allocation], flops: float) -> Array:
    """The loss with multiples of the best parameters at the same FLOPs, (size, fit)."""
    return np.array([[_at(fits[name], best[name].parameters * each, flops) for name in fits] for each in _MULTIPLES])


def _at(constants: Constants, parameters: float, flops: float) -> float:
    """The loss of so many parameters, on the tokens that the FLOPs leave for them."""
    from studycli.engine.scaling_laws import loss

    return loss(parameters, flops / (6 * parameters), constants)


def _models(fits: Mapping[str, Constants]) -> tuple[Array, Array]:
    """The loss of each of `MODELS`, and how much of it their FLOPs could have saved, both (model, fit)."""
    from studycli.engine.scaling_laws import loss, optimal_allocation

    lost = np.array([[loss(*model, constants) for constants in fits.values()] for model in MODELS.values()])
    budgets = [6 * model.parameters * model.tokens for model in MODELS.values()]
    least = [[optimal_allocation(budget, constants).loss for constants in fits.values()] for budget in budgets]
    return lost, lost - np.array(least)


def _claims(fits: Mapping[str, Constants], best: Mapping[str, Allocation], flops: float) -> tuple[Claim, ...]:
    spent = {name: 6 * each.parameters * each.tokens for name, each in best.items()}
    gaps = {
        name: min(_at(fits[name], each.parameters * near, flops) for near in _NEIGHBOURS)
        - _at(fits[name], each.parameters, flops)
        for name, each in best.items()
    }
    return (
        claim(
            "optimum-spends-the-budget",
            "The best parameters N and tokens D spend the whole budget: 6 N D FLOPs, within a millionth.",
            ", ".join(f"{value:.4g} by {name}" for name, value in spent.items()),
            all(abs(value / flops - 1) < 1e-6 for value in spent.values()),
        ),
        claim(
            "optimum-is-a-minimum",
            "With the same FLOPs, a model a tenth smaller or larger than the best one has a higher loss.",
            ", ".join(f"{gap:.2g} nats by {name}" for name, gap in gaps.items()),
            all(gap > 0 for gap in gaps.values()),
        ),
    )


def _claims_of_models(fits: Mapping[str, Constants]) -> tuple[Claim, ...]:
    """What the fits say of Chinchilla's budget and of GPT-3, whatever budget was asked for."""
    from studycli.engine.scaling_laws import optimal_allocation

    at_chinchilla = {name: optimal_allocation(CHINCHILLA_FLOPS, constants) for name, constants in fits.items()}
    ratios = {name: each.tokens / each.parameters for name, each in at_chinchilla.items()}
    refitted, published = ratios["Besiroglu 2024"], ratios["Hoffmann 2022"]
    share = _counted_share()
    return (
        claim(
            "training-flops-are-6nd",
            "Training costs about 6 FLOPs for each parameter and token: three times the forward pass, counted part by "
            f"part on GPT-3's shapes, is 6 N within {_WITHIN:.0%}.",
            f"{share:.3f} of 6 N for each token",
            abs(share - 1) <= _WITHIN,
        ),
        claim(
            "twenty-tokens-per-parameter",
            "At Chinchilla's budget of 5.76e23 FLOPs the law as fitted again in 2024 asks for about 20 tokens for each "
            "parameter, from 15 to 25.",
            f"{refitted:.1f}",
            15 <= refitted <= 25,
        ),
        claim(
            "published-fit-disagrees",
            "At Chinchilla's budget the constants published in 2022 ask for more than twice the tokens per parameter "
            "of the fit of 2024, and so for another model than Chinchilla.",
            f"{published:.1f} against {refitted:.1f}",
            published > 2 * refitted,
        ),
        _undertrained(fits),
        _parameters_alone(fits),
    )


def _counted_share() -> float:
    """Three forward passes over GPT-3's 2,048 tokens, as a part of 6 N D (shapes: Brown et al. 2020, table 2.1)."""
    from studycli.engine.accounting import parameters
    from studycli.engine.config import Config
    from studycli.engine.flops import flops

    d_model, seq = 12_288, 2048
    shapes = Config(
        architecture="decoder", vocab_size=50_257, d_model=d_model, n_layers=96, n_heads=96, d_ff=4 * d_model,
        max_length=seq,
    )  # fmt: skip
    return 3 * sum(flops(shapes, 1, seq).values()) / (6 * sum(parameters(shapes).values()) * seq)


def _undertrained(fits: Mapping[str, Constants]) -> Claim:
    from studycli.engine.scaling_laws import optimal_allocation

    model = MODELS["GPT-3"]
    budget = 6 * model.parameters * model.tokens
    best = {name: optimal_allocation(budget, constants) for name, constants in fits.items()}
    return claim(
        "gpt-3-too-large-for-its-data",
        "For the FLOPs of GPT-3, the best model has less than half of its parameters and more than twice its tokens, "
        "by both fits.",
        ", ".join(f"{b.parameters / 1e9:.0f} and {b.tokens / 1e9:,.0f} billion by {name}" for name, b in best.items()),
        all(b.parameters < model.parameters / 2 and b.tokens > 2 * model.tokens for b in best.values()),
    )


def _parameters_alone(fits: Mapping[str, Constants]) -> Claim:
    from studycli.engine.scaling_laws import loss

    model = MODELS["GPT-3"]
    larger, read = 10 * model.parameters, 10 * model.tokens
    parts = {}
    for name, constants in fits.items():
        before = loss(*model, constants)
        alone, both = before - loss(larger, model.tokens, constants), before - loss(larger, read, constants)
        parts[name] = alone / both
    return claim(
        "parameters-alone-hit-the-data-term",
        "Ten times the parameters of GPT-3 on the same tokens gain less than a third of what ten times both would: the "
        "data term stays.",
        ", ".join(f"{part:.0%} by {name}" for name, part in parts.items()),
        all(part < 1 / 3 for part in parts.values()),
    )
