"""Multi-head attention over the tokens of a text: several patterns at the cost of one."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from studycli.demos import measure
from studycli.demos.embedding import NOTE as EMBEDDING_NOTE
from studycli.demos.embedding import embed
from studycli.demos.measure import Array
from studycli.demos.steps import WEIGHTS, array, claim, described, size, step, tokens_step
from studycli.demos.words import Words, split
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.multi_head import MultiHeadAttention
    from studycli.engine.trace import Trace

D_MODEL = 64
N_HEADS = 4
D_HEAD = D_MODEL // N_HEADS
_OF_HEADS = ("head", "token", "d_head")
_PAIRS = ("head", "query", "key")
DIFFERENT = 0.01
"""The share of their weight that two heads must put on different keys to count as different."""


class Cost(NamedTuple):
    """Floating-point operations of the matrix products that were made, and parameters."""

    flops: int
    parameters: int


def multi_head(inputs: Inputs) -> DemoResult:
    """Attention over several heads, step by step.

    Raises UsageError for a text without tokens, MissingError where the device is not there.
    """
    from studycli.engine.device import choose
    from studycli.engine.trace import Trace

    words = split(inputs.text)
    device = choose(inputs.device)
    x = embed(words.tokens, D_MODEL, inputs.seed).to(device)  # (seq, d_model)
    numbers, cost = _compute(x, N_HEADS, inputs.seed, inputs.trace())
    _, cost_of_one = _compute(x, 1, inputs.seed, Trace())
    return DemoResult(
        demo="multi-head",
        title="Multi-head attention",
        inputs=described(inputs, words, device, d_model=D_MODEL, n_heads=N_HEADS, d_head=D_HEAD),
        steps=_steps(words, numbers),
        claims=(*_claims(numbers), *_cost_claims(cost, cost_of_one)),
    )


def _compute(x: Tensor, n_heads: int, seed: int, trace: Trace) -> tuple[dict[str, Array], Cost]:
    """Every value of a layer by name, and what it cost. The weights are the same for any number of heads."""
    from studycli.engine.multi_head import MultiHeadAttention
    from studycli.engine.seed import generator

    layer = MultiHeadAttention(D_MODEL, n_heads, generator=generator(seed, "attn")).to(x.device)
    layer(trace.put("embeddings", x), trace=trace)
    numbers = {name: array(value) for name, value in trace.items()}
    for name in ("W_Q", "W_K", "W_V"):
        columns = array(getattr(layer, name))  # (d_model, heads d_head)
        numbers[name] = columns.reshape(D_MODEL, n_heads, -1).swapaxes(0, 1)  # (heads, d_model, d_head)
    numbers["W_O"] = array(layer.W_O)
    return numbers, Cost(_flops(layer, trace), sum(weights.numel() for weights in layer.parameters()))


def _flops(layer: MultiHeadAttention, trace: Trace) -> int:
    """Two for every multiply-and-add of the products of a traced pass, counted on the shapes that were multiplied."""
    x, v, pattern = trace["embeddings"], trace["v"], trace["pattern"]
    keys = trace["k"].transpose(-2, -1)  # (heads, d_head, key)
    products: list[tuple[torch.Tensor, torch.Tensor]] = [(x, layer.W_Q), (x, layer.W_K), (x, layer.W_V)]
    products += [(trace["q"], keys), (pattern, v), (trace["concat"], layer.W_O)]
    return sum(2 * left.numel() * right.shape[-1] for left, right in products)


def _steps(words: Words, numbers: dict[str, Array]) -> tuple[Step, ...]:
    def part(name: str, note: str, *axes: str, origin: Origin) -> Step:
        return step(name, numbers[name], note, axes, words.tokens, preview=True, origin=origin)

    def cut(name: str, note: str) -> Step:
        return part(name, note, "head", "d_model", "d_head", origin=drawn)

    def projected(name: str, note: str) -> Step:
        return part(name, note, *_OF_HEADS, origin=Origin(kind="product", of=("embeddings", f"W_{name.upper()}")))

    drawn = Origin(kind="given", note=f"A weight, {WEIGHTS}: drawn from a normal distribution.")

    return (
        tokens_step(words),
        part("embeddings", EMBEDDING_NOTE, "token", "d_model", origin=Origin(kind="given", note=EMBEDDING_NOTE)),
        cut("W_Q", f"One matrix, of which each head has {D_HEAD} columns of its own; {WEIGHTS}."),
        cut("W_K", "Cut into heads in the same way: what each head can be found by."),
        cut("W_V", "Cut into heads in the same way: what each head hands on."),
        projected("q", f"Queries, embeddings @ W_Q, in {N_HEADS} heads of {D_HEAD} numbers."),
        projected("k", "Keys, embeddings @ W_K, in the same heads."),
        projected("v", "Values, embeddings @ W_V, in the same heads."),
        part(
            "scores",
            "q @ kᵀ, in each head by itself: a head never sees the others' queries and keys.",
            *_PAIRS,
            origin=Origin(kind="product", of=("q", "k"), transposed=True),
        ),
        part(
            "scaled",
            f"The scores over sqrt(d_head) = {D_HEAD**0.5:g}: the heads are narrow, so the root is of {D_HEAD}.",
            *_PAIRS,
            origin=Origin(kind="ratio", of=("scores",), by=D_HEAD**0.5, note="the square root of d_head."),
        ),
        step(
            "pattern",
            numbers["pattern"],
            "softmax of each row: follow one token's row from head to head, each takes from elsewhere. Random heads "
            "differ by chance; trained ones take on roles.",
            _PAIRS,
            words.tokens,
            origin=Origin(kind="softmax", of=("scaled",)),
        ),
        part(
            "z",
            "pattern @ v: what each head brings to each token.",
            *_OF_HEADS,
            origin=Origin(kind="product", of=("pattern", "v")),
        ),
        part(
            "concat",
            f"The heads' z side by side: columns 0 to {D_HEAD - 1} are those of head 0, and so on.",
            "token",
            "d_model",
            origin=Origin(kind="given", note=f"It is z[column // {D_HEAD}, token, column % {D_HEAD}], moved here."),
        ),
        part(
            "W_O",
            "The output projection: one row for each column of concat, one column for each number of the output.",
            "concat",
            "d_model",
            origin=drawn,
        ),
        part(
            "out",
            "concat @ W_O: the projection mixes what all heads found into one vector a token.",
            "token",
            "d_model",
            origin=Origin(kind="product", of=("concat", "W_O")),
        ),
    )


def _claims(numbers: dict[str, Array]) -> tuple[Claim, ...]:
    pattern, concat, out = numbers["pattern"], numbers["concat"], numbers["out"]
    rows = measure.row_sum_error(pattern)
    columns = [concat[:, head * D_HEAD : (head + 1) * D_HEAD] for head in range(N_HEADS)]
    moved = max(measure.largest_difference(own, z) for own, z in zip(columns, numbers["z"], strict=True))
    projected = measure.largest_difference(concat.astype("float64") @ numbers["W_O"].astype("float64"), out)
    joined = concat.shape == (len(out), N_HEADS * D_HEAD)
    kept = out.shape == numbers["embeddings"].shape
    return (
        claim("rows-sum-to-1", "Each row of each head's pattern sums to 1, within 1e-6.", rows, rows < 1e-6),
        claim("concat-shape", "concat has n_heads * d_head = d_model numbers a token.", size(concat), joined),
        claim("concat-keeps-heads", "Each head's z stands unchanged in its own columns of concat.", moved, moved == 0),
        claim("output-shape", "The output has the shape of the input.", size(out), kept),
        claim("projection", "The output is concat @ W_O, within 1e-5.", projected, projected < 1e-5),
        *([_heads_differ(pattern)] if len(out) > 1 else []),
    )


def _heads_differ(pattern: Array) -> Claim:
    """Over at least two tokens: with one, every weight is 1."""
    least = min(measure.total_variation(a, b) for a, b in combinations(pattern, 2))
    statement = f"Any two heads put more than {DIFFERENT:.0%} of their weight on different keys."
    return claim("heads-differ", statement, f"{least:.1%} for the two most alike", least > DIFFERENT)


def _cost_claims(cost: Cost, cost_of_one: Cost) -> tuple[Claim, ...]:
    heads = f"{N_HEADS} heads of {D_HEAD}"
    return (
        claim(
            "same-flops",
            f"{heads} cost the same FLOPs in matrix products as one head of {D_MODEL}, counted on both.",
            f"{cost.flops:,} and {cost_of_one.flops:,}",
            cost.flops == cost_of_one.flops,
        ),
        claim(
            "same-parameters",
            f"{heads} have as many parameters as one head of {D_MODEL}.",
            f"{cost.parameters:,} and {cost_of_one.parameters:,}",
            cost.parameters == cost_of_one.parameters,
        ),
    )
