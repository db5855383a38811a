"""study-lm: its corpus with what is held out, its batches and what is measured on it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import sentences, study_corpus, study_lm
from studycli.engine.miniatures.ngrams import Mixture
from studycli.engine.miniatures.overlap import overlap
from studycli.engine.miniatures.study_corpus import END_ID, Corpus, bundled_documents, corpus, encoded, passages, stream
from studycli.engine.model import Transformer
from studycli.engine.seed import generator
from studycli.engine.tokenizer import Tokenizer
from studycli.engine.training import causal_lm_loss
from studycli.errors import EngineError


@pytest.fixture(scope="module")
def small() -> Iterator[tuple[Corpus, Tokenizer]]:
    """A corpus with fewer generated texts, and its tokenizer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_corpus, "GENERATED", 300)
        patch.setattr(study_corpus, "GENERATED_HELD_OUT", 40)
        patch.setattr(study_corpus, "MERGES", 600)
        made = corpus(bundled_documents(), 0)
        yield made, made.tokenizer()


def untrained(vocab_size: int) -> Transformer:
    """A small model of a vocabulary, with the random weights it begins with."""
    return Transformer(replace(study_lm.config(vocab_size), n_layers=2, d_model=24, d_ff=24), seed=0).eval()


# Corpus


def test_passages_are_the_whole_text_in_order():
    text = bundled_documents()
    found = passages(text)
    assert "".join(found) == text
    assert len(found) > 40
    assert max(len(passage) for passage in found) < 1300
    assert all(len(passage) >= 200 for passage in found[:-1])


def test_what_is_held_out_is_in_no_text_for_training(small):
    texts, _ = small
    assert 5 <= len(texts.held_out_documents) < len(texts.documents) / 5
    for part, held_out in (
        (texts.documents, texts.held_out_documents),
        (texts.generated, texts.held_out_generated),
    ):
        assert not set(part) & set(held_out)
    everything = "\0".join(texts.documents)
    assert not [passage for passage in texts.held_out_documents if passage in everything]


def test_the_tokenizer_never_sees_what_is_held_out(small, monkeypatch):
    texts, _ = small
    seen = []
    train = Tokenizer.train
    monkeypatch.setattr(Tokenizer, "train", lambda given, *rest: (seen.extend(given), train(seen, *rest))[1])
    assert texts.tokenizer().id_of(study_corpus.END) == END_ID
    assert len(seen) == len(texts.documents) + len(texts.generated)
    assert not set(seen) & {*texts.held_out_documents, *texts.held_out_generated}


def test_too_little_text_is_refused():
    with pytest.raises(EngineError, match="fewer than two passages"):
        corpus("# A heading\n", 0)


def test_batches_are_those_of_the_seed_and_hold_nothing_held_out(small, monkeypatch):
    texts, tokenizer = small
    monkeypatch.setattr(study_lm, "PHASES", (study_lm.Phase(40, 48, 6, 6), study_lm.Phase(2, 64, 2, 1)))
    first, again = (list(study_lm.batches(texts, tokenizer, generator(5, "test"))) for _ in range(2))
    assert all(torch.equal(a[name], b[name]) for a, b in zip(first, again, strict=True) for name in a)
    assert [tuple(batch["input_ids"].shape) for batch in (first[0], first[-1])] == [(12, 48), (3, 64)]
    parts = [stream(encoded(part, tokenizer)).unfold(0, 48, 1) for part in (texts.documents, texts.generated)]
    for batch in first[:40]:
        for at, part in zip((0, 6), parts, strict=True):
            assert all(bool((part == row).all(-1).any()) for row in batch["labels"][at : at + 2])
        assert torch.equal(batch["input_ids"][6:12], batch["labels"][6:12])
        changed = (batch["input_ids"][:6] != batch["labels"][:6]).float().mean()
        assert 0.05 < changed < 0.4


def test_overlap_is_the_share_of_words_in_ngrams_that_are_known():
    known = ["one two three four five", "six seven"]
    assert overlap(["zero two three four nine ten"], known, 3) == pytest.approx(3 / 6)
    assert overlap(["one two | three\nfour, five"], known, 3) == 1
    assert overlap(["four five six seven"], known, 3) == 0  # across two texts
    assert overlap(["one two"], known, 3) == overlap([], known) == 0


def test_less_of_the_held_out_text_is_known_than_is_new(small):
    texts, _ = small
    training = [*texts.documents, *texts.generated]
    assert overlap(texts.documents, training) == 1
    assert overlap(texts.held_out_documents, training) < 0.3
    assert overlap(texts.held_out_generated, sentences.texts(0, 6000)) < 0.3


# Measurements


@pytest.mark.parametrize("length", [0, 1, 100, 254, 255, 256, 300, 1000])
def test_windows_predict_each_token_once_after_at_least_half_a_window(length):
    text = list(range(1, length + 1))
    predicted = []
    for ids, first in study_lm._windows(text):
        assert len(ids) <= study_lm.WINDOW
        assert first >= study_lm.WINDOW // 2 or not predicted
        predicted += ids[first:]
    assert predicted == [*text, END_ID]


def test_the_loss_of_a_model_that_knows_nothing_is_the_log_of_the_vocabulary():
    model = untrained(300)
    torch.nn.init.zeros_(model.W_E)
    with torch.inference_mode():
        assert study_lm.loss(model, [[5, 7, 9], list(range(299))]) == pytest.approx(math.log(300), abs=1e-5)


