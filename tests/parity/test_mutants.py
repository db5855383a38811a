"""Deliberate errors, each of which the parity test must reject: what it lets pass, it does not test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor

from studycli.engine import Config, Trace, Transformer, attend, multi_head
from studycli.engine import model as model_module
from studycli.engine.convert import read
from tests import hugging_face
from tests.parity.test_forward import assert_equal, computed, expected

if TYPE_CHECKING:
    from tests.parity.conftest import Pair

Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class Mutant:
    """An error in the config, in how tensors are placed, or in the code (a change to a model, or to a module)."""

    family: str
    config: Mapping[str, Any] = field(default_factory=dict)
    tensors: Callable[[Tensors, Config], None] = lambda tensors, config: None
    code: Callable[[pytest.MonkeyPatch, Transformer], None] = lambda patch, model: None
    padding: str = "none"


def each(ending: str, change: Callable[[Tensor, Config], Tensor]) -> Callable[[Tensors, Config], None]:
    """Change every tensor whose name ends so."""

    def apply(tensors: Tensors, config: Config) -> None:
        names = [name for name in tensors if name.endswith(ending)]
        assert names
        for name in names:
            tensors[name] = change(tensors[name], config)

    return apply


def both(*changes: Callable[[Tensors, Config], None]) -> Callable[[Tensors, Config], None]:
    def apply(tensors: Tensors, config: Config) -> None:
        for change in changes:
            change(tensors, config)

    return apply


def swap_queries_and_keys(x: Tensor, config: Config) -> Tensor:
    q, k, v = x.chunk(3, dim=-1)
    return torch.cat((k, q, v), dim=-1)


def swap_halves(x: Tensor, config: Config) -> Tensor:
    return torch.cat(x.chunk(2, dim=-1)[::-1], dim=-1)


def swap_norms(tensors: Tensors, config: Config) -> None:
    for name in [name for name in tensors if ".norm1." in name]:
        other = name.replace("norm1", "norm2")
        tensors[name], tensors[other] = tensors[other], tensors[name]


def zero(x: Tensor, config: Config) -> Tensor:
    return torch.zeros_like(x)


def heads_by_turns(x: Tensor, config: Config) -> Tensor:
    """Query heads in the order in which they would stand if key heads served them by turns."""
    queries, rest = x.split((config.n_heads * config.head_size, x.shape[-1] - config.n_heads * config.head_size), -1)
    grouped = queries.reshape(*x.shape[:-1], config.kv_heads, -1, config.head_size)
    return torch.cat((grouped.transpose(-3, -2).flatten(-3), rest), dim=-1)


def shifted_mask(by: int) -> Callable[[pytest.MonkeyPatch, Transformer], None]:
    def wrong(q: Tensor, k: Tensor, v: Tensor, *, causal: bool, mask: Tensor | None, **rest: Any) -> Tensor:
        assert causal and mask is None
        n = q.shape[-2]
        return attend(q, k, v, mask=torch.ones(n, n, dtype=torch.bool).tril(by), **rest)

    def apply(patch: pytest.MonkeyPatch, model: Transformer) -> None:
        for module in model.modules():
            if isinstance(module, multi_head.MultiHeadAttention):
                module.attend = wrong

    return apply


def naive_slopes(patch: pytest.MonkeyPatch, model: Transformer) -> None:
    def slopes(n_heads: int, max_bias: float) -> Tensor:
        return 2.0 ** (-max_bias * torch.arange(1, n_heads + 1) / n_heads)

    patch.setattr(model_module, "alibi_slopes", slopes)


def bias_of_the_other_side(patch: pytest.MonkeyPatch, model: Transformer) -> None:
    assert model.decoder is not None
    model.decoder.decoder = False  # its relative positions then count as an encoder's


def ignore_padding(patch: pytest.MonkeyPatch, model: Transformer) -> None:
    patch.setattr(model_module.inputs, "key_mask", lambda given, shape, device: None)


def late_positions(patch: pytest.MonkeyPatch, model: Transformer) -> None:
    positions = model_module.inputs.positions
    patch.setattr(model_module.inputs, "positions", lambda *given: tuple(x + 1 for x in positions(*given)))


MUTANTS = {
    "erf for tanh GELU": Mutant("gpt2", {"activation": "gelu"}),
    "tanh for erf GELU": Mutant("gpt-neox", {"activation": "gelu_tanh"}),
    "ReLU for gated GELU": Mutant("t5-v1.1", {"activation": "relu"}),
    "Q and K swapped": Mutant(
        "gpt2", tensors=both(each("W_QKV", swap_queries_and_keys), each("b_QKV", swap_queries_and_keys))
    ),
    "missing 1/sqrt(d_head)": Mutant("gpt2", {"attention_scale": 1.0}),
    "1/sqrt(d_head) where there is none": Mutant("t5-v1.0", {"attention_scale": None}),
    "scale by d_model": Mutant("llama", {"attention_scale": 32**-0.5}),
    "interleaved for half rotary": Mutant("llama", {"rotary_style": "interleaved"}),
    "half for interleaved rotary": Mutant("gpt-j", {"rotary_style": "half"}),
    "full for partial rotary": Mutant("gpt-neox", {"rotary_dim": None}),
    "wrong rotary base": Mutant("llama", {"rotary_base": 500_000.0}),
    "unscaled rotary": Mutant("llama-llama3-rope", {"rotary_scaling": None}),
    "sequential for parallel residual": Mutant("gpt-neox", {"residual": "sequential"}),
    "parallel for sequential residual": Mutant("gpt2", {"residual": "parallel"}),
    "gate and up swapped": Mutant("llama", tensors=each("W_in", swap_halves)),
    "gate and up swapped in experts": Mutant("mixtral", tensors=each("W_in", swap_halves)),
    "dropped query and value biases": Mutant("gpt2", tensors=each("b_QKV", zero)),
    "dropped output biases": Mutant("gpt2", tensors=each("b_O", zero)),
    "dropped biases into the feed-forward": Mutant("gpt2", tensors=each("b_in", zero)),
    "dropped biases out of the feed-forward": Mutant("gpt2", tensors=each("b_out", zero)),
    "dropped norm biases": Mutant("gpt2", tensors=each("norm1.b", zero)),
    "dropped output layer bias": Mutant("gpt-j", tensors=each("b_U", zero)),
    "swapped norms": Mutant("gpt2", tensors=swap_norms),
    "swapped norms, parallel": Mutant("falcon-40b", tensors=swap_norms),
    "one norm for two": Mutant("falcon-40b", {"residual": "parallel-shared-norm"}),
    "pre-norm for post-norm": Mutant(
        "bert",
        {"norm_position": "pre"},
        tensors=lambda tensors, config: tensors.update(
            {"encoder.final_norm.w": torch.ones(config.d_model), "encoder.final_norm.b": torch.zeros(config.d_model)}
        ),
    ),
    "LayerNorm for RMSNorm": Mutant("llama", {"norm": "layer", "norm_bias": False}),
    "naive ALiBi slopes": Mutant("bloom", code=naive_slopes),
    "wrong epsilon, LayerNorm": Mutant("gpt2", {"norm_eps": 1e-6}),
    "wrong epsilon, RMSNorm": Mutant("llama", {"norm_eps": 1e-6}),
    "wrong epsilon, post-norm": Mutant("bert", {"norm_eps": 1e-5}),
    "causal mask off by one, ahead": Mutant("gpt2", code=shifted_mask(1)),
    "causal mask off by one, behind": Mutant("gpt2", code=shifted_mask(-1)),
    "window off by one": Mutant("mixtral-window", {"window": 5}),
    "key heads serve by turns": Mutant("llama", tensors=each("W_QKV", heads_by_turns)),
    "encoder's relative positions in the decoder": Mutant("t5-v1.0", code=bias_of_the_other_side),
    "unscaled logits": Mutant("t5-v1.0", {"logit_scale": 1.0}),
    "scaled logits": Mutant("t5-v1.1", {"logit_scale": 32**-0.5}),
    "padding not masked": Mutant("bert", code=ignore_padding, padding="right"),
    "positions from 1": Mutant("gpt2", code=late_positions),
    "one expert for two": Mutant("mixtral", {"experts_per_token": 1}),
    "experts in another order": Mutant("mixtral", tensors=each("W_router", lambda x, config: x.roll(1, -1))),
    "unclipped queries": Mutant("mpt-clipped", {"clip_qkv": None}),
}


def mutated(pair: Pair, mutant: Mutant, patch: pytest.MonkeyPatch) -> Transformer:
    config, tensors = read(pair.folder)
    wrong = replace(config, **mutant.config)
    mutant.tensors(tensors, config)
    model = Transformer(wrong).eval()
    places = dict(model.named_parameters())
    model.load_state_dict({name: x for name, x in tensors.items() if name in places})
    mutant.code(patch, model)
    return model


@pytest.mark.parametrize("path", ["fast", "traced"])
@pytest.mark.parametrize("name", MUTANTS)
def test_the_parity_test_rejects(
    pairs: Callable[..., Pair], name: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant = MUTANTS[name]
    pair = pairs(mutant.family)
    batch = hugging_face.batch(pair.theirs, mutant.padding)
    theirs = expected(pair.theirs, batch)
    more = {"trace": Trace()} if path == "traced" else {}
    healthy = mutated(pair, Mutant(mutant.family), monkeypatch)
    assert_equal(computed(mutant.family, healthy, batch, **more), theirs, batch)
    wrong = mutated(pair, mutant, monkeypatch)
    with pytest.raises(AssertionError, match="not close"):
        assert_equal(computed(mutant.family, wrong, batch, **more), theirs, batch)


def test_a_mask_shifted_by_nothing_is_no_error(pairs: Callable[..., Pair], monkeypatch: pytest.MonkeyPatch) -> None:
    """How the shifted masks above come in changes nothing by itself."""
    pair = pairs("gpt2")
    batch = hugging_face.batch(pair.theirs)
    same = mutated(pair, Mutant("gpt2", code=shifted_mask(0)), monkeypatch)
    assert_equal(computed("gpt2", same, batch), expected(pair.theirs, batch), batch)
