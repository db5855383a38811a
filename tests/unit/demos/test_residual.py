"""The demo `residual`: gradients against finite differences, its claims over seeds, and what makes them fail."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studycli.demos import residual, stack
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.embedding import embed
from studycli.demos.explain import explain
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import run
from studycli.demos.stack import KINDS, NEITHER, NO_RESIDUAL, POST, PRE
from studycli.engine.trace import Trace
from studycli.errors import UsageError

NAMES = ["tokens", "embeddings", "gradient", "orders", "stream", "apart", "weights gradient"]
CLAIMS = next(demo.claims for demo in ALL if demo.name == "residual")


def demo(text: str = DEFAULT_TEXT, seed: int = 0, layers: int = 12):
    return run("residual", Inputs(text, "cpu", seed, parameters={"layers": layers}))


def numbers(layers: int = 12, words: int = 5) -> dict[str, np.ndarray]:
    x = embed([f"word{n}" for n in range(words)], 64, 0)[None]
    return residual._compute(x, layers, 0, Trace())


def test_the_steps(values) -> None:
    result = demo()
    assert [step.name for step in result.steps] == NAMES
    assert tuple(claim.name for claim in result.claims) == CLAIMS
    gradient = values(result, "gradient")
    assert gradient.shape == (13, 4) and result.steps[2].labels["kind"] == KINDS
    np.testing.assert_allclose(gradient[-1], 1)
    np.testing.assert_allclose(values(result, "orders"), np.log10(gradient), atol=1e-5)
    np.testing.assert_allclose(values(result, "stream")[1:, KINDS.index(POST)], 8, atol=1e-3)
    assert values(result, "weights gradient").shape == (12, 2)
    assert len(set(values(result, "stream")[0])) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_is_what_a_small_step_changes(kind: str) -> None:
    torch.manual_seed(0)
    blocks = stack.build(3, 0, torch.device("cpu"))
    for block in (*blocks.pre, *blocks.post):
        block.double()
    blocks.final_norm.double()
    x, direction, step = (torch.randn(1, 4, 64, dtype=torch.float64) for _ in range(3))

    @torch.no_grad()
    def loss(y: torch.Tensor) -> float:
        top = blocks.stream(kind, y)[-1]
        return float(((blocks.final_norm(top) if kind == PRE else top) * direction).sum())

    xs = blocks.stream(kind, x.clone().requires_grad_())
    (gradient,) = torch.autograd.grad((blocks.top(kind, xs[-1]) * direction).sum(), xs[:1], retain_graph=True)
    slope = (loss(x + 1e-5 * step) - loss(x - 1e-5 * step)) / 2e-5
    assert slope == pytest.approx(float((gradient * step).sum()), rel=1e-5)
    norms, _ = residual._gradients(blocks, kind, xs, direction)
    assert norms[0] == pytest.approx(float(gradient.norm()), rel=1e-6)


def test_the_kinds_differ_by_additions_and_norms_alone() -> None:
    blocks = stack.build(2, 0, torch.device("cpu"))
    x = torch.randn(1, 3, 64, generator=torch.Generator().manual_seed(0))
    first = blocks.pre[0]
    with torch.no_grad():
        own = {kind: blocks.stream(kind, x)[1] for kind in KINDS}
        neither = first.ffn(first.attn(x))
        middle = x + first.attn(first.norm1(x))
        added = middle + first.ffn(first.norm2(middle))
        bare = first.ffn(first.norm2(first.attn(first.norm1(x))))
        half = first.norm1(x + first.attn(x))
        post = first.norm2(half + first.ffn(half))
    for kind, expected in ((NEITHER, neither), (PRE, added), (NO_RESIDUAL, bare), (POST, post)):
        torch.testing.assert_close(own[kind], expected)


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "Softmax", "word " * 500, "αβγ 你好 \x00\x1b[31m"])
@pytest.mark.parametrize("layers", [2, 12])
@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_claims_hold(text: str, layers: int, seed: int) -> None:
    result = demo(text, seed, layers)
    assert [claim for claim in result.claims if not claim.holds] == []
    names = [claim.name for claim in result.claims]
    assert ("gradient-vanishes" in names) == (layers >= 10)
    assert ("tokens-alike-without-residuals" in names) == (text != "Softmax")


def test_claims_hold_for_the_deepest() -> None:
    assert all(claim.holds for claim in demo(layers=32).claims)


def test_a_wrong_number_makes_its_claim_fail() -> None:
    good = numbers()
    assert all(claim.holds for claim in residual._claims(good))

    def with_gradient(kind: str, value: float) -> dict[str, np.ndarray]:
        gradient = good["gradient"].copy()
        gradient[0, KINDS.index(kind)] = value
        return {"gradient": gradient}

    alike = good["apart"].copy()
    alike[-1] = 0.5
    worse = {
        "gradient-shrinks-per-block": [with_gradient(NEITHER, 0.5), with_gradient(NEITHER, np.nan)],
        "gradient-vanishes": [with_gradient(NEITHER, 0.02)],
        "residual-keeps-gradient": [with_gradient(PRE, 0.05), with_gradient(PRE, 20)],
        "post-norm-top-gradient": [{"weights": good["weights"][:, ::-1]}],
        "tokens-alike-without-residuals": [{"apart": alike}],
    }
    assert set(worse) == set(CLAIMS)
    for name, changes in worse.items():
        for change in changes:
            found = {claim.name: claim for claim in residual._claims({**good, **change})}
            assert not found[name].holds, name


def test_the_same_seed_gives_the_same_numbers_whatever_the_global_state() -> None:
    torch.manual_seed(1)
    first = demo()
    torch.manual_seed(2)
    assert demo() == first
    assert demo(seed=1) != first


@pytest.mark.parametrize("edit", ["pre_norm.blocks.0.attn.z[head=1]=0", "neither.blocks.3.ffn.hidden=0",
                                  "no_residual.blocks.0.attn.out=3e38"])  # fmt: skip
def test_an_edit_reaches_the_stack(edit: str) -> None:
    changed = run("residual", Inputs(DEFAULT_TEXT, "cpu", edits=Edits([parse(edit)])))
    assert any(step.name == "stream" for step in changed.steps)


def test_a_cell_is_explained() -> None:
    result = demo()
    assert "log10 of gradient[0, 3]" in explain(result, "orders[0,3]").stages[0].sentence


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        demo(text)
