"""extrapolation: four models that differ in nothing but position, trained short and tested on longer texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean

import torch
from torch import Tensor
from torch.nn import functional

from studycli.engine import head_scores
from studycli.engine.config import Config, Position
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import echoes
from studycli.engine.miniatures.echoes import Text
from studycli.engine.miniatures.recipe import Gate, Measurement, Recipe, Trained, Training
from studycli.engine.miniatures.vocabulary import word_tokenizer
from studycli.engine.model import Transformer
from studycli.engine.seed import generator
from studycli.engine.trace import Trace
from studycli.engine.training import causal_lm_loss
from studycli.errors import EngineError, UsageError

LENGTH = 64
"""Tokens of every text in training, and rows of the learned table."""

FACTORS = (1.0, 1.5, 2.0, 4.0, 8.0)
SCORED = LENGTH // 2
"""Tokens at the end of a text whose loss compares lengths: the same ones, however much text goes before them."""

LOWEST = (SCORED + 1) / LENGTH
"""The lowest factor at which every scored token has one before it that foretells it."""

POSITIONS: tuple[Position, ...] = ("learned", "sinusoidal", "rotary", "alibi")
SEEDS = (0, 1)
_MODELS = {f"extrapolation/{position}-{seed}": (position, seed) for position in POSITIONS for seed in SEEDS}
CONFIG = Config(
    architecture="decoder", vocab_size=len(echoes.WORDS), d_model=64, n_layers=2, n_heads=4, d_ff=128,
    max_length=LENGTH, embedding_scale=8.0,
)  # fmt: skip
"""What all have in common; tokens are scaled by sqrt(d_model), as beside sinusoids in Vaswani et al. 2017, 3.4."""

_CORPUS, _BATCH, _STEPS, _PEAK, _WARMUP = 400_000, 16, 2400, 4e-3, 50
_ROWS, _WATCHED, _REFUSED = 32, 16, 8


@dataclass(frozen=True, slots=True)
class Reading:
    """How a model fares on texts of one length.

    `loss` is the cross-entropy of the last `SCORED` tokens in nats per token, `loss_all` that of every token but the
    first. `copying` is the share of the repeated words among the last `SCORED` tokens that it finds likeliest,
    NaN where there are none.
    """

    loss: float
    loss_all: float
    copying: float


Readings = Mapping[Position, Mapping[float, tuple[Reading | None, ...]]]
"""A reading for each position, factor and seed; None where the model has no position that far."""


def config(position: Position) -> Config:
    """The config of the models of this position."""
    return replace(CONFIG, position=position)


def corpus(seed: int) -> Text:
    """The one text, (400000), that the models of a seed are trained on pieces of."""
    return echoes.text(_CORPUS, generator(seed, "extrapolation", "corpus"))


def batches(seed: int) -> Iterator[dict[str, Tensor]]:
    """Batches of ids (16, 64) without end, cut anywhere from the corpus; of a seed always the same ones."""
    text, random = corpus(seed), generator(seed, "extrapolation", "batches")
    while True:
        starts = torch.randint(_CORPUS - LENGTH + 1, (_BATCH,), generator=random)  # (batch)
        yield {"input_ids": text.rows(starts, LENGTH).ids}


def held_out(rows: int = _ROWS) -> Text:
    """Texts of 8 times the length in training, (rows, 512), from a text that no model was trained on."""
    return echoes.rows(rows, round(LENGTH * max(FACTORS)), generator(0, "extrapolation", "held out"))


@torch.inference_mode()
def predictions(model: Transformer, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Of each token of ids (rows, seq) but the first its loss in nats and whether it was likeliest, (rows, seq - 1).

    Averaged over rows, the loss is a curve over places that shows where a text gets too long for a model. Raises
    EngineError for a text beyond the end of a learned table.
    """
    logits = model(ids)[:, :-1]  # (rows, seq - 1, vocab)
    targets = ids[:, 1:].to(logits.device)  # (rows, seq - 1)
    losses = functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none")  # (rows, seq - 1)
    return losses.cpu(), (logits.argmax(-1) == targets).cpu()


