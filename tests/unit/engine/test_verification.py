"""Verification: every claim holds of whole models of every make, and each fails where it should."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from studycli.engine import Cache, Config, Trace, Transformer, attend
from studycli.engine.convert import save_pretrained
from studycli.engine.trace import NO_TRACE
from studycli.engine.verification import Claim, measure, verify
from studycli.errors import EngineError
from tests.engine_models import CROSS, DECODERS, ENCODER, ENCODER_DECODERS, PLAIN, build

MODELS = DECODERS | {f"both-{name}": config for name, config in ENCODER_DECODERS.items()} | {"encoder": ENCODER}
OF_MODEL = ["finite", "paths", "patterns", "cache", "chunks"]


def by_name(model: Transformer) -> dict[str, Claim]:
    return {claim.name: claim for claim in measure(model)}


@pytest.mark.parametrize("name", MODELS)
def test_every_claim_holds_of_a_model_that_computes_as_it_should(name: str) -> None:
    claims = by_name(build(MODELS[name]))
    assert [claim for claim in claims.values() if not claim.holds] == []
    assert list(claims) == (OF_MODEL[:3] if name == "encoder" else OF_MODEL)


def test_what_is_measured_is_not_nothing() -> None:
    claims = by_name(build(PLAIN))
    assert claims["finite"].measured == "0 that are not"
    assert 0 < claims["paths"].measured < 1e-5 and 0 < claims["patterns"].measured < 1e-5


def test_attention_without_patterns_says_so() -> None:
    assert by_name(build(DECODERS["linear"]))["patterns"].measured == "this attention makes no patterns"


def test_a_model_of_a_single_position() -> None:
    assert all(claim.holds for claim in measure(build(replace(PLAIN, max_length=1))))


def failing(model: Transformer) -> set[str]:
    return {name for name, claim in by_name(model).items() if not claim.holds}


def test_weights_that_are_not_finite() -> None:
    model = build(PLAIN)
    with torch.no_grad():
        model.decoder.blocks[0].ffn.W_in[0, :2] = torch.tensor([math.nan, math.inf])
    claims = by_name(model)
    assert claims["finite"].measured == "2 that are not" and claims["paths"].measured == "nan"
    assert failing(model) == {"finite", "paths", "patterns", "cache", "chunks"}


def instead(config: Config, attention: Callable[..., Tensor]) -> Transformer:
    """A model whose first decoder block attends in another way."""
    model = build(config)
    model.decoder.blocks[0].attn.attend = attention
    return model


@pytest.mark.parametrize("config", [PLAIN, CROSS])
def test_paths_that_differ(config: Config) -> None:
    def attention(*args: Tensor, trace: Trace = NO_TRACE, **options: object) -> Tensor:
        z = attend(*args, trace=trace, **options)
        return z * 1.001 if trace.wants("pattern") else z

    assert failing(instead(config, attention)) == {"paths"}


@pytest.mark.parametrize("config", [PLAIN, CROSS])
def test_rows_that_sum_to_something_else(config: Config) -> None:
    def attention(*args: Tensor, trace: Trace = NO_TRACE, **options: object) -> Tensor:
        inner = Trace()
        z = attend(*args, trace=inner, **options)
        trace.put("pattern", inner["pattern"] * 1.001)
        return z

    assert failing(instead(config, attention)) == {"patterns"}


class Forgetful(Cache):
    """A cache that loses a little of what it keeps; the newest tokens are whole."""

    def advance(self, tokens: int) -> None:
        super().advance(tokens)
        if tokens < 24:
            for keys in self.keys:
                keys.mul_(0.9)


@pytest.mark.parametrize("config", [PLAIN, CROSS])
def test_a_cache_that_changes_the_result(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studycli.engine.model.Cache", Forgetful)
    assert failing(build(config)) == {"cache", "chunks"}


@pytest.mark.parametrize("config", [PLAIN, CROSS])
def test_chunks_that_see_ahead(config: Config) -> None:
    def attention(q: Tensor, k: Tensor, v: Tensor, *, causal: bool, **options: object) -> Tensor:
        return attend(q, k, v, causal=causal and q.shape[-2] != 5, **options)

    assert failing(instead(config, attention)) == {"chunks"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_pretrained(build(PLAIN), tmp_path)
    return tmp_path


def test_a_whole_folder(folder: Path) -> None:
    claims = verify(folder, "cpu")
    assert [claim.name for claim in claims] == ["sums", "places", *OF_MODEL]
    assert all(claim.holds for claim in claims)
    assert claims[0].measured == "2 files"
    assert claims[1].measured == f"{len(list(build(PLAIN).parameters()))} tensors"


def test_without_sums_there_is_nothing_to_compare_and_that_is_said(folder: Path) -> None:
    (folder / "SHA256SUMS").unlink()
    claims = verify(folder, "cpu")
    assert claims[0].holds and claims[0].measured == "there is no SHA256SUMS, so nothing to compare"
    assert len(claims) == 7


def test_a_file_that_was_changed(folder: Path) -> None:
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    (claim,) = verify(folder, "cpu")
    assert (claim.name, claim.holds) == ("sums", False) and "model.safetensors" in str(claim.measured)


def test_a_tensor_too_few(folder: Path) -> None:
    (folder / "SHA256SUMS").unlink()
    save_pretrained(build(replace(PLAIN, n_layers=1)), folder / "smaller")
    (folder / "smaller" / "model.safetensors").replace(folder / "model.safetensors")
    sums, places = verify(folder, "cpu")
    assert sums.holds and not places.holds and "is missing" in str(places.measured)


def test_weights_of_half_precision_are_measured_in_float32(folder: Path) -> None:
    save_pretrained(build(PLAIN, dtype=torch.bfloat16), folder)
    assert all(claim.holds for claim in verify(folder, "cpu"))


def test_what_is_no_checkpoint_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="the file is missing"):
        verify(tmp_path, "cpu")
