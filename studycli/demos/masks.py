"""Masks: four of them on the same scores, and what each leaves of the pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import measure
from studycli.demos.embedding import embed, projection
from studycli.demos.measure import Array
from studycli.demos.steps import WEIGHTS, array, claim, described, step, tokens_step
from studycli.demos.words import split
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studycli.demos.inputs import Inputs

D_MODEL = D_K = 64
PAD = "<pad>"
KINDS = ("causal", "bidirectional", "padding", "prefix")
_LONGEST = 6
_PADS = 2
_CAUSAL, _BIDIRECTIONAL, _PADDING, _PREFIX = range(len(KINDS))
_AXES = ("mask", "query", "key")


@dataclass(frozen=True)
class Row:
    """The tokens that are computed on: words, and padding behind them. The first `prefix` are the prompt."""

    tokens: tuple[str, ...]
    words: int

    @property
    def prefix(self) -> int:
        """Half of the words, at least one."""
        return (self.words + 1) // 2


def masks(inputs: Inputs) -> DemoResult:
    """The same scores under four masks.

    Raises UsageError for a text without tokens, MissingError where the device is not there.
    """
    from studycli.engine.device import choose

    words = split(inputs.text, _LONGEST)
    device = choose(inputs.device)
    row = Row((*words.tokens, *[PAD] * _PADS), len(words.tokens))
    numbers = _compute(inputs, row, device)
    return DemoResult(
        demo="masks",
        title="Attention masks",
        inputs=described(inputs, words, device, d_model=D_MODEL, d_k=D_K, padding=_PADS, prefix=row.prefix),
        steps=(tokens_step(words), *_steps(row, numbers)),
        claims=_claims(row, numbers),
    )


def _compute(inputs: Inputs, row: Row, device: torch.device) -> dict[str, Array]:
    """Every value by name: the masks in one pass, as if they were heads, so that they share queries and keys."""
    import torch

    from studycli.engine.attention import attend

    trace = inputs.trace()
    x = trace.put("embeddings", embed(row.tokens, D_MODEL, inputs.seed).to(device))  # (seq, d_model)
    q, k, v = (
        trace.put(name, x @ projection(name, D_MODEL, D_K, inputs.seed).to(device)) for name in "qkv"
    )  # (seq, d_k)
    allowed = _allowed(row, device)  # (mask, query, key)
    attend(q.expand(len(KINDS), -1, -1), k[None], v[None], mask=allowed, trace=trace)
    numbers = {name: array(value) for name, value in trace.items()}
    numbers["allowed"] = array(allowed).astype(np.int64)
    # What many write by mistake: a forbidden score becomes 0, by adding what cancels it.
    scaled = trace["scaled"][_CAUSAL]  # (query, key)
    bias = torch.where(allowed[_CAUSAL], 0.0, -scaled)  # (query, key)
    zeroed = inputs.trace("zeroed.*")
    attend(q, k, v, bias=bias, trace=zeroed.scope("zeroed"))
    numbers |= {f"zeroed {name}": array(zeroed[f"zeroed.{name}"]) for name in ("biased", "pattern")}
    numbers["alone_z"] = array(attend(*(x[: row.prefix] for x in (q, k, v))))
    numbers["changed_z"] = array(_with_another_end(q, k, v, allowed))
    return numbers


def _allowed(row: Row, device: torch.device) -> Tensor:
    """True where a query may look at a key, (mask, query, key)."""
    import torch

    from studycli.engine.attention import causal_mask

    n = len(row.tokens)
    every, causal = torch.ones(n, n, dtype=torch.bool), causal_mask(n, n)  # (query, key) both
    at = torch.arange(n)  # (key)
    return torch.stack((causal, every, every & (at < row.words), causal | (at < row.prefix))).to(device)


def _with_another_end(q: Tensor, k: Tensor, v: Tensor, allowed: Tensor) -> Tensor:
    """z (mask, query, d_v) where the last token's query, key and value have the other sign."""
    from studycli.engine.attention import attend
    from studycli.engine.trace import Trace

    q, k, v = (x.clone() for x in (q, k, v))
    for x in (q, k, v):
        x[-1] *= -1
    # Traced, so that it takes the same path as what it is compared with.
    return attend(q.expand(len(KINDS), -1, -1), k[None], v[None], mask=allowed, trace=Trace())  # (mask, query, d_v)


