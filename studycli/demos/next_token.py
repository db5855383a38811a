"""The next token: its distribution as it is, under temperature, top-k and top-p, with what is claimed of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import measure
from studycli.demos.measure import Array, Float64
from studycli.demos.prompt import spelled
from studycli.demos.steps import array, claim, step
from studycli.engine import sampling
from studycli.model.trace import Claim, Origin, Step

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.loaded import Loaded

SHOWN = 8
"""How many of the likeliest tokens are shown by name."""

COOL, PLAIN, WARM = 0.5, 1.0, 2.0
_ROUNDING = 1e-5


@dataclass(frozen=True)
class Next:
    """The next token: its logits (vocab), and its distributions (vocab) by temperature and by what is kept."""

    logits: Array
    by_temperature: dict[float, Array]
    top_k: Array
    top_p: Array
    together: Array

    @property
    def plain(self) -> Array:
        """The distribution as it is, (vocab)."""
        return self.by_temperature[PLAIN]


def next_token(inputs: Inputs, loaded: Loaded, ids: Tensor) -> Next:
    """What follows ids (1, seq), by a pass with the learner's edits."""
    import torch

    with torch.inference_mode():
        logits = loaded.model(ids, trace=inputs.trace("logits"))[0, -1]  # (vocab)
    k, p, temperature = inputs.integer("top_k"), inputs.number("top_p"), inputs.number("temperature")
    return Next(
        logits=array(logits),
        by_temperature={t: array(sampling.distribution(logits, t)) for t in sorted({COOL, PLAIN, WARM, temperature})},
        top_k=array(sampling.distribution(logits, top_k=k)),
        top_p=array(sampling.distribution(logits, top_p=p)),
        together=array(sampling.distribution(logits, temperature, k, p)),
    )


def steps(inputs: Inputs, loaded: Loaded, following: Next) -> tuple[Step, ...]:
    """The logits, the distributions and what is kept of them, of the likeliest tokens by name."""
    likeliest = [int(id_) for id_ in np.argsort(-following.logits, kind="stable")[:SHOWN]]
    names = (*spelled(likeliest, loaded), "others")
    return (*_temperature_steps(following, likeliest, names), _kept_step(inputs, following, likeliest, names))


def _temperature_steps(following: Next, likeliest: list[int], names: tuple[str, ...]) -> tuple[Step, ...]:
    """The logits, the same over each temperature, and the softmax; all other tokens count as one more, together."""
    temperatures = tuple(following.by_temperature)
    scaled = np.stack([_with_others(following.logits / t, likeliest) for t in temperatures])  # (temperatures, shown)
    shares = np.stack([_shares(following.by_temperature[t], likeliest) for t in temperatures])  # (temperatures, shown)
    rows = tuple(f"T = {t:g}" for t in temperatures)
    entropies = ", ".join(f"{float(measure.entropy(following.by_temperature[t])):.2f}" for t in temperatures)
    others = f"the other {len(following.logits) - SHOWN:,}"
    return (
        step(
            "logits",
            following.logits[likeliest],
            f"The model's logits for what comes next, the {SHOWN} largest of {len(following.logits):,}: look at their "
            "distances, only these count for the softmax.",
            ("candidate",),
            (),
            labels={"candidate": names[:-1]},
            origin=Origin(kind="given", note="The study-lm's output for the last token of the text."),
        ),
        step(
            "scaled",
            scaled,
            f"The logits over the temperature: below 1 they move apart, above 1 together. {others.capitalize()} stand "
            "as one, by the log of the sum of their exponentials.",
            ("temperature", "candidate"),
            (),
            labels={"temperature": rows, "candidate": names},
            origin=Origin(
                kind="given",
                note="The logit over the temperature of its row; for the others, the log of the sum of exp(logit / T).",
            ),
        ),
        step(
            "distribution",
            shares,
            f"softmax of each row: look how the first column falls as the temperature rises, and what {others} get. "
            f"Entropy from the first row to the last: {entropies} nats.",
            ("temperature", "candidate"),
            (),
            labels={"temperature": rows, "candidate": names},
            origin=Origin(kind="softmax", of=("scaled",)),
        ),
    )


