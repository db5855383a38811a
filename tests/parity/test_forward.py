"""Forward passes equal Hugging Face's, to 1e-5 in float32, with the kernel and with a trace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from studycli.engine import Trace, load_pretrained
from studycli.errors import EngineError
from tests import hugging_face
from tests.hugging_face import DECODERS, ENCODERS, FAMILIES, Batch

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from studycli.engine import Transformer
    from tests.parity.conftest import Pair

CASES = [
    (family, padding)
    for family in FAMILIES
    for padding in ("none", "right", "left")
    if padding != "left" or family in DECODERS
]


@torch.no_grad()
def expected(theirs: PreTrainedModel, batch: Batch, **more: Tensor) -> Tensor:
    """Logits, of whatever the model's head gives, or the last hidden state where it has none."""
    output = theirs(**batch.inputs, **more)
    return output.logits if "logits" in output else output.last_hidden_state


@torch.no_grad()
def computed(family: str, ours: Transformer, batch: Batch, **more: object) -> Tensor:
    forward = {"bert-mlm": ours.mlm_logits, "bert-classifier": ours.classify}.get(family, ours)
    inputs = batch.inputs
    return forward(inputs.pop("input_ids"), **inputs, **more)


def assert_equal(ours: Tensor, theirs: Tensor, batch: Batch) -> None:
    """To 1e-5, wherever the output belongs to a position that is kept, or to none."""
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    kept = batch.kept_targets if theirs.dim() == 3 else slice(None)
    torch.testing.assert_close(ours[kept], theirs[kept], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("path", ["fast", "traced"])
@pytest.mark.parametrize(("family", "padding"), CASES)
def test_the_output_is_theirs(pairs: Callable[..., Pair], family: str, padding: str, path: str) -> None:
    pair = pairs(family)
    batch = hugging_face.batch(pair.theirs, padding)
    more = {"trace": Trace()} if path == "traced" else {}
    assert_equal(computed(family, pair.ours, batch, **more), expected(pair.theirs, batch), batch)


@pytest.mark.parametrize("path", ["fast", "traced"])
@pytest.mark.parametrize("family", ENCODERS)
def test_segments(pairs: Callable[..., Pair], family: str, path: str) -> None:
    pair = pairs(family)
    batch = hugging_face.batch(pair.theirs, "right")
    kinds = pair.theirs.config.type_vocab_size
    segment_ids = torch.randint(kinds, batch.input_ids.shape, generator=torch.Generator().manual_seed(1))
    theirs = expected(pair.theirs, batch, token_type_ids=segment_ids)
    assert not theirs.allclose(expected(pair.theirs, batch), atol=1e-2)
    more = {"trace": Trace()} if path == "traced" else {}
    assert_equal(computed(family, pair.ours, batch, segment_ids=segment_ids, **more), theirs, batch)


@pytest.mark.parametrize("family", ["bert-mlm", "bert-classifier"])
def test_a_model_with_a_head_gives_its_hidden_state_too(pairs: Callable[..., Pair], family: str) -> None:
    pair = pairs(family)
    batch = hugging_face.batch(pair.theirs, "right")
    assert_equal(computed("bert", pair.ours, batch), expected(pair.theirs.bert, batch), batch)


@pytest.mark.parametrize("path", ["fast", "traced"])
@pytest.mark.parametrize("family", ["gpt2", "gpt-bigcode", "llama", "mixtral", "falcon-40b", "gpt-neox", "gpt-j"])
def test_positions_may_be_given(pairs: Callable[..., Pair], family: str, path: str) -> None:
    """As in batched generation, where each row counts from its first token."""
    pair = pairs(family)
    batch = hugging_face.batch(pair.theirs, "left")
    position_ids = (batch.kept.long().cumsum(-1) - 1).clamp(min=0) + torch.tensor([[0], [3], [11]])  # (batch, seq)
    more = {"trace": Trace()} if path == "traced" else {}
    ours = computed(family, pair.ours, batch, position_ids=position_ids, **more)
    assert_equal(ours, expected(pair.theirs, batch, position_ids=position_ids), batch)


def test_decoder_positions_stand_apart_from_the_encoders(pairs: Callable[..., Pair]) -> None:
    """One token on one side, many on the other: no shape of one can stand for one of the other."""
    pair = pairs("t5-v1.0")
    for lengths in [(1, 1), (40, 7)]:
        batch = hugging_face.batch(pair.theirs, "right", lengths=lengths)
        assert_equal(computed(pair.family, pair.ours, batch), expected(pair.theirs, batch), batch)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_parameter_comes_from_the_file(pairs: Callable[..., Pair], family: str) -> None:
    """However they are split, transposed and named. A bias of keys changes no output: only this test sees it."""
    pair = pairs(family)
    ours, theirs = (
        torch.cat([parameter.detach().flatten() for parameter in model.parameters()]).sort().values
        for model in (pair.ours, pair.theirs)
    )
    assert ours.equal(theirs)
    assert sum(tensor.numel() for tensor in load_file(pair.folder / "model.safetensors").values()) == ours.numel()


# Hugging Face ties T5's output to its embedding where the file has no lm_head.
OPTIONAL = {("t5-v1.1-untied", "lm_head.weight")}


@pytest.mark.parametrize("family", FAMILIES)
def test_loading_misses_no_tensor_and_takes_no_other(pairs: Callable[..., Pair], tmp_path: Path, family: str) -> None:
    pair = pairs(family)
    shutil.copy(pair.folder / "config.json", tmp_path)
    tensors = load_file(pair.folder / "model.safetensors")
    wrong = [{**tensors, "another.weight": torch.zeros(2, 2)}]
    wrong += [{n: x for n, x in tensors.items() if n != name} for name in tensors if (family, name) not in OPTIONAL]
    loaded = []
    for some in wrong:
        save_file(some, tmp_path / "model.safetensors", {"format": "pt"})
        try:
            load_pretrained(tmp_path)
        except EngineError:
            continue
        loaded.append(set(tensors) ^ set(some))
    assert loaded == []


@pytest.mark.parametrize("family", FAMILIES)
def test_the_models_are_far_from_degenerate(pairs: Callable[..., Pair], family: str) -> None:
    """Otherwise the tests above prove little: order matters, every head attends somewhere, and weights differ."""
    theirs = pairs(family).theirs
    batch = hugging_face.batch(theirs)
    swapped = batch.input_ids.clone()
    swapped[:, [12, 14]] = swapped[:, [14, 12]]
    before, after = expected(theirs, batch), expected(theirs, Batch(swapped, None, batch.decoder_input_ids, batch.kept))
    if before.dim() == 3:
        before, after = before[:, -1], after[:, -1]
    assert (before - after).abs().amax(-1).min() > 0.01 * before.std()
    with torch.no_grad():
        output = theirs(**batch.inputs, output_attentions=True)
    for name in ("attentions", "encoder_attentions", "decoder_attentions", "cross_attentions"):
        for pattern in output.get(name) or ():  # (batch, heads, query, key)
            assert (pattern[:, :, -1].amax(-1) * pattern.shape[-1]).min() > 1.2


def older_config(config: dict) -> dict:
    """The config as transformers 4 wrote it, and as most checkpoints still have it."""
    config = dict(config)
    rope = dict(config.pop("rope_parameters", {}))
    if config["model_type"] == "gpt_neox":
        config["rotary_emb_base"], config["rotary_pct"] = rope["rope_theta"], rope["partial_rotary_factor"]
    elif rope:
        config["rope_theta"] = rope.pop("rope_theta")
        config["rope_scaling"] = rope if rope["rope_type"] != "default" else None
    if "scale_decoder_outputs" in config:
        config["tie_word_embeddings"] = config.pop("scale_decoder_outputs")
    return config


@pytest.mark.parametrize(
    "family",
    [
        "llama",
        "llama-linear-rope",
        "llama-llama3-rope",
        "mixtral",
        "falcon-7b",
        "falcon-40b",
        "gpt-neox",
        "gpt-neox-sequential",
        "t5-v1.0",
        "t5-v1.1-untied",
    ],
)
def test_configs_of_transformers_4(pairs: Callable[..., Pair], tmp_path: Path, family: str) -> None:
    pair = pairs(family)
    shutil.copytree(pair.folder, tmp_path, dirs_exist_ok=True)
    config = json.loads((pair.folder / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(older_config(config)))
    batch = hugging_face.batch(pair.theirs)
    assert_equal(computed(family, load_pretrained(tmp_path), batch), expected(pair.theirs, batch), batch)


TRIANGLE = torch.ones(1, 1, 8, 8, dtype=torch.bool).tril()
MASKED_BIAS = torch.tensor(-1e9)
HUB_TENSORS: dict[str, Callable[[dict[str, Tensor]], dict[str, Tensor]]] = {
    "gpt2": lambda tensors: {
        **{name.removeprefix("transformer."): x for name, x in tensors.items()},
        "h.0.attn.bias": TRIANGLE,
        "h.0.attn.masked_bias": MASKED_BIAS,
    },
    "bloom": lambda tensors: {name.removeprefix("transformer."): x for name, x in tensors.items()},
    "falcon-7b": lambda tensors: {**tensors, "lm_head.weight": tensors["transformer.word_embeddings.weight"]},
    "llama": lambda tensors: {**tensors, "model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(6)},
    "gpt-neox": lambda tensors: {
        **tensors,
        "gpt_neox.layers.0.attention.bias": TRIANGLE,
        "gpt_neox.layers.0.attention.masked_bias": MASKED_BIAS,
        "gpt_neox.layers.0.attention.rotary_emb.inv_freq": torch.ones(3),
    },
    "gpt-j": lambda tensors: {
        **tensors,
        "transformer.h.0.attn.bias": TRIANGLE,
        "transformer.h.0.attn.masked_bias": MASKED_BIAS,
    },
    "t5-v1.0": lambda tensors: {
        **tensors,
        "encoder.embed_tokens.weight": tensors["shared.weight"],
        "decoder.embed_tokens.weight": tensors["shared.weight"],
        "lm_head.weight": tensors["shared.weight"],
        "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight": torch.ones(8, 4),
    },
    "bert-mlm": lambda tensors: {
        **{
            name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): x
            for name, x in tensors.items()
        },
        "bert.embeddings.position_ids": torch.arange(32)[None],
        "bert.pooler.dense.weight": torch.ones(36, 36),
        "bert.pooler.dense.bias": torch.ones(36),
        "cls.seq_relationship.weight": torch.ones(2, 36),
        "cls.seq_relationship.bias": torch.ones(2),
    },
}
"""What the well-known checkpoint of a family has beside, or instead of, the tensors that are written today."""


@pytest.mark.parametrize("family", HUB_TENSORS)
def test_tensors_as_well_known_checkpoints_have_them(pairs: Callable[..., Pair], tmp_path: Path, family: str) -> None:
    pair = pairs(family)
    shutil.copy(pair.folder / "config.json", tmp_path)
    tensors = HUB_TENSORS[family](load_file(pair.folder / "model.safetensors"))
    save_file({name: x.clone() for name, x in tensors.items()}, tmp_path / "model.safetensors", {"format": "pt"})
    batch = hugging_face.batch(pair.theirs)
    assert_equal(computed(family, load_pretrained(tmp_path), batch), expected(pair.theirs, batch), batch)


@pytest.mark.parametrize("family", ["llama", "mixtral", "t5-v1.1"])
def test_a_checkpoint_in_several_files(pairs: Callable[..., Pair], tmp_path: Path, family: str) -> None:
    pair = pairs(family)
    pair.theirs.save_pretrained(tmp_path, max_shard_size="40KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    batch = hugging_face.batch(pair.theirs)
    assert_equal(computed(family, load_pretrained(tmp_path), batch), expected(pair.theirs, batch), batch)


def test_a_masked_lm_with_an_output_layer_of_its_own(tmp_path: Path) -> None:
    """Its bias is then the layer's, and the one beside it is not added to anything."""
    build = partial(hugging_face.build, "BertForMaskedLM", **hugging_face.BERT)
    theirs = hugging_face.randomise(build(tie_word_embeddings=False))
    ours = load_pretrained(hugging_face.save(theirs, tmp_path))
    batch = hugging_face.batch(theirs)
    assert_equal(computed("bert-mlm", ours, batch), expected(theirs, batch), batch)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": True}))
    with pytest.raises(EngineError, match=r"decoder\.bias differs from cls\.predictions\.bias"):
        load_pretrained(tmp_path)


def test_a_classifier_of_single_tokens_is_refused(tmp_path: Path) -> None:
    theirs = hugging_face.build("BertForTokenClassification", num_labels=5, **hugging_face.BERT)
    with pytest.raises(EngineError, match="a classifier of single tokens is not known here"):
        load_pretrained(hugging_face.save(theirs, tmp_path))


def test_a_tensor_under_two_names_is_refused(pairs: Callable[..., Pair], tmp_path: Path) -> None:
    pair = pairs("gpt2")
    shutil.copy(pair.folder / "config.json", tmp_path)
    tensors = load_file(pair.folder / "model.safetensors")
    save_file({**tensors, "wte.weight": torch.zeros(61, 48)}, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(EngineError, match=r"the tensor wte\.weight is there twice"):
        load_pretrained(tmp_path)


ODD = [False, True, "x", "", [], {}, -1, 0, 1.5, 1e30, None, 10**12]


ODD_FAMILIES = ["gpt2", "bert", "t5-v1.0", "llama-llama3-rope", "mixtral", "gpt-neox", "falcon-40b", "mpt"]


@pytest.mark.parametrize("family", ODD_FAMILIES)
def test_odd_settings_end_in_a_model_or_in_an_error_of_ours(
    pairs: Callable[..., Pair], tmp_path: Path, family: str
) -> None:
    pair = pairs(family)
    shutil.copy(pair.folder / "model.safetensors", tmp_path)
    config = json.loads((pair.folder / "config.json").read_text())
    batch = hugging_face.batch(pair.theirs)
    for name in config:
        for odd in ODD:
            (tmp_path / "config.json").write_text(json.dumps({**config, name: odd}))
            try:
                computed(family, load_pretrained(tmp_path), batch)
            except EngineError as error:
                assert error.where, (name, odd)
