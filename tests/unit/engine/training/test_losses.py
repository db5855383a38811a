"""Losses equal those of transformers on the same weights, gradients too, and what they leave out."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from studycli.engine import Transformer, load_pretrained
from studycli.engine.training import IGNORED, causal_lm_loss, classification_loss, masked_lm_loss, sequence_loss
from studycli.engine.training.losses import shift_right
from studycli.errors import EngineError
from tests import hugging_face
from tests.engine_models import CROSS, ENCODER, PLAIN, build, ids

LENGTHS = torch.tensor([[9], [6], [2]])
KEPT = torch.arange(9) < LENGTHS  # (3, 9)


def labels_of(input_ids: Tensor, share: float = 0.4) -> Tensor:
    """Other ids than those that are read, for some of the kept places."""
    chosen = KEPT & (torch.rand(KEPT.shape, generator=torch.Generator().manual_seed(5)) < share)
    return ((input_ids + 7) % 61).masked_fill(~chosen, IGNORED)


@pytest.mark.parametrize("case", ["gpt2", "gpt2-labels", "bert-mlm", "t5-v1.0", "t5-v1.1-untied"])
def test_the_loss_and_its_gradient_are_theirs(tmp_path: Path, case: str) -> None:
    family = case.removesuffix("-labels")
    theirs = hugging_face.randomise(hugging_face.FAMILIES[family]())
    ours = load_pretrained(hugging_face.save(theirs, tmp_path))
    input_ids, mask = ids(3, 9, vocab=61), KEPT.long()
    if case == "gpt2":
        labels = input_ids.masked_fill(~KEPT, IGNORED)
        loss = causal_lm_loss(ours, input_ids, mask)
    elif case == "gpt2-labels":
        labels = labels_of(input_ids)
        loss = causal_lm_loss(ours, input_ids, mask, labels)
    elif case == "bert-mlm":
        labels = labels_of(input_ids)
        loss = masked_lm_loss(ours, input_ids, labels, mask)
    else:
        labels = labels_of(input_ids, share=1)
        loss = sequence_loss(ours, input_ids, labels, mask)
    expected = theirs(input_ids=input_ids, attention_mask=mask, labels=labels).loss
    torch.testing.assert_close(loss.mean, expected, atol=1e-5, rtol=1e-5)
    predicted = labels if family.startswith(("bert", "t5")) else labels[:, 1:]
    assert loss.tokens == (predicted != IGNORED).sum() > 4
    loss.mean.backward()
    expected.backward()
    table = theirs.get_input_embeddings()
    learned = slice(None) if table.padding_idx is None else slice(table.padding_idx + 1, None)  # theirs freeze padding
    assert table.weight.grad.abs().max() > 1e-3
    torch.testing.assert_close(ours.W_E.grad[learned], table.weight.grad[learned], atol=1e-5, rtol=1e-5)


def test_segments_reach_the_masked_loss() -> None:
    model = build(ENCODER)
    labels = ids(2, 5, seed=1)
    segments = torch.tensor([[0, 0, 1, 1, 1]] * 2)
    given = masked_lm_loss(model, ids(2, 5), labels, segment_ids=segments).mean
    logits = model.mlm_logits(ids(2, 5), segment_ids=segments)
    torch.testing.assert_close(given, torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten()))
    assert not given.isclose(masked_lm_loss(model, ids(2, 5), labels).mean)


def test_all_tokens_equally_likely_cost_the_logarithm_of_the_vocabulary() -> None:
    model = Transformer(PLAIN)
    with torch.no_grad():
        model.W_E.zero_()
    loss = causal_lm_loss(model, ids(2, 5))
    assert loss.mean.item() == pytest.approx(math.log(23)) and loss.tokens == 8


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_is_neither_predicted_nor_predicted_from(side: str) -> None:
    """The mean over the rows' own predictions, whatever stands in the padding."""
    model = build(replace(PLAIN, position="none"))  # else padding on the left would move the tokens behind it
    rows = [ids(1, 7), ids(1, 4, seed=1)]
    alone = [causal_lm_loss(model, row) for row in rows]
    padding = torch.full((1, 3), 9)
    short, kept = [rows[1], padding], [torch.ones(1, 4), torch.zeros(1, 3)]
    if side == "left":
        short, kept = short[::-1], kept[::-1]
    batch = torch.cat((rows[0], torch.cat(short, 1)))
    mask = torch.cat((torch.ones(1, 7), torch.cat(kept, 1)))
    together = causal_lm_loss(model, batch, mask)
    assert [loss.tokens.item() for loss in (*alone, together)] == [6, 3, 9]
    torch.testing.assert_close(together.mean, (6 * alone[0].mean + 3 * alone[1].mean) / 9)


