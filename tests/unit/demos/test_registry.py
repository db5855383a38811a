"""The registry: listing without torch, names that come close, and the demo for a card's concept."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from studycli.demos import registry
from studycli.demos.inputs import Inputs, inputs_for
from studycli.errors import UsageError
from studycli.model.card import Card


def card(concept: str | None = None, front: str = "Why?", back: str = "So.", title: str = "") -> Card:
    return Card(number=1, front=front, back=back, concept=concept, title=title)


def test_listing_imports_neither_torch_nor_pydantic() -> None:
    code = (
        "import sys, studycli.demos.registry as registry; registry.find('multi-head');"
        "sys.exit(not {'torch', 'pydantic', 'numpy'}.isdisjoint(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", registry.DEMOS)
def test_every_target_exists_and_answers_by_its_name(name: str) -> None:
    demo = registry.DEMOS[name]
    module, function = demo.target.split(":")
    assert callable(getattr(import_module(module), function))
    result = registry.run(name, Inputs("one two", "cpu"))
    assert (result.demo, result.title) == (demo.name, demo.title)
    assert all(registry.serving(concept) == name for concept in demo.concepts)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("multihead", "did you mean multi-head?"),
        ("scaled", "did you mean scaled-dot-product?"),
        ("xyz", "the demos are"),
    ],
)
def test_an_unknown_name_gives_close_ones(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        registry.run(name, Inputs())
    assert caught.value.exit_code == 2 and hint in str(caught.value.hint)


@pytest.mark.parametrize(
    ("concept", "demo"),
    [
        ("Scaled Dot-Product Attention", "scaled-dot-product"),
        ("scaled dot product  ATTENTION.", "scaled-dot-product"),
        ("Multi-Head Attention", "multi-head"),
        ("Multi–Head Attention (MHA)", "multi-head"),
        ("Multi-Head Self-Attention", "multi-head"),
        ("The Cost of Multi-Head Attention", "multi-head"),
        ("Positional Encoding Selection", None),
        ("self attentional", None),
        ("", None),
    ],
)
def test_demo_for_a_concept(concept: str, demo: str | None) -> None:
    assert registry.serving(concept) == demo
    assert registry.demo_for(card(concept)) == (demo or "scaled-dot-product")


def test_a_card_without_concept_gets_attention_over_its_text() -> None:
    assert registry.demo_for(card(None)) == "scaled-dot-product"


def test_the_text_of_a_card_is_its_question_or_what_else_it_has() -> None:
    assert inputs_for(card(front="**Why?**"), "cpu", 3) == Inputs("**Why?**", "cpu", 3)
    assert inputs_for(card(front=" ")).text == "So."
    assert inputs_for(card(front="", back="---", title="Title")).text == "Title"
    assert inputs_for(card("A concept", front="", back="")).text == "A concept"
