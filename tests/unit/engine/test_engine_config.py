"""Config: what is filled in, what is refused, and JSON in and out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studycli.engine import Config, Transformer
from studycli.engine.config import PRESETS, RotaryScaling
from studycli.errors import EngineError
from tests.engine_models import DECODERS, ENCODER, ENCODER_DECODERS, PLAIN

ALL = {**DECODERS, "encoder": ENCODER, **{f"cross-{n}": c for n, c in ENCODER_DECODERS.items()}, **PRESETS}


def test_usual_values_are_filled_in() -> None:
    assert (PLAIN.n_kv_heads, PLAIN.d_head, PLAIN.rotary_dim, PLAIN.n_decoder_layers) == (6, 4, 4, 0)
    assert (PLAIN.encoder_layers, PLAIN.decoder_layers) == (0, 2)
    assert (ENCODER.encoder_layers, ENCODER.decoder_layers) == (2, 0)
    cross = ENCODER_DECODERS["learned"]
    assert (cross.encoder_layers, cross.decoder_layers) == (2, 3)


@pytest.mark.parametrize("name", ALL)
def test_json_and_back(name: str) -> None:
    assert Config.from_json(json.loads(json.dumps(ALL[name].to_json()))) == ALL[name]


def test_json_of_nested_values() -> None:
    scaling = RotaryScaling(kind="llama3", factor=8.0)
    config = replace(PLAIN, position="rotary", rotary_scaling=scaling)
    assert Config.from_json(json.loads(json.dumps(config.to_json()))).rotary_scaling == scaling


# Counted by the papers' authors or by transformers for the checkpoints of these names.
@pytest.mark.parametrize(
    ("name", "millions"),
    [("gpt2", 124.44), ("gpt2-medium", 354.82), ("gpt2-xl", 1557.61), ("bert-base", 109.48), ("bert-large", 335.14),
     ("t5-small", 60.51), ("t5-base", 222.90), ("llama-2-7b", 6738.42), ("llama-2-70b", 68976.65),
     ("mixtral-8x7b", 46702.79)],
)  # fmt: skip
def test_presets_have_the_sizes_of_the_models_they_name(name: str, millions: float) -> None:
    with torch.device("meta"):
        model = Transformer(PRESETS[name])
    assert sum(weights.numel() for weights in model.parameters()) / 1e6 == pytest.approx(millions, abs=0.006)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_heads": 5}, "d_model 24 does not divide into 5 heads"),
        ({"n_heads": 0}, "does not divide into 0 heads"),
        ({"d_model": 0}, "d_model is 0"),
        ({"vocab_size": -1}, "vocab_size is -1"),
        ({"n_kv_heads": 4}, "n_heads 6 is no multiple of n_kv_heads 4"),
        ({"max_length": None}, "a learned position table needs max_length"),
        ({"position": "rotary", "d_head": 5, "rotary_dim": None}, "rotary_dim 5 is odd"),
        ({"n_experts": 2, "experts_per_token": 3}, "3 of 2 experts"),
        ({"norm_position": "post", "residual": "parallel"}, "post-norm blocks are sequential"),
        ({"mlm_head": True}, "only an encoder"),
        ({"norm_eps": 0.0}, "norm_eps is 0.0"),
        ({"rotary_base": -1.0}, "rotary_base is -1.0"),
        ({"start_id": 23}, "start_id is 23"),
        ({"pad_id": -1}, "pad_id is -1"),
        ({"window": -1}, "a window of -1"),
        ({"d_ff": -1}, "d_ff is -1"),
        ({"d_ff": 0, "residual": "parallel"}, "have a feed-forward, and d_ff is 0"),
        ({"d_ff": 0, "n_experts": 2, "ffn_bias": False}, "have a feed-forward, and d_ff is 0"),
        ({"architecture": "encoder-decoder", "residual": "parallel"}, "no place for cross-attention"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        replace(PLAIN, **({"d_head": None} | changes if "n_heads" in changes else changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": 1}, "there is no 'colour' in a config"),
        ({"d_model": "wide"}, "d_model: input should be a valid integer"),
        ({"position": "absolute"}, "position: input should be 'none', 'learned'"),
        ({"rotary_scaling": {"kind": "linear"}}, "rotary_scaling.factor: field required"),
    ],
)
def test_json_that_is_no_config_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        Config.from_json(PLAIN.to_json() | changes, "here")


@given(
    st.dictionaries(st.sampled_from([*sorted(PLAIN.to_json()), "norm", "tied"]), st.none() | st.integers() | st.text())
)
def test_whatever_json_says_ends_in_a_config_or_an_error(changes: dict[str, Any]) -> None:
    try:
        config = Config.from_json(PLAIN.to_json() | changes)
    except EngineError:
        return
    assert isinstance(config, Config)
