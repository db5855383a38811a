"""Pieces: white space has one sign in every demo of a tokenizer's tokens."""

from __future__ import annotations

import pytest

from studycli.demos import registry
from studycli.demos.inputs import Inputs
from studycli.demos.pieces import SPACE, visible


def test_white_space_is_visible_and_nothing_else_changes() -> None:
    assert visible(" a_b\\n c\n\t\r") == f"{SPACE}a_b\\n{SPACE}c⏎⇥␍"


@pytest.mark.parametrize("name", ["block", "tokenization", "generation", "kv-cache"])
def test_a_space_in_front_has_the_same_sign_in_each_demo(name: str) -> None:
    tokens = next(step for step in registry.run(name, Inputs("The cat", "cpu")).steps if step.name == "tokens")
    assert f"{SPACE}cat" in tokens.values and (SPACE in tokens.note or name == "tokenization")


def test_embeddings_label_their_rows_with_it() -> None:
    ids = next(step for step in registry.run("embeddings", Inputs("The cat", "cpu")).steps if step.name == "ids")
    assert f"{SPACE}cat" in ids.labels["token"]
