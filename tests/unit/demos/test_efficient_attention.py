"""The demo `efficient-attention`: results recomputed in float64, costs beside torch's count, and its claims."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from studycli.demos import efficient_attention, ways_to_attend
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.embedding import embed
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import find, run
from studycli.demos.watch import watched
from studycli.engine import attend
from studycli.errors import UsageError

ENTRY = next(demo for demo in ALL if demo.name == "efficient-attention")


def asked(text: str = DEFAULT_TEXT, seed: int = 0, **given: str) -> Inputs:
    return Inputs(text, "cpu", seed, parameters=find("efficient-attention").settings(given))


def demo(text: str = DEFAULT_TEXT, seed: int = 0, **given: str):
    return run("efficient-attention", asked(text, seed, **given))


def qkv(length: int = 128) -> tuple[torch.Tensor, ...]:
    return ways_to_attend.projected(asked(), embed(["a", "b", "c", "d"] * (length // 4), 32, 0))


def measured(window: int = 16) -> ways_to_attend.Measured:
    return ways_to_attend.measured_on(asked(), *qkv(), window)


def softmax(x: np.ndarray) -> np.ndarray:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def test_results_and_patterns_recomputed_in_float64() -> None:
    found = measured(window=8)
    q, k, v = (x[0, 0].double().numpy() for x in qkv())
    scores = q @ k.T / 4
    apart = np.abs(np.arange(128)[:, None] - np.arange(128))
    phi_q, phi_k = (np.where(x > 0, x + 1, np.exp(x)) for x in (q, k))
    features = phi_q @ phi_k.T
    expected = {
        "exact": softmax(scores),
        "window": softmax(np.where(apart <= 8, scores, -np.inf)),
        "linear": features / features.sum(-1, keepdims=True),
    }
    for kind, pattern in expected.items():
        np.testing.assert_allclose(found.patterns[kind], pattern, atol=1e-5)
    for kind, same in {"fused": "exact", "explicit": "exact", "tiled": "exact"}.items():
        np.testing.assert_allclose(found.outputs[kind], expected[same] @ v, atol=1e-5)
    for kind in ("window", "linear"):
        np.testing.assert_allclose(found.outputs[kind], expected[kind] @ v, atol=1e-5)


@pytest.mark.parametrize("kind", ["explicit", "tiled", "window", "linear"])
def test_operations_are_what_torch_counts(kind: str) -> None:
    way = ways_to_attend.way_of(kind, *qkv(), 128, 16)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        way()
    counted = counter.get_total_flops()
    watch = watched(way)
    assert watch.flops == counted or (kind == "window" and counted == 0)  # some versions don't count a fused kernel
    assert watch.flops == {"explicit": 2**21 // 2, "tiled": 2**21 // 2, "window": 655_360, "linear": 135_168}[kind]


def test_a_watch_sees_the_largest_tensor_and_no_view() -> None:
    q, k, v = qkv()
    assert watched(lambda: q @ k.transpose(-2, -1)).largest == 128 * 128 * 4
    assert watched(lambda: q.expand(9, 9, 128, 16)).largest == 128 * 16 * 4
    fused = watched(lambda: attend(q, k, v))
    assert fused.flops == 4 * 128 * 128 * 16 and fused.largest == 128 * 16 * 4


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "Softmax", "word " * 100_000])
@pytest.mark.parametrize("given", [{}, {"length": "128", "window": "1"}, {"length": "333", "window": "41"}])
def test_claims_hold(text: str, given: dict[str, str]) -> None:
    result = demo(text, **given)
    assert tuple(claim.name for claim in result.claims) == ENTRY.claims
    assert [claim for claim in result.claims if not claim.holds] == []


def test_claims_hold_at_the_largest() -> None:
    result = demo(length="1024", window="128")
    assert [claim for claim in result.claims if not claim.holds] == []


@pytest.mark.parametrize(("length", "sizes"), [("128", (64 * 32, 128 * 32)), ("1024", (512 * 16, 1024 * 16))])
def test_the_largest_tensor_of_tiled_attention(length: str, sizes: tuple[int, int]) -> None:
    """The scores of a block of queries, or the output, of each length by itself: not the memory of a longer one."""
    claim = next(claim for claim in demo(length=length).claims if claim.name == "tiled-memory-linear")
    assert claim.measured == f"{4 * sizes[0]:,} bytes for {int(length) // 2} tokens, {4 * sizes[1]:,} for {length}"


def test_what_is_wrong_makes_its_claim_fail() -> None:
    right = measured()
    assert all(claim.holds for claim in efficient_attention._claims(right))
    out, costs, patterns = right.outputs, right.costs, right.patterns
    whole = costs["explicit"]
    worse = {
        "tiled-is-exact": {"outputs": out | {"tiled": out["tiled"] + 1e-4}},
        "window-differs": {"outputs": out | {"window": out["fused"]}},
        "linear-attention-differs": {"outputs": out | {"linear": out["fused"]}},
        "four-times-the-scores": {"costs": costs | {"explicit": costs["tiled"]}},
        "tiled-memory-linear": {"costs": costs | {"tiled": whole}},
        "window-operations-linear": {"costs": costs | {"window": whole}},
        "linear-attention-operations": {"costs": costs | {"linear": whole}},
        "window-weights-linear": {"patterns": patterns | {"window": patterns["exact"]}},
    }
    assert set(worse) == set(ENTRY.claims)
    for name, change in worse.items():
        found = {claim.name: claim for claim in efficient_attention._claims(replace(right, **change))}
        assert not found[name].holds, name


@pytest.mark.parametrize(
    "given", [{"length": "127"}, {"length": "1025"}, {"window": "0"}, {"window": "129"}, {"length": "long"}]
)
def test_impossible_parameters(given: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        demo(**given)


def test_a_window_that_is_wide_for_the_length() -> None:
    with pytest.raises(UsageError, match="window of 17") as raised:
        demo(length="128", window="17")
    assert raised.value.hint == "take a window of at most 16, or a length of at least 136"


def test_no_words() -> None:
    with pytest.raises(UsageError, match="no words"):
        demo("")


def test_an_edit_reaches_the_exact_pattern_and_shows_no_times() -> None:
    edits = Edits([parse("pattern[query=0]=0")])
    result = run("efficient-attention", replace(asked(), edits=edits))
    names = {step.name for step in result.steps}
    assert "difference before" in names and not {"time", "time before"} & names


def test_the_same_numbers_each_time_but_for_the_times() -> None:
    first, second, other = ([step for step in demo(seed=seed).steps if step.name != "time"] for seed in (0, 0, 1))
    assert first == second != other
