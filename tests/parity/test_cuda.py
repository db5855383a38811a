"""The same models on a CUDA GPU: float32 without TF32 to 1e-4, bfloat16 to its own precision, by the flash kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import torch

from studycli.engine import Config, Trace, Transformer, generate, load_pretrained
from tests import hugging_face
from tests.hugging_face import FAMILIES, Batch
from tests.parity.test_forward import CASES, computed, expected

if TYPE_CHECKING:
    from tests.parity.conftest import Pair

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU"),
]


@pytest.fixture(autouse=True)
def no_tf32() -> Iterator[None]:
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    yield
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


@pytest.mark.parametrize("path", ["fast", "traced"])
@pytest.mark.parametrize(("family", "padding"), CASES)
def test_float32(pairs: Callable[..., Pair], family: str, padding: str, path: str) -> None:
    pair = pairs(family)
    batch = hugging_face.batch(pair.theirs, padding)
    ours = load_pretrained(pair.folder, device="cuda")
    more = {"trace": Trace()} if path == "traced" else {}
    assert_close(computed(family, ours, batch, **more), expected(pair.theirs, batch), batch, 1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_bfloat16(pairs: Callable[..., Pair], family: str) -> None:
    """Its 8 bits round to 0.4 %; over a few layers that grows to some per cent of the outputs' own spread."""
    pair = pairs(family)
    batch = hugging_face.batch(pair.theirs)
    theirs = expected(pair.theirs, batch)
    ours = computed(family, load_pretrained(pair.folder, device="cuda", dtype="bfloat16"), batch)
    assert ours.dtype == torch.bfloat16
    assert_close(ours.float(), theirs, batch, 0.1 * float(theirs.std()))


@pytest.mark.parametrize("family", ["gpt2", "llama", "bloom", "t5-v1.0"])
def test_generation_is_that_of_the_cpu(pairs: Callable[..., Pair], family: str) -> None:
    pair = pairs(family, 0.45)
    prompt = hugging_face.batch(pair.theirs).input_ids[:, :8]
    ours = load_pretrained(pair.folder, device="cuda")
    for options in ({}, {"temperature": 1.0, "seed": 3}, {"num_beams": 3}):
        assert generate(ours, prompt.cuda(), 12, **options).cpu().equal(generate(pair.ours, prompt, 12, **options))


def test_the_flash_kernel_runs_where_no_trace_is_asked_for() -> None:
    config = Config(
        architecture="decoder", vocab_size=100, d_model=256, n_layers=1, n_heads=4, d_ff=512, max_length=256
    )
    model = Transformer(config).to("cuda", torch.bfloat16).eval()
    ids = torch.randint(100, (1, 128), device="cuda")
    with torch.no_grad(), torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        model(ids)
        torch.cuda.synchronize()
    kernels = [event.key for event in profile.key_averages()]
    assert any("flash" in name.lower() for name in kernels), kernels


def assert_close(ours: torch.Tensor, theirs: torch.Tensor, batch: Batch, tolerance: float) -> None:
    kept = batch.kept_targets if theirs.dim() == 3 else slice(None)
    torch.testing.assert_close(ours.cpu()[kept], theirs[kept], atol=tolerance, rtol=tolerance)
