"""Laws of tiled(), window(), sparse() and linear(): a float64 reference, attend() and their bounds on memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from studycli.engine import linear as linear_module
from studycli.engine import tiled as tiled_module
from studycli.engine import window as window_module
from studycli.engine.attention import attend
from studycli.engine.linear import linear
from studycli.engine.tiled import tiled
from studycli.engine.trace import Trace
from studycli.engine.window import sparse, window
from studycli.errors import EngineError
from tests.property.test_attention import Case, cases, reference

BLOCKS = st.integers(1, 4)
REACHES = st.integers(0, 6)


def run(variant: Callable[..., torch.Tensor], case: Case, **options: object) -> torch.Tensor:
    return variant(case.q, case.k, case.v, **case.options, **options)


def doubled(case: Case) -> Case:
    """The case in float64, with gradients."""
    options = dict(case.options)
    if "bias" in options:
        options["bias"] = options["bias"].double().requires_grad_()
    return Case(*(x.double().requires_grad_() for x in (case.q, case.k, case.v)), options)


def banded(case: Case, reach: int, global_tokens: int) -> Case:
    """The case for plain attention, with the window and the global tokens in its mask."""
    queries, keys = case.q.shape[-2], case.k.shape[-2]
    band = torch.zeros(queries, keys, dtype=torch.bool)
    for i in range(queries):
        position = keys - queries + i
        for j in range(keys):
            band[i, j] = abs(position - j) <= reach or j < global_tokens or 0 <= position < global_tokens
    return Case(case.q, case.k, case.v, {**case.options, "mask": band & case.options.get("mask", torch.tensor(True))})


def over_keys(case: Case) -> Case:
    """The case without what linear attention refuses: a bias, and a mask with a row for each query."""
    options = {name: x for name, x in case.options.items() if name != "bias"}
    if "mask" in options:
        options["mask"] = options["mask"][..., :1, :]
    return Case(case.q, case.k, case.v, options)


def gradients(variant: Callable[..., torch.Tensor], case: Case) -> list[torch.Tensor]:
    """Those of q, k, v and the bias, for a z whose elements count differently."""
    inputs = [case.q, case.k, case.v, *(x for name, x in case.options.items() if name == "bias")]
    z = run(variant, case)
    weights = torch.linspace(-1, 2, z.numel(), dtype=z.dtype).reshape(z.shape)
    return list(torch.autograd.grad((z * weights).sum(), inputs))


def check_against_attend(variant: Callable[..., torch.Tensor], case: Case, plain: Case) -> None:
    """Values to 1e-12 of the largest and gradients to 1e-10, in float64."""
    exact = partial(attend, trace=Trace())
    torch.testing.assert_close(run(variant, case), run(exact, plain), atol=1e-12, rtol=1e-12)
    for got, wanted in zip(gradients(variant, case), gradients(exact, plain), strict=True):
        torch.testing.assert_close(got, wanted, atol=1e-10, rtol=1e-10)


@given(cases(), st.integers(1, 7), BLOCKS)
def test_tiled_agrees_with_the_reference(case: Case, tile: int, block: int) -> None:
    z = reference(case)[1]
    with mock.patch.object(tiled_module, "BLOCK", block):
        np.testing.assert_allclose(run(tiled, case, tile=tile).numpy(), z, atol=1e-5, rtol=1e-5)
        np.testing.assert_allclose(run(tiled, case, tile=tile, trace=Trace()).numpy(), z, atol=1e-5, rtol=1e-5)


@given(cases(), st.integers(1, 7), BLOCKS)
def test_tiled_is_exact_in_double_precision_with_its_gradient(case: Case, tile: int, block: int) -> None:
    case = doubled(case)
    with mock.patch.object(tiled_module, "BLOCK", block):
        check_against_attend(partial(tiled, tile=tile), case, case)
        check_against_attend(partial(tiled, tile=tile, trace=Trace()), case, case)


@given(cases(), st.integers(1, 7))
def test_tiles_record_the_running_maximum_and_denominator(case: Case, tile: int) -> None:
    whole, tiles = Trace(only="masked"), Trace()
    case = doubled(case)
    run(attend, case, trace=whole)
    run(tiled, case, tile=tile, trace=tiles)
    for j, stop in enumerate(range(tile, case.k.shape[-2] + tile, tile)):
        scores = whole["masked"].numpy()[..., :stop]
        maximum = scores.max(-1)
        shift = np.where(np.isneginf(maximum), 0, maximum)
        np.testing.assert_allclose(tiles[f"tiles.{j}.maximum"][..., 0].numpy(), maximum, atol=1e-12, rtol=1e-12)
        denominator = np.exp(scores - shift[..., None]).sum(-1)
        np.testing.assert_allclose(tiles[f"tiles.{j}.denominator"][..., 0].numpy(), denominator, atol=1e-12, rtol=1e-12)
    assert len(tiles) == 2 * -(-case.k.shape[-2] // tile) + 1


@given(cases(), REACHES, BLOCKS)
def test_window_is_attention_with_a_band_for_a_mask(case: Case, reach: int, block: int) -> None:
    z = reference(banded(case, reach, 0))[1]
    with mock.patch.object(window_module, "_BLOCK", block):
        np.testing.assert_allclose(run(window, case, window=reach).numpy(), z, atol=1e-5, rtol=1e-5)


@given(cases(), REACHES, REACHES, BLOCKS)
def test_both_paths_of_sparse_agree_with_the_reference(case: Case, reach: int, global_tokens: int, block: int) -> None:
    pattern, z = reference(banded(case, reach, global_tokens))
    options = {"window": reach, "global_tokens": global_tokens}
    trace = Trace()
    with mock.patch.object(window_module, "_BLOCK", block):
        np.testing.assert_allclose(run(sparse, case, **options).numpy(), z, atol=1e-5, rtol=1e-5)
    np.testing.assert_allclose(run(sparse, case, **options, trace=trace).numpy(), z, atol=1e-5, rtol=1e-5)
    np.testing.assert_allclose(trace["pattern"].numpy(), pattern, atol=1e-5)


@given(cases(), REACHES, REACHES, BLOCKS)
def test_sparse_is_exact_in_double_precision_with_its_gradient(
    case: Case, reach: int, global_tokens: int, block: int
) -> None:
    case = doubled(case)
    with mock.patch.object(window_module, "_BLOCK", block):
        variant = partial(sparse, window=reach, global_tokens=global_tokens)
        check_against_attend(variant, case, banded(case, reach, global_tokens))


def linear_reference(case: Case) -> np.ndarray:
    """z in float64: weights of one query at a time, without a state."""
    q, k, v = (x.double().numpy() for x in (case.q, case.k, case.v))
    heads, keys = (q.shape[-3] // k.shape[-3] if q.ndim > 2 else 1), k.shape[-2]
    mask = case.options.get("mask")
    mask = np.broadcast_to(True if mask is None else mask.numpy(), (*q.shape[:-1], keys))
    z = np.zeros((*q.shape[:-1], v.shape[-1]))
    for index in np.ndindex(*q.shape[:-1]):
        head = (*index[:-2], index[-2] // heads) if q.ndim > 2 else ()
        late = keys - q.shape[-2] + index[-1] if case.options["causal"] else keys
        open_keys = [j for j in range(keys) if mask[index][j] and j <= late]
        phi_q, phi_k = (np.where(x > 0, x + 1, np.exp(np.minimum(x, 0))) for x in (q[index], k[head][open_keys]))
        if open_keys:
            weights = phi_k @ phi_q
            z[index] = weights @ v[head][open_keys] / weights.sum()
    return z


def all_pairs(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *, causal: bool, scale: object, mask: torch.Tensor | None = None
) -> torch.Tensor:
    """Linear attention as weights for every pair of query and key, for autograd."""
    if q.dim() > 2:
        k, v = (x.repeat_interleave(q.shape[-3] // x.shape[-3], -3) for x in (k, v))
    phi_q, phi_k = (torch.where(x > 0, x + 1, x.clamp(max=0).exp()) for x in (q, k))
    seen = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool)
    if causal:
        seen = seen.tril(k.shape[-2] - q.shape[-2])
    if mask is not None:
        seen = seen & mask
    weights = (phi_q @ phi_k.mT).masked_fill(~seen, 0)
    total = weights.sum(-1, keepdim=True)
    return weights @ v / total.masked_fill(total == 0, 1)


@given(cases(), BLOCKS)
def test_linear_agrees_with_the_reference(case: Case, block: int) -> None:
    case, trace = over_keys(case), Trace()
    with mock.patch.object(linear_module, "BLOCK", block):
        z = run(linear, case, trace=trace)
    np.testing.assert_allclose(z.numpy(), linear_reference(case), atol=1e-5, rtol=1e-5)
    phi_k, values = trace["phi_k"], case.v
    if case.q.dim() > 2:
        values = values.repeat_interleave(case.q.shape[-3] // case.v.shape[-3], -3)
    torch.testing.assert_close(trace["state"], torch.einsum("...kd,...ke->...de", phi_k, values), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(trace["normaliser"][..., 0], phi_k.sum(-2), atol=1e-5, rtol=1e-5)


@given(cases(), BLOCKS)
def test_linear_has_the_gradient_of_all_pairs(case: Case, block: int) -> None:
    case = doubled(over_keys(case))
    with mock.patch.object(linear_module, "BLOCK", block):
        torch.testing.assert_close(run(linear, case), run(all_pairs, case), atol=1e-12, rtol=1e-12)
        for got, wanted in zip(gradients(linear, case), gradients(all_pairs, case), strict=True):
            torch.testing.assert_close(got, wanted, atol=1e-10, rtol=1e-10)


class LargestTensor(TorchDispatchMode):
    """Keeps the size in bytes of the largest memory behind any tensor that is made within."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        sizes = [x.untyped_storage().nbytes() for x in tree_leaves(out) if isinstance(x, torch.Tensor)]
        self.size = max(self.size, *sizes, 0)
        return out