def reading(model: Transformer, text: Text) -> Reading | None:
    """How a model fares on a text (rows, seq); None where it has no position that far."""
    try:
        parts = [predictions(model, ids) for ids in torch.split(text.ids, 16)]
    except EngineError as error:
        if error.where == "position":
            return None
        raise
    losses, right = (torch.cat(part) for part in zip(*parts, strict=True))  # (rows, seq - 1)
    repeated = text.repeated[:, -SCORED:]  # (rows, SCORED)
    copying = right[:, -SCORED:][repeated].float().mean()
    return Reading(float(losses[:, -SCORED:].mean()), float(losses.mean()), float(copying))


def readings(loaded: Mapping[str, Loaded], factors: Sequence[float] = FACTORS, rows: int = _ROWS) -> Readings:
    """How every model fares on held-out texts of each length, by position, factor and seed.

    A factor is of the length in training. Shorter texts are the ends of the longest ones, so `loss` is of the same
    words at each length, all with more before them than `echoes.REACH`: more text makes them neither harder nor easier
    to predict, and where the loss changes, the model could not cope with the length. So it is the main measure.
    `loss_all` is the usual one, but a longer text counts fewer words whose context is cut off, which flatters it, and
    among its words are those that stand within the length in training, which hides how the others fare. Below a factor
    of 1 the context of the scored words too is cut off. Raises UsageError for a factor below `LOWEST` or above 8.
    """
    of_length = _lengths(held_out(rows), factors)
    return {
        position: {factor: tuple(reading(model, each) for model in models) for factor, each in of_length.items()}
        for position, models in by_position(loaded).items()
    }


def losses_by_length(
    loaded: Mapping[str, Loaded], factors: Sequence[float] = FACTORS, rows: int = _ROWS
) -> Mapping[Position, Mapping[float, tuple[float | None, ...]]]:
    """The `loss` of `readings` alone: a curve over factors for each position, with a value for each seed.

    Raises UsageError for a factor below `LOWEST` or above 8.
    """
    return {
        position: {factor: tuple(each.loss if each else None for each in seeds) for factor, seeds in curve.items()}
        for position, curve in readings(loaded, factors, rows).items()
    }


def by_position(loaded: Mapping[str, Loaded]) -> Mapping[Position, tuple[Transformer, ...]]:
    """The models of each position, in the order of their seeds; a position without any is left out."""
    found: dict[Position, tuple[Transformer, ...]] = {}
    for name, (position, _) in _MODELS.items():
        if name in loaded:
            found[position] = (*found.get(position, ()), loaded[name].model)
    return found


def baselines(rows: int = _ROWS) -> dict[str, float]:
    """Nats per scored token of what knows everything and of what knows no order.

    `entropy` is the mean surprisal under the generator itself, `unigram` the loss of the words' frequencies alone.
    """
    scored = held_out(rows).last(SCORED)
    seen = echoes.text(100_000, generator(0, "extrapolation", "unigram")).ids
    frequencies = torch.bincount(seen, minlength=len(echoes.WORDS)) / len(seen)  # (vocab)
    return {"entropy": float(scored.surprisal.mean()), "unigram": float(-frequencies[scored.ids].log().mean())}


def metrics_of(curves: Readings) -> dict[str, float]:
    """Means over seeds, and the spread of the losses as largest - smallest; of lengths that all seeds can read."""
    metrics: dict[str, float] = {}
    for position, curve in curves.items():
        for factor, seeds in curve.items():
            read = [each for each in seeds if each is not None]
            if len(read) < len(seeds):
                continue
            at, losses = spelled(factor), [each.loss for each in read]
            metrics[f"{position}_loss_{at}"] = fmean(losses)
            metrics[f"{position}_spread_{at}"] = max(losses) - min(losses)
            metrics[f"{position}_loss_all_{at}"] = fmean(each.loss_all for each in read)
            metrics[f"{position}_copying_{at}"] = fmean(each.copying for each in read)
    return metrics


def refusals(models: Sequence[Transformer], factors: Sequence[float] = FACTORS) -> dict[str, float]:
    """The share of texts of each length that models refuse because they have no position that far."""
    return {
        spelled(factor): fmean(reading(model, row) is None for model in models for row in text.each())
        for factor, text in _lengths(held_out(_REFUSED), factors).items()
    }


