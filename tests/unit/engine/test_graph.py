"""The decoding step of fixed shape: the same numbers as decode(), and the same tokens when CUDA replays it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from studycli.engine import generate
from studycli.engine.graph import DecodingStep, generate_greedily
from studycli.errors import EngineError
from tests.engine_models import CROSS, DECODERS, build, ids

FIXED = [name for name, config in DECODERS.items() if config.attention == "full" and not config.n_experts]


@pytest.mark.parametrize("name", FIXED)
def test_a_step_gives_what_decode_gives(name: str) -> None:
    model = build(DECODERS[name], dtype=torch.float64)
    x = ids(2, 9)
    cache = model.cache(2, 12)
    model(x[:, :4], cache=cache)
    step = DecodingStep(model, cache, 2)
    for i in range(4, 9):
        torch.testing.assert_close(step.run(x[:, i : i + 1]), model(x[:, : i + 1])[:, -1], atol=1e-12, rtol=1e-12)
    assert cache.length == 9


@pytest.mark.parametrize("name", FIXED)
def test_its_tokens_are_those_of_generate(name: str) -> None:
    model = build(DECODERS[name])
    assert generate_greedily(model, ids(2, 5), 12).equal(generate(model, ids(2, 5), 12))


@pytest.mark.parametrize("config", [CROSS, DECODERS["window"], DECODERS["experts"]])
def test_steps_without_a_fixed_shape_are_refused(config) -> None:
    model = build(config)
    with pytest.raises(EngineError, match="no fixed shape"):
        DecodingStep(model, model.cache(1, 4), 1)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
@pytest.mark.parametrize("name", FIXED)
def test_the_recorded_step_gives_the_same_tokens_on_cuda(name: str) -> None:
    model = build(replace(DECODERS[name])).cuda()
    x = ids(2, 5).cuda()
    assert generate_greedily(model, x, 12).equal(generate(model, x, 12))
