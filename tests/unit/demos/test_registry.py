"""The registry: listing without torch, names that come close, the demo for a concept, and what holds of every demo."""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache

import pytest

from studycli.demos import registry
from studycli.demos.catalogue import ALL, GROUPS
from studycli.demos.inputs import Inputs
from studycli.errors import UsageError
from studycli.model.trace import DemoResult


def test_listing_imports_neither_torch_nor_pydantic() -> None:
    code = (
        "import sys, studycli.demos.registry as registry; registry.find('multi-head');"
        "sys.exit(not {'torch', 'pydantic', 'numpy'}.isdisjoint(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@lru_cache
def run(name: str) -> DemoResult:
    return registry.run(name, Inputs(registry.DEMOS[name].text, "cpu"))


@pytest.mark.parametrize("name", registry.DEMOS)
def test_every_target_exists_and_answers_by_its_name(name: str) -> None:
    demo = registry.DEMOS[name]
    assert (run(name).demo, run(name).title) == (demo.name, demo.title)
    assert all(registry.serving(concept) == name for concept in demo.concepts)
    assert demo.summary.endswith(".") and demo.claims


@pytest.mark.parametrize("name", registry.DEMOS)
def test_the_catalogue_knows_the_claims_of_each_demo_and_they_hold(name: str) -> None:
    claims = run(name).claims
    assert {claim.name for claim in claims} == set(registry.DEMOS[name].claims)
    assert [claim.name for claim in claims if not claim.holds] == []
    assert len({claim.name for claim in claims}) == len(claims)


@pytest.mark.parametrize("name", registry.DEMOS)
def test_steps_are_what_they_say(name: str) -> None:
    steps = run(name).steps
    names = {step.name for step in steps}
    assert len(names) == len(steps)
    for step in steps:
        assert step.note.endswith("."), step.name
        assert len(step.axes) == len(step.shape), step.name
        assert _shape(step.values, len(step.shape)) == step.shape, step.name
        assert step.compare is None or step.compare in names
        assert step.origin is None or set(step.origin.of) <= names, step.name
        for axis, size in zip(step.axes, step.shape, strict=True):
            assert len(step.labels.get(axis, ())) in (0, size), f"{step.name}: {axis}"


def _shape(values: object, depth: int) -> tuple[int, ...]:
    shape = []
    for _ in range(depth):
        assert isinstance(values, list | tuple)
        shape.append(len(values))
        values = values[0] if values else []
    return tuple(shape)


def test_the_groups_hold_every_demo_once() -> None:
    assert [demo.name for group in GROUPS.values() for demo in group] == list(registry.DEMOS)
    assert len(registry.DEMOS) == len(ALL)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("multihead", "did you mean multi-head?"),
        ("scaled", "did you mean scaling or scaled-dot-product?"),
        ("xyz", "studycli demo lists them all"),
        ("multihed", "did you mean multi-head?"),
        ("q" * 100_000, "studycli demo lists them all"),
    ],
)
def test_an_unknown_name_gives_close_ones(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        registry.run(name, Inputs())
    assert caught.value.exit_code == 2 and hint in str(caught.value.hint)
    assert len(caught.value.message) < 80


@pytest.mark.parametrize(
    ("concept", "demo"),
    [
        ("Scaled Dot-Product Attention", "scaled-dot-product"),
        ("scaled dot product  ATTENTION.", "scaled-dot-product"),
        ("Multi-Head Attention", "multi-head"),
        ("Multi–Head Attention (MHA)", "multi-head"),
        ("Multi-Head Self-Attention", "multi-head"),
        ("The Cost of Multi-Head Attention", "multi-head"),
        ("Positional Encoding Selection", "length-extrapolation"),
        ("Learned Positional Encoding", "positional-encoding"),
        ("Causal Mask", "masks"),
        ("KV Cache Size", "kv-cache"),
        ("self attentional", None),
        ("", None),
    ],
)
def test_demo_for_a_concept(concept: str, demo: str | None) -> None:
    assert registry.serving(concept) == demo
