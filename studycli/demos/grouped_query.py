"""Grouped-query attention: query heads that share keys and values, and what the cache saves by it."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import measure
from studycli.demos.embedding import NOTE as EMBEDDING_NOTE
from studycli.demos.embedding import embed
from studycli.demos.measure import Array
from studycli.demos.multi_head import DIFFERENT
from studycli.demos.shared_heads import D_HEAD, D_MODEL, N_HEADS, Cost, copied, multi_head, pooled, run
from studycli.demos.steps import WEIGHTS, array, claim, described, step, tokens_step
from studycli.demos.words import Words, split
from studycli.errors import UsageError
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs
    from studycli.engine.trace import Trace

KINDS = ("multi-head", "grouped", "multi-query")
LLAMA = "llama-2-70b"
_LIMIT = 16
_CLOSE = 1e-5


def grouped_query(inputs: Inputs) -> DemoResult:
    """Multi-head, grouped-query and multi-query attention over the tokens of a text.

    Raises UsageError for a text without tokens and for groups that the heads don't divide into, MissingError where
    the device is not there.
    """
    from studycli.engine.device import choose
    from studycli.engine.trace import Trace

    groups = _checked(inputs.integer("groups"))
    words = split(inputs.text, _LIMIT)
    device = choose(inputs.device)
    x = embed(words.tokens, D_MODEL, inputs.seed).to(device)  # (seq, d_model)
    full = multi_head(inputs.seed, x)
    grouped, trace = pooled(full, groups), inputs.trace()
    of_grouped = run(grouped, trace.put("embeddings", x), trace)
    numbers = _numbers(trace) | {"copied out": array(copied(full, grouped)(x))}
    others = [run(layer, x, Trace("pattern")) for layer in (full, pooled(full, 1))]
    costs = dict(zip(KINDS, (others[0], of_grouped, others[1]), strict=True))
    return DemoResult(
        demo="grouped-query",
        title="Grouped-query attention",
        inputs=described(inputs, words, device, d_model=D_MODEL, n_heads=N_HEADS, groups=groups),
        steps=_steps(words, numbers, costs),
        claims=_claims(numbers, costs),
    )


def _checked(groups: int) -> int:
    if N_HEADS % groups:
        fitting = ", ".join(str(count) for count in range(1, N_HEADS + 1) if N_HEADS % count == 0)
        raise UsageError(f"{N_HEADS} query heads don't divide into {groups} groups", hint=f"groups may be {fitting}")
    return groups


def _numbers(trace: Trace) -> dict[str, Array]:
    """The values of a pass by name; of keys and values (kv_heads, token, d_head), those that each query head reads."""
    numbers = {name: array(value if name == "embeddings" else value[0]) for name, value in trace.items()}
    served = N_HEADS // len(numbers["k"])
    numbers["keys read"] = np.repeat(numbers["k"], served, axis=0)  # (heads, token, d_head)
    return numbers


def _reads(numbers: dict[str, Array]) -> tuple[list[int], float]:
    """For each query head the key head that its scores come from, found by trying all, and how far they are off."""
    found, worst = [], 0.0
    for q, scores in zip(numbers["q"].astype(np.float64), numbers["scores"], strict=True):
        off = [measure.largest_difference(q @ k.T, scores) for k in numbers["k"].astype(np.float64)]
        found.append(int(np.argmin(off)))
        worst = max(worst, min(off))
    return found, worst


def _steps(words: Words, numbers: dict[str, Array], costs: dict[str, Cost]) -> tuple[Step, ...]:
    groups, served = len(numbers["k"]), N_HEADS // len(numbers["k"])

    def part(name: str, note: str, axes: tuple[str, ...], origin: Origin) -> Step:
        return step(name, numbers[name], note, axes, words.tokens, preview=True, origin=origin)

    heads = ("head", "token", "d_head")
    shared = "one for each" if served == 1 else f"shared by {served} heads each"
    return (
        tokens_step(words),
        part(
            "embeddings",
            EMBEDDING_NOTE,
            ("token", "d_model"),
            Origin(kind="given", note="A random vector for the word plus the encoding of its position."),
        ),
        part(
            "q",
            f"Queries of {N_HEADS} heads, as in multi-head attention. The weights are {WEIGHTS}.",
            heads,
            Origin(kind="given", note="The embeddings times the columns of W_Q that belong to the head."),
        ),
        part(
            "keys read",
            f"The keys as each query head reads them: there are {groups} key/value heads, {shared}, and no other.",
            heads,
            Origin(kind="given", note="The embeddings times the columns of W_K that belong to the head's group."),
        ),
        part(
            "scores",
            "q @ kᵀ, every query head by itself, with the keys of its group.",
            ("head", "query", "key"),
            Origin(kind="product", of=("q", "keys read"), transposed=True),
        ),
        part(
            "scaled",
            f"The scores over sqrt(d_head) = {D_HEAD**0.5:g}.",
            ("head", "query", "key"),
            Origin(kind="ratio", of=("scores",), by=D_HEAD**0.5),
        ),
        step(
            "read from",
            np.array([_reads(numbers)[0]]),
            "Which key/value head each query head reads, found by trying which of them gives its scores: look for runs "
            "of the same number.",
            ("kind", "head"),
            (),
            labels={"kind": ("grouped",)},
            origin=Origin(kind="given", note="The key/value head whose dot products with q are the head's scores."),
        ),
        step(
            "pattern",
            numbers["pattern"],
            f"softmax of each row, with {groups} key/value heads: heads that share keys differ by their queries.",
            ("head", "query", "key"),
            words.tokens,
            origin=Origin(kind="softmax", of=("scaled",)),
        ),
        _cost_step(words, costs),
    )


def _cost_step(words: Words, costs: dict[str, Cost]) -> Step:
    table = [[cost.kv_heads, cost.cache_bytes, cost.parameters] for cost in costs.values()]
    return step(
        "cost",
        np.array(table),
        f"Key/value heads, bytes of the cache for {len(words.tokens)} tokens, and numbers to learn, of each kind: look "
        "how the bytes fall with the heads.",
        ("kind", "count"),
        (),
        labels={"kind": KINDS, "count": ("heads", "bytes", "params")},
        origin=Origin(kind="given", note="Counted on the layer and on the cache that it filled."),
    )


def _claims(numbers: dict[str, Array], costs: dict[str, Cost]) -> tuple[Claim, ...]:
    return (
        *_cost_claims(costs),
        _shared_keys(numbers),
        _copied_claim(numbers),
        _llama_claim(*_llama_bytes()),
    )


def _cost_claims(costs: dict[str, Cost]) -> tuple[Claim, ...]:
    full = costs["multi-head"]
    return (
        claim(
            "cache-follows-kv-heads",
            "With n_kv_heads of n_heads, the cache takes n_kv_heads / n_heads of the bytes of multi-head attention.",
            ", ".join(f"{cost.cache_bytes:,} with {cost.kv_heads}" for cost in costs.values()),
            all(cost.cache_bytes * N_HEADS == full.cache_bytes * cost.kv_heads for cost in costs.values()),
        ),
        *_patterns_claim(costs),
        claim(
            "grouped-parameters",
            "Each key/value head that is left out saves 2 * d_model * d_head parameters.",
            ", ".join(f"{full.parameters - cost.parameters:,} saved" for cost in costs.values()),
            all(
                full.parameters - cost.parameters == 2 * D_MODEL * D_HEAD * (N_HEADS - cost.kv_heads)
                for cost in costs.values()
            ),
        ),
    )


def _patterns_claim(costs: dict[str, Cost]) -> list[Claim]:
    """Over at least two tokens: with one, every weight is 1."""
    if costs["multi-head"].pattern.shape[-1] < 2:
        return []
    least = {
        kind: min(measure.total_variation(a, b) for a, b in combinations(cost.pattern, 2))
        for kind, cost in costs.items()
    }
    heads = [len(cost.pattern) for cost in costs.values()]
    return [
        claim(
            "query-heads-stay",
            "Grouped-query and multi-query attention keep all query heads, each with a pattern of its own: any two put "
            f"more than {DIFFERENT:.0%} of their weight on different keys.",
            f"{', '.join(map(str, heads))}; for the two most alike {', '.join(f'{one:.1%}' for one in least.values())}",
            all(count == N_HEADS for count in heads) and min(least.values()) > DIFFERENT,
        )
    ]


def _shared_keys(numbers: dict[str, Array]) -> Claim:
    found, off = _reads(numbers)
    served = N_HEADS // len(numbers["k"])
    return claim(
        "group-shares-keys",
        "All heads of a group read the very same keys, those of no other group.",
        f"heads 0 to {N_HEADS - 1} read {', '.join(map(str, found))}",
        off < _CLOSE and found == [head // served for head in range(N_HEADS)],
    )


def _copied_claim(numbers: dict[str, Array]) -> Claim:
    apart = measure.largest_difference(numbers["out"], numbers["copied out"])
    return claim(
        "grouped-is-multi-head-with-copies",
        f"Multi-head attention whose key/value heads are copies within each group gives the same output, within "
        f"{_CLOSE:g}.",
        apart,
        apart < _CLOSE,
    )


def _llama_bytes() -> tuple[int, int]:
    """Bytes of a token in 16 bits in the cache of Llama 2 70B's shape, and of that with as many key/value as query
    heads. They are real caches, on a device without memory.
    """
    import torch

    from studycli.engine.cache import Cache
    from studycli.engine.config import PRESETS

    config = PRESETS[LLAMA]
    whole = replace(config, n_kv_heads=config.n_heads)
    own, full = (Cache(each, 1, 1, "meta", torch.float16).nbytes for each in (config, whole))
    return own, full


def _llama_claim(own: int, full: int) -> Claim:
    return claim(
        "llama-70b-cache-8-times-less",
        "In the shape of Llama 2 70B, with 8 key/value heads for 64 query heads, the cache takes 8 times less a token.",
        f"{own:,} bytes, with 64 it would be {full:,}",
        own * 8 == full,
    )
