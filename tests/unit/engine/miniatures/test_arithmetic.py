"""Arithmetic: values as Python gives them, that nothing held out is trained on, and what the decoder completes."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

import pytest
import torch
from torch import Tensor

from studycli.engine.miniatures import arithmetic, bundle
from studycli.engine.miniatures.arithmetic import CONFIG, KINDS, VOCABULARY, Expression, complete, measure
from studycli.engine.miniatures.recipe import Progress, Trained, Training
from studycli.engine.model import Transformer
from studycli.engine.training import IGNORED
from studycli.errors import UsageError

TRAINED = list(islice(arithmetic.expressions(0, "batches", held_out=False), 6000))
HELD = arithmetic.held_out_expressions(1)
ALL_HELD = [expression for found in HELD.values() for expression in found]


class Oracle(Transformer):
    """Writes the value of these expressions, and of others a comma for each character."""

    def __init__(self, known: list[Expression]) -> None:
        super().__init__(CONFIG)
        self.known = {text + value for text, value in known}

    def forward(self, input_ids: Tensor, **_: Any) -> Tensor:
        written = torch.full_like(input_ids, VOCABULARY.index(","))
        for row, ids in enumerate(input_ids.tolist()):
            text = "".join(VOCABULARY[id_] for id_ in ids).partition(";")[0]
            if text in self.known:
                written[row, :-1] = input_ids[row, 1:]
        return torch.nn.functional.one_hot(written, CONFIG.vocab_size).float()


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_is_what_python_gives(kind: str) -> None:
    for text, value in islice(arithmetic.expressions(0, "python", [kind], held_out=False), 200):
        assert text.endswith("=")
        assert repr(eval(text[:-1])).replace(" ", "") == value


def test_all_kinds_are_trained_on() -> None:
    marks = {"sum": "+", "largest": "max", "length": "len", "sorted": "sorted", "index": "][", "repeated": "*"}
    for mark in [*marks.values(), "::-1"]:
        assert sum(mark in text for text, _ in TRAINED) > 200


def test_nothing_measured_is_trained_on_with_its_characters_in_any_order() -> None:
    seen = {"".join(sorted(text)) for text, _ in TRAINED}
    assert not {"".join(sorted(text)) for text, _ in ALL_HELD} & seen
    assert not any(each.held_out for each in TRAINED) and all(each.held_out for each in ALL_HELD)
    sums = {tuple(sorted(text[:-1].split("+"))) for text, _ in HELD["sum"]}
    assert len(sums) > 200
    assert not sums & {tuple(sorted(text[:-1].split("+"))) for text, _ in TRAINED if "+" in text}


def test_what_is_measured_is_enough_and_all_different() -> None:
    for found in HELD.values():
        assert len(set(found)) == len(found) > 100


def test_equal_seeds_give_equal_expressions() -> None:
    def first(seed: int) -> list[Expression]:
        return list(islice(arithmetic.expressions(seed, "batches", held_out=False), 50))

    assert first(0) == TRAINED[:50] != first(1)


def test_only_values_and_ends_are_labelled_and_all_fits() -> None:
    batch = next(arithmetic.batches(0))
    assert batch["input_ids"].shape == batch["labels"].shape
    for ids, labels, (text, value) in zip(batch["input_ids"], batch["labels"], TRAINED, strict=False):
        asked = labels != IGNORED
        assert "".join(VOCABULARY[id_] for id_ in labels[asked]) == f"{value};"
        assert torch.equal(ids[asked], labels[asked])
        assert "".join(VOCABULARY[id_] for id_ in ids if id_).startswith(f"{text}{value};")
        assert asked.tolist().index(True) == len(text)
    longest = max(len(text + value) + 1 for text, value in [*TRAINED, *ALL_HELD])
    assert longest <= (CONFIG.max_length or 0)


def test_metrics_are_parts_of_each_kind_and_their_mean() -> None:
    held = {kind: found[:40] for kind, found in HELD.items()}
    known = [*held["sum"][:10], *(each for kind in KINDS if kind != "sum" for each in held[kind])]
    found = measure(Oracle(known), held)
    assert found["completion_sum"] == 0.25
    assert found["completion_reversed"] == 1
    assert found["completion_exact"] == pytest.approx((len(KINDS) - 1 + 0.25) / len(KINDS))
    assert set(found) == {f"completion_{kind}" for kind in [*KINDS, "exact"]}


def test_a_value_that_does_not_end_is_not_right() -> None:
    """'78' where the value is '7': each character is right, but the end is not there."""
    expression = HELD["length"][0]
    longer = Expression(expression.text, expression.value + "1")
    batch = {"length": [longer]}
    assert measure(Oracle([expression]), batch)["completion_length"] == 0


def test_training_is_reported_and_the_same_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arithmetic, "_STEPS", 2)
    monkeypatch.setattr(arithmetic, "_WARMUP", 1)
    heard: list[Progress] = []

    def trained() -> Trained:
        return arithmetic.train(Training("tasks/decoder", 3, torch.device("cpu"), heard.append))

    first, second = trained(), trained()
    assert set(heard[-1].scores) == {"sum", "index", "reversed", "previous_token", "duplicate_token"}
    assert all(torch.equal(a, b) for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True))
    assert first.tokenizer is not None and first.tokenizer.vocab_size == CONFIG.vocab_size
    text = "sorted([4,1])='abc'*2;"
    assert first.tokenizer.encode(text) == [VOCABULARY.index(character) for character in text]


@pytest.mark.parametrize(
    ("text", "value"),
    [("47+38", "85"), ("47 + 38 =", "85"), ("max(27,71)", "71"), ("len([3,1,4])", "3"), ("sorted([4,1,3])", "[1,3,4]"),
     ("'ab'*2=", "'abab'"), ("'bad'[::-1]", "'dab'"), ("[3,1,4][2]", "4")],
)  # fmt: skip
def test_the_bundled_decoder_completes(text: str, value: str) -> None:
    assert complete(bundle.load("tasks/decoder"), text) == value


def test_what_is_measured_is_what_greedy_decoding_completes() -> None:
    """On a kind that the decoder gets wrong now and then as well as on others."""
    loaded = bundle.load("tasks/decoder")
    held = {kind: found[:20] for kind, found in HELD.items()}
    metrics = measure(loaded.model, held)
    for kind, found in held.items():
        right = [complete(loaded, text) == value for text, value in found]
        assert metrics[f"completion_{kind}"] == pytest.approx(sum(right) / len(right))


def test_an_unknown_character_is_named() -> None:
    loaded = bundle.load("tasks/decoder")
    with pytest.raises(UsageError, match="'%'"):
        complete(loaded, "47%3")
    with pytest.raises(UsageError, match="at most 18"):
        complete(loaded, "1+" * 12)
    with pytest.raises(UsageError, match="no characters"):
        complete(loaded, " ")


@pytest.mark.parametrize(
    "text",
    ["=", "100+200", "7+12", "12-7", "47+38=85", "47+38==", "max(7,12)", "max(12)", "len([])", "[3,1,4][3]", "[3][0]",
     "'ab'*4", "'abcde'*2", "'a'[::-1]", "sorted([3])", "47+38,47+38", "len('abc')"],
)  # fmt: skip
def test_an_expression_of_no_kind_that_was_learned_gets_the_kinds(text: str) -> None:
    with pytest.raises(UsageError, match="never learned an expression") as caught:
        complete(bundle.load("tasks/decoder"), text)
    for name, kind in KINDS.items():
        assert f"{name} as in {kind.example}" in str(caught.value.hint)


@pytest.mark.parametrize("kind", KINDS)
def test_a_shape_is_that_of_its_kind_alone(kind: str) -> None:
    """Every expression of a kind has its shape and no other one, and its example can be completed."""
    drawn = [text for text, _ in islice(arithmetic.expressions(3, "shapes", [kind], held_out=False), 500)]
    for name, each in KINDS.items():
        fits = {bool(re.fullmatch(each.shape, text[:-1])) for text in [*drawn, f"{KINDS[kind].example}="]}
        assert fits == {name == kind}
