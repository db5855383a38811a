"""The key/value cache: what each step of writing computes with it and without, and what it holds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos import measure, models, prompt
from studycli.demos.measure import Array
from studycli.demos.prompt import Prompt, spelled
from studycli.demos.steps import array, claim, step
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.cache import Cache
    from studycli.engine.config import Config
    from studycli.engine.loaded import Loaded
    from studycli.engine.model import Transformer

WAYS = ("cached", "whole")
_LIMIT = 32
_CLOSE = 1e-4
_MEGA, _KILO = 1e6, 1e3


@dataclass(frozen=True)
class Writing:
    """What was written one way: the ids, and of each step the logits (steps, vocab), the keys that each layer made,
    its time in seconds, and the bytes that the cache then holds.
    """

    ids: tuple[int, ...]
    logits: Array
    keys: tuple[int, ...]
    seconds: tuple[float, ...]
    held: tuple[int, ...]


@dataclass(frozen=True)
class Costs:
    """Floating-point operations of each step by way: of attention's two products alone, and of everything."""

    lengths: tuple[int, ...]
    attention: dict[str, tuple[int, ...]]
    everything: dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Held:
    """A cache's bytes beside the numbers that they follow from."""

    bytes: int
    layers: int
    kv_heads: int
    d_head: int
    tokens: int
    number_bytes: int


def kv_cache(inputs: Inputs) -> DemoResult:
    """The study-lm writes on, with a key/value cache and without.

    Raises UsageError for a text without words, MissingError where the device is not there.
    """
    from studycli.engine.device import choose

    device = choose(inputs.device)
    loaded = models.load(prompt.MODEL, device.type)
    given = prompt.read(inputs.text, loaded, _LIMIT)
    ids, tokens = given.tensor(loaded), inputs.integer("tokens")  # (1, seq)
    cache = loaded.model.cache(1, len(given.ids) + tokens - 1)  # the last token is never read
    cached, whole = _write(inputs, loaded.model, ids, tokens, cache), _write(inputs, loaded.model, ids, tokens)
    costs = _costs(loaded.model.config, len(given.ids), tokens)
    return DemoResult(
        demo="kv-cache",
        title="The key/value cache",
        inputs=given.described(inputs, device),
        steps=_steps(inputs, loaded, given, cached, whole, costs),
        claims=(
            *_same_claims(cached, whole),
            *_cost_claims(costs),
            *_bytes_claims(_held(loaded.model.config, cache), _llama()),
        ),
    )


def _write(inputs: Inputs, model: Transformer, ids: Tensor, tokens: int, cache: Cache | None = None) -> Writing:
    """So many of the likeliest tokens behind ids (1, seq), by passes over what the cache lacks: without one, over all.

    The trace is of the first layer's keys alone, so that it takes next to no time.
    """
    import torch

    written, logits, keys, seconds, held = [], [], [], [], []
    unread = ids  # (1, new)
    with torch.inference_mode():
        for _ in range(tokens):
            trace = inputs.trace("decoder.blocks.0.attn.k")
            start = time.perf_counter()
            hidden = model.decode(unread, cache=cache, trace=trace)  # (1, new, d_model)
            last = model.unembed(hidden[:, -1])  # (1, vocab)
            token = last.argmax(-1, keepdim=True)  # (1, 1)
            written.append(int(token))
            seconds.append(time.perf_counter() - start)
            keys.append(trace["decoder.blocks.0.attn.k"].shape[-2])
            held.append(0 if cache is None else _filled(cache))
            logits.append(last[0])
            unread = token if cache is not None else torch.cat((unread, token), dim=1)  # (1, new)
    return Writing(tuple(written), array(torch.stack(logits)), tuple(keys), tuple(seconds), tuple(held))


def _filled(cache: Cache) -> int:
    """Bytes of the keys and values that are in a cache, its free room left out."""
    return sum(x.narrow(2, 0, cache.length).numel() * x.element_size() for x in (*cache.keys, *cache.values))


def _costs(config: Config, read: int, tokens: int) -> Costs:
    """Steps that write so many tokens behind those that were read; the first step reads them, cache or not."""
    from studycli.engine.flops import flops, flops_per_token_decoding

    lengths = tuple(range(read, read + tokens))
    last = 2 * config.d_model * config.vocab_size  # a step needs the logits of its last token alone
    whole = [{**flops(config, 1, length), "unembedding": last} for length in lengths]
    cached = [whole[0], *(flops_per_token_decoding(config, past=length - 1) for length in lengths[1:])]
    parts = {"cached": cached, "whole": whole}
    return Costs(
        lengths=lengths,
        attention={way: tuple(part["scores"] + part["weighted_values"] for part in parts[way]) for way in WAYS},
        everything={way: tuple(sum(part.values()) for part in parts[way]) for way in WAYS},
    )


def _held(config: Config, cache: Cache) -> Held:
    return Held(
        bytes=cache.nbytes,
        layers=config.decoder_layers,
        kv_heads=config.kv_heads,
        d_head=config.head_size,
        tokens=cache.capacity,
        number_bytes=cache.keys[0].element_size(),
    )


def _llama() -> Held:
    """One token in 16 bits in a cache of Llama 2 7B's shape, which takes no memory here."""
    import torch

    from studycli.engine.cache import Cache
    from studycli.engine.config import PRESETS

    config = PRESETS["llama-2-7b"]
    return _held(config, Cache(config, 1, 1, "meta", torch.float16))


