"""Scaled dot-product attention over the tokens of a text, with and without the scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studycli.demos import measure
from studycli.demos.embedding import NOTE as EMBEDDING_NOTE
from studycli.demos.embedding import embed, projection
from studycli.demos.measure import Array
from studycli.demos.steps import WEIGHTS, array, claim, described, size, step, tokens_step
from studycli.demos.words import Words, split
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    import torch

    from studycli.demos.inputs import Inputs

D_MODEL = 64
D_K = 64

_PAIR = ("query", "key")
_COLUMN = {"W_Q": "d_k", "W_K": "d_k", "W_V": "d_v"}


def scaled_dot_product(inputs: Inputs) -> DemoResult:
    """softmax(Q Kᵀ / sqrt(d_k)) V, step by step.

    Raises UsageError for a text without tokens, MissingError where the device is not there.
    """
    from studycli.engine.device import choose

    words = split(inputs.text)
    device = choose(inputs.device)
    numbers = _compute(words, inputs, device)
    return DemoResult(
        demo="scaled-dot-product",
        title="Scaled dot-product attention",
        inputs=described(inputs, words, device, d_model=D_MODEL, d_k=D_K, d_v=D_K),
        steps=_steps(words, numbers),
        claims=_claims(numbers),
    )


def _compute(words: Words, inputs: Inputs, device: torch.device) -> dict[str, Array]:
    """Every value by name; what only claims compare is made without the learner's edits of what attend() does."""
    from studycli.engine.attention import attend
    from studycli.engine.trace import Trace

    trace, unscaled, plain = inputs.trace(), inputs.trace("unscaled.pattern"), Trace()
    half = Trace(only="scores")
    x = trace.put("embeddings", embed(words.tokens, D_MODEL, inputs.seed).to(device))  # (seq, d_model)
    weights = {f"W_{name.upper()}": projection(name, D_MODEL, D_K, inputs.seed).to(device) for name in "qkv"}
    q, k, v = (trace.put(name, x @ weights[f"W_{name.upper()}"]) for name in "qkv")  # (seq, d_k)
    attend(q, k, v, trace=trace)
    attend(q, k, v, scale=1.0, trace=unscaled.scope("unscaled"))
    attend(q, k, v, trace=plain)
    n = len(words.tokens) // 2
    attend(q[:n], k[:n], v[:n], trace=half)
    numbers = {name: array(value) for name, value in (*weights.items(), *trace.items())}
    numbers["unscaled_pattern"] = array(unscaled["unscaled.pattern"])
    numbers["half_scores"] = array(half["scores"])
    numbers["explicit_z"], numbers["fast_z"] = array(plain["z"]), array(attend(q, k, v))
    return numbers


def _steps(words: Words, numbers: dict[str, Array]) -> tuple[Step, ...]:
    spread = {name: f"{numbers[name].std():.1f}" for name in ("scores", "scaled")}
    largest = {name: f"{numbers[name].max(axis=-1).mean():.2f}" for name in ("pattern", "unscaled_pattern")}

    def part(name: str, note: str, column: str, origin: Origin) -> Step:
        return step(name, numbers[name], note, ("token", column), words.tokens, preview=True, origin=origin)

    def projection(name: str, note: str) -> Step:
        given = Origin(kind="given", note=f"A weight of {name}, {WEIGHTS}: drawn from a normal distribution.")
        return step(name, numbers[name], note, ("d_model", _COLUMN[name]), (), preview=True, origin=given)

    def projected(name: str, note: str) -> Step:
        by = f"W_{name.upper()}"
        return part(name, note, _COLUMN[by], Origin(kind="product", of=("embeddings", by)))

    def whole(name: str, note: str, origin: Origin, compare: str | None = None) -> Step:
        return step(name, numbers[name], note, _PAIR, words.tokens, compare=compare, origin=origin)

    return (
        tokens_step(words),
        part("embeddings", EMBEDDING_NOTE, "d_model", Origin(kind="given", note=EMBEDDING_NOTE)),
        projection("W_Q", f"What makes queries of embeddings; {WEIGHTS}."),
        projection("W_K", "What makes keys: other numbers, so that a token may look for one thing and offer another."),
        projection("W_V", "What makes values: a token may hand on something else than what it is found by."),
        projected("q", "Queries, embeddings @ W_Q: what each token looks for."),
        projected("k", "Keys, embeddings @ W_K: what each token can be found by."),
        projected("v", "Values, embeddings @ W_V: what each token hands on once it is found."),
        whole(
            "scores",
            f"q @ kᵀ, one dot product for each query (row) and key (column): look at their size, they have a standard "
            f"deviation of {spread['scores']}.",
            Origin(kind="product", of=("q", "k"), transposed=True),
        ),
        whole(
            "scaled",
            f"The scores over sqrt(d_k) = {D_K**0.5:g}: the same picture, with a standard deviation of "
            f"{spread['scaled']}.",
            Origin(kind="ratio", of=("scores",), by=D_K**0.5, note="the square root of d_k."),
        ),
        whole(
            "pattern",
            f"softmax of each row of the scaled scores: read along a row to see where its token takes from; a row's "
            f"largest weight is {largest['pattern']} on average.",
            Origin(kind="softmax", of=("scaled",)),
            compare="unscaled_pattern",
        ),
        whole(
            "unscaled_pattern",
            f"softmax of the scores as they are: look how much of a row goes to a single key; its largest weight is "
            f"{largest['unscaled_pattern']} on average.",
            Origin(kind="softmax", of=("scores",)),
        ),
        part(
            "z",
            "pattern @ v: each row is the average of the values, weighted by that row of the pattern.",
            "d_v",
            Origin(kind="product", of=("pattern", "v")),
        ),
    )


