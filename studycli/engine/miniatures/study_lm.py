"""study-lm: a small language model with subwords, trained on the bundled documents and on generated text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from studycli.engine import head_scores
from studycli.engine.config import Config
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import study_corpus
from studycli.engine.miniatures.ngrams import Mixture, NGrams
from studycli.engine.miniatures.overlap import overlap
from studycli.engine.miniatures.recipe import Gate, Measurement, Recipe, Trained, Training
from studycli.engine.miniatures.study_corpus import END_ID, Corpus, bundled_documents, encoded, stream
from studycli.engine.model import Transformer
from studycli.engine.seed import generator
from studycli.engine.tokenizer import Tokenizer
from studycli.engine.trace import Trace
from studycli.engine.training import IGNORED, adamw, causal_lm_loss
from studycli.errors import EngineError

SNAPSHOT = "documents.txt"
"""The documents as they were when the model was trained, beside its weights: what the metrics are measured with."""
WINDOW = 256
SEED = 0
_STRIDE = 128  # a window's first half is context, so that no token but a text's first ones has to do with little


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the training: how many steps, with how many rows of each kind, of which length in tokens."""

    steps: int
    length: int
    documents: int
    generated: int


PHASES = (Phase(2160, 96, 4, 8), Phase(240, 256, 2, 2))
_PEAK, _WARMUP, _NOISE, _WEIGHT_DECAY = 3e-3, 60, 0.2, 0.5


def config(vocab_size: int) -> Config:
    """The shape of the model for a vocabulary."""
    return Config(
        architecture="decoder", vocab_size=vocab_size, d_model=192, n_layers=4, n_heads=6, d_ff=768, max_length=WINDOW,
        position="rotary",
    )  # fmt: skip


def _train(training: Training) -> Trained:
    documents = bundled_documents()
    texts = study_corpus.corpus(documents, training.seed)
    tokenizer = texts.tokenizer()
    model = Transformer(config(tokenizer.vocab_size), seed=training.seed)
    rows = batches(texts, tokenizer, generator(training.seed, "study-lm", "batches"))
    watched = twice(encoded(texts.held_out_documents, tokenizer), 48)[:4]  # (4, 97)
    training.run(
        model, rows, causal_lm_loss, steps=sum(phase.steps for phase in PHASES), peak=_PEAK, warmup=_WARMUP,
        optimizer=adamw(model, weight_decay=_WEIGHT_DECAY), scores=partial(_watch, watched),
    )  # fmt: skip
    return Trained(model, tokenizer, {SNAPSHOT: documents, "generation_config.json": f'{{"eos_token_id": {END_ID}}}\n'})


def batches(texts: Corpus, tokenizer: Tokenizer, random: torch.Generator) -> Iterator[Mapping[str, Tensor]]:
    """Ids and labels (rows, length) for each step of the phases, from the corpus' parts for training alone.

    Documents are few and seen often, so some of their tokens are replaced in what is read, never in what is to be
    predicted.
    """
    documents = stream(encoded(texts.documents, tokenizer))  # (tokens)
    generated = stream(encoded(texts.generated, tokenizer))  # (tokens)
    for phase in PHASES:
        for _ in range(phase.steps):
            of_documents = study_corpus.crops(documents, phase.documents, phase.length, random)
            plain = study_corpus.crops(generated, phase.generated, phase.length, random)
            read = study_corpus.noised(of_documents, documents, _NOISE, random)
            yield {"input_ids": torch.cat([read, plain]), "labels": torch.cat([of_documents, plain])}


def loss(model: Transformer, texts: Sequence[Sequence[int]], rows: int = 16) -> float:
    """Mean cross-entropy in nats per token of texts, each between two ends, the first of which is only read.

    Texts longer than a window are read in windows that overlap by half, each token predicted once.
    """
    windows = sorted(((ids, first) for text in texts for ids, first in _windows(text)), key=lambda pair: len(pair[0]))
    nats, tokens = 0.0, 0
    for at in range(0, len(windows), rows):
        ids, labels = _padded(windows[at : at + rows])
        mean, count = causal_lm_loss(model, ids.to(model.device), labels=labels)
        nats, tokens = nats + float(mean) * int(count), tokens + int(count)
    return nats / tokens


