"""Accounting: published sizes, and formulas against the parameters, caches and tensors that the engine makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from studycli.engine import Cache, Config, Trace, Transformer, attend
from studycli.engine.accounting import active_parameters, attention_memory, cache_bytes, parameters
from studycli.engine.config import PRESETS
from studycli.engine.tiled import tiled
from studycli.errors import EngineError
from tests.engine_models import CROSS, DECODERS, ENCODER, ENCODER_DECODERS, PLAIN, build, ids

# As published, or as Hugging Face counts them; BERT and T5 without a head of their own.
PUBLISHED = {
    "bert-base": 109_482_240,
    "bert-large": 335_141_888,
    "gpt2": 124_439_808,
    "gpt2-medium": 354_823_168,
    "gpt2-xl": 1_557_611_200,
    "llama-2-7b": 6_738_415_616,
    "llama-2-70b": 68_976_648_192,
    "mixtral-8x7b": 46_702_792_704,
    "t5-small": 60_506_624,
    "t5-base": 222_903_552,
}
FIRST_WORDS = {
    "W_E": "token_embedding",
    "unembedding": "unembedding",
    "pooler": "heads",
    "mlm": "heads",
    "classifier": "heads",
}
WORDS = {
    "W_pos": "position",
    "relative": "position",
    "W_segment": "segments",
    "attn": "attention",
    "cross_attn": "cross_attention",
    "ffn": "feed_forward",
}


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """Small models of every architecture, with any options that go together."""
    flag = st.booleans()
    architecture = draw(st.sampled_from(["encoder", "decoder", "encoder-decoder"]))
    kv_heads, group = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    norm_position = draw(st.sampled_from(["pre", "post"]))
    # A parallel block has no place for cross-attention.
    parallel = norm_position == "pre" and architecture != "encoder-decoder"
    residuals = ["sequential", "parallel", "parallel-shared-norm"] if parallel else ["sequential"]
    residual = draw(st.sampled_from(residuals))
    n_experts = draw(st.sampled_from([0, 0, 1, 3]))
    position = draw(st.sampled_from(["none", "learned", "sinusoidal", "rotary", "alibi", "relative"]))
    attentions = ["full", "tiled", "window", "sparse"] + ["linear"] * (position not in ("alibi", "relative"))
    encodes = architecture == "encoder"
    return Config(
        architecture=architecture, vocab_size=draw(st.integers(1, 9)), d_model=2 * draw(st.integers(1, 5)),
        n_layers=draw(st.integers(1, 3)), n_heads=kv_heads * group, n_kv_heads=kv_heads,
        d_head=2 * draw(st.integers(1, 4)), d_ff=draw(st.integers(int(bool(n_experts) or residual != "sequential"), 7)),
        n_decoder_layers=draw(st.integers(1, 3)) if architecture == "encoder-decoder" else None,
        max_length=draw(st.integers(80, 90)), norm=draw(st.sampled_from(["layer", "rms"])), norm_bias=draw(flag),
        norm_position=norm_position, embedding_norm=draw(flag), residual=residual,
        gated=draw(flag), ffn_bias=draw(flag) and not n_experts, n_experts=n_experts,
        experts_per_token=draw(st.integers(1, max(n_experts, 1))), attention=draw(st.sampled_from(attentions)),
        window=draw(st.integers(0, 3)), tile=draw(st.integers(1, 4)), qkv_bias=draw(flag),
        out_bias=draw(flag), tied=draw(flag), unembed_bias=draw(flag), n_segments=draw(st.integers(0, 2)),
        position=position, relative_buckets=draw(st.sampled_from([8, 12])),
        pooler=encodes and draw(flag), mlm_head=encodes and draw(flag),
        n_labels=draw(st.integers(0, 3)) if encodes else 0,
    )  # fmt: skip


def counted(config: Config) -> Counter[str]:
    """The parameters of a built model, by part, told apart by their names."""
    parts: Counter[str] = Counter()
    with torch.device("meta"):
        model = Transformer(config)
    for name, weights in model.named_parameters():
        words = name.split(".")
        if words[-1] == "W_router":
            part = "router"
        elif words[0] in FIRST_WORDS:
            part = FIRST_WORDS[words[0]]
        else:
            part = next((WORDS[word] for word in words if word in WORDS), "norms")
        parts[part] += weights.numel()
    return parts


@pytest.mark.parametrize("name", PRESETS)
def test_published_sizes(name: str) -> None:
    assert sum(parameters(PRESETS[name]).values()) == PUBLISHED[name]
    assert counted(PRESETS[name]) == Counter(parameters(PRESETS[name]))


def test_the_parts_of_gpt2() -> None:
    assert parameters(PRESETS["gpt2"]) == {
        "token_embedding": 50_257 * 768,
        "position": 1024 * 768,
        "segments": 0,
        "attention": 12 * (4 * 768 * 768 + 4 * 768),
        "cross_attention": 0,
        "feed_forward": 12 * (8 * 768 * 768 + 5 * 768),
        "router": 0,
        "norms": 25 * 2 * 768,
        "unembedding": 0,
        "heads": 0,
    }


@given(configs())
def test_every_part_of_any_model(config: Config) -> None:
    assert Counter(parameters(config)) == counted(config)


@pytest.mark.parametrize("config", [*DECODERS.values(), *ENCODER_DECODERS.values(), ENCODER])
def test_every_part_of_the_models_that_other_tests_use(config: Config) -> None:
    assert Counter(parameters(config)) == counted(config)


def test_of_eight_experts_two_serve_a_token() -> None:
    mixtral = PRESETS["mixtral-8x7b"]
    active = active_parameters(mixtral)
    assert sum(active.values()) == 12_879_925_248  # "13B active parameters" (Jiang et al. 2024)
    assert sum(active.values()) == sum(parameters(replace(mixtral, n_experts=2)).values()) + 32 * 4096 * (8 - 2)
    assert active_parameters(PLAIN) == parameters(PLAIN)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@given(configs(), st.integers(1, 3), st.integers(0, 9))
def test_bytes_of_any_cache(dtype: torch.dtype, config: Config, batch: int, capacity: int) -> None:
    cache = Cache(config, batch, capacity, "meta", dtype)
    assert cache_bytes(config, batch, capacity, dtype.itemsize) == cache.nbytes


def test_bytes_of_a_cache_with_an_encoder_in_it() -> None:
    config = replace(CROSS, n_decoder_layers=3, n_kv_heads=2)
    model = build(config)
    cache = model.cache(2, 5)
    model(ids(2, 7), decoder_input_ids=ids(2, 3), cache=cache)
    assert cache_bytes(config, 2, 5, 4, memory=7) == cache.nbytes


def test_bytes_of_the_cache_of_llama_2() -> None:
    # Half a megabyte a token with 32 key/value heads; 8 of 64 heads keep the larger model below that.
    assert cache_bytes(PRESETS["llama-2-7b"], 1, 1, 2) == 524_288
    assert cache_bytes(PRESETS["llama-2-70b"], 1, 1, 2) == 327_680
    assert cache_bytes(PRESETS["bert-base"], 1, 1, 2) == 0


class Largest(TorchDispatchMode):
    """Remembers the bytes of the largest tensor that any operation makes."""

    nbytes = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        self.nbytes = max(self.nbytes, *(x.nbytes for x in tree_leaves(made) if isinstance(x, torch.Tensor)), 0)
        return made


def drawn(config: Config, batch: int, seq: int, dtype: torch.dtype) -> list[torch.Tensor]:
    """q, k and v of one layer."""
    heads = (config.n_heads, config.kv_heads, config.kv_heads)
    return [torch.randn(batch, each, seq, config.head_size, dtype=dtype) for each in heads]


GROUPED = replace(PLAIN, n_kv_heads=2, d_head=2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("seq", [16, 150])
def test_scores_are_the_largest_tensor_of_exact_attention(seq: int, dtype: torch.dtype) -> None:
    with Largest() as largest:
        attend(*drawn(GROUPED, 3, seq, dtype), causal=True, trace=Trace())
    assert attention_memory(GROUPED, 3, seq, dtype.itemsize) == largest.nbytes


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize(("seq", "tile"), [(16, 8), (16, 100), (100, 7), (128, 32), (250, 64)])
def test_scores_of_a_tile_are_the_largest_tensor_of_tiled_attention(seq: int, tile: int, dtype: torch.dtype) -> None:
    with Largest() as largest:
        tiled(*drawn(GROUPED, 3, seq, dtype), causal=True, tile=tile)
    assert attention_memory(GROUPED, 3, seq, dtype.itemsize, tile=tile) == largest.nbytes


def test_memory_grows_with_the_square_of_the_length_or_not_at_all() -> None:
    gpt2 = PRESETS["gpt2"]
    assert attention_memory(gpt2, 1, 1024, 4) == 12 * 1024 * 1024 * 4 == 4 * attention_memory(gpt2, 1, 512, 4)
    assert attention_memory(gpt2, 1, 1024, 4, tile=64) == attention_memory(gpt2, 1, 512, 4, tile=64)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0, 8, 4), "batch is 0"), ((1, 0, 4), "seq is 0"), ((1, 8, 0), "dtype_bytes is 0"), ((1, 8, 4, 0), "tile is 0")],
)
def test_sizes_of_nothing_are_refused(arguments: tuple[int, ...], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        attention_memory(PLAIN, *arguments)


def test_a_cache_of_fewer_than_no_tokens_is_refused() -> None:
    with pytest.raises(EngineError, match="tokens is -1"):
        cache_bytes(PLAIN, 1, -1, 4)
