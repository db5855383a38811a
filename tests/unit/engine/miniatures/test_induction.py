"""The data that induction learns from: spans of random sequences, what can be known of them, and what is measured."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studycli.engine import Transformer
from studycli.engine.miniatures import bundle, induction
from studycli.engine.miniatures.induction import CONFIG, repeated_sequences, repeated_spans, watch
from studycli.engine.miniatures.spans import with_spans
from studycli.engine.seed import generator
from studycli.engine.training import IGNORED


@given(st.integers(0, 999), st.integers(1, 4), st.integers(0, 5), st.integers(0, 9), st.integers(10, 40))
def test_spans_are_cut_from_the_sequence_and_labelled_but_their_first(
    seed: int, shortest: int, more: int, longer: int, total: int
) -> None:
    ends = (shortest, shortest + more)
    length = ends[1] + longer
    sequences = torch.arange(100, 100 + max(length, total))[None]
    ids, known = with_spans(sequences, torch.tensor([[length]]), total, ends, generator(seed, "test"))
    ids, known = ids[0].tolist(), known[0].tolist()
    assert ids[:length] == list(range(100, 100 + min(length, total))) and not any(known[:length])
    lengths = []
    for (left, right), is_known in zip(pairwise(ids[length:]), known[length + 1 :], strict=True):
        assert 100 <= right < 100 + length
        assert not is_known or right == left + 1
    for is_known in known[length:]:
        lengths = [*lengths[:-1], lengths[-1] + 1] if is_known else [*lengths, 1]
    assert all(ends[0] <= span <= ends[1] for span in lengths[:-1])
    assert all(span <= ends[1] for span in lengths)


def test_the_sequences_to_learn_from() -> None:
    batch = repeated_spans(200, generator(0, "test"))
    ids, labels = batch["input_ids"], batch["labels"]
    assert ids.shape == labels.shape == (200, 41)
    assert bool((ids[:, 0] == 0).all()) and int(ids[:, 1:].min()) == 1 and int(ids.max()) == CONFIG.vocab_size - 1
    distinct = {len(set(row)) - 1 for row in ids.tolist()}
    assert min(distinct) == 8 and max(distinct) == 24
    assert torch.equal(labels[labels != IGNORED], ids[labels != IGNORED])


def test_the_sequences_to_measure_on_repeat_as_a_whole() -> None:
    batch = repeated_sequences(200, generator(0, "test"))
    periods = set()
    for row, label in zip(batch["input_ids"].tolist(), batch["labels"].tolist(), strict=True):
        first = next(at for at, wanted in enumerate(label) if wanted != IGNORED)
        period = first - 2  # the start, and the first repeated token, which nothing announces
        periods.add(period)
        assert row[1 + period :] == row[1:-period] and len(set(row[1 : 1 + period])) == period
        assert label[first:] == row[first:] and set(label[:first]) == {IGNORED}
    assert periods == set(range(8, 21))


def test_what_is_watched_is_nothing_in_a_fresh_model_and_nearly_1_in_the_bundled_one() -> None:
    batch = repeated_sequences(64, generator(3, "test"))
    fresh, learned = watch(batch, Transformer(CONFIG)), watch(batch, bundle.load("induction").model)
    assert fresh["copy_accuracy"] < 0.1 and max(fresh["previous_token"], fresh["induction"]) < 0.2
    assert learned["copy_accuracy"] > 0.99 and learned["previous_token"] > 0.4 and learned["induction"] > 0.9


def test_the_accuracy_is_of_the_labels_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that always says 5 is right as often as 5 is a label."""
    batch = repeated_sequences(64, generator(3, "test"))
    model = Transformer(replace(CONFIG, unembed_bias=True))
    with torch.no_grad():
        model.unembedding.b_U[5] = 1e6
    wanted = batch["labels"][batch["labels"] != IGNORED]
    assert watch(batch, model)["copy_accuracy"] == pytest.approx(float((wanted == 5).float().mean()))


def test_another_text_than_that_of_training_is_measured() -> None:
    """No sequence that is measured begins like one of the training's."""
    random = generator(induction.RECIPE.seed, "induction", "batches")
    learned = {
        tuple(row[1:9].tolist()) for _ in range(induction.STEPS) for row in repeated_spans(64, random)["input_ids"]
    }
    measured = repeated_sequences(512, generator(0, "induction", "held out"))["input_ids"]
    assert not learned & {tuple(row[1:9].tolist()) for row in measured}