def twice(texts: Sequence[Sequence[int]], length: int) -> Tensor:
    """An end and the first `length` ids of each text that has as many, said twice: (texts, 1 + 2 length)."""
    long = [list(text[:length]) for text in texts if len(text) >= length]
    return torch.tensor([[END_ID, *ids, *ids] for ids in long]).reshape(-1, 1 + 2 * length)  # (texts, 1 + 2 length)


def _windows(text: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Windows of a text between ends, and the place in each of the first token that is to be predicted."""
    ids = [END_ID, *text, END_ID]
    yield ids[:WINDOW], 1
    for start in range(_STRIDE, len(ids) - _STRIDE, _STRIDE):
        yield ids[start : start + WINDOW], WINDOW - _STRIDE


def _padded(windows: Sequence[tuple[list[int], int]]) -> tuple[Tensor, Tensor]:
    """Ids and labels (rows, longest); padding on the right is seen by no token that counts."""
    longest = max(len(ids) for ids, _ in windows)
    padded = [ids + [END_ID] * (longest - len(ids)) for ids, _ in windows]
    labels = [[IGNORED] * first + ids[first:] + [IGNORED] * (longest - len(ids)) for ids, first in windows]
    return torch.tensor(padded), torch.tensor(labels)  # both (rows, longest)


def _watch(watched: Tensor, model: Transformer) -> dict[str, float]:
    """Accuracy on ids (texts, 1 + 2 length) said twice, at first and again, and the best heads."""
    trace = Trace(only="*.pattern")
    ids = watched.to(model.device)
    right = (model(ids, trace=trace)[:, :-1].argmax(-1) == ids[:, 1:]).float()  # (texts, 2 length)
    once, again = right.chunk(2, 1)
    heads = {name: float(scores.max()) for name, scores in _head_scores(trace, ids).items()}
    return {"accuracy": float(once.mean()), "copying": float(again.mean()), **heads}


def _head_scores(trace: Trace, ids: Tensor) -> dict[str, Tensor]:
    """Scores (layers, heads) of the recorded patterns, by name."""
    patterns = list(trace.values())
    return {
        "previous_token": torch.stack([head_scores.previous_token(pattern) for pattern in patterns]),
        "induction": torch.stack([head_scores.induction(pattern, ids) for pattern in patterns]),
    }


def _measure_losses(loaded: Mapping[str, Loaded]) -> dict[str, float]:
    """The model's losses on what is held out, beside those of n-grams of the same training text.

    As documents count for more than generated text in the model's training, a mixture of trigrams that weighs them
    anew is what its loss on documents is held against. `documents_won` is the share of held-out passages where the
    model's loss is the lower one.
    """
    model, tokenizer, texts = _parts(loaded)
    documents, generated = encoded(texts.documents, tokenizer), encoded(texts.generated, tokenizer)
    held_out = {
        "documents": encoded(texts.held_out_documents, tokenizer),
        "generated": encoded(texts.held_out_generated, tokenizer),
    }
    counting = {"vocab_size": tokenizer.vocab_size, "end": END_ID}
    unigram = NGrams.fit(documents + generated, order=1, **counting)
    mixture = Mixture.fit(documents, generated, order=3, **counting)
    trigrams: dict[str, NGrams | Mixture] = {"documents": mixture, "generated": mixture.all}
    won = [loss(model, [ids]) < mixture.loss([ids]) for ids in held_out["documents"]]
    metrics = {
        "merges": float(tokenizer.vocab_size - 257),
        "trigram_mixture_weight": mixture.weight,
        "documents_won": sum(won) / len(won),
        "overlap_documents": overlap(texts.held_out_documents, [*texts.documents, *texts.generated]),
        "overlap_generated": overlap(texts.held_out_generated, [*texts.documents, *texts.generated]),
    }
    for part, ids in held_out.items():
        own = metrics[f"validation_loss_{part}"] = loss(model, ids)
        metrics[f"unigram_loss_{part}"] = unigram.loss(ids)
        metrics[f"trigram_loss_{part}"] = trigrams[part].loss(ids)
        metrics[f"{part}_gain_over_unigram"] = metrics[f"unigram_loss_{part}"] - own
        metrics[f"{part}_gain_over_trigram"] = metrics[f"trigram_loss_{part}"] - own
    nats = metrics["validation_loss_documents"]
    metrics["bits_per_byte_documents"] = _bits_per_byte(nats, held_out["documents"], texts)
    return metrics


def _bits_per_byte(nats: float, held_out: Sequence[Sequence[int]], texts: Corpus) -> float:
    tokens = sum(len(ids) + 1 for ids in held_out)
    return nats * tokens / math.log(2) / sum(len(text.encode()) for text in texts.held_out_documents)


def _measure_heads(loaded: Mapping[str, Loaded]) -> dict[str, float]:
    """Which heads are the best on training passages said twice, and what they and the second time do on held-out ones.

    No text of the training says a passage twice: the metrics tell how far copying came of itself.
    """
    model, tokenizer, texts = _parts(loaded)
    _, chosen = _said_twice(model, encoded(texts.documents, tokenizer))
    nats, measured = _said_twice(model, encoded(texts.held_out_documents, tokenizer))
    once, again = (float(half.mean()) for half in nats.chunk(2, 1))
    metrics = {"loss_said_once": once, "loss_said_again": again, "gain_said_again": once - again}
    for name, scores in chosen.items():
        layer, head = divmod(int(scores.argmax()), scores.shape[1])
        score = float(measured[name][layer, head])
        metrics |= {name: score, f"{name}_layer": float(layer), f"{name}_head": float(head)}
    return metrics


def _said_twice(model: Transformer, texts: Sequence[Sequence[int]]) -> tuple[Tensor, dict[str, Tensor]]:
    """Surprise in nats (texts, 128) at the first tokens of passages said twice, and scores (layers, heads) by name."""
    ids = twice(texts, 64).to(model.device)  # (texts, 129)
    trace = Trace(only="*.pattern")
    logits = model(ids, trace=trace)[:, :-1]  # (texts, 128, vocabulary)
    nats = torch.nn.functional.cross_entropy(logits.mT, ids[:, 1:], reduction="none")  # (texts, 128)
    return nats, _head_scores(trace, ids)


def _parts(loaded: Mapping[str, Loaded]) -> tuple[Transformer, Tokenizer, Corpus]:
    """The model, its tokenizer, and the corpus of the documents that were there when it was trained."""
    each = loaded["study-lm"]
    if each.tokenizer is None:
        raise EngineError("study-lm has lost its tokenizer", where=each.where, hint="install the program again")
    snapshot = Path(each.where) / SNAPSHOT
    # A model that was not written yet was trained on the documents as they are.
    documents = snapshot.read_text("utf-8") if snapshot.is_file() else bundled_documents()
    return each.model, each.tokenizer, study_corpus.corpus(documents, SEED)


RECIPE = Recipe(
    name="study-lm",
    task="Language modelling: predict the next subword of study documents and of plain sentences.",
    data="The bundled decks and concept maps, one passage of eight held out, and 6,000 generated texts; of their facts "
    "one of ten is held out in every wording.",
    generator="studycli.engine.miniatures.study_corpus:corpus",
    seed=SEED,
    checkpoints=("study-lm",),
    train=_train,
    measurements=(Measurement(_measure_losses), Measurement(_measure_heads)),
    gates=(Gate("documents_gain_over_unigram", 1.0), Gate("generated_gain_over_trigram", 0.0)),
)