def _kept_step(inputs: Inputs, following: Next, likeliest: list[int], names: tuple[str, ...]) -> Step:
    k, p, temperature = inputs.integer("top_k"), inputs.number("top_p"), inputs.number("temperature")
    rows = (following.plain, following.top_k, following.top_p, following.together)
    counts = [int((row > 0).sum()) for row in rows]
    return step(
        "kept",
        np.stack([_shares(row, likeliest) for row in rows]),
        f"What top-k = {k} leaves ({counts[1]} tokens), what top-p = {p:g} leaves ({counts[2]}), and both at "
        f"temperature {temperature:g} ({counts[3]}): look where a row becomes 0; the rest is made to sum to 1.",
        ("kept", "candidate"),
        (),
        labels={"kept": ("all", "top-k", "top-p", "both"), "candidate": names},
        origin=Origin(
            kind="given", note="The probability of a token that is kept, over the sum of all that are; 0 for others."
        ),
    )


def _with_others(logits: Array, likeliest: list[int]) -> Float64:
    """The shown logits and, as one more, the log of the sum of the others' exponentials."""
    x = np.asarray(logits, dtype=np.float64)
    others = np.delete(x, likeliest)
    together = others.max() + np.log(np.exp(others - others.max()).sum())
    return np.append(x[likeliest], together)


def _shares(distribution: Array, likeliest: list[int]) -> Float64:
    """The shown probabilities and, as one more, that of all others together."""
    x = np.asarray(distribution, dtype=np.float64)
    return np.append(x[likeliest], np.delete(x, likeliest).sum())


def claims(inputs: Inputs, following: Next) -> tuple[Claim, ...]:
    """What temperature, top-k and top-p do."""
    cut = (following.top_k, following.top_p, following.together)
    sums = max(measure.row_sum_error(row) for row in (*following.by_temperature.values(), *cut))
    k = inputs.integer("top_k")
    kept = int((following.top_k > 0).sum())
    return (
        claim(
            "distributions-sum-to-1",
            "The next token's distribution sums to 1 at every temperature, and again after top-k and top-p have cut "
            f"it, within {_ROUNDING:g}.",
            sums,
            sums < _ROUNDING,
        ),
        _entropy_claim(following),
        _order_claim(following),
        claim(
            "top-k-keeps-k",
            "Top-k keeps exactly k tokens, however the probability is spread.",
            f"{kept} with k = {k}",
            kept == k,
        ),
        _top_p_claim(inputs.number("top_p"), following),
    )


def _entropy_claim(following: Next) -> Claim:
    spread = [float(measure.entropy(following.by_temperature[t])) for t in (COOL, PLAIN, WARM)]
    return claim(
        "temperature-changes-entropy",
        "A temperature below 1 lowers the entropy of the next token's distribution, one above 1 raises it.",
        f"{spread[0]:.3f} nats at {COOL:g}, {spread[1]:.3f} at {PLAIN:g}, {spread[2]:.3f} at {WARM:g}",
        spread[0] < spread[1] < spread[2],
    )


def _order_claim(following: Next) -> Claim:
    order = np.argsort(-following.logits, kind="stable")
    swapped = 0
    for distribution in following.by_temperature.values():
        falling = distribution[order]
        swapped += int((falling[1:] > falling[:-1] * (1 + _ROUNDING)).sum())
    pairs = len(following.by_temperature) * (len(order) - 1)
    statement = "Temperature leaves the order of the tokens as it is: a likelier token stays the likelier one."
    return claim("temperature-keeps-order", statement, f"{swapped} of {pairs:,} neighbors swapped", swapped == 0)


def _top_p_claim(p: float, following: Next) -> Claim:
    """By the probabilities before the cut, which the kept ones sum to."""
    plain, kept = following.plain.astype(np.float64), following.top_p > 0
    total = float(plain[kept].sum())
    without = total - float(plain[kept].min(initial=1.0))
    likeliest = float(plain[kept].min(initial=1.0)) >= float(plain[~kept].max(initial=0.0))
    return claim(
        "top-p-smallest-set",
        f"Top-p keeps the smallest set of likeliest tokens whose probability is at least p = {p:g}: without the last "
        f"of them it would be less, within {_ROUNDING:g}.",
        f"{int(kept.sum())} tokens with {total:.4f}, without the last {without:.4f}",
        likeliest and total >= p - _ROUNDING and without < p + _ROUNDING,
    )