def test_the_loss_over_padded_rows_is_that_of_each_text_alone():
    model = untrained(300)
    texts = [[5, 7, 9], [8] * 20, [3, 4]]
    with torch.inference_mode():
        alone = [causal_lm_loss(model, torch.tensor([[END_ID, *ids, END_ID]])) for ids in texts]
        mean = sum(float(each.mean) * int(each.tokens) for each in alone) / sum(int(each.tokens) for each in alone)
        assert study_lm.loss(model, texts, rows=2) == pytest.approx(mean, abs=1e-5)


def test_a_text_said_twice():
    assert study_lm.twice([[1, 2, 3, 4], [5, 6], [7, 8, 9]], 3).tolist() == [
        [0, 1, 2, 3, 1, 2, 3],
        [0, 7, 8, 9, 7, 8, 9],
    ]
    assert study_lm.twice([[1]], 3).shape == (0, 7)


def test_an_untrained_model_is_measured_and_passes_no_gate_on_losses(small, monkeypatch):
    texts, tokenizer = small
    monkeypatch.setattr(study_corpus, "corpus", lambda documents, seed: texts)
    loaded = {"study-lm": Loaded(untrained(tokenizer.vocab_size), tokenizer, "study-lm")}
    with torch.inference_mode():
        metrics = {name: value for each in study_lm.RECIPE.measurements for name, value in each.measure(loaded).items()}
    assert {gate.metric for gate in study_lm.RECIPE.gates} <= set(metrics)
    assert all(type(value) is float and math.isfinite(value) for value in metrics.values())
    assert metrics["merges"] == 600
    for part in ("documents", "generated"):
        assert metrics[f"trigram_loss_{part}"] < metrics[f"unigram_loss_{part}"] < metrics[f"validation_loss_{part}"]
        for baseline in ("unigram", "trigram"):
            gain = metrics[f"{baseline}_loss_{part}"] - metrics[f"validation_loss_{part}"]
            assert metrics[f"{part}_gain_over_{baseline}"] == pytest.approx(gain)
            assert gain < 0
        assert 0 < metrics[f"overlap_{part}"] < 0.3
    assert metrics["documents_won"] == 0
    nats = (
        metrics["bits_per_byte_documents"] * math.log(2) * sum(len(text.encode()) for text in texts.held_out_documents)
    )
    tokens = sum(len(ids) + 1 for ids in encoded(texts.held_out_documents, tokenizer))
    assert nats / tokens == pytest.approx(metrics["validation_loss_documents"])
    assert 0 <= metrics["induction_layer"] < 2 and 0 <= metrics["previous_token_head"] < 6


def test_documents_are_won_where_the_model_is_less_surprised_than_the_mixture(small, monkeypatch):
    texts, tokenizer = small
    ids = encoded(texts.held_out_documents, tokenizer)
    monkeypatch.setattr(study_corpus, "corpus", lambda documents, seed: texts)
    mixture = Mixture.fit(
        encoded(texts.documents, tokenizer), encoded(texts.generated, tokenizer),
        order=3, vocab_size=tokenizer.vocab_size, end=END_ID,
    )  # fmt: skip
    won = ids[:2]
    monkeypatch.setattr(study_lm, "loss", lambda model, each: mixture.loss(each) + (-0.1 if each[0] in won else 0.1))
    metrics = study_lm._measure_losses({"study-lm": Loaded(untrained(tokenizer.vocab_size), tokenizer, "study-lm")})
    assert metrics["documents_won"] == pytest.approx(2 / len(ids))
    assert metrics["trigram_loss_documents"] == pytest.approx(mixture.loss(ids))
    assert metrics["trigram_loss_generated"] == mixture.all.loss(encoded(texts.held_out_generated, tokenizer))
    assert metrics["trigram_mixture_weight"] == mixture.weight


def test_heads_are_chosen_on_training_passages_and_measured_on_held_out_ones(small, monkeypatch):
    texts, tokenizer = small
    monkeypatch.setattr(study_corpus, "corpus", lambda documents, seed: texts)
    scores = {"training": torch.tensor([[0.1, 0.9], [0.2, 0.3]]), "held out": torch.tensor([[0.8, 0.4], [0.7, 0.6]])}
    passages = {len(texts.documents): "training", len(texts.held_out_documents): "held out"}

    def said_twice(model: Transformer, ids: list[list[int]]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        part = passages[len(ids)]
        nats = torch.tensor([[3.0, 5.0, 1.0, 2.0]]) if part == "held out" else torch.zeros(1, 4)
        return nats, {"induction": scores[part]}

    monkeypatch.setattr(study_lm, "_said_twice", said_twice)
    metrics = study_lm._measure_heads({"study-lm": Loaded(untrained(300), tokenizer, "study-lm")})
    assert metrics == pytest.approx({
        "loss_said_once": 4.0, "loss_said_again": 1.5, "gain_said_again": 2.5,
        "induction": 0.4, "induction_layer": 0.0, "induction_head": 1.0,
    })  # fmt: skip


def test_measurements_take_the_documents_that_lie_beside_the_weights(small, tmp_path, monkeypatch):
    texts, tokenizer = small
    taken = []
    monkeypatch.setattr(study_corpus, "corpus", lambda documents, seed: taken.append(documents) or texts)
    (tmp_path / study_lm.SNAPSHOT).write_text("# Another time\n", "utf-8")
    for where in (str(tmp_path), "study-lm"):
        study_lm._parts({"study-lm": Loaded(untrained(300), tokenizer, where)})
    assert taken == ["# Another time\n", bundled_documents()]
    with pytest.raises(EngineError, match="lost its tokenizer"):
        study_lm._parts({"study-lm": Loaded(untrained(300), None, "study-lm")})