def test_the_loss_of_a_classifier_is_theirs(tmp_path: Path) -> None:
    theirs = hugging_face.randomise(hugging_face.FAMILIES["bert-classifier"]())
    ours = load_pretrained(hugging_face.save(theirs, tmp_path))
    input_ids, mask, labels = ids(3, 9, vocab=61), KEPT.long(), torch.tensor([2, 0, 1])
    loss = classification_loss(ours, input_ids, labels, mask)
    expected = theirs(input_ids=input_ids, attention_mask=mask, labels=labels).loss
    torch.testing.assert_close(loss.mean, expected, atol=1e-5, rtol=1e-5)
    assert loss.tokens == 3
    part = classification_loss(ours, input_ids, torch.tensor([2, IGNORED, 1]), mask)
    two = classification_loss(ours, input_ids[::2], labels[::2], mask[::2])
    torch.testing.assert_close(part.mean, two.mean)
    assert part.tokens == 2


@pytest.mark.parametrize(
    ("changes", "labels", "message"),
    [
        ({"n_labels": 3}, torch.zeros(2, 5, dtype=torch.long), "the labels are"),
        ({"n_labels": 3}, torch.tensor([0, 3]), "the label 3 is out of range"),
        ({}, torch.tensor([0, 1]), "no classification head"),
    ],
)
def test_what_is_no_class_is_refused(changes: dict, labels: Tensor, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        classification_loss(build(replace(ENCODER, **changes)), ids(2, 5), labels)


def test_nothing_to_predict_is_no_loss_and_a_gradient_of_zero() -> None:
    model = build(ENCODER)
    loss = masked_lm_loss(model, ids(2, 5), torch.full((2, 5), IGNORED))
    assert loss.mean == 0 and loss.tokens == 0
    loss.mean.backward()
    assert model.W_E.grad is not None and model.W_E.grad.eq(0).all()


def test_half_precision_is_summed_in_full() -> None:
    model = build(PLAIN, dtype=torch.bfloat16)
    assert causal_lm_loss(model, ids(2, 5)).mean.dtype == torch.float32
    assert causal_lm_loss(model.double(), ids(2, 5)).mean.dtype == torch.float64


@pytest.mark.parametrize(
    ("start", "pad", "expected"),
    [(1, 0, [[1, 5, 6, 7], [1, 8, 0, 0]]), (1, None, [[1, 5, 6, 7], [1, 8, 1, 1]])],
)
def test_a_decoder_reads_the_labels_one_later(start: int, pad: int | None, expected: list[list[int]]) -> None:
    labels = torch.tensor([[5, 6, 7, 9], [8, IGNORED, IGNORED, IGNORED]])
    assert shift_right(labels, replace(CROSS, start_id=start, pad_id=pad)).tolist() == expected


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(EngineError, match=r"labels are \(2, 4\), the tokens are \(2, 5\)"):
        causal_lm_loss(build(PLAIN), ids(2, 5), labels=ids(2, 4))
    with pytest.raises(EngineError, match="no masked-LM head"):
        masked_lm_loss(build(PLAIN), ids(2, 5), ids(2, 5))
    with pytest.raises(EngineError, match="no start token"):
        sequence_loss(build(replace(CROSS, start_id=None)), ids(2, 5), ids(2, 4))


@pytest.mark.parametrize("label", [-1, 23])
def test_a_label_beyond_the_vocabulary_is_refused(label: int) -> None:
    labels = torch.full((1, 5), label)
    with pytest.raises(EngineError, match=f"labels: the label {label} is out of range"):
        causal_lm_loss(build(PLAIN), ids(1, 5), labels=labels)
    with pytest.raises(EngineError, match=f"labels: the label {label} is out of range"):
        sequence_loss(build(CROSS), ids(1, 5), labels)