SHORT = Trace(only="z")
LONG = 1024
ONE_HEAD = 4 * LONG * 4  # bytes of q, k or v: 1,024 positions, 4 numbers of 4 bytes
BOUNDS = [
    # variant, largest tensor in bytes
    (partial(tiled, tile=16), LONG * 16 * 4),
    (partial(tiled, tile=16, trace=Trace()), LONG * 16 * 4),
    (partial(tiled, tile=16, causal=True), LONG * 16 * 4),
    (partial(window, window=16), LONG * 16 * 4),
    (partial(window, window=16, causal=True, trace=SHORT), LONG * 16 * 4),
    (partial(sparse, window=16, global_tokens=4), LONG * 16 * 4),
    (linear, ONE_HEAD),
    (partial(linear, causal=True), ONE_HEAD),
    (partial(linear, causal=True, trace=Trace()), ONE_HEAD),
]


def largest(variant: Callable[..., torch.Tensor], *inputs: torch.Tensor) -> int:
    with LargestTensor() as meter:
        variant(*inputs)
    return meter.size


@pytest.mark.parametrize(("variant", "bound"), BOUNDS)
@pytest.mark.parametrize("queries", [LONG, LONG // 2])
def test_no_tensor_holds_all_pairs(variant: Callable[..., torch.Tensor], bound: int, queries: int) -> None:
    random = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(length, 4, generator=random) for length in (queries, LONG, LONG))
    assert largest(variant, q, k, v) <= bound < queries * LONG  # a boolean mask would be that large


def test_the_meter_sees_all_pairs_where_they_are_made() -> None:
    x = torch.ones(100, 4)
    assert largest(partial(attend, trace=Trace()), x, x, x) == 100 * 100 * 4
    assert largest(partial(window, window=1, trace=Trace()), x, x, x) == 100 * 100 * 4


def test_tiled_repeats_no_keys_for_the_heads_of_a_group() -> None:
    q, k = torch.ones(8, 1, 64), torch.ones(1, 512, 64)
    assert largest(partial(tiled, tile=512), q, k, k) < 8 * 512 * 64 * 4


@pytest.mark.parametrize(
    "variant", [tiled, partial(window, window=1), partial(sparse, window=1, global_tokens=1), linear]
)
@pytest.mark.parametrize("shape", [(1, 9), (3, 1, 9), (1, 5)])
def test_a_mask_of_another_length_is_refused_and_not_cut(variant: Callable[..., torch.Tensor], shape: tuple) -> None:
    q, k = torch.ones(2, 4, 3), torch.ones(2, 6, 3)
    with pytest.raises((EngineError, RuntimeError)):
        variant(q, k, k, mask=torch.ones(shape, dtype=torch.bool))