def _claims(numbers: dict[str, Array]) -> tuple[Claim, ...]:
    pattern, z = numbers["pattern"], numbers["z"]
    rows = measure.row_sum_error(pattern)
    sums = measure.largest_difference(pattern.astype("float64") @ numbers["v"].astype("float64"), z)
    paths = measure.largest_difference(numbers["fast_z"], numbers["explicit_z"])
    shape = (len(pattern), numbers["v"].shape[1])
    return (
        claim("rows-sum-to-1", "Each row of the pattern sums to 1, within 1e-6.", rows, rows < 1e-6),
        claim("output-shape", "z has a row of d_v numbers for each query.", size(z), z.shape == shape),
        claim("weighted-sum", "Each row of z is the weighted sum of the values, within 1e-5.", sums, sums < 1e-5),
        claim(
            "same-on-fast-path",
            "The fast kernel gives the z of these steps, within 1e-5.",
            paths,
            paths < 1e-5,
        ),
        _quadratic(numbers),
        *(_scaling_claims(numbers) if len(z) > 1 else ()),
    )


def _quadratic(numbers: dict[str, Array]) -> Claim:
    counts = {len(scores): scores.size for scores in (numbers["half_scores"], numbers["scores"]) if len(scores)}
    return claim(
        "quadratic-scores",
        "n tokens need n² scores, so twice the tokens need four times as many.",
        ", ".join(f"{count:,} for {n}" for n, count in counts.items()),
        all(count == n * n for n, count in counts.items()),
    )


def _scaling_claims(numbers: dict[str, Array]) -> tuple[Claim, ...]:
    """What the scaling does; a single token has nothing to compare."""
    spread, scaled_spread = float(numbers["scores"].std()), float(numbers["scaled"].std())
    patterns = numbers["unscaled_pattern"], numbers["pattern"]
    sharp, even = (float(measure.entropy(pattern).mean()) for pattern in patterns)
    dead, alive = (float(measure.softmax_response(pattern).mean()) for pattern in patterns)
    root = D_K**0.5
    return (
        claim(
            "scale-of-scores",
            f"The scaling divides the scores' standard deviation by sqrt(d_k) = {root:g}.",
            f"{spread:.3f} to {scaled_spread:.3f}",
            abs(spread - root * scaled_spread) < 1e-4 * spread,
        ),
        claim(
            "sharper-without-scaling",
            "Without the scaling the rows are sharper: their mean entropy is lower.",
            f"{sharp:.3f} nats, with it {even:.3f}",
            sharp < even,
        ),
        claim(
            "saturated-without-scaling",
            "Without the scaling the softmax answers less to its scores: the mean trace of its Jacobian, "
            "the sum of p(1 - p) over a row, is smaller.",
            f"{dead:.3f}, with it {alive:.3f}",
            dead < alive,
        ),
    )
