"""flops(): every part against what torch's counter sees in a traced forward pass."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from studycli.engine import Cache, Config, Trace, Transformer
from studycli.engine.accounting import active_parameters
from studycli.engine.config import PRESETS
from studycli.engine.flops import flops, flops_per_token_decoding
from studycli.errors import EngineError
from tests.engine_models import CROSS, DECODERS, ENCODER, ENCODER_DECODERS, PLAIN, build, ids
from tests.unit.engine.test_accounting import configs

# The value that is put on the trace once a part is computed. The router is put alone, and its experts as `ffn.out`.
PARTS = {
    "attn.q": "projections",
    "attn.out": "projections",
    "attn.scores": "scores",
    "attn.z": "weighted_values",
    "cross_attn.q": "cross_projections",
    "cross_attn.out": "cross_projections",
    "cross_attn.scores": "cross_scores",
    "cross_attn.z": "cross_weighted_values",
    "ffn.hidden": "feed_forward",
    "ffn.out": "feed_forward",
    "ffn.router": "router",
    "logits": "unembedding",
}
# Tiled and linear attention go to and fro between these, so there only their sum can be seen.
MIXED = ("scores", "weighted_values", "state")


class Watch(Trace):
    """Credits each value put on it with what the counter has seen since the last one."""

    def __init__(self, counter: FlopCounterMode) -> None:
        super().__init__()
        self.counter, self.path, self.seen = counter, "", Counter[str]()

    def scope(self, name: str) -> Watch:
        inner = super().scope(name)
        assert isinstance(inner, Watch)
        inner.path = f"{self.path}{name}."
        return inner

    def put(self, name: str, x: torch.Tensor) -> torch.Tensor:
        self.seen[self.path + name] += self.counter.get_total_flops() - self.seen.total()
        return super().put(name, x)


def counted(run: Callable[[Watch], object]) -> Counter[str]:
    """The FLOPs of a run, by part."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        watch = Watch(counter)
        run(watch)
    assert watch.seen.total() == counter.get_total_flops() > 0
    parts: Counter[str] = Counter()
    for name, number in watch.seen.items():
        if number:
            of_block = re.sub(r"^(en|de)coder\.blocks\.\d+\.", "", name)
            parts[PARTS.get(of_block, "scores" if of_block.startswith("attn.") else name)] += number
    return parts


def comparable(config: Config, parts: dict[str, int]) -> Counter[str]:
    """Parts as far as the counter tells them apart, without those that are 0."""
    seen = Counter({name: number for name, number in parts.items() if number})
    if config.attention in ("tiled", "linear"):
        seen["scores"] = sum(seen.pop(name, 0) for name in MIXED)
    return seen


def check(model: Transformer, batch: int, seq: int, decoder_seq: int | None = None) -> None:
    config, vocab = model.config, model.config.vocab_size
    more = {} if decoder_seq is None else {"decoder_input_ids": ids(batch, decoder_seq, vocab=vocab)}
    seen = counted(lambda watch: model(ids(batch, seq, vocab=vocab), trace=watch, **more))
    assert comparable(config, flops(config, batch, seq, decoder_seq)) == comparable(config, seen)


@pytest.mark.parametrize("seq", [1, 7])
@pytest.mark.parametrize("name", DECODERS)
def test_decoders(name: str, seq: int) -> None:
    check(build(DECODERS[name]), 2, seq)


@pytest.mark.parametrize("seq", [1, 63, 64, 65, 150])
@pytest.mark.parametrize("architecture", ["encoder", "decoder"])
def test_linear_attention_in_blocks(architecture: str, seq: int) -> None:
    linear = replace(DECODERS["linear"], architecture=architecture, n_decoder_layers=None, position="none")
    check(build(linear), 2, seq)


@pytest.mark.parametrize("gated", [False, True])
def test_encoders(gated: bool) -> None:
    check(build(replace(ENCODER, gated=gated, pooler=True, n_labels=3)), 3, 5)


@pytest.mark.parametrize("name", ENCODER_DECODERS)
def test_encoder_decoders(name: str) -> None:
    check(build(ENCODER_DECODERS[name]), 2, 7, 4)


@settings(max_examples=60)
@given(configs(), st.integers(1, 3), st.integers(1, 6), st.integers(1, 6))
def test_any_model(config: Config, batch: int, seq: int, decoder_seq: int) -> None:
    check(Transformer(config), batch, seq, decoder_seq if config.architecture == "encoder-decoder" else None)


@pytest.mark.parametrize("past", [0, 1, 6])
@pytest.mark.parametrize("name", DECODERS)
def test_one_more_token_behind_a_cache(name: str, past: int) -> None:
    model = build(DECODERS[name])
    cache = model.cache(1, past + 1)
    if past:
        model(ids(1, past), cache=cache)
    seen = counted(lambda watch: model(ids(1, 1), cache=cache, trace=watch))
    assert comparable(model.config, flops_per_token_decoding(model.config, past)) == comparable(model.config, seen)


@pytest.mark.parametrize("name", ENCODER_DECODERS)
def test_one_more_token_that_looks_at_an_encoder(name: str) -> None:
    model = build(ENCODER_DECODERS[name])
    memory, cache = model.encode(ids(1, 7)), Cache(model.config, 1, 4, None, torch.float32)
    model.decode(ids(1, 3), memory=memory, cache=cache)

    def step(watch: Watch) -> None:
        hidden = model.decode(ids(1, 1), memory=memory, cache=cache, trace=watch)
        watch.put("logits", model.unembed(hidden))

    parts = flops_per_token_decoding(model.config, 3, memory=7)
    assert comparable(model.config, parts) == comparable(model.config, counted(step))


@pytest.mark.parametrize("name", ["gpt2", "llama-2-70b", "mixtral-8x7b"])
def test_two_flops_for_each_active_parameter_and_token(name: str) -> None:
    """The rule of thumb of Kaplan et al. 2020, section 2.1, and beside it every query with every key."""
    config, seq = PRESETS[name], 1024
    active = active_parameters(config)
    matrices = sum(active[part] for part in ("attention", "feed_forward", "router"))
    pairs = 4 * config.n_layers * seq * config.n_heads * config.head_size
    each = 2 * (matrices + config.d_model * config.vocab_size) + pairs
    assert sum(flops(config, 2, seq).values()) == pytest.approx(2 * seq * each, rel=1e-3)


def test_scores_and_values_cost_the_same_and_grow_with_the_square() -> None:
    short, long = flops(PLAIN, 1, 100), flops(PLAIN, 1, 200)
    assert short["scores"] == short["weighted_values"] == 2 * 2 * 24 * 100 * 100
    assert long["scores"] == 4 * short["scores"] and long["projections"] == 2 * short["projections"]


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: flops(PLAIN, 0, 3), "batch is 0"),
        (lambda: flops(PLAIN, 1, 0), "seq is 0"),
        (lambda: flops(CROSS, 1, 3), "needs decoder_seq"),
        (lambda: flops(CROSS, 1, 3, 0), "decoder_seq is 0"),
        (lambda: flops_per_token_decoding(ENCODER, 3), "an encoder cannot decode"),
        (lambda: flops_per_token_decoding(PLAIN, -1), "past is -1"),
    ],
)
def test_what_is_refused(run: Callable[[], object], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        run()
