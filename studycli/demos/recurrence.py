"""Recurrence: small recurrent cells and an attention layer, all with random weights, on the same inputs."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studycli.demos.measure import Array
from studycli.demos.steps import array

if TYPE_CHECKING:
    from torch import Tensor, nn

    from studycli.demos.inputs import Inputs

D_MODEL = 64
N_HEADS = 4
_DIRECTIONS = 8

Call = Callable[..., Any]
Layer = Callable[[Call, Sequence["Tensor"]], "Tensor"]
"""Runs a module on tokens, each (batch, d_model), to the last output, (batch, d_model)."""


@dataclass(frozen=True)
class Measured:
    """What was measured on one kind, for a sequence of `seq` tokens.

    `steps` is how often its module was called one after the other, `path` (seq) the operations between each input and
    the last output, and `gradient` (seq) the size of the last output's gradient with respect to each input.
    """

    steps: int
    path: Array
    gradient: Array


def measure(x: Tensor, inputs: Inputs) -> tuple[dict[str, Measured], Array]:
    """Each kind on x (seq, d_model), by name; and the row of the attention's pattern of the last token, (head, key).

    In float64: over a hundred tokens a gradient may shrink to less than float32 can hold.
    """
    import torch

    from studycli.engine.multi_head import MultiHeadAttention
    from studycli.engine.seed import generator

    x = x.double()  # (seq, d_model)
    attention = MultiHeadAttention(D_MODEL, N_HEADS, generator=generator(inputs.seed, "attn")).to(x)
    trace = inputs.trace()

    def attended(call: Call, tokens: Sequence[Tensor]) -> Tensor:
        out: Tensor = call(torch.stack(tuple(tokens), dim=1), causal=True, trace=trace)  # (batch, seq, d_model)
        return out[:, -1]  # (batch, d_model)

    run: Mapping[str, tuple[Call, Layer]] = {
        "RNN": (_cell("RNN", inputs.seed, x), _recurrent),
        "LSTM": (_cell("LSTM", inputs.seed, x), _recurrent),
        "attention": (attention, attended),
    }
    found = {kind: _measured(module, layer, x, inputs.seed) for kind, (module, layer) in run.items()}
    return found, array(trace["pattern"][0, :, -1])


def _cell(kind: str, seed: int, like: Tensor) -> nn.Module:
    """torch's cell with the weights that it draws by itself, uniform within 1 / sqrt(d_model), from the seed."""
    import torch
    from torch import nn

    from studycli.engine.seed import generator

    with torch.random.fork_rng(devices=[]):  # torch draws weights of its own first, from a state that all share
        cell: nn.Module = (nn.RNNCell if kind == "RNN" else nn.LSTMCell)(D_MODEL, D_MODEL)
    random = generator(seed, "recurrence", kind)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.uniform_(-(D_MODEL**-0.5), D_MODEL**-0.5, generator=random)
    return cell.to(like)


def _recurrent(call: Call, tokens: Sequence[Tensor]) -> Tensor:
    """The last hidden state, (batch, d_model): one call a token, each on the state of the one before."""
    state: Any = None
    for token in tokens:
        state = call(token, state)
    hidden: Tensor = state[0] if isinstance(state, tuple) else state  # (batch, d_model)
    return hidden


def _measured(module: Call, layer: Layer, x: Tensor, seed: int) -> Measured:
    calls = 0

    def counted(*given: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        return module(*given, **named)

    tokens = [token[None].clone().requires_grad_() for token in x]  # each (1, d_model)
    path = distances(layer(counted, tokens), tokens)
    return Measured(calls, path, _gradient(module, layer, x, seed))


def _gradient(module: Call, layer: Layer, x: Tensor, seed: int) -> Array:
    """The root mean square of the last output's gradient for each input of x (seq, d_model), (seq).

    Over random directions of the output, of unit length.
    """
    import torch

    from studycli.engine.seed import generator

    drawn = torch.randn(_DIRECTIONS, D_MODEL, generator=generator(seed, "directions")).to(x)  # (rows, d_model)
    directions = drawn / drawn.norm(dim=-1, keepdim=True)  # (rows, d_model)
    rows = x.expand(_DIRECTIONS, *x.shape).clone().requires_grad_()  # (rows, seq, d_model)
    (gradient,) = torch.autograd.grad((layer(module, rows.unbind(1)) * directions).sum(), rows)  # (rows, seq, d_model)
    return array(gradient.pow(2).mean(dim=(0, 2)).sqrt())


def distances(output: Tensor, leaves: Sequence[Tensor]) -> Array:
    """The fewest operations between an output and each leaf, counted in the graph that autograd recorded, (leaves).

    Infinite for a leaf that the output does not depend on.
    """
    import numpy as np

    found: dict[int, int] = {}
    waiting = deque([(output.grad_fn, 0)])
    seen = {output.grad_fn}
    while waiting:
        node, far = waiting.popleft()
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            found[id(leaf)] = far
        for following, _ in node.next_functions if node is not None else ():
            if following is not None and following not in seen:
                seen.add(following)
                waiting.append((following, far + 1))
    return np.array([found.get(id(leaf), math.inf) for leaf in leaves])