def _steps(row: Row, numbers: dict[str, Array]) -> tuple[Step, ...]:
    def pair(name: str, values: Array, note: str, origin: Origin, *, preview: bool = False) -> Step:
        return step(name, values, note, ("query", "key"), row.tokens, origin=origin, preview=preview)

    def kinds(name: str, note: str, origin: Origin, *, preview: bool = False) -> Step:
        labels = {"mask": KINDS}
        return step(name, numbers[name], note, _AXES, row.tokens, origin=origin, labels=labels, preview=preview)

    return (
        *_projections(row, numbers),
        pair(
            "scores",
            numbers["scores"][_BIDIRECTIONAL],
            "q @ kᵀ, one dot product for each query (row) and key (column), before any mask.",
            Origin(kind="product", of=("q", "k"), transposed=True),
            preview=True,
        ),
        pair(
            "scaled",
            numbers["scaled"][_BIDIRECTIONAL],
            f"The scores over sqrt(d_k) = {D_K**0.5:g}: all four masks get these same numbers.",
            Origin(kind="ratio", of=("scores",), by=D_K**0.5),
        ),
        kinds(
            "allowed",
            "1 where a query (row) may look at a key (column): causal, up to itself; bidirectional, everywhere; "
            f"padding, at the words alone; prefix, at the first {row.prefix} from everywhere, and up to itself.",
            Origin(kind="given", note="The mask's rule: 1 where this query may look at this key."),
        ),
        kinds(
            "masked",
            "The scores where the mask allows them, minus infinity elsewhere: with the causal mask every row has one "
            "number more than the row above.",
            Origin(kind="masked", of=("scaled", "allowed")),
            preview=True,
        ),
        kinds(
            "pattern",
            "softmax of each row: what was forbidden has no weight at all, and the rest of its row shares it.",
            Origin(kind="softmax", of=("masked",)),
        ),
        pair(
            "zeroed scores",
            numbers["zeroed biased"],
            "A frequent mistake: what the causal mask forbids is set to 0 instead of minus infinity.",
            Origin(kind="given", note="The scaled score where the causal mask allows it, else 0."),
            preview=True,
        ),
        pair(
            "zeroed pattern",
            numbers["zeroed pattern"],
            f"What comes of the mistake: e^0 is 1, not 0, so later tokens keep {_leak(numbers):.0%} of all weight; "
            "look above the diagonal.",
            Origin(kind="softmax", of=("zeroed scores",)),
        ),
    )


def _projections(row: Row, numbers: dict[str, Array]) -> tuple[Step, ...]:
    def part(name: str, note: str) -> Step:
        origin = Origin(kind="given", note=f"A row of embeddings times a column of W_{name.upper()}; both are random.")
        return step(name, numbers[name], note, ("token", "d_k"), row.tokens, preview=True, origin=origin)

    return (
        part(
            "q",
            f"Queries of random word vectors with positions, by weights that are {WEIGHTS}. {_PADS} tokens of padding "
            "stand behind the words, as in a batch with a longer text.",
        ),
        part("k", "Keys, in the same way: padding has one too, so nothing but a mask keeps others from looking at it."),
    )


def _leak(numbers: dict[str, Array]) -> float:
    """The share of all weight that later tokens get where forbidden scores are 0."""
    pattern = numbers["zeroed pattern"]
    return float(np.triu(pattern, 1).sum() / len(pattern))


def _claims(row: Row, numbers: dict[str, Array]) -> tuple[Claim, ...]:
    allowed, masked, pattern = numbers["allowed"] > 0, numbers["masked"], numbers["pattern"]
    rows = measure.row_sum_error(pattern)
    later = float(np.triu(pattern[_CAUSAL], 1).max())
    n, pairs = len(row.tokens), int((pattern[_CAUSAL] > 0).sum())
    forbidden = ~allowed
    closed = bool(np.isneginf(masked[forbidden]).all() and (pattern[forbidden] == 0).all())
    leak = _leak(numbers)
    return (
        claim("rows-sum-to-1", "Each row of the pattern sums to 1, within 1e-6.", rows, rows < 1e-6),
        claim("causal-no-later-weight", "A causal mask leaves no weight at all on later tokens.", later, later == 0),
        claim(
            "causal-pairs", "A causal mask leaves n(n + 1)/2 of the n² pairs of query and key a weight above 0.",
            f"{pairs} of {n * n} for n = {n}", pairs == n * (n + 1) // 2,
        ),
        claim(
            "masked-is-minus-infinity",
            "A masked score is minus infinity before the softmax, and its weight exactly 0 after it.",
            f"{int(np.isneginf(masked[forbidden]).sum())} scores, {int((pattern[forbidden] == 0).sum())} weights",
            closed,
        ),
        claim(
            "zero-is-no-mask",
            "Scores set to 0 instead of minus infinity leave weight on the tokens that were to be hidden.",
            f"{leak:.1%} of all weight", leak > 0.01,
        ),
        *_padding_and_prefix(row, numbers),
    )  # fmt: skip


def _padding_and_prefix(row: Row, numbers: dict[str, Array]) -> tuple[Claim, ...]:
    pattern, z, changed = numbers["pattern"], numbers["z"], numbers["changed_z"]
    pads = [float(pattern[kind][:, row.words :].sum(axis=-1).mean()) for kind in (_PADDING, _BIDIRECTIONAL)]
    hidden, open_ = (measure.largest_difference(z[kind][:-1], changed[kind][:-1]) for kind in (_CAUSAL, _BIDIRECTIONAL))
    within = measure.largest_difference(z[_PREFIX][: row.prefix], numbers["alone_z"])
    after = measure.largest_difference(pattern[_PREFIX][row.prefix :], pattern[_CAUSAL][row.prefix :])
    return (
        claim(
            "padding-no-weight", "A padding mask leaves padding no weight, which it would get without the mask.",
            f"{pads[0]:g}, without the mask {pads[1]:.1%}", pads[0] == 0 < pads[1],
        ),
        claim(
            "later-token-no-effect",
            "Under a causal mask a change of the last token changes no earlier output; without a mask it does.",
            f"{hidden:.1e}, without a mask {open_:.3f}", hidden < 1e-6 < open_,
        ),
        claim(
            "prefix-both-ways",
            "A prefix mask is bidirectional attention within the prefix and a causal mask after it, within 1e-5.",
            f"{within:.1e} and {after:.1e}", within < 1e-5 and after < 1e-5,
        ),
    )  # fmt: skip