def _steps(
    inputs: Inputs, loaded: Loaded, given: Prompt, cached: Writing, whole: Writing, costs: Costs
) -> tuple[Step, ...]:
    rows = spelled(cached.ids, loaded)
    saved = sum(costs.everything["whole"]) / sum(costs.everything["cached"])
    attention = costs.attention["whole"][-1] / costs.everything["whole"][-1]
    labels = {"step": rows, "way": WAYS}

    def both(name: str, values: Sequence[Array], note: str, origin: str) -> Step:
        given = Origin(kind="given", note=origin)
        return step(name, np.stack(values, axis=1), note, ("step", "way"), (), labels=labels, origin=given)

    def per_step(of: dict[str, tuple[int, ...]]) -> list[Array]:
        return [np.array(of[way], dtype=np.float64) / _MEGA for way in WAYS]

    said = loaded.text(cached.ids)
    shown = [
        given.step(),
        both(
            "attention operations",
            per_step(costs.attention),
            f"Millions of floating-point operations for scores and weighted values of each step, in writing '{said}': "
            "cached, one query meets all keys; without the cache, all queries do.",
            "4 * layers * heads * d_head operations for each query and key: 2 for each multiply-add, in two products.",
        ),
        both(
            "operations",
            per_step(costs.everything),
            f"Millions of floating-point operations of the whole step: over all {len(rows)} steps the cache saves "
            f"{1 - 1 / saved:.0%}. The first step reads the text (prefill) and costs the same. Without the cache "
            f"attention is {attention:.0%} of the last step: the rest grows as the tokens do, not as their square.",
            "2 operations for each multiply-add of all matrix products in the step.",
        ),
    ]
    # An edit changes numbers; time changes at every run, so beside an edit it would only mislead.
    if inputs.edits is None:
        seconds = [np.array(writing.seconds) * _KILO for writing in (cached, whole)]
        note = "Milliseconds of each step, measured in this run: on a model this small much of it is overhead."
        shown.append(both("time", seconds, note, "Measured by a clock, so it differs from run to run."))
    shown.append(
        step(
            "cache",
            np.array(cached.held) / _KILO,
            "Kilobytes of keys and values in the cache after each step: each token adds the same, "
            f"{cached.held[-1] / costs.lengths[-1] / _KILO:.3g} kB.",
            ("step",),
            (),
            labels={"step": rows},
            origin=Origin(
                kind="given", note="2 * layers * key/value heads * d_head * tokens * bytes of a number, counted on it."
            ),
        )
    )
    return tuple(shown)


def _same_claims(cached: Writing, whole: Writing) -> tuple[Claim, ...]:
    apart = measure.largest_difference(cached.logits, whole.logits)
    same = sum(a == b for a, b in zip(cached.ids, whole.ids, strict=True))
    again = whole.keys
    return (
        claim(
            "cache-same-logits",
            f"With the cache each step's logits are those without it, within {_CLOSE:g}.",
            apart,
            apart < _CLOSE,
        ),
        claim(
            "cache-same-tokens",
            "With the cache the same tokens are written.",
            f"{same} of {len(whole.ids)}",
            same == len(whole.ids),
        ),
        claim(
            "cache-one-key-a-step",
            "With the cache, each step after the first computes the keys of one token; without it, of all tokens.",
            f"{cached.keys[-1]} and {again[-1]} in the last step",
            all(count == 1 for count in cached.keys[1:]) and again == tuple(range(again[0], again[0] + len(again))),
        ),
    )


def _cost_claims(costs: Costs) -> tuple[Claim, ...]:
    cached, whole = costs.attention["cached"], costs.attention["whole"]
    lengths = costs.lengths
    each = cached[-1] / lengths[-1]
    pair = whole[-1] / lengths[-1] ** 2
    return (
        claim(
            "cached-step-linear",
            "With the cache, the attention of a step takes operations in proportion to the n tokens so far.",
            f"{each:,.0f} n, from n = {lengths[1]} to {lengths[-1]}",
            all(count == each * n for n, count in zip(lengths[1:], cached[1:], strict=True)),
        ),
        claim(
            "whole-step-quadratic",
            "Without the cache, the attention of a step takes operations in proportion to n².",
            f"{pair:,.0f} n², from n = {lengths[0]} to {lengths[-1]}",
            all(count == pair * n**2 for n, count in zip(lengths, whole, strict=True)),
        ),
    )


def _bytes_claims(own: Held, llama: Held) -> tuple[Claim, ...]:
    return (
        claim(
            "cache-bytes-formula",
            "The cache holds 2 * layers * key/value heads * d_head * tokens numbers, 2 for keys and values.",
            f"{own.bytes:,} bytes, by the formula 2 * {own.layers} * {own.kv_heads} * {own.d_head} * {own.tokens} * "
            f"{own.number_bytes}",
            own.bytes == 2 * own.layers * own.kv_heads * own.d_head * own.tokens * own.number_bytes,
        ),
        claim(
            "llama-7b-cache-per-token",
            "A cache of the shape of Llama 2 7B takes half a mebibyte (524,288 bytes) a token in 16 bits.",
            f"{llama.bytes / llama.tokens:,.0f} bytes",
            llama.bytes / llama.tokens == 2**19,
        ),
    )
