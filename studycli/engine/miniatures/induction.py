"""induction: two layers of attention alone that learn to copy what came before, and the heads that do it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor

from studycli.engine import head_scores
from studycli.engine.config import Config
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures.recipe import Gate, Measurement, Recipe, Trained, Training
from studycli.engine.miniatures.spans import with_spans
from studycli.engine.miniatures.vocabulary import word_tokenizer
from studycli.engine.model import Transformer
from studycli.engine.seed import generator
from studycli.engine.trace import Trace
from studycli.engine.training import IGNORED, causal_lm_loss

START = "<s>"
SYLLABLES = tuple(consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aeiou")[:47]
CONFIG = Config(
    architecture="decoder", vocab_size=48, d_model=64, n_layers=2, n_heads=4, d_ff=0, max_length=41, position="learned"
)  # fmt: skip
SEQUENCE = CONFIG.max_length or 0
STEPS = 700
_PREFIX, _SPAN = (8, 24), (3, 8)  # the shortest and the longest
_ROWS = 64


def repeated_spans(rows: int, random: torch.Generator) -> dict[str, Tensor]:
    """Rows to learn from: a start token, distinct random tokens, then spans of them in random order, (rows, 41).

    The sequence is 8 to 24 tokens long, each span 3 to 8. Labels (rows, 41) are the tokens that can be known, those of
    spans but their first.
    """
    length = _between(_PREFIX, (rows, 1), random)  # (rows, 1)
    return _started(*with_spans(_sequences(rows, random), length, SEQUENCE - 1, _SPAN, random))


def repeated_sequences(rows: int, random: torch.Generator) -> dict[str, Tensor]:
    """Rows to measure on: a start token, then distinct random tokens again and again in their own order, (rows, 41).

    The sequence is 8 to 20 tokens long, so that it is there twice at least. Labels (rows, 41) are all repeated tokens
    but the very first of them, which nothing announces.
    """
    length = _between((_PREFIX[0], (SEQUENCE - 1) // 2), (rows, 1), random)  # (rows, 1)
    places = torch.arange(SEQUENCE - 1)  # (40)
    return _started(_sequences(rows, random).gather(1, places % length), places > length)


def watch(batch: Mapping[str, Tensor], model: Transformer) -> dict[str, float]:
    """The accuracy on a batch, and the score of the best head of each kind, from 0 to 1."""
    trace = Trace(only="*.pattern")
    ids = batch["input_ids"].to(model.device)  # (rows, seq)
    targets = batch["labels"][:, 1:].to(model.device)  # (rows, seq - 1)
    guesses = model(ids, trace=trace)[:, :-1].argmax(-1)  # (rows, seq - 1)
    asked = targets != IGNORED  # (rows, seq - 1)
    previous = head_scores.previous_token(trace["decoder.blocks.0.attn.pattern"])  # (heads)
    copying = head_scores.induction(trace["decoder.blocks.1.attn.pattern"], ids)  # (heads)
    return {
        "copy_accuracy": float((guesses == targets)[asked].float().mean()),
        "previous_token": float(previous.max()),
        "induction": float(copying.max()),
    }


def _train(training: Training) -> Trained:
    random = generator(training.seed, "induction", "batches")
    watched = repeated_sequences(_ROWS, generator(training.seed, "induction", "watched"))
    model = training.run(
        Transformer(CONFIG, seed=training.seed), iter(partial(repeated_spans, _ROWS, random), None), causal_lm_loss,
        steps=STEPS, peak=5e-3, warmup=50, scores=partial(watch, watched), every=10,
    )  # fmt: skip
    return Trained(model, word_tokenizer([START, *SYLLABLES], first=START))


def _measure(loaded: Mapping[str, Loaded]) -> dict[str, float]:
    held_out = repeated_sequences(512, generator(0, "induction", "held out"))
    return watch(held_out, loaded["induction"].model)


def _between(ends: tuple[int, int], shape: tuple[int, ...], random: torch.Generator) -> Tensor:
    return torch.randint(ends[0], ends[1] + 1, shape, generator=random)  # the shape


def _sequences(rows: int, random: torch.Generator) -> Tensor:
    """Distinct tokens in random order, none of them the start."""
    order = torch.rand(rows, CONFIG.vocab_size - 1, generator=random).argsort(-1)  # (rows, vocab - 1)
    return order[:, : _PREFIX[1]] + 1  # (rows, 24)


def _started(tokens: Tensor, known: Tensor) -> dict[str, Tensor]:
    """Tokens (rows, 40) behind a start token, and labels where they are known."""
    ids = torch.nn.functional.pad(tokens, (1, 0))  # (rows, 41), and 0 is the start
    labels = ids.masked_fill(~torch.nn.functional.pad(known, (1, 0)), IGNORED)  # (rows, 41)
    return {"input_ids": ids, "labels": labels}


RECIPE = Recipe(
    name="induction",
    task="Copy: in a random sequence of which parts come again, say what comes next.",
    data=(
        "Distinct random syllables, 8 to 24 of them, then spans of 3 to 8 of them in random order, 40 in all. Measured "
        "on other sequences of 8 to 20, repeated as a whole, without the first repeated token: nothing announces it."
    ),
    generator="studycli.engine.miniatures.induction:repeated_spans",
    seed=0,
    checkpoints=("induction",),
    train=_train,
    measurements=(Measurement(_measure),),
    gates=(Gate("copy_accuracy", 0.95), Gate("previous_token", 0.4), Gate("induction", 0.6)),
)