def _lengths(text: Text, factors: Sequence[float]) -> Mapping[float, Text]:
    """The ends of texts (rows, 512), of each length."""
    for factor in factors:
        if not LOWEST <= factor <= max(FACTORS):
            hint = f"factors of the length in training are from {LOWEST:g} to {max(FACTORS):g}"
            raise UsageError(f"the factor is {factor:g}", where="extrapolation", hint=hint)
    return {factor: text.last(round(LENGTH * factor)) for factor in factors}


def spelled(factor: float) -> str:
    """A factor as metrics spell it: 1.5 as '1_5x'."""
    return f"{factor:g}x".replace(".", "_")


def _measure(loaded: Mapping[str, Loaded]) -> dict[str, float]:
    metrics = metrics_of(readings(loaded)) | baselines()
    fails = refusals(by_position(loaded)["learned"])
    worst = max(metrics[f"{position}_loss_1x"] for position in POSITIONS)
    far, order = metrics["alibi_loss_8x"], metrics["unigram"] - metrics["entropy"]
    others = min(metrics[f"{position}_loss_8x"] for position in ("sinusoidal", "rotary"))
    return {
        **metrics,
        **{f"learned_fails_{at}": share for at, share in fails.items()},
        "unigram_minus_worst_loss_1x": metrics["unigram"] - worst,
        "sinusoidal_rise_2x": metrics["sinusoidal_loss_2x"] - metrics["sinusoidal_loss_1x"],
        "alibi_rise_8x": far - metrics["alibi_loss_1x"],
        "alibi_kept_8x": (metrics["unigram"] - far) / order,
        "alibi_advantage_8x": others - far,
    }


def _train(training: Training) -> Trained:
    position, number = _MODELS[training.checkpoint]
    seed = training.seed + number
    model = Transformer(config(position), seed=seed)
    watched = echoes.rows(_WATCHED, LENGTH, generator(training.seed, "extrapolation", "watched"))
    scores = partial(_scores, watched)
    training.run(model, batches(seed), causal_lm_loss, steps=_STEPS, peak=_PEAK, warmup=_WARMUP, scores=scores)
    return Trained(model, word_tokenizer(echoes.WORDS))


def _scores(watched: Text, model: Transformer) -> dict[str, float]:
    trace = Trace(only="decoder.blocks.0.attn.pattern")
    logits = model(watched.ids, trace=trace)[:, :-1]  # (rows, seq - 1, vocab)
    right = (logits.argmax(-1).cpu() == watched.ids[:, 1:]).float()  # (rows, seq - 1)
    previous = head_scores.previous_token(trace["decoder.blocks.0.attn.pattern"])  # (heads)
    copying = right[watched.repeated[:, 1:]].mean()
    return {"accuracy": float(right.mean()), "copying": float(copying), "previous_token": float(previous.max())}


RECIPE = Recipe(
    name="extrapolation",
    task="Predict the next word: four decoders that differ in position alone, on up to 8 times their length.",
    data=(
        "Endless text of short English sentences over 62 words. A sentence is a new one whose verb agrees with its "
        "subject, or repeats the one before ('yes ...') or the one before that ('again ...'). Nothing farther back "
        "than 30 tokens matters, so the text is as hard to predict at every length. Models of a seed see the same "
        "batches in the same order and begin with the same weights: for each position (learned, sinusoidal, rotary, "
        "ALiBi) one from each of two seeds. They see texts of 64 tokens and are tested on 1 to 8 times as many, from a "
        "text of its own. Losses are nats per token over the last 32 tokens, the same words at every length; a spread "
        "is the largest less the smallest of the two seeds. `alibi_kept_8x` is the share of all that order tells of a "
        "word, beyond its frequency, that ALiBi still has at 8 times the length; `alibi_advantage_8x` is how much more "
        "the best of the others that can read so far loses."
    ),
    generator="studycli.engine.miniatures.echoes:text",
    seed=0,
    checkpoints=tuple(_MODELS),
    train=_train,
    # Beyond the length in training a model may hang on small differences, and another processor's rounding shows.
    measurements=(Measurement(_measure, tolerance=0.01),),
    gates=(
        Gate("learned_fails_8x", 0.99),
        Gate("unigram_minus_worst_loss_1x", 1.0),
        Gate("sinusoidal_rise_2x", 0.5),
        Gate("alibi_kept_8x", 0.9),
        Gate("alibi_advantage_8x", 0.5),
    ),
)
