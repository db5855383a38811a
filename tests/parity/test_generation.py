"""Generation without chance gives Hugging Face's tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from studycli.engine import generate
from tests import hugging_face

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from tests.parity.conftest import Pair

SPREAD = 0.45
"""Of the weights: with smaller ones, random models soon repeat one token."""

NEW_TOKENS = 20


def prompts(theirs: PreTrainedModel) -> Tensor:
    return hugging_face.batch(theirs, lengths=(6, 6, 6, 6)).input_ids  # (batch, seq)


def expected(theirs: PreTrainedModel, input_ids: Tensor, **options: object) -> Tensor:
    """Their tokens, with no token that ends a text."""
    theirs.generation_config.eos_token_id = None
    tokens = theirs.generate(input_ids, do_sample=False, max_new_tokens=NEW_TOKENS, **options)  # (batch, seq)
    assert tokens[:, -NEW_TOKENS:].unique().numel() > 8
    return tokens


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize(
    "family",
    [
        "gpt2",
        "llama",
        "llama-llama3-rope",
        "mixtral",
        "mixtral-window",
        "bloom",
        "mpt",
        "gpt-bigcode",
        "falcon-40b",
        "gpt-neox",
        "gpt-j",
        "t5-v1.0",
        "t5-v1.1-untied",
    ],
)
def test_greedy(pairs: Callable[..., Pair], family: str, use_cache: bool) -> None:
    pair = pairs(family, SPREAD)
    input_ids = prompts(pair.theirs)
    tokens = generate(pair.ours, input_ids, max_new_tokens=NEW_TOKENS, use_cache=use_cache)
    assert tokens.tolist() == expected(pair.theirs, input_ids, num_beams=1).tolist()


@pytest.mark.parametrize("num_beams", [1, 3])
@pytest.mark.parametrize("family", ["gpt2", "llama", "mixtral-window", "bloom", "falcon-40b", "t5-v1.1-untied"])
def test_prompts_of_different_lengths(pairs: Callable[..., Pair], family: str, num_beams: int) -> None:
    pair = pairs(family, SPREAD)
    padding = "right" if pair.theirs.config.is_encoder_decoder else "left"
    batch = hugging_face.batch(pair.theirs, padding, lengths=(8, 6, 3, 1))
    options = {"attention_mask": batch.attention_mask, "num_beams": num_beams}
    tokens = generate(pair.ours, batch.input_ids, max_new_tokens=NEW_TOKENS, **options)
    assert tokens.tolist() == expected(pair.theirs, batch.input_ids, **options).tolist()


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("family", ["gpt2", "llama", "bloom", "t5-v1.0", "t5-v1.1-untied"])
def test_beam_search(pairs: Callable[..., Pair], family: str, use_cache: bool) -> None:
    pair = pairs(family, SPREAD)
    input_ids = prompts(pair.theirs)
    options = {"num_beams": 3, "length_penalty": 1.0}
    tokens = generate(pair.ours, input_ids, max_new_tokens=NEW_TOKENS, use_cache=use_cache, **options)
    theirs = expected(pair.theirs, input_ids, **options)
    assert tokens.tolist() == theirs.tolist()
    assert theirs.tolist() != expected(pair.theirs, input_ids, num_beams=1).tolist()


@torch.no_grad()
def score(theirs: PreTrainedModel, prompt: Tensor, tokens: Tensor, stop: int, length_penalty: float) -> float:
    """The sum of log-probabilities of a row's new tokens, up to its stop token, over their number ** length_penalty."""
    new = tokens[len(prompt) :].tolist()
    length = new.index(stop) + 1 if stop in new else len(new)
    whole = tokens[: len(prompt) + length]  # (seq + length)
    log_probabilities = theirs(whole[None]).logits[0].log_softmax(-1)  # (seq + length, vocab)
    chosen = log_probabilities[len(prompt) - 1 : -1].gather(-1, whole[len(prompt) :, None])  # (length, 1)
    return chosen.sum().item() / length**length_penalty


@pytest.mark.parametrize("length_penalty", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_beams_that_stop(pairs: Callable[..., Pair], family: str, length_penalty: float) -> None:
    """No row scores less than theirs. It may score more: theirs counts an ending only among the best `num_beams`."""
    pair = pairs(family, SPREAD)
    input_ids = prompts(pair.theirs)
    free = expected(pair.theirs, input_ids, num_beams=3)
    stop = int(free[:, -NEW_TOKENS:].mode().values.mode().values)  # a token that does come up
    options = {"num_beams": 3, "length_penalty": length_penalty}
    ours = generate(pair.ours, input_ids, max_new_tokens=NEW_TOKENS, stop=(stop,), **options)
    theirs = pair.theirs.generate(
        input_ids,
        max_new_tokens=NEW_TOKENS,
        do_sample=False,
        eos_token_id=stop,
        pad_token_id=stop,
        early_stopping="never",
        **options,
    )
    scores = [
        [score(pair.theirs, prompt, row, stop, length_penalty) for row in rows]
        for prompt, *rows in zip(input_ids, ours, theirs, strict=True)
    ]
    assert all(own > other - 1e-4 for own, other in scores)
    assert sum(abs(own - other) < 1e-4 for own, other in scores) > len(scores) / 2
