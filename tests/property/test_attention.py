"""Laws of attend(): both paths and a float64 reference agree, for any shapes, masks and groups of heads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from studycli.engine import Trace, attend


@dataclass
class Case:
    q: torch.Tensor
    k: torch.Tensor
    v: torch.Tensor
    options: dict


@st.composite
def cases(draw: st.DrawFn) -> Case:
    size = st.integers(1, 6)
    groups, kv_heads, queries, keys, d_k, d_v = (draw(size) for _ in range(6))
    batch = draw(st.sampled_from([(), (1,), (2,), (2, 3)]))
    heads = draw(st.booleans())
    random = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    lead_q = (*batch, groups * kv_heads) if heads else batch[:1] if len(batch) == 1 else ()
    lead_k = (*batch, kv_heads) if heads else lead_q
    spread = draw(st.sampled_from([0.1, 1.0, 5.0]))
    q = torch.randn(*lead_q, queries, d_k, generator=random) * spread
    k = torch.randn(*lead_k, keys, d_k, generator=random)
    v = torch.randn(*lead_k, keys, d_v, generator=random)
    options: dict = {"causal": draw(st.booleans()), "scale": draw(st.sampled_from([None, 1.0, 0.3]))}
    shape = draw(st.sampled_from([(queries, keys), (1, keys), (*lead_q, queries, keys)]))
    if draw(st.booleans()):
        options["mask"] = torch.rand(shape, generator=random) < draw(st.sampled_from([0.0, 0.3, 0.8]))
    if draw(st.booleans()):
        bias = torch.randn(shape, generator=random)
        if draw(st.booleans()):
            bias = bias.masked_fill(torch.rand(shape, generator=random) < 0.4, -torch.inf)
        options["bias"] = bias
    return Case(q, k, v, options)


def reference(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """The pattern and z in float64, row by row, written without any of the engine's steps."""
    q, k, v = (x.double().numpy() for x in (case.q, case.k, case.v))
    if q.ndim > 2:
        repeat = q.shape[-3] // k.shape[-3]
        k, v = (np.stack([x[..., head // repeat, :, :] for head in range(q.shape[-3])], axis=-3) for x in (k, v))
    shape = (*q.shape[:-1], k.shape[-2])
    mask, bias = case.options.get("mask"), case.options.get("bias")
    mask = np.broadcast_to(True if mask is None else mask.numpy(), shape)
    bias = np.broadcast_to(0.0 if bias is None else bias.double().numpy(), shape)
    scale = case.options["scale"] or q.shape[-1] ** -0.5
    pattern = np.zeros(shape)
    for index in np.ndindex(*shape[:-1]):
        late = shape[-1] - shape[-2] + index[-1] if case.options["causal"] else shape[-1]
        open_keys = [j for j in range(shape[-1]) if mask[index][j] and bias[index][j] > -np.inf and j <= late]
        if open_keys:
            x = np.array([q[index] @ k[(*index[:-1], j)] * scale + bias[index][j] for j in open_keys])
            weights = np.exp(x - x.max())
            pattern[index][open_keys] = weights / weights.sum()
    return pattern, pattern @ v


@given(cases())
def test_both_paths_agree_with_the_reference(case: Case) -> None:
    trace = Trace()
    fast = attend(case.q, case.k, case.v, **case.options)
    traced = attend(case.q, case.k, case.v, **case.options, trace=trace)
    pattern, z = reference(case)
    np.testing.assert_allclose(trace["pattern"].numpy(), pattern, atol=1e-5)
    np.testing.assert_allclose(traced.numpy(), z, atol=1e-5, rtol=1e-5)
    np.testing.assert_allclose(fast.numpy(), traced.numpy(), atol=1e-5, rtol=1e-5)


@given(cases())
def test_rows_sum_to_one_or_to_nothing(case: Case) -> None:
    trace = Trace(only="pattern")
    attend(case.q, case.k, case.v, **case.options, trace=trace)
    sums = trace["pattern"].sum(-1)
    idle = torch.from_numpy(reference(case)[0].sum(-1) == 0)
    torch.testing.assert_close(sums, (~idle).float(), atol=1e-5, rtol=0)


@given(cases(), st.integers(0, 2**31))
def test_the_order_of_keys_does_not_matter(case: Case, seed: int) -> None:
    order = torch.randperm(case.k.shape[-2], generator=torch.Generator().manual_seed(seed))
    options = {**case.options, "causal": False}
    moved = {name: x[..., order] if isinstance(x, torch.Tensor) else x for name, x in options.items()}
    torch.testing.assert_close(
        attend(case.q, case.k[..., order, :], case.v[..., order, :], **moved),
        attend(case.q, case.k, case.v, **options),
        atol=1e-5,
        rtol=1e-5,
    )
