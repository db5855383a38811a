"""Residual connections: how much of the gradient reaches each depth of a stack, with them and without."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from studycli.demos import stack
from studycli.demos.embedding import NOTE as EMBEDDING_NOTE
from studycli.demos.embedding import embed
from studycli.demos.measure import Array
from studycli.demos.stack import KINDS, NEITHER, NO_RESIDUAL, POST, PRE
from studycli.demos.steps import WEIGHTS, array, claim, described, step, tokens_step
from studycli.demos.words import Words, split
from studycli.engine.device import choose
from studycli.engine.seed import generator
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.demos.stack import Stack
    from studycli.engine.trace import Trace

KEPT = 0.9
"""What is left of the gradient after a block, at most, where it is said to vanish."""

DEEP = 10
"""So many blocks leave less than 1 % of the gradient."""

_DEPTHS = ("depth", "kind")
_PLACEMENTS = (PRE, POST)


def residual(inputs: Inputs) -> DemoResult:
    """The gradient of a loss at the top of the same random layers, wired in four ways.

    Raises UsageError for a text without tokens, MissingError where the device is not there.
    """
    words, layers = split(inputs.text), inputs.integer("layers")
    device = choose(inputs.device)
    x = embed(words.tokens, stack.D_MODEL, inputs.seed).to(device)[None]  # (1, seq, d_model)
    # The trace is for edits alone: what it would record has no gradient.
    numbers = _compute(x, layers, inputs.seed, inputs.trace("none"))
    return DemoResult(
        demo="residual",
        title="Residual connections",
        inputs=described(inputs, words, device, layers=layers, d_model=stack.D_MODEL),
        steps=_steps(words, numbers),
        claims=_claims(numbers),
    )


def _compute(x: Tensor, layers: int, seed: int, trace: Trace) -> dict[str, Array]:
    """Of each kind, by depth: the gradient's norm, the stream's norm and what tells tokens apart; see `_steps`."""
    blocks = stack.build(layers, seed, x.device)
    direction = torch.randn(x.shape, generator=generator(seed, "loss")).to(x.device)  # (1, seq, d_model)
    columns: dict[str, list[Array]] = {"gradient": [], "stream": [], "apart": [], "weights": []}
    for kind in KINDS:
        xs = blocks.stream(kind, x.clone().requires_grad_(), trace)
        of_stream, of_weights = _gradients(blocks, kind, xs, direction)
        with np.errstate(divide="ignore", invalid="ignore"):  # an edit may leave a gradient of 0
            columns["gradient"].append(of_stream / of_stream[-1])  # (depth)
        columns["stream"].append(array(torch.stack([h.norm(dim=-1).mean() for h in xs])))  # (depth)
        columns["apart"].append(array(torch.stack([_apart(h) for h in xs])))  # (depth)
        if kind in _PLACEMENTS:
            columns["weights"].append(of_weights)  # (layer)
    numbers = {name: np.stack(each, axis=-1) for name, each in columns.items()}
    return numbers | {"embeddings": array(x[0])}


def _gradients(blocks: Stack, kind: str, xs: list[Tensor], direction: Tensor) -> tuple[Array, Array]:
    """Norms of a loss's gradient: by the stream at each depth, and by each block's W_out of the feed-forward.

    The loss is the dot product of what the stack gives with a random direction, so its gradient there is the same for
    all kinds.
    """
    loss = (blocks.top(kind, xs[-1]) * direction).sum()
    weights = [block.ffn.W_out for block in blocks.pre if block.ffn is not None]
    norms = array(torch.stack([gradient.norm() for gradient in torch.autograd.grad(loss, [*xs, *weights])]))
    return norms[: len(xs)], norms[len(xs) :]


def _apart(x: Tensor) -> Tensor:
    """How far tokens x (1, seq, d_model) are from their mean, over their size: 0 where all are the same."""
    off: Tensor = x - x.mean(1, keepdim=True)  # (1, seq, d_model)
    share: Tensor = off.norm() / x.norm()
    return share  # ()


def _steps(words: Words, numbers: dict[str, Array]) -> tuple[Step, ...]:
    gradient, layers = numbers["gradient"], len(numbers["weights"])
    labels = {"depth": tuple(map(str, range(layers + 1))), "kind": KINDS}
    least, at_start = KINDS.index(NEITHER), gradient[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        orders = np.log10(gradient)

    def by_depth(name: str, values: Array, note: str, origin: Origin | None = None) -> Step:
        return step(name, values, note, _DEPTHS, (), labels=labels, origin=origin)

    return (
        tokens_step(words),
        step("embeddings", numbers["embeddings"], EMBEDDING_NOTE, ("token", "d_model"), words.tokens, preview=True),
        by_depth(
            "gradient",
            gradient,
            "The norm of the loss's gradient by the stream below each block, over that at the top: follow the column "
            f"'{NEITHER}' (no residual connections, no norms) up to row 0, {at_start[least]:.2g} is left. The weights "
            f"are {WEIGHTS}.",
            Origin(kind="given", note="Backpropagation gives it: the loss is differentiated by the stream there."),
        ),
        by_depth(
            "orders",
            orders,
            "The same in powers of ten: -3 is a thousandth of the gradient at the top; a straight fall is exponential.",
            Origin(kind="function", of=("gradient",), note="log10"),
        ),
        by_depth(
            "stream",
            numbers["stream"],
            "The mean norm of a token's vector at each depth: residual connections with pre-norm let it grow, "
            f"post-norm holds it at sqrt(d_model) = {stack.D_MODEL**0.5:g}, and without either it fades.",
        ),
        by_depth(
            "apart",
            numbers["apart"],
            "How far tokens are from their mean, over their size: at 0 all tokens are the same, and what the text "
            "says is lost; without residual connections the norms that are left don't prevent it.",
        ),
        step(
            "weights gradient",
            numbers["weights"],
            "The norm of the gradient by each block's W_out, the second matrix of its feed-forward: compare the last "
            "row, post-norm gets more there.",
            ("layer", "kind"),
            (),
            labels={"layer": tuple(map(str, range(layers))), "kind": _PLACEMENTS},
        ),
    )


def _claims(numbers: dict[str, Array]) -> tuple[Claim, ...]:
    layers, at_start = len(numbers["weights"]), numbers["gradient"][0]
    left = {kind: float(at_start[column]) for column, kind in enumerate(KINDS)}
    per_block = left[NEITHER] ** (1 / layers)
    factor = 3 * math.sqrt(layers)
    pre, post = (float(of_weights) for of_weights in numbers["weights"][-1])
    return (
        claim(
            "gradient-shrinks-per-block",
            f"Without residual connections and norms the gradient shrinks at each block, to less than {KEPT:.0%} of "
            "its norm on average.",
            f"{per_block:.0%} a block, {left[NEITHER]:.2g} after {layers}",
            per_block < KEPT,
        ),
        *(
            [
                claim(
                    "gradient-vanishes",
                    f"Without residual connections and norms, {DEEP} blocks or more leave less than 1% of the "
                    "gradient to the first.",
                    f"{left[NEITHER]:.2g} of it after {layers}",
                    left[NEITHER] < 0.01,
                )
            ]
            if layers >= DEEP
            else []
        ),
        claim(
            "residual-keeps-gradient",
            f"With residual connections and pre-norm, the gradient at the first of {layers} blocks is within a factor "
            f"of 3 sqrt({layers}) = {factor:.1f} of that at the top.",
            f"{left[PRE]:.2f} times",
            1 / factor < left[PRE] < factor,
        ),
        claim(
            "post-norm-top-gradient",
            "The last block's feed-forward gets a larger gradient with post-norm than with pre-norm.",
            f"{post:.3g}, with pre-norm {pre:.3g}",
            post > pre,
        ),
        *([_tokens_alike(numbers)] if len(numbers["embeddings"]) > 1 else []),
    )


def _tokens_alike(numbers: dict[str, Array]) -> Claim:
    """Over at least two tokens: one alone has none to be like."""
    without, kept = (float(numbers["apart"][-1][KINDS.index(kind)]) for kind in (NO_RESIDUAL, PRE))
    return claim(
        "tokens-alike-without-residuals",
        "Without residual connections, though with norms, less than half is left of what tells tokens apart with both.",
        f"{without:.2g} of their size, with both {kept:.2g}",
        without < kept / 2,
    )
