"""Small models of each architecture learn, in a second, what they can only learn with every part at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
import torch
from torch import Tensor

from studycli.engine import Config, Transformer, generate
from studycli.engine.seed import generator
from studycli.engine.training import (
    IGNORED,
    Loss,
    causal_lm_loss,
    mask_tokens,
    masked_lm_loss,
    sequence_loss,
    train,
)

WORD, LETTERS, START, MASK = 5, 8, 8, 9


def model_of(architecture: str) -> Transformer:
    return Transformer(
        Config(
            architecture=architecture,
            vocab_size=LETTERS + 2,
            d_model=32,
            n_layers=2,
            n_heads=2,
            d_ff=64,
            max_length=2 * WORD,
            start_id=START,
            mlm_head=architecture == "encoder",
        ),
        seed=1,
    )


def words(seed: int, rows: int = 32) -> Iterator[Tensor]:
    random = generator(seed, "words")
    while True:
        yield torch.randint(LETTERS, (rows, WORD), generator=random)


def copies(seed: int) -> Iterator[dict[str, Tensor]]:
    """A word and the same again, of which only the second can be known."""
    for word in words(seed):
        yield {"input_ids": torch.cat((word, word), 1), "labels": torch.cat((torch.full_like(word, IGNORED), word), 1)}


def gaps(seed: int) -> Iterator[dict[str, Tensor]]:
    """A word twice, with two letters masked: rarely the same one both times."""
    random = generator(seed, "gaps")
    for word in words(seed):
        hidden, labels = mask_tokens(
            torch.cat((word, word), 1), mask_id=MASK, vocab_size=LETTERS, special_ids=[START], generator=random
        )
        yield {"input_ids": hidden, "labels": labels}


def reversals(seed: int) -> Iterator[dict[str, Tensor]]:
    for word in words(seed):
        yield {"input_ids": word, "labels": word.flip(1)}


TASKS: dict[str, tuple[Callable[[int], Iterator[dict[str, Tensor]]], Callable[..., Loss], int, float]] = {
    # Chance costs log 8 = 2.08 nats. Gaps stay uncertain where both letters are hidden.
    "decoder": (copies, causal_lm_loss, 100, 0.02),
    "encoder": (gaps, masked_lm_loss, 150, 0.7),
    "encoder-decoder": (reversals, sequence_loss, 250, 0.02),
}


@cache
def learned(architecture: str) -> Transformer:
    batches, loss, steps, _ = TASKS[architecture]
    model = model_of(architecture)
    train(model, batches(0), loss, steps=steps, peak=0.01, warmup=10)
    return model


@pytest.mark.parametrize("architecture", TASKS)
def test_the_loss_on_new_words_falls_below_a_bound(architecture: str) -> None:
    batches, loss, _, bound = TASKS[architecture]
    new = next(batches(1))
    assert loss(model_of(architecture), **new).mean > 2
    assert loss(learned(architecture), **new).mean < bound


def test_what_was_learned_is_generated() -> None:
    word = next(words(1))
    assert generate(learned("decoder"), torch.cat((word, word[:, :1]), 1), WORD - 1)[:, WORD:].equal(word)
    assert generate(learned("encoder-decoder"), word, WORD)[:, 1:].equal(word.flip(1))
